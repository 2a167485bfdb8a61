"""Values as the steps of an action pass them on, before anything is said of how a script writes them."""

from __future__ import annotations

import attrs

from actionlang.compile.dataverse_action.model import Place, Span


@attrs.define(eq=False)
class Alias:
    """The name of a row or of outputs that a statement may bind; it is bound only if something uses it."""

    name: str
    used: bool = False

    def use(self) -> str:
        """The name, from now on bound."""
        self.used = True
        return self.name


@attrs.frozen
class RowSource:
    """How a row is reached; `table` is its table's logical name."""

    table: str


@attrs.frozen
class PrimaryRow(RowSource):
    """The row that the action is on."""


@attrs.frozen
class CreatedRow(RowSource):
    """A row that an earlier step created."""

    alias: Alias


@attrs.frozen
class RelatedRow(RowSource):
    """The row that a lookup of the primary row refers to."""

    base: RowSource
    lookup: str


@attrs.frozen
class ReturnedRow(RowSource):
    """The row that something performed gave back, or that an argument refers to."""

    value: Value


@attrs.frozen
class Value:
    """Something that a variable holds."""


@attrs.frozen
class Literal(Value):
    """A constant: `kind` is the WorkflowPropertyType (`String`, `OptionSetValue`, `DateTime`)."""

    kind: str
    text: str


@attrs.frozen
class Reference(Value):
    """One row, spelt out; `label` is what it was called when the action was drawn."""

    table: str
    id: str
    label: str


@attrs.frozen
class ColumnOf(Value):
    """A column of a row; `type` is the last part of the .NET type that is asked for, or None. `state` is that of the rows when it
    was read: a step that writes makes another one."""

    row: RowSource
    column: str
    type: str | None
    state: object = None


@attrs.frozen
class ArgumentValue(Value):
    """An input of the action."""

    name: str


@attrs.frozen
class OutputOf(Value):
    """What something performed gave back."""

    alias: Alias
    name: str
    type: str


@attrs.frozen
class Now(Value):
    """The moment."""


@attrs.frozen
class Nothing(Value):
    """No value: a variable that nothing was put into, with which the designer clears a column."""


@attrs.frozen
class FirstOf(Value):
    """The first of several that is not empty."""

    parts: tuple[Value, ...]
    type: str | None


@attrs.frozen
class Calculation(Value):
    """`Add`, `Subtract`, `Multiply` or `Divide`; texts are added, too."""

    operator: str
    parts: tuple[Value, ...]
    type: str | None


@attrs.frozen
class Period(Value):
    """A length of time."""

    span: Span


@attrs.frozen
class Parties(Value):
    """The people and addresses of an e-mail."""

    parts: tuple[Value, ...]


@attrs.frozen
class Unreadable(Value):
    """What can not be said in a script, and why."""

    reason: str
    place: Place


@attrs.frozen
class Comparison(Value):
    """A condition: a value against others."""

    operator: str
    operand: Value
    parameters: tuple[Value, ...]


@attrs.frozen
class Both(Value):
    """Conditions joined by And or Or."""

    operator: str
    left: Value
    right: Value
