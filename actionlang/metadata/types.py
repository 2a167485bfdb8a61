"""The types of values: what a column, a parameter or an expression may hold.

A type does not say whether a value may be empty; that stands beside it (`optional`) wherever a type is used.
`str(type)` is the way a script writes it, and the way plans store it; `parse_type` reads it back.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Type:
    """Base of all types."""


@attrs.frozen
class Text(Type):
    """Text of at most `length` code points (None: unlimited)."""

    length: int | None = None

    def __str__(self) -> str:
        return "text" if self.length is None else f"text({self.length})"


@attrs.frozen
class Integer(Type):
    """A 64-bit signed whole number."""

    def __str__(self) -> str:
        return "integer"


@attrs.frozen
class Decimal(Type):
    """An exact number. Columns have a precision (digits in all) and a scale (digits after the point);
    without them it is any exact number of at most 38 digits, as expressions compute it."""

    precision: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        return "decimal" if self.precision is None else f"decimal({self.precision},{self.scale})"


@attrs.frozen
class Money(Type):
    """An exact number with four decimals whose ten-thousandfold fits a 64-bit integer."""

    def __str__(self) -> str:
        return "money"


@attrs.frozen
class Float(Type):
    """A binary floating point number; only because existing databases have it."""

    def __str__(self) -> str:
        return "float"


@attrs.frozen
class Boolean(Type):
    """True or false."""

    def __str__(self) -> str:
        return "boolean"


@attrs.frozen
class Date(Type):
    """A calendar day."""

    def __str__(self) -> str:
        return "date"


@attrs.frozen
class DateTime(Type):
    """A moment in UTC, to the microsecond."""

    def __str__(self) -> str:
        return "datetime"


@attrs.frozen
class Duration(Type):
    """A length of time, to the microsecond."""

    def __str__(self) -> str:
        return "duration"


@attrs.frozen
class Id(Type):
    """A UUID."""

    def __str__(self) -> str:
        return "id"


@attrs.frozen
class Json(Type):
    """Any JSON value; scripts hand it on and compare it, nothing more."""

    def __str__(self) -> str:
        return "json"


@attrs.frozen
class File(Type):
    """A stored file."""

    def __str__(self) -> str:
        return "file"


@attrs.frozen
class Choice(Type):
    """One of a choice's members; `name` is the choice's full name (`helpdesk.Priority`)."""

    name: str

    def __str__(self) -> str:
        return f"choice {self.name}"


@attrs.frozen
class Choices(Type):
    """Any number of a choice's members."""

    name: str

    def __str__(self) -> str:
        return f"choices {self.name}"


@attrs.frozen
class Row(Type):
    """A row of one of these tables (full names, in declared order); several make a polymorphic lookup."""

    tables: tuple[str, ...]

    def __str__(self) -> str:
        return "row " + "|".join(self.tables)


@attrs.frozen
class ListOf(Type):
    """A list of values of one type, none of them empty."""

    item: Type

    def __str__(self) -> str:
        return f"list of {self.item}"


@attrs.frozen
class Outputs(Type):
    """What a performed verb returned; only its outputs can be read from it."""

    verb: str

    def __str__(self) -> str:
        return f"outputs {self.verb}"


@attrs.frozen
class Empty(Type):
    """The type of `empty` where nothing around it says more."""

    def __str__(self) -> str:
        return "empty"


@attrs.frozen
class Unknown(Type):
    """The type of an expression already complained about: it fits everywhere, so that one mistake is told once.
    Never in a plan."""

    def __str__(self) -> str:
        return "unknown"


OWNER = Row(("core.user", "core.team"))
USER = Row(("core.user",))

SIMPLE: dict[str, Type] = {
    "text": Text(),
    "integer": Integer(),
    "decimal": Decimal(),
    "money": Money(),
    "float": Float(),
    "boolean": Boolean(),
    "date": Date(),
    "datetime": DateTime(),
    "duration": Duration(),
    "id": Id(),
    "json": Json(),
    "file": File(),
    "empty": Empty(),
}


def parse_type(text: str) -> Type:
    """Read a type as `str(type)` writes it.

    Raises ValueError when the text is no type.
    """
    if text in SIMPLE:
        return SIMPLE[text]
    head, _, rest = text.partition(" ")
    if head == "row" and rest:
        return Row(tuple(rest.split("|")))
    if head == "choice" and rest:
        return Choice(rest)
    if head == "choices" and rest:
        return Choices(rest)
    if head == "outputs" and rest:
        return Outputs(rest)
    if text.startswith("list of "):
        return ListOf(parse_type(text[len("list of ") :]))
    name, _, arguments = text.partition("(")
    if arguments.endswith(")"):
        numbers = arguments[:-1].split(",")
        if all(number.isascii() and number.isdigit() for number in numbers):
            if name == "text" and len(numbers) == 1:
                return Text(int(numbers[0]))
            if name == "decimal" and len(numbers) == 2:
                return Decimal(int(numbers[0]), int(numbers[1]))
    raise ValueError(f"{text!r} is not a type")
