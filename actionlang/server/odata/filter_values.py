"""What stands on either side of a comparison in a filter: columns, functions of them, constants."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from odata_query import ast

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.runtime.readable import BOOLEAN, Columns
from actionlang.server.odata.asking import unsupported, wrong
from actionlang.server.odata.filter_functions import FUNCTIONS, Function
from actionlang.server.odata.filter_syntax import Literal, place
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.literals import EnumLiteral
from actionlang.server.odata.number_ranges import EXACT, within_range
from actionlang.server.odata.surface import Surface
from actionlang.server.odata.urls import keys_read_by

NUMBERS = (t.Integer, t.Decimal, t.Money)
DECIMAL, TEXT = t.Decimal(), t.Text()
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@attrs.frozen
class Constant:
    """A value that is the same for all rows; `shown` is how it is told of, `at` where it stands."""

    value: object
    shown: str
    at: int | None = None


@attrs.frozen
class Typed:
    """A value that depends on the row: `expression` is not empty as far as all of `filled` hold. `added` is a number to be added
    to it."""

    expression: e.Expression
    filled: tuple[e.Expression, ...]
    shown: str
    at: int | None = None
    added: Decimal = Decimal(0)

    @property
    def type(self) -> t.Type:
        """The type of the expression."""
        return self.expression.type


Operand = Constant | Typed


class Operands:
    """Makes the operands of one filter on one table's rows. `values` are the values of the names in what was made."""

    def __init__(self, surface: Surface, columns: Columns, text: str, target: str, now: datetime) -> None:
        self._surface = surface
        self._columns = columns
        self._text = text
        self._target = target
        self._now = now
        self.values: dict[str, object] = {}
        self._places: dict[str, int | None] = {}

    def _place(self, name: str) -> int | None:
        """Where a name stands first."""
        if name not in self._places:
            self._places[name] = place(self._text, name)
        return self._places[name]

    def of(self, node: Any) -> Operand:
        """What a node stands for. Raises Refusal."""
        if isinstance(node, Literal):
            return Constant(node.value, _shown(node.value), node.at)
        if isinstance(node, ast.Identifier | ast.Attribute):
            return self._path(_names(node, self._target))
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.BinOp):
            return self._added(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.of(node.operand)
            if isinstance(inner, Constant) and isinstance(inner.value, int | Decimal | timedelta):
                return attrs.evolve(inner, value=-inner.value, shown=f"-{inner.shown}")
            raise self._unsupported("a minus stands before something that is no constant number.")
        raise self._unsupported("a part of it is of no kind that is known here.")

    # -------------------------------------------------------------------------------------------------------- columns

    def _path(self, names: list[str]) -> Typed:
        *ways, last = names
        table = self._columns.table
        through: list[tuple[str, str | None]] = []
        for name in ways:
            known = self._surface.properties[table.name]
            navigation = known.navigations.get(name)
            if navigation is None:
                message = f"{table.short_name} has no lookup {name}."
                raise wrong(self._target, message, self._place(name), known.hint(name))
            through.append((navigation.column.name, navigation.table))
            table = self._surface.table(navigation.table)
        at = self._place(names[0])
        properties = self._surface.properties[table.name]
        column = properties.column(last)
        if column is None:
            hint = None
            if last in properties.navigations:
                hint = f"compare {properties.names[properties.navigations[last].column.name]} with the key of a row"
            raise wrong(self._target, f"{table.short_name} has no property {last}.", self._place(last), hint)
        found = self._columns.value(column.name, through)
        return Typed(found.expression, found.filled, "/".join(names), at)

    # ------------------------------------------------------------------------------------------------------- functions

    def _call(self, node: Any) -> Operand:
        name = node.func.full_name()
        at = self._place(name)
        if name == "now":
            return Constant(self._now, "now()", at)
        function = FUNCTIONS.get(name)
        if function is None or len(node.args) != len(function.takes):
            raise self._unsupported(f"there is no function {name} with {len(node.args)} values here.", at)
        arguments = [self.of(each) for each in node.args]
        shown = f"{name}({', '.join(each.shown for each in arguments)})"
        if all(isinstance(each, Constant) for each in arguments):
            return self._known(function, arguments, shown, at)
        expressions: list[e.Expression] = []
        filled: tuple[e.Expression, ...] = ()
        overload = function.overload_of([None if isinstance(each, Constant) else each.type for each in arguments])
        if overload is None:
            raise wrong(self._target, f"{name} does not take {' and '.join(each.shown for each in arguments)}.", at)
        for argument, type_ in zip(arguments, overload.takes, strict=True):
            if isinstance(argument, Constant):
                if argument.value is None:
                    return Constant(None, shown, at)
                expressions.append(self._given(argument, type_))
            else:
                self._see_plain(argument)
                expressions.append(_as(argument.expression, type_))
                filled = (*filled, *argument.filled)
        made: e.Expression = e.CallFunction(overload.gives, False, overload.name, overload.written, tuple(expressions))
        return Typed(made, filled, shown, at, overload.added)

    def _known(self, function: Function, arguments: list[Operand], shown: str, at: int | None) -> Constant:
        values = [each.value for each in arguments if isinstance(each, Constant)]
        if None in values:
            return Constant(None, shown, at)
        try:
            return Constant(function.of_values(values), shown, at)
        except (TypeError, ValueError, AttributeError):
            raise wrong(self._target, f"{shown} has no value.", at) from None

    def _added(self, node: Any) -> Operand:
        left, right = self.of(node.left), self.of(node.right)
        sign = {ast.Add: 1, ast.Sub: -1}.get(type(node.op))
        if isinstance(left, Constant) and isinstance(right, Constant):
            return self._sum(left, right, sign)
        if isinstance(left, Constant) and sign == 1:
            left, right = right, left
        if sign is None or isinstance(left, Constant) or not isinstance(right, Constant):
            raise self._unsupported(
                "arithmetic goes as far as adding a number to a property, or taking it away.", left.at
            )
        if not isinstance(left.type, NUMBERS) or not _is_number(right.value):
            raise wrong(self._target, f"{right.shown} can not be added to {left.shown}.", right.at)
        assert isinstance(right.value, int | Decimal)
        return attrs.evolve(left, added=EXACT.add(left.added, sign * Decimal(right.value)))

    def _sum(self, left: Constant, right: Constant, sign: int | None) -> Constant:
        if sign is None:
            raise self._unsupported("constants are added and subtracted only.", left.at)
        if left.value is None or right.value is None:
            return Constant(None, left.shown, left.at)
        try:
            value = left.value + right.value if sign == 1 else left.value - right.value  # type: ignore[operator]
        except (TypeError, OverflowError):
            raise wrong(self._target, f"{right.shown} can not be added to {left.shown}.", right.at) from None
        return Constant(value, f"{left.shown} {'add' if sign == 1 else 'sub'} {right.shown}", left.at)

    # ----------------------------------------------------------------------------------------------------- comparisons

    def compared(self, comparison: str, left: Typed, right: Operand) -> e.Expression:
        """A comparison of what depends on the row, where all that it depends on is filled. Raises Refusal."""
        if comparison != "=":
            self._see_order(left)
        if isinstance(right, Constant):
            return self._compared_to_constant(comparison, left, right)
        self._see_plain(left)
        self._see_plain(right)
        one, other = left.expression, right.expression
        if isinstance(one.type, NUMBERS) and isinstance(other.type, NUMBERS):
            if not isinstance(one.type, t.Integer) or not isinstance(other.type, t.Integer):
                one, other = _as(one, DECIMAL), _as(other, DECIMAL)
        elif isinstance(one.type, t.Row) and isinstance(other.type, t.Row):
            pass
        elif type(one.type) is not type(other.type) or (one.type != other.type and not isinstance(one.type, t.Text)):
            raise wrong(self._target, f"{left.shown} and {right.shown} can not be compared.", left.at)
        return e.Compare(BOOLEAN, False, comparison, one, other)

    def _compared_to_constant(self, comparison: str, left: Typed, right: Constant) -> e.Expression:
        node = left.expression
        if isinstance(node.type, NUMBERS) and _is_number(right.value):
            assert isinstance(right.value, int | Decimal)
            found = within_range(comparison, EXACT.subtract(Decimal(right.value), left.added), node.type)
            if isinstance(found, bool):
                return e.Literal(BOOLEAN, False, found)
            number = int(found.number) if isinstance(node.type, t.Integer) else found.number
            return e.Compare(BOOLEAN, False, found.operator, node, self._named(number, node.type))
        self._see_plain(left)
        if isinstance(node.type, t.Row):
            return self._is_row(node, right, left.shown)
        return e.Compare(BOOLEAN, False, comparison, node, self._given(right, node.type, left.shown))

    def _is_row(self, node: e.Expression, right: Constant, shown: str) -> e.Expression:
        """That a lookup leads to the row, of any of its tables, with this key."""
        assert isinstance(node.type, t.Row)
        alike: list[e.Expression] = []
        for name in node.type.tables:
            if (key := self._row_of(name, right)) is not None:
                row = self._named(key, t.Row((name,)))
                alike.append(e.Compare(BOOLEAN, False, "=", node, e.Convert(node.type, False, row)))
        if not alike:
            raise wrong(self._target, f"{shown} is compared with {right.shown}, which is no key.", right.at)
        return alike[0] if len(alike) == 1 else e.Or(BOOLEAN, False, tuple(alike))

    def _row_of(self, name: str, key: Constant) -> object:
        """The row of a table with this primary key; None where it can not be one."""
        table = self._surface.table(name)
        if len(table.primary) > 1:
            return keys_read_by(self._surface.wire).of_text(table, key.value)
        try:
            return RowRef(name, self._read(key, table.primary[0].type))
        except ValueError:
            return None

    def _see_order(self, left: Typed) -> None:
        type_ = left.type
        if isinstance(type_, t.Choice) and not self._surface.wire.choice(type_.name).numbered:
            raise wrong(self._target, f"the values of {left.shown} have no order.", left.at)
        if isinstance(type_, t.Row | t.Json | t.Choices | t.File):
            raise wrong(self._target, f"the values of {left.shown} have no order.", left.at)

    def _see_plain(self, operand: Typed) -> None:
        if operand.added:
            raise self._unsupported("sums are compared with constants only.", operand.at)

    def same_constants(self, left: Constant, right: Constant) -> bool:
        """Whether two constants are equal."""
        kinds = (bool in (type(left.value), type(right.value)), type(left.value) is type(right.value))
        return left.value == right.value if kinds[1] or not kinds[0] else False

    def ordered_constants(self, comparison: str, left: Constant, right: Constant) -> bool:
        """Whether one constant is before another. Raises Refusal where there is no telling."""
        if left.value is None or right.value is None:
            return False
        try:
            return COMPARISONS[comparison](left.value, right.value)
        except TypeError:
            raise wrong(self._target, f"{left.shown} and {right.shown} can not be compared.", left.at) from None

    # -------------------------------------------------------------------------------------------------------- constants

    def _given(self, constant: Constant, type_: t.Type, against: str = "it") -> e.Expression:
        """A constant as a value of a type. Raises Refusal."""
        try:
            value = self._read(constant, type_)
        except ValueError as error:
            message = f"{constant.shown} is not what {against} is compared with: {error}."
            raise wrong(self._target, message, constant.at) from None
        return self._named(value, type_)

    def _read(self, constant: Constant, type_: t.Type) -> object:
        value = constant.value
        if isinstance(type_, t.Text):
            # A text that is longer than the column takes is only never equal to it.
            type_ = TEXT
        if isinstance(type_, t.DateTime) and isinstance(value, date) and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(type_, t.Float):
            if not _is_number(value):
                raise ValueError("a number")
            return float(value)  # type: ignore[arg-type]
        if isinstance(type_, t.Choices | t.Json | t.File):
            raise ValueError("such values are compared with null only")
        return value_reader(type_, self._surface.wire)(value)

    def _named(self, value: object, type_: t.Type) -> e.Expression:
        name = f" value {len(self.values)}"
        self.values[name] = value
        return e.Local(type_, False, name)

    def _unsupported(self, message: str, at: int | None = None) -> Exception:
        return unsupported(self._target, message, at)


def _names(node: Any, target: str) -> list[str]:
    """The names of a path."""
    found: list[str] = []
    while isinstance(node, ast.Attribute):
        found.append(str(node.attr))
        node = node.owner
    if not isinstance(node, ast.Identifier) or node.namespace:
        raise unsupported(target, "types and functions are not named here with a namespace.")
    return [node.name, *reversed(found)]


def _as(node: e.Expression, type_: t.Type) -> e.Expression:
    return node if node.type == type_ else e.Convert(type_, False, node)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _shown(value: object) -> str:
    """A constant as errors tell of it."""
    if isinstance(value, EnumLiteral):
        return f"{value.type}'{value.member}'"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
