"""Steps of a plan: what a verb does, one step a statement.

Each step has its place in the verb's source. Rows are expressions of type Row with one table, never optional, unless said
otherwise. Values set into columns have the column's type up to length, precision and scale, which the engine enforces.
"""

from __future__ import annotations

import attrs

from actionlang.plan.expressions import Expression, Query


@attrs.frozen
class Place:
    """Where a step stands: lines and columns from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@attrs.frozen
class Step:
    """Base of steps."""

    place: Place


@attrs.frozen
class Create(Step):
    """Insert a row; `row` is the local name it gets, if any. Columns not in `values` take their default or stay empty.
    Only a test may set the status column."""

    table: str
    row: str | None
    values: tuple[tuple[str, Expression], ...]


@attrs.frozen
class Update(Step):
    """Set columns; every value sees the row as it was before the step."""

    row: Expression
    values: tuple[tuple[str, Expression], ...]


@attrs.frozen
class Delete(Step):
    row: Expression


@attrs.frozen
class Assign(Step):
    """Set the table's `owner` column; `owner` has type OWNER."""

    row: Expression
    owner: Expression


@attrs.frozen
class Move(Step):
    """Change the status along a declared move."""

    row: Expression
    state: str


@attrs.frozen
class Perform(Step):
    """Run another verb inside this one's unit. `on` is set exactly when the verb is bound (`on each` takes one row too);
    `result` is the local, of type Outputs, that its outputs are read from."""

    verb: str
    on: Expression | None
    arguments: tuple[tuple[str, Expression], ...]
    result: str | None


@attrs.frozen
class Find(Step):
    """Bind the query's first row to the query's local. Without a row: empty if `optional`, else failure with `message`."""

    query: Query
    optional: bool
    message: Expression | None


@attrs.frozen
class ForEachRow(Step):
    """Once a row of the query, the rows fixed at the start; the query's local is the row."""

    query: Query
    body: tuple[Step, ...]


@attrs.frozen
class ForEachItem(Step):
    """Once an item of a list, bound to `item`."""

    item: str
    items: Expression
    body: tuple[Step, ...]


@attrs.frozen
class Branch:
    condition: Expression
    body: tuple[Step, ...]


@attrs.frozen
class If(Step):
    """The first branch whose condition holds, else `otherwise` (which may have no steps)."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Step, ...]


@attrs.frozen
class Attempt(Step):
    """Run `body`; when it fails on a coded failure of the language, undo its writes and run `otherwise`."""

    body: tuple[Step, ...]
    otherwise: tuple[Step, ...]


@attrs.frozen
class Let(Step):
    name: str
    value: Expression


@attrs.frozen
class Require(Step):
    """Fail with `message` unless the condition holds; without one, with `text`, the condition as written."""

    condition: Expression
    message: Expression | None
    text: str


@attrs.frozen
class Fail(Step):
    message: Expression


@attrs.frozen
class Stop(Step):
    """End this verb early, in success."""


@attrs.frozen
class Return(Step):
    """Set outputs and end this verb. Values have the outputs' types."""

    values: tuple[tuple[str, Expression], ...]


@attrs.frozen
class Stage(Step):
    title: str
    body: tuple[Step, ...]


@attrs.frozen
class Emit(Step):
    """Put an event into the outbox, delivered after the commit. `event` is its full name (`helpdesk.Escalated`); its values are
    of any type but file, and may be empty."""

    event: str
    values: tuple[tuple[str, Expression], ...]


@attrs.frozen
class Start(Step):
    """Keep a run of another verb for later, in the same commit: at the moment `at`, or when the time `after` has passed, or at
    once. The verb (its full name) is looked for when that run begins, and is not part of the plan."""

    verb: str
    on: Expression | None
    arguments: tuple[tuple[str, Expression], ...]
    after: Expression | None
    at: Expression | None


@attrs.frozen
class Wait(Step):
    """In a background action, in no block but stages: go on at the moment `until`, or when the time `until` has passed."""

    until: Expression


@attrs.frozen
class Expect(Step):
    """In a test: `body` must fail (with a failure whose message is `message`, if given); its writes are undone."""

    message: Expression | None
    body: tuple[Step, ...]


@attrs.frozen
class Unavailable(Step):
    """What this host can not do yet; a run that gets here fails and says so.
    `feature` is extern or file, in plans of earlier versions also background, start or wait; `text` names what (a verb)."""

    feature: str
    text: str
