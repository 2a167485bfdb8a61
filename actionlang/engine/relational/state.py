"""What a verb's symbolic run knows: the rows it has met, what it wrote into them, the changes in order."""

from __future__ import annotations

import attrs

from actionlang.engine.failure import Site
from actionlang.engine.relational.levels import Level
from actionlang.engine.relational.value import Sql
from actionlang.metadata.tables import Table


@attrs.frozen
class Bound:
    """A value and the level whose tables its text is about."""

    level: Level
    value: Sql


@attrs.define(eq=False)
class KnownRow:
    """A row that the verb has met: its key, by whose part it was reached (see `accesses`), and what was written into it.

    `values` are the columns as they are now, in terms of `level`. `created` is the create that made it. `reached` are the
    paths on which the verb got to it (None: on all).
    """

    table: Table
    level: Level
    key: Sql
    part: str
    values: dict[str, Sql] = attrs.field(factory=dict)
    written: dict[str, None] = attrs.field(factory=dict)
    paths: list[str | None] = attrs.field(factory=list)
    reached: set[str | None] = attrs.field(factory=set)
    created: Create | None = None
    deleted: bool = False


@attrs.frozen(eq=False)
class Event:
    """A change that leaves a record: `flag` is the text of whether it happens (None: always), `before` and `after` the
    columns with their values, in terms of the staging table."""

    row: KnownRow
    operation: str
    site: Site
    flag: str | None
    columns: tuple[str, ...]
    before: tuple[Sql, ...] | None
    after: tuple[Sql, ...] | None


@attrs.define(eq=False)
class Create:
    """A row made by a step. `made_id` says that its id is one of the run's; `number` tells creates apart."""

    number: int
    level: Level
    table: Table
    flag: str | None
    made_id: bool
    row: KnownRow | None = None


@attrs.define(eq=False)
class Delete:
    """A row deleted by a step."""

    row: KnownRow
    flag: str | None


@attrs.frozen(eq=False)
class Loop:
    """Where in the order of an outer level's changes the changes of an inner level stand."""

    level: Level
