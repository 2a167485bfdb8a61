"""What a verb's symbolic run knows: the rows it has met, what it wrote into them, the changes in order."""

from __future__ import annotations

import attrs

from actionlang.engine.failure import Site
from actionlang.engine.relational.levels import Level
from actionlang.engine.relational.paths import Path
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table


@attrs.frozen
class Bound:
    """A value and the level whose tables its text is about."""

    level: Level
    value: Sql


@attrs.define(eq=False)
class Whether:
    """Whether something is done for a row of a level: where the row goes this path. What an attempt undoes goes a path that is
    narrowed later."""

    scope: Scope
    level: Level
    path: Path
    _flags: dict[Path, str | None] = attrs.field(factory=dict)

    @property
    def flag(self) -> str | None:
        """It as 1 or 0, staged; None where it is always done. To be asked for when all is worked out."""
        if self.path not in self._flags:
            self._flags[self.path] = None if self.path.always else self._staged()
        return self._flags[self.path]

    def _staged(self) -> str:
        text = f"(CASE WHEN {self.path.condition(self.scope).text} THEN 1 ELSE 0 END)"
        return self.level.stage(Sql((text,), t.Integer())).text


@attrs.define(eq=False)
class KnownRow:
    """A row that the verb has met: its key, by whose part it was reached (see `accesses`), and what was written into it.

    `values` are the columns as they are now, in terms of `level`, `changes` says on which ways some were written. `created` is
    the create that made it. `reached` are the paths on which the verb got to it (None: on all).
    """

    table: Table
    level: Level
    key: Sql
    part: str
    values: dict[str, Sql] = attrs.field(factory=dict)
    written: dict[str, None] = attrs.field(factory=dict)
    changes: list[Whether] = attrs.field(factory=list)
    reached: set[str | None] = attrs.field(factory=set)
    created: Create | None = None
    deleted: bool = False


@attrs.frozen(eq=False)
class Event:
    """A change that leaves a record where it is `made`: `before` and `after` are the columns with their values, in terms of the
    staging table."""

    row: KnownRow
    operation: str
    site: Site
    made: Whether
    columns: tuple[str, ...]
    before: tuple[Sql, ...] | None
    after: tuple[Sql, ...] | None


@attrs.frozen(eq=False)
class Member:
    """A value that an event carries; what is `hidden` is masked."""

    name: str
    type: t.Type
    value: Sql
    hidden: bool


@attrs.frozen(eq=False)
class Emitted:
    """An event that is emitted where it is `made`, with its values and the row that it is about, in terms of the staging table.
    `number` tells those of a verb apart."""

    number: int
    name: str
    site: Site
    made: Whether
    row: Sql | None
    members: tuple[Member, ...]


@attrs.define(eq=False)
class Create:
    """A row made by a step. `made_id` says that its id is one of the run's, which is taken wherever the step is `reached`, also
    where the row is undone; `number` tells creates apart."""

    number: int
    level: Level
    table: Table
    made: Whether
    reached: Whether
    made_id: bool
    row: KnownRow | None = None


@attrs.define(eq=False)
class Delete:
    """A row deleted by a step."""

    row: KnownRow
    made: Whether


@attrs.frozen(eq=False)
class Loop:
    """Where in the order of an outer level's changes the changes of an inner level stand."""

    level: Level
