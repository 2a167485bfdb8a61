"""Values on their way from a plug-in into a run: what is none of its type does not pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from actionlang.engine.json_form import Reader, RowFinder, reader_of
from actionlang.engine.schema import Schema
from actionlang.engine.secret_texts import MASK, spellings
from actionlang.metadata.tables import Column
from actionlang.metadata.types import Type
from actionlang.plan.plan import Parameter
from actionlang.plan.walk import type_tables


class Member(NamedTuple):
    """An argument, an output or a column that a plug-in sees, or sets."""

    name: str
    type: Type
    optional: bool
    sensitive: bool
    read: Reader

    def value(self, data: object) -> Any:
        """The value that data stands for, in the forms that callers use too. Raises ValueError saying what it takes."""
        if data is not None:
            return self.read(data)
        if self.optional:
            return None
        raise ValueError("a value")


Members = Mapping[str, Member]


def members_of(found: Iterable[Parameter | Column], schema: Schema, rows: RowFinder) -> Members:
    """The members for parameters or columns; `rows` finds a row by what stands for it."""
    return {
        each.name: Member(
            each.name,
            each.type,
            each.optional,
            each.sensitive or _names_sensitive_rows(each.type, schema),
            reader_of(each.type, schema, rows),
        )
        for each in found
    }


def _names_sensitive_rows(type_: Type, schema: Schema) -> bool:
    """Whether values of a type are rows whose key is sensitive."""
    tables = (schema.tables[name] for name in type_tables(type_) if name in schema.tables)
    return any(column.sensitive for table in tables for column in table.primary)


def shown(values: Mapping[str, object], members: Members) -> str:
    """Values as they may be printed: what is sensitive is masked."""
    parts = (f"{name}={MASK if _hides(members.get(name)) else repr(value)}" for name, value in values.items())
    return f"{{{', '.join(parts)}}}"


def secrets_in(values: Mapping[str, object] | None, members: Members) -> Iterator[str]:
    """The sensitive ones of some values, as they may stand in a text."""
    for name, value in (values or {}).items():
        member = members.get(name)
        if member is not None and member.sensitive:
            yield from spellings(member.type, value)


def _hides(member: Member | None) -> bool:
    # Of what is not known by name, nothing is known.
    return member is None or member.sensitive
