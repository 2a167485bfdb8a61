"""Filters, and what they mean, told by another program than the one that is tested: Python, on values as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from actionlang.engine.functions import casing
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Table
from actionlang.server.odata.literals import write_literal

Node = tuple[Any, ...]
"""A part of a filter: what kind it is, and what it is made of."""

Value = Callable[[RowRef, str], object]
"""Gives a column of a row."""

COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
ORDERED = (t.Text, t.Integer, t.Decimal, t.Money, t.Float, t.Boolean, t.Date, t.DateTime, t.Duration, t.Id)
TEXTS = st.text(st.sampled_from("aAbB1 é'İß%_\\😀"), max_size=3)
CONSTANTS: Mapping[type[t.Type], st.SearchStrategy[Any]] = {
    t.Integer: st.integers(-3, 4) | st.sampled_from([2**63 - 1, -(2**63), 2**63, 10]),
    t.Decimal: st.decimals(-5, 5, places=2) | st.integers(-3, 3) | st.just(Decimal("0.00001")),
    t.Money: st.decimals(-5, 5, places=4) | st.integers(-3, 3),
    t.Float: st.sampled_from([0, 1, Decimal("0.5"), Decimal("-1.25")]),
    t.Boolean: st.booleans(),
    t.Date: st.dates(date(2023, 12, 1), date(2024, 3, 31)) | st.just(date(1, 1, 1)),
    t.DateTime: st.datetimes(datetime(2023, 12, 1), datetime(2024, 3, 31), timezones=st.just(UTC)),
    t.Duration: st.integers(-3, 3).map(lambda hours: timedelta(hours=hours)),
    t.Id: st.uuids(),
}


def filters(table: Table, rows: Mapping[str, list[Any]], choices: Mapping[str, Choice]) -> st.SearchStrategy[Node]:
    """Filters about a table's rows; constants are often values that some row has."""
    leaves = st.one_of([each for column in table.columns for each in _about(column, table, rows, choices)])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), inner, inner), st.tuples(st.just("not"), inner)
        ),
        max_leaves=6,
    )


def _about(column: Any, table: Table, rows: Mapping[str, list[Any]], choices: Mapping[str, Choice]) -> list[Any]:
    """Conditions about one column."""
    prop: Node = ("property", column.name)
    kind = type(column.type)
    if column.sensitive:
        return []
    if kind is t.Row:
        known = [each.row for name in column.type.tables for each in rows[name]]
        keys = st.sampled_from([row.key for row in known if "core" in row.table or len(str(row.key)) == 36]).map(
            lambda key: UUID(str(key))
        )
        right = st.tuples(st.just("constant"), st.none() | keys)
        return [st.tuples(st.just("compare"), st.sampled_from(["eq", "ne"]), st.just(("key", column.name)), right)]
    if kind is t.Choice:
        numbered = choices[column.type.name].numbered
        members = [m.number if numbered else m.name for m in choices[column.type.name].members]
        right = st.tuples(st.just("constant"), st.none() | st.sampled_from(members))
        return [_compared(prop, right, numbered)]
    if kind not in CONSTANTS and kind is not t.Text:
        return [
            st.tuples(st.just("compare"), st.sampled_from(["eq", "ne"]), st.just(prop), st.just(("constant", None)))
        ]
    constants = _constants(kind, column, table, rows)
    found = [_compared(prop, st.tuples(st.just("constant"), st.none() | constants), kind in ORDERED)]
    found.append(st.tuples(st.just("in"), st.just(prop), st.lists(constants | st.none(), min_size=1, max_size=3)))
    if kind is t.Text:
        found += _about_text(prop, constants)
    if kind in (t.Date, t.DateTime):
        part = st.sampled_from(["year", "month", "day"] + (["hour", "minute", "second"] if kind is t.DateTime else []))
        right = st.tuples(st.just("constant"), st.integers(0, 12) | st.just(2024))
        found.append(
            st.tuples(
                st.just("compare"), st.sampled_from(COMPARISONS), st.tuples(st.just("part"), part, st.just(prop)), right
            )
        )
    if kind in (t.Integer, t.Decimal, t.Money):
        added = st.tuples(st.just("add"), st.just(prop), st.integers(-3, 3))
        found.append(_compared_to(added, st.tuples(st.just("constant"), constants)))
    if kind is t.Boolean:
        found.append(st.just(prop))
    return found


def _compared(left: Node, right: st.SearchStrategy[Node], ordered: bool) -> st.SearchStrategy[Node]:
    return st.tuples(
        st.just("compare"), st.sampled_from(COMPARISONS if ordered else ("eq", "ne")), st.just(left), right
    )


def _compared_to(left: st.SearchStrategy[Node], right: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.tuples(st.just("compare"), st.sampled_from(COMPARISONS), left, right)


def _constants(kind: Any, column: Any, table: Table, rows: Mapping[str, list[Any]]) -> st.SearchStrategy[Any]:
    there = [_of_row(each, column) for each in rows[table.name]]
    values = [UUID(str(value)) if kind is t.Id else value for value in there if value is not None]
    if kind is t.Float:
        return CONSTANTS[kind]
    made = TEXTS if kind is t.Text else CONSTANTS[kind]
    return made | st.sampled_from(values) if values else made


def _of_row(row: Any, column: Any) -> object:
    return row.key if column.primary else row.values[column.name]


def _about_text(prop: Node, constants: st.SearchStrategy[str]) -> list[Any]:
    parts = constants.map(lambda text: text[:2])
    changed = st.sampled_from([prop, ("call", "tolower", prop), ("call", "toupper", prop), ("call", "trim", prop)])
    constant = st.tuples(st.just("constant"), parts | constants)
    test = st.sampled_from(["contains", "startswith", "endswith"])
    length = st.tuples(st.just("call"), st.just("length"), changed)
    index = st.tuples(st.just("call"), st.just("indexof"), changed, constant)
    number = st.tuples(st.just("constant"), st.integers(-1, 4))
    return [
        st.tuples(st.just("call"), test, changed, constant),
        _compared_to(changed, constant),
        _compared_to(length, number),
        _compared_to(index, number),
    ]


# ---------------------------------------------------------------------------------------------------- how it is written


def written(node: Node) -> str:
    """A filter as text."""
    kind = node[0]
    if kind == "property":
        return str(node[1])
    if kind == "key":
        return f"_{node[1]}_value"
    if kind == "constant":
        return write_literal(node[1])
    if kind in ("and", "or"):
        return f"({written(node[1])} {kind} {written(node[2])})"
    if kind == "not":
        return f"not ({written(node[1])})"
    if kind == "compare":
        return f"{written(node[2])} {node[1]} {written(node[3])}"
    if kind == "in":
        return f"{written(node[1])} in ({','.join(map(write_literal, node[2]))})"
    if kind == "add":
        return f"{written(node[1])} add {node[2]}" if node[2] >= 0 else f"{written(node[1])} sub {-node[2]}"
    return f"{node[1]}({','.join(map(written, node[2:]))})"


# --------------------------------------------------------------------------------------------------------- what it means


def meant(node: Node, row: Any, table: Table, choices: Mapping[str, Choice]) -> Any:
    """The value of a filter, or of a part of it, for a row: None is null."""
    kind = node[0]

    def of(inner: Node) -> Any:
        return meant(inner, row, table, choices)

    if kind == "property":
        column = table.by_name[node[1]]
        value = _of_row(row, column)
        numbered = isinstance(column.type, t.Choice) and choices[column.type.name].numbered
        return choices[column.type.name].by_name[value].number if numbered and value is not None else value
    if kind == "key":
        value = _of_row(row, table.by_name[node[1]])
        return None if value is None else value.key
    if kind == "constant":
        return str(node[1]) if isinstance(node[1], UUID) else node[1]
    if kind == "not":
        inner = of(node[1])
        return None if inner is None else not inner
    if kind in ("and", "or"):
        return _joined(kind, of(node[1]), of(node[2]))
    if kind == "compare":
        return _compare(node[1], of(node[2]), of(node[3]))
    if kind == "in":
        return of(node[1]) in [str(each) if isinstance(each, UUID) else each for each in node[2]]
    arguments = [of(each) if isinstance(each, tuple) else each for each in (node[1:] if kind == "add" else node[2:])]
    if None in arguments:
        return None
    return arguments[0] + arguments[1] if kind == "add" else CALLS[node[1]](*arguments)


def _joined(kind: str, left: bool | None, right: bool | None) -> bool | None:
    decisive = kind == "or"
    if left is decisive or right is decisive:
        return decisive
    return None if left is None or right is None else not decisive


def _compare(comparison: str, left: Any, right: Any) -> bool:
    if comparison in ("eq", "ne"):
        return bool(left == right) is (comparison == "eq")
    if left is None or right is None:
        return False
    return bool({"gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}[comparison])


CALLS: Mapping[str, Callable[..., object]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "tolower": casing.lower,
    "toupper": casing.upper,
    "trim": casing.trim,
    "length": len,
    "indexof": str.find,
    **{
        name: (lambda value, name=name: getattr(value, name))
        for name in ("year", "month", "day", "hour", "minute", "second")
    },
}
