"""The .NET types of arguments and values, as types of the language."""

from __future__ import annotations

from actionlang.metadata import types as t

KINDS: dict[str, t.Type] = {
    "Boolean": t.Boolean(),
    "DateTime": t.DateTime(),
    "Decimal": t.Decimal(),
    "Double": t.Float(),
    "Guid": t.Id(),
    "Int32": t.Integer(),
    "Int64": t.Integer(),
    "Money": t.Money(),
    "OptionSetValue": t.Integer(),
    "String": t.Text(),
}
"""Choices are numbers where no table says which choice it is."""

ANY_ROW = t.Row(())
"""A row of which it is not known which table it is of."""

ROWS = ("Entity", "EntityReference")
LIST = "EntityCollection"


def kind_of(name: str | None) -> t.Type | None:
    """The type that a .NET type's last name stands for; None where that says nothing."""
    return ANY_ROW if name in ROWS else KINDS.get(name or "")


EXACT = (t.Integer, t.Decimal, t.Money)


def is_exact(kind: t.Type | None) -> bool:
    """Whether it is a number without binary fractions."""
    return isinstance(kind, EXACT)


def short_names(row: t.Row) -> tuple[str, ...]:
    """The tables of a row's type without their modules."""
    return tuple(table.rpartition(".")[2] for table in row.tables)
