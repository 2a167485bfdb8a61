"""Expressions as Python code of their own, for plans that run often.

Binding makes a closure of each node, which costs a call each. Here a whole expression becomes one function instead: its source is
put together of the nodes' sources, in the same order of evaluation, and what has no source of its own is called as a closure.
Names and texts of a plan never stand in the source: they are values that it refers to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER, integer
from actionlang.engine.functions.registry import FUNCTIONS
from actionlang.engine.interpreter.arithmetic import NEGATIONS, OPERATIONS
from actionlang.engine.interpreter.constants import constant, conversion
from actionlang.engine.interpreter.display import display
from actionlang.engine.interpreter.frame import Evaluate
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.ordering import order_of
from actionlang.metadata import types as t
from actionlang.plan import expressions as e

DEEPEST = 30
"""Levels of an expression that one function takes, for Python's compiler has a limit; deeper ones are functions of their own."""

WHOLE = frozenset({"+", "-", "*"})
COMPARED = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def inline(node: e.Expression, scope: Scope) -> Evaluate | None:
    """An expression as one Python function; None where a closure is as good."""
    if type(node) not in WRITERS or isinstance(node, e.Literal | e.Local | e.Column | e.Narrow | e.Convert):
        return None
    writer = _Writer(scope)
    value = writer.source(node)
    unit = "    unit = frame[0]; rows = unit.rows\n" if writer.uses_unit else ""
    names = dict(writer.names)
    exec(compile(f"def evaluate(frame):\n{unit}    return {value}\n", "<expression>", "exec"), names)  # noqa: S102
    evaluate: Evaluate = names["evaluate"]
    return evaluate


class _Writer:
    """The source of one function while it is being written."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.names: dict[str, Any] = {}
        self.uses_unit = False
        self._depth = 0
        self._read: set[str] = set()
        self._temporaries = 0

    def source(self, node: e.Expression) -> str:
        """A node's source."""
        write = WRITERS.get(type(node))
        if write is None or self._depth >= DEEPEST:
            return self.called(node)
        self._depth += 1
        try:
            return write(self, node)
        finally:
            self._depth -= 1

    def called(self, node: e.Expression) -> str:
        """The source of calling a node's closure."""
        return f"{self.name(self.scope.evaluate(node))}(frame)"

    def name(self, value: object) -> str:
        """What refers to a value."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def temporary(self) -> str:
        """A variable of the function."""
        self._temporaries += 1
        return f"t{self._temporaries}"

    def row(self, slot: int, load: object) -> str:
        """The values of the row in a slot of the frame, which are looked up once unless it is not sure that they were."""
        variable = f"r{slot}"
        if variable in self._read:
            return variable
        self._read.add(variable)
        self.uses_unit = True
        return f"({variable} := rows.get(frame[{slot}]) or {self.name(load)}(unit, frame[{slot}]))"

    @contextmanager
    def perhaps(self) -> Iterator[None]:
        """What is written while this lasts may be left out when the function runs."""
        sure = set(self._read)
        try:
            yield
        finally:
            self._read = sure


def _literal(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Literal)
    return _constant(writer, node.value)


def _constant(writer: _Writer, value: object) -> str:
    if value is None or type(value) is bool or (type(value) is int and value >= 0):
        return repr(value)
    return writer.name(value)


def _local(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Local)
    if node.name in writer.scope.scans:
        return writer.called(node)
    return f"frame[{writer.scope.slots[node.name]}]"


def _column(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Column)
    assert isinstance(node.row.type, t.Row)
    scope = writer.scope
    scan = scope.scan_of(node.row)
    if scan is not None:
        position = scan.positions.get(node.column)
        return writer.called(node) if position is None else f"frame[{scan.slot}][1][{position}]"
    slot = scope.slot_of(node.row)
    if slot is None or node.row.optional or len(node.row.type.tables) > 1:
        return writer.called(node)
    stored = scope.plan.tables[node.row.type.tables[0]]
    if node.column not in stored.index:
        return writer.called(node)
    return f"{writer.row(slot, stored.load)}[{stored.index[node.column]}]"


def _narrow(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Narrow)
    return writer.called(node) if writer.scope.plan.rules.doubts else writer.source(node.operand)


def _convert(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Convert)
    known = constant(node)
    if known is not None:
        return _constant(writer, known.value)
    operand = writer.source(node.operand)
    change = conversion(node.operand.type, node.type)
    if change is None:
        return operand
    if not node.operand.optional:
        return f"{writer.name(change)}({operand})"
    value = writer.temporary()
    return f"(None if ({value} := {operand}) is None else {writer.name(change)}({value}))"


def _not(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Not)
    return f"(not {writer.source(node.operand)})"


def _joined(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.And | e.Or)
    first = writer.source(node.operands[0])
    word = "and" if isinstance(node, e.And) else "or"
    with writer.perhaps():
        rest = [writer.source(operand) for operand in node.operands[1:]]
    return f"({f' {word} '.join([first, *rest])})"


def _compare(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Compare)
    order = None
    if node.operator not in ("=", "!="):
        order = order_of(node.left.type, writer.scope.plan.schema.choices)
    left, right = writer.source(node.left), writer.source(node.right)
    if order is not None:
        known = writer.name(order)
        left, right = f"{known}({left})", f"{known}({right})"
    return f"({left} {COMPARED[node.operator]} {right})"


def _is_empty(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.IsEmpty)
    return f"({writer.source(node.operand)} is None)"


def _otherwise(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Otherwise)
    value = writer.temporary()
    operand = writer.source(node.operand)
    with writer.perhaps():
        fallback = writer.source(node.fallback)
    return f"({value} if ({value} := {operand}) is not None else {fallback})"


def _arithmetic(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Arithmetic)
    left, right = writer.source(node.left), writer.source(node.right)
    kinds = type(node.left.type), type(node.right.type)
    if kinds == (t.Integer, t.Integer) and node.operator in WHOLE:
        value = writer.temporary()
        return (
            f"({value} if {SMALLEST_INTEGER} <= ({value} := {left} {node.operator} {right}) <= {LARGEST_INTEGER}"
            f" else {writer.name(integer)}({value}))"
        )
    return f"{writer.name(OPERATIONS[node.operator, *kinds])}({left}, {right})"


def _negate(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Negate)
    return f"{writer.name(NEGATIONS[type(node.operand.type)])}({writer.source(node.operand)})"


def _template(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.Template)
    return f"''.join(({''.join(f'{_part(writer, part)}, ' for part in node.parts)}))"


def _part(writer: _Writer, part: str | e.Expression) -> str:
    if isinstance(part, str):
        return writer.name(part)
    value = writer.source(part)
    if isinstance(part.type, t.Text):
        return value
    writer.uses_unit = True
    return f"{writer.name(display(part.type, writer.scope.plan))}(unit, {value})"


def _call_function(writer: _Writer, node: e.Expression) -> str:
    assert isinstance(node, e.CallFunction)
    call, takes_unit = FUNCTIONS[node.function, node.overload]
    arguments = [writer.source(argument) for argument in node.arguments]
    if takes_unit:
        writer.uses_unit = True
        arguments.insert(0, "unit")
    return f"{writer.name(call)}({', '.join(arguments)})"


WRITERS: dict[type, Callable[[_Writer, e.Expression], str]] = {
    e.Literal: _literal,
    e.Local: _local,
    e.Column: _column,
    e.Narrow: _narrow,
    e.Convert: _convert,
    e.Not: _not,
    e.And: _joined,
    e.Or: _joined,
    e.Compare: _compare,
    e.IsEmpty: _is_empty,
    e.Otherwise: _otherwise,
    e.Arithmetic: _arithmetic,
    e.Negate: _negate,
    e.Template: _template,
    e.CallFunction: _call_function,
}
"""What writes the source of a node, by its class."""
