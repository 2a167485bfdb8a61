"""A custom process action as its XAML has it, without the XML."""

from __future__ import annotations

import attrs


@attrs.frozen
class Place:
    """Where something stands in the file, in people's words: `line 12 of Close.xaml`."""

    text: str

    def __str__(self) -> str:
        return self.text


@attrs.frozen
class Argument:
    """An input or output: `type` is the last part of its .NET type (`String`, `EntityReference`), `entity` the table of rows."""

    name: str
    type: str
    output: bool
    required: bool
    description: str
    entity: str
    place: Place


@attrs.frozen
class Quoted:
    """A text in quotes in an expression."""

    text: str


@attrs.frozen
class Name:
    """A variable in an expression, or the name of an enumeration's member."""

    text: str


Operand = Quoted | Name


@attrs.frozen
class Key:
    """An entry of `InputEntities` or `CreatedEntities`: which row is meant. `#Temp` at its end is left out."""

    text: str


@attrs.frozen
class Span:
    """A length of time of the designer's kind (XrmTimeSpan)."""

    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0


@attrs.frozen
class Activity:
    """Something that an action does."""

    place: Place


@attrs.frozen
class Define(Activity):
    """A variable whose value is a length of time from the beginning."""

    variable: str
    span: Span


@attrs.frozen
class GetProperty(Activity):
    """Read a column of a row into a variable."""

    variable: str
    row: Key
    table: str
    column: str
    type: str | None


@attrs.frozen
class Evaluate(Activity):
    """Work a value out of others."""

    variable: str
    operator: str
    operands: tuple[Operand, ...]
    type: str | None


@attrs.frozen
class Convert(Activity):
    """The same value in another variable."""

    variable: str
    value: str


@attrs.frozen
class Compare(Activity):
    """One comparison: a variable against others."""

    variable: str
    operator: str
    operand: str
    parameters: tuple[Operand, ...]


@attrs.frozen
class Combine(Activity):
    """Two comparisons joined by And or Or."""

    variable: str
    operator: str
    left: str
    right: str


@attrs.frozen
class NewRow(Activity):
    """Begin a row, or changes to one, that SetProperty fills."""

    row: Key


@attrs.frozen
class SetProperty(Activity):
    """A column's new value; an Update or Create stores it."""

    row: Key
    column: str
    value: str


@attrs.frozen
class Create(Activity):
    """Store a new row; `sent` says that it is an e-mail and goes out."""

    row: Key
    table: str
    sent: bool = False


@attrs.frozen
class Update(Activity):
    """Store changes to a row."""

    row: Key
    table: str


@attrs.frozen
class Assign(Activity):
    """Change the owner: a row that is spelt out, or a variable."""

    row: Key
    table: str
    owner_table: str = ""
    owner_id: str = ""
    variable: str = ""


@attrs.frozen
class SetState(Activity):
    """Change the status by its two numbers."""

    row: Key
    table: str
    state: int
    status: int


@attrs.frozen
class Retrieve(Activity):
    """Make the row that a variable refers to readable under a key."""

    row: Key
    table: str
    variable: str


@attrs.frozen
class SetOutput(Activity):
    """Set an output; `as_text` where it is first written as a text."""

    output: str
    variable: str
    as_text: bool


@attrs.frozen
class Stop(Activity):
    """End the action, well or badly, with a message in a variable."""

    failed: bool
    message: str
    text: str


@attrs.frozen
class Given:
    """An argument handed to, or an output taken from, something performed."""

    name: str
    type: str
    variable: str


@attrs.frozen
class Perform(Activity):
    """Run an action of the platform, another process action, or a custom activity written in .NET."""

    verb: str
    kind: str
    table: str
    inputs: tuple[Given, ...]
    outputs: tuple[Given, ...]


@attrs.frozen
class StartChild(Activity):
    """Start another workflow in the background."""

    workflow: str
    row: Key
    table: str


@attrs.frozen
class Branch:
    """One way of a condition: taken if the variable is true; `variable` is empty for "otherwise"."""

    variable: str
    description: str
    before: tuple[Activity, ...]
    steps: tuple[Activity, ...]
    place: Place


@attrs.frozen
class Condition(Activity):
    """Branches, of which the first that holds is taken."""

    description: str
    branches: tuple[Branch, ...]
    waits: bool


@attrs.frozen
class Step(Activity):
    """What the designer shows as one step, with its description."""

    description: str
    activities: tuple[Activity, ...]


@attrs.frozen
class Stage(Activity):
    """Steps under a heading."""

    title: str
    activities: tuple[Activity, ...]


@attrs.frozen
class Unknown(Activity):
    """An activity that is not known here; the variables that it fills."""

    what: str
    variables: tuple[str, ...] = ()


@attrs.frozen
class Workflow:
    """The action: what it is called, which table it is on (None: global), its arguments and what it does."""

    name: str
    unique_name: str
    description: str
    table: str | None
    as_owner: bool
    transacted: bool
    active: bool
    arguments: tuple[Argument, ...]
    activities: tuple[Activity, ...]
    file: str
