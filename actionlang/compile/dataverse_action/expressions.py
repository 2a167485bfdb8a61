"""Values as expressions of a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actionlang.compile.dataverse_action import values as v
from actionlang.compile.dataverse_action.constants import constant
from actionlang.compile.dataverse_action.fitting import Fitting
from actionlang.compile.dataverse_action.functions import Functions
from actionlang.compile.dataverse_action.kinds import ANY_ROW, kind_of
from actionlang.compile.dataverse_action.known_tables import KnownTables, spelt
from actionlang.compile.dataverse_action.written import (
    ATOM,
    MULTIPLICATION,
    OTHERWISE,
    SUM,
    CanNotSay,
    Written,
    bracketed,
)
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column
from actionlang.plan.expression_text import escaped

OWNERS = {"systemuser": "user", "team": "team"}
"""Tables whose rows own others, as the language's own tables of users and teams."""

SIGNS = {"Add": ("+", SUM), "Subtract": ("-", SUM), "Multiply": ("*", MULTIPLICATION), "Divide": ("/", MULTIPLICATION)}


class Expressions:
    """Writes expressions. `state` tells in which state the rows are; `known` are those that a condition has shown not to be
    empty; `remarks` what a reader should know
    of the statement that is being written."""

    def __init__(
        self, tables: KnownTables, arguments: Mapping[str, tuple[t.Type, bool]], state: Callable[[], object]
    ) -> None:
        self.state = state
        self.tables = tables
        self.arguments = arguments
        self.functions = Functions(tables)
        self.fitting = Fitting(tables, self.functions)
        self.known: frozenset[str] = frozenset()
        self.remarks: list[str] = []
        self.writers: dict[type[v.Value], Callable[[Any, t.Type | None], Written]] = {
            v.Literal: self._literal,
            v.Reference: self._reference,
            v.ColumnOf: self._column_of,
            v.ArgumentValue: self._argument,
            v.OutputOf: self._output,
            v.Now: self._now,
            v.Nothing: self._nothing,
            v.FirstOf: self._first,
            v.Calculation: self._calculation,
            v.Period: self._period,
            v.Parties: self._parties,
            v.Unreadable: self._unreadable,
            v.Comparison: self._condition,
            v.Both: self._condition,
        }

    # ----------------------------------------------------------------------------------------------------- rows

    def row(self, source: v.RowSource) -> Written:
        """A row. Raises CanNotSay."""
        if self.tables.known and self.tables.table(source.table) is None:
            raise CanNotSay(f"the tables have no table {source.table}")
        if isinstance(source, v.PrimaryRow):
            return Written(spelt(source.table), ATOM, self.tables.row_type(source.table), False)
        if isinstance(source, v.CreatedRow):
            return Written(spelt(source.alias.use()), ATOM, self.tables.row_type(source.table), False)
        if isinstance(source, v.RelatedRow):
            base = self.row(source.base)
            column = self._column(source.base.table, source.lookup)
            optional = base.optional or column is None or column.optional
            text = f"{base.text}.{spelt(source.lookup)}"
            found = Written(
                text,
                ATOM,
                column.type if column else self.tables.row_type(source.table),
                self._may_be_empty(text, optional),
            )
            return self.fitting.narrowed(found, source.table)
        assert isinstance(source, v.ReturnedRow)
        return self.fitting.narrowed(self.write(source.value), source.table)

    def _column(self, table: str, name: str) -> Column | None:
        """A column; None where no tables are known. Raises CanNotSay where the table has none of the name."""
        if not self.tables.known:
            return None
        if self.tables.table(table) is None:
            raise CanNotSay(f"the tables have no table {table}")
        column = self.tables.column(table, name)
        if column is None:
            raise CanNotSay(f"table {table} has no column {name}")
        return column

    def slot(self, table: str, name: str) -> t.Type | None:
        """The type of a column that is to be set; None where no tables are known. Raises CanNotSay where it can not be set."""
        column = self._column(table, name)
        if column is not None and (column.readonly or column.primary):
            raise CanNotSay(f"{table}.{name} can not be set")
        if column is not None and column.moves is not None:
            raise CanNotSay(f"{table}.{name} is a status, which only a move changes")
        return column.type if column else None

    # --------------------------------------------------------------------------------------------------- values

    def write(self, value: v.Value, wanted: t.Type | None = None) -> Written:
        """An expression, of the type that is wanted where one is. Raises CanNotSay."""
        return self.fitting.fit(self.writers[type(value)](value, wanted), wanted)

    def _literal(self, value: v.Literal, wanted: t.Type | None) -> Written:
        if value.kind == "String":
            return self._string(value)
        if isinstance(wanted, t.Text):
            return Written(f'"{escaped(value.text)}"', ATOM, wanted, False)
        return constant(value, wanted, self.tables)

    def _string(self, value: v.Literal) -> Written:
        """A text, or the input that it is all made of."""
        parts = with_arguments(value.text, self.arguments)
        if len(parts) == 1 and isinstance(parts[0], v.ArgumentValue):
            found = self.write(parts[0])
            if isinstance(found.type, t.Text):
                return found
        return Written(f'"{self._pieces(value)}"', ATOM, t.Text(), False)

    def _reference(self, value: v.Reference, wanted: t.Type | None) -> Written:
        if value.label:
            self.remarks.append(f"{value.table} {value.id} was called {value.label!r}.")
        if wanted == t.OWNER and value.table in OWNERS:
            text = f'core.{OWNERS[value.table]}(id: id "{value.id.lower()}")'
            return Written(text, ATOM, t.Row((f"core.{OWNERS[value.table]}",)), False)
        if self.tables.known and self.tables.table(value.table) is None:
            raise CanNotSay(f"the tables have no table {value.table}, of which {value.label or 'a row'} is one")
        known = self.tables.table(value.table)
        by = f"{spelt(known.primary[0].name)}: " if known and known.keys else ""
        text = f'{self.tables.spelt_table(value.table)}({by}id "{value.id.lower()}")'
        return Written(text, ATOM, self.tables.row_type(value.table), False)

    def _column_of(self, value: v.ColumnOf, wanted: t.Type | None) -> Written:
        if value.state is not self.state():
            raise CanNotSay(f"{value.column} was read before a step that writes rows, and is used behind it")
        row = self.row(value.row)
        table = value.row.table
        known = self.tables.column(table, value.column)
        primary = (known is not None and known.primary) or value.column in (f"{table}id", "activityid")
        asked = wanted if wanted is not None else kind_of(value.type)
        if primary and isinstance(asked, t.Row):
            return row
        column = self._column(table, value.column)
        text = f"{row.text}.{spelt(value.column)}"
        kind = column.type if column else kind_of(value.type) or (wanted if not isinstance(wanted, t.Text) else None)
        optional = row.optional or (column.optional if column else not primary)
        return Written(text, ATOM, kind, self._may_be_empty(text, optional))

    def _argument(self, value: v.ArgumentValue, _: t.Type | None) -> Written:
        if value.name not in self.arguments:
            raise CanNotSay(f"there is no argument {value.name}")
        kind, optional = self.arguments[value.name]
        text = spelt(value.name)
        return Written(text, ATOM, kind, self._may_be_empty(text, optional))

    def _output(self, value: v.OutputOf, _: t.Type | None) -> Written:
        text = f"{spelt(value.alias.use())}.{spelt(value.name)}"
        return Written(text, ATOM, kind_of(value.type), self._may_be_empty(text, True))

    def _now(self, _: v.Value, wanted: t.Type | None) -> Written:
        if isinstance(wanted, t.Date):
            return Written("today()", ATOM, t.Date(), False)
        return Written("now()", ATOM, t.DateTime(), False)

    def _nothing(self, _: v.Value, wanted: t.Type | None) -> Written:
        return Written("empty", ATOM, wanted, True)

    def _first(self, value: v.FirstOf, wanted: t.Type | None) -> Written:
        found: list[Written] = []
        for part in value.parts:
            if isinstance(part, v.Nothing):
                continue
            found.append(self.write(part, wanted))
            if not found[-1].optional:
                break
        if not found:
            return self._nothing(value, wanted)
        if len(found) == 1:
            return found[0]
        text = " otherwise ".join(bracketed(part, OTHERWISE + 1) for part in found)
        return Written(text, OTHERWISE, next((part.type for part in found if part.type), None), found[-1].optional)

    def _calculation(self, value: v.Calculation, wanted: t.Type | None) -> Written:
        span = value.parts[-1] if value.parts else None
        if isinstance(span, v.Period):
            sign = -1 if value.operator == "Subtract" else 1
            return self._shifted(v.FirstOf(value.parts[:-1], value.type), span, sign, wanted)
        if value.operator == "Add" and self._is_text(value, wanted):
            return Written(f'"{"".join(self._pieces(part) for part in value.parts)}"', ATOM, t.Text(), False)
        sign_text, level = SIGNS[value.operator]
        parts = [self._number(part) for part in value.parts]
        if not parts:
            raise CanNotSay("a sum of nothing")
        text = f" {sign_text} ".join(bracketed(part, level + (1 if number else 0)) for number, part in enumerate(parts))
        kinds = {type(part.type) for part in parts}
        kind = parts[0].type if len(kinds) == 1 and value.operator != "Divide" else t.Decimal()
        return Written(text, level, kind, False)

    def _parties(self, value: v.Parties, wanted: t.Type | None) -> Written:
        if len(value.parts) != 1:
            raise CanNotSay("several recipients where one value is wanted")
        return self.write(value.parts[0], wanted)

    def _period(self, value: v.Period, _: t.Type | None) -> Written:
        if value.span.years or value.span.months:
            raise CanNotSay("a length of time in months, which differ in length")
        parts = _duration(value, 1)
        return Written(_added(parts) or "0 days", SUM if len(parts) > 1 else ATOM, t.Duration(), False)

    def _unreadable(self, value: v.Unreadable, _: t.Type | None) -> Written:
        raise CanNotSay(f"{value.reason} ({value.place})")

    def _condition(self, value: v.Value, wanted: t.Type | None) -> Written:
        raise CanNotSay("the result of a condition as a value")

    # --------------------------------------------------------------------------------------------- texts and numbers

    def _is_text(self, value: v.Calculation, wanted: t.Type | None) -> bool:
        if value.type is not None:
            return value.type == "String"
        if isinstance(wanted, t.Text):
            return True
        return any(isinstance(self.write(part).type, t.Text) for part in value.parts)

    def _pieces(self, value: v.Value) -> str:
        """A value as what stands between the quotes of a text."""
        if isinstance(value, v.Calculation) and value.operator == "Add" and self._is_text(value, t.Text()):
            return "".join(self._pieces(part) for part in value.parts)
        if isinstance(value, v.Literal) and value.kind == "String":
            return "".join(
                escaped(part) if isinstance(part, str) else f"{{{self._words(part)}}}"
                for part in with_arguments(value.text, self.arguments)
            )
        if isinstance(value, v.FirstOf) and len(value.parts) == 1 and not isinstance(value.parts[0], v.ColumnOf):
            return self._pieces(value.parts[0])
        if isinstance(value, v.Literal | v.Nothing):
            return escaped(value.text) if isinstance(value, v.Literal) else ""
        return f"{{{self._words(value)}}}"

    def _words(self, value: v.Value) -> str:
        """A value to stand in a text. One that is empty leaves nothing there, as in Dataverse."""
        found = self.write(value)
        if not found.optional:
            return found.text
        if found.type is None or isinstance(found.type, t.Text) or found.type == ANY_ROW:
            return f'{bracketed(found, OTHERWISE + 1)} otherwise ""'
        return f"{self.functions.words(found.type)}({found.text})"

    def as_text(self, value: v.Value, wanted: t.Type) -> Written:
        """What `.ToString()` makes of a value, where something of a type is wanted. Raises CanNotSay."""
        found = self.write(value)
        if not isinstance(found.type, t.Text):
            found = Written(f'"{{{self._words(value)}}}"', ATOM, t.Text(), False)
        return self.fitting.fit(found, wanted)

    def _number(self, value: v.Value) -> Written:
        """A number to calculate with; nothing counts as 0, as in Dataverse."""
        found = self.write(value)
        if found.optional:
            return Written(f"{bracketed(found, OTHERWISE + 1)} otherwise 0", OTHERWISE, found.type, False)
        return found

    # ----------------------------------------------------------------------------------------------------- time

    def _shifted(self, base: v.Value, period: v.Period, sign: int, wanted: t.Type | None) -> Written:
        found = self.write(base, wanted if isinstance(wanted, t.Date) and not _has_hours(period) else None)
        kind = found.type if isinstance(found.type, t.Date) else t.DateTime()
        months = sign * (period.span.years * 12 + period.span.months)
        if months:
            if found.optional or isinstance(kind, t.DateTime):
                text = f"{self.functions.months_later(kind)}({found.text}, {months})"
                found = Written(text, ATOM, kind, True)
            else:
                found = Written(f"add_months({found.text}, {months})", ATOM, kind, False)
        parts = _duration(period, sign)
        if not parts:
            return found
        if found.optional:
            return Written(f"{self.functions.later(kind)}({found.text}, {_added(parts)})", ATOM, kind, True)
        return Written(_added([bracketed(found, SUM), *parts]), SUM, kind, False)

    # -------------------------------------------------------------------------------------------------- types

    def _may_be_empty(self, text: str, optional: bool) -> bool:
        return optional and text not in self.known


def with_arguments(text: str, arguments: Mapping[str, tuple[t.Type, bool]]) -> list[str | v.ArgumentValue]:
    """A text with `{Name(Arguments)}` in it, as the designer writes inputs into texts, in parts."""
    parts: list[str | v.ArgumentValue] = []
    rest = text
    while rest:
        places = [(rest.find(f"{{{name}(Arguments)}}"), name) for name in arguments]
        found = min(((place, name) for place, name in places if place >= 0), default=None)
        if found is None:
            parts.append(rest)
            break
        place, name = found
        parts += [rest[:place], v.ArgumentValue(name)] if place else [v.ArgumentValue(name)]
        rest = rest[place + len(name) + len("{(Arguments)}") :]
    return parts


def _has_hours(period: v.Period) -> bool:
    return bool(period.span.hours or period.span.minutes)


def _duration(period: v.Period, sign: int) -> list[str]:
    """`7 days` and `2 hours`, without months; with a sign where it is negative."""
    return [
        f"{'-' if sign * number < 0 else ''}{abs(number)} {unit if abs(number) != 1 else unit.removesuffix('s')}"
        for unit, number in (("days", period.span.days), ("hours", period.span.hours), ("minutes", period.span.minutes))
        if number
    ]


def _added(parts: list[str]) -> str:
    """Lengths of time one after the other, each with its sign before it but for the first."""
    return " + ".join(parts).replace(" + -", " - ")
