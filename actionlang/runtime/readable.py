"""What somebody may read of the tables, and how it is named in the conditions of a query.

A row that is out of the caller's reach is, for whoever comes to it through a lookup, as if the lookup were empty; columns that
are `sensitive`, and lookups to rows whose key is, are in no condition and no order: who could ask about them could find them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from actionlang.access.people import PEOPLE
from actionlang.access.rights import READ, Depth, Rights
from actionlang.access.rules import within
from actionlang.diagnostics.catalogue import access as access_codes
from actionlang.diagnostics.catalogue import server as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import (
    Boolean,
    Choice,
    Date,
    DateTime,
    Decimal,
    Duration,
    Float,
    Id,
    Integer,
    Money,
    Row,
    Text,
    Type,
)
from actionlang.plan import expressions as e
from actionlang.runtime.masking import names_sensitive_rows

BOOLEAN = Boolean()
OPERATORS = ("=", "<", "<=", ">", ">=")
ORDERED = (Text, Integer, Decimal, Money, Float, Boolean, Date, DateTime, Duration, Id)
ROW = "row"
"""The name of a query's row."""

Step = tuple[str, str | None]
"""A lookup on the way to a column, and the table it leads to; None where there is only one."""


@attrs.frozen
class Value:
    """A column in a condition: an expression that is not empty, as far as all of the conditions `filled` hold."""

    expression: e.Expression
    filled: tuple[e.Expression, ...] = ()


@attrs.frozen
class Readable:
    """What somebody with these rights may read; None may read everything."""

    schema: Schema
    rights: Rights | None

    def depth(self, table: str) -> Depth:
        """How deep the caller reads."""
        return Depth.ALL if self.rights is None else self.rights.depth(READ, table)

    def see(self, table: str) -> None:
        """See that the caller reads some rows of a table at least. Raises ActionLangError."""
        if self.depth(table) is Depth.NONE:
            assert self.rights is not None
            raise refused(
                access_codes.NOT_ALLOWED,
                f"{self.rights.name} may not read {_short(table)}: missing read {table}.",
                "give the user a role that has it: actionlang access give",
            )

    def rule(self, table: str, row: e.Expression) -> tuple[e.Expression, ...]:
        """The conditions that a row, which is not empty, is within the caller's reach."""
        depth = self.depth(table)
        return () if depth is Depth.ALL else (within(depth, row, self.schema.tables[table]),)

    def is_hidden(self, column: Column) -> bool:
        """Whether a column's values are told to nobody."""
        return column.sensitive or names_sensitive_rows(column.type, self.schema.tables)


@attrs.frozen
class Columns:
    """The columns of one table's row, and those of the rows that it leads to, for whoever writes a condition on it.

    `through` are the lookups that lead to another row, each with the full name of the table that it leads to (None where it leads
    to one only): `[("owner", "core.user")]`.
    """

    readable: Readable
    table: Table

    @property
    def row(self) -> e.Expression:
        """The row."""
        return e.Local(Row((self.table.name,)), False, ROW)

    def value(self, name: str, through: Sequence[Step] = ()) -> Value:
        """A column, of the row itself or of the one that lookups lead to.

        Raises ActionLangError when there is no such column, or it may not be asked about.
        """
        row, table = self.row, self.table
        filled: tuple[e.Expression, ...] = ()
        for lookup, target in through:
            row, conditions, table = self._follow(row, table, lookup, target)
            filled = (*filled, *conditions)
        column = self.column(table, name)
        found = e.Column(column.type, column.optional, row, column.name)
        if not column.optional:
            return Value(found, filled)
        return Value(e.Narrow(column.type, False, found), (*filled, is_filled(found)))

    def compared(self, name: str, operator: str, value: str, through: Sequence[Step] = ()) -> e.Expression:
        """The condition that a column compares so (`=`, `<`, `<=`, `>`, `>=`) with a value that the query gives by name. It does
        not hold where the column is empty. Raises ActionLangError as `value` does, and where there is no such comparison."""
        found = self.value(name, through)
        type_ = found.expression.type
        if operator not in OPERATORS or (operator != "=" and not self.has_order(type_)):
            raise refused(codes.WRONG_QUERY, f"{name} of {self.table.short_name} is not compared by {operator}.")
        named = e.Local(type_, False, value)
        return self.all_of(*found.filled, e.Compare(BOOLEAN, False, operator, found.expression, named))

    def is_empty(self, name: str, through: Sequence[Step] = ()) -> e.Expression:
        """The condition that a column is empty. Raises ActionLangError as `value` does."""
        filled = every(self.value(name, through).filled)
        return e.Literal(BOOLEAN, False, False) if filled is None else self.none_of(filled)

    @staticmethod
    def all_of(*conditions: e.Expression) -> e.Expression:
        """The condition that all of these hold."""
        return every(conditions) or e.Literal(BOOLEAN, False, True)

    @staticmethod
    def any_of(*conditions: e.Expression) -> e.Expression:
        """The condition that one of these holds at least."""
        if len(conditions) < 2:
            return conditions[0] if conditions else e.Literal(BOOLEAN, False, False)
        return e.Or(BOOLEAN, False, conditions)

    @staticmethod
    def none_of(*conditions: e.Expression) -> e.Expression:
        """The condition that none of these holds."""
        return e.Not(BOOLEAN, False, Columns.any_of(*conditions))

    def has_order(self, type_: Type) -> bool:
        """Whether values of a type have an order: choices have one where they have numbers."""
        if isinstance(type_, Choice):
            return self.readable.schema.choices[type_.name].numbered
        return isinstance(type_, ORDERED)

    def column(self, table: Table, name: str) -> Column:
        """A column that may be asked about. Raises ActionLangError."""
        column = table.by_name.get(name)
        if column is None:
            raise refused(codes.WRONG_QUERY, f"{table.short_name} has no column {name}.")
        if self.readable.is_hidden(column):
            message = (
                f"{name} of {table.short_name} is sensitive: nothing is asked about it, and nothing put in its order."
            )
            raise refused(codes.SENSITIVE_ASKED, message)
        return column

    def _follow(
        self, row: e.Expression, table: Table, lookup: str, target: str | None
    ) -> tuple[e.Expression, tuple[e.Expression, ...], Table]:
        column = self.column(table, lookup)
        if not isinstance(column.type, Row) or (target is None and len(column.type.tables) > 1):
            raise refused(codes.WRONG_QUERY, f"{lookup} of {table.short_name} does not lead to rows of one table.")
        name = target or column.type.tables[0]
        self.readable.see(name)
        found = e.Column(column.type, column.optional, row, lookup)
        several = len(column.type.tables) > 1
        conditions: tuple[e.Expression, ...] = ()
        if several:
            conditions = (e.IsTable(BOOLEAN, False, found, name),)
        elif column.optional:
            conditions = (is_filled(found),)
        known = e.Narrow(Row((name,)), False, found) if conditions else found
        return known, (*conditions, *self.readable.rule(name, known)), self.readable.schema.tables[name]


def is_filled(node: e.Expression) -> e.Expression:
    """The condition that a value is not empty."""
    return e.Not(BOOLEAN, False, e.IsEmpty(BOOLEAN, False, node))


def every(conditions: Iterable[e.Expression]) -> e.Expression | None:
    """The condition that all of them hold; None where there are none."""
    found = tuple(conditions)
    if len(found) < 2:
        return found[0] if found else None
    return e.And(BOOLEAN, False, found)


def with_people(schema: Schema) -> Schema:
    """A schema that has the tables that say who somebody is."""
    tables: Mapping[str, Table] = {**PEOPLE, **schema.tables}
    return schema if len(tables) == len(schema.tables) else Schema(tables, schema.choices)


def refused(code: Code, message: str, hint: str | None = None) -> ActionLangError:
    """An error with one diagnostic."""
    return ActionLangError(Diagnostic(code, message, hint=hint))


def _short(table: str) -> str:
    return table.rpartition(".")[2]
