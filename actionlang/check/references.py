"""Where a module declares and uses names: what the checker notes down as it resolves them, when somebody asks for it.

Without anybody who asks, `Reporter.seen` is None, and the checker does nothing but look whether it is.
"""

from __future__ import annotations

from enum import Enum

import attrs

from actionlang.diagnostics.source import Source
from actionlang.metadata.types import Type
from actionlang.syntax import ast


class Kind(Enum):
    """What a name can stand for."""

    MODULE = "module"
    TABLE = "table"
    COLUMN = "column"
    CHOICE = "choice"
    MEMBER = "member"
    VERB = "verb"
    PARAMETER = "parameter"
    OUTPUT = "output"
    LOCAL = "local"
    FUNCTION = "function"
    AGGREGATE = "aggregate"
    TYPE = "type"
    CALLER = "caller"
    EVENT = "event"
    CARRIED = "value of an event"


@attrs.frozen
class Symbol:
    """What a name stands for, by its full name: `helpdesk.case.title` is a column, `helpdesk.Escalate.reason` a parameter. A
    local goes by its module and the place where it is bound: `helpdesk@120`."""

    kind: Kind
    name: str

    @property
    def owner(self) -> str:
        """The full name of what the symbol belongs to: a column's table, a verb's module."""
        return self.name.rpartition(".")[0]

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@attrs.frozen
class Occurrence:
    """A name in a script: `symbol` stands between the offsets `start` and `end`. `type` and `optional` say what is known of its
    value there. One that `declares` has the documentation; `what` is what a local is called in messages."""

    symbol: Symbol
    start: int
    end: int
    type: Type | None = None
    optional: bool = False
    declares: bool = False
    doc: str = ""
    what: str = ""


class References:
    """The occurrences of a module, in the order in which they were come by; what is checked twice is noted once.

    `inferred` are the names that `let` bound, by the offset behind each.
    """

    def __init__(self, module: str, source: Source) -> None:
        self.module = module
        self._text = source.text
        self._noted: dict[tuple[int, Symbol, bool], Occurrence] = {}
        self._bound: dict[int, Symbol] = {}
        self.inferred: dict[int, Occurrence] = {}

    def occurrences(self) -> list[Occurrence]:
        """All of them, by place."""
        return sorted(self._noted.values(), key=lambda each: (each.start, each.end))

    def declare(
        self,
        kind: Kind,
        full: str,
        name: ast.Name | ast.Qualified,
        type_: Type | None = None,
        optional: bool = False,
        doc: str = "",
    ) -> None:
        """Note a declaration. What is bound at the same place later is the same thing."""
        symbol = Symbol(kind, full)
        self._bound[name.start] = symbol
        self._note(Occurrence(symbol, self._start(name.end, name.text), name.end, type_, optional, True, doc))

    def bind(self, name: ast.Name | ast.Qualified, type_: Type, optional: bool, what: str) -> None:
        """Note that a local is bound: a parameter that was declared before, or a name of its own."""
        symbol = self._bound.get(name.start)
        if symbol is None:
            symbol = Symbol(Kind.LOCAL, f"{self.module}@{name.start}")
            start = self._start(name.end, name.text)
            self._note(Occurrence(symbol, start, name.end, type_, optional, True, what=what))

    def infer(self, name: ast.Name, type_: Type, optional: bool) -> None:
        """Note the type that a `let` gives to its name."""
        symbol = Symbol(Kind.LOCAL, f"{self.module}@{name.start}")
        self.inferred[name.end] = Occurrence(symbol, name.start, name.end, type_, optional)

    def use(
        self, kind: Kind, full: str, node: ast.Node, text: str, type_: Type | None = None, optional: bool = False
    ) -> None:
        """Note a use: `text` is the name as it ends the node, without backticks."""
        symbol = Symbol(kind, full)
        self._note(Occurrence(symbol, self._start(node.end, text), node.end, type_, optional))

    def use_bound(self, at: int, node: ast.Node, text: str, type_: Type | None, optional: bool) -> None:
        """Note a use of what was bound or declared at the offset `at`."""
        symbol = self._bound.get(at) or Symbol(Kind.LOCAL, f"{self.module}@{at}")
        self._note(Occurrence(symbol, self._start(node.end, text), node.end, type_, optional))

    def qualify(self, name: ast.Qualified, module: str) -> None:
        """Note that a name begins with the one of an imported module."""
        assert name.qualifier is not None
        text = name.qualifier
        end = name.start + len(text) + (2 if self._text[name.start] == "`" else 0)
        self._note(Occurrence(Symbol(Kind.MODULE, module), name.start, end))

    def _start(self, end: int, text: str) -> int:
        """Where a name that ends there begins, backticks included."""
        return end - len(text) - (2 if self._text[end - 1 : end] == "`" else 0)

    def _note(self, occurrence: Occurrence) -> None:
        self._noted[occurrence.start, occurrence.symbol, occurrence.declares] = occurrence
