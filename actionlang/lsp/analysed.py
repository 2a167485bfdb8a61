"""One module as the server knows it: its text, tree and tokens, what the checker found, and where its names are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs

from actionlang.check.program import CheckedModule, qualifier_of
from actionlang.check.references import Kind, Occurrence, References, Symbol
from actionlang.diagnostics.source import Source
from actionlang.lsp.positions import Lines
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedModule
from actionlang.syntax.tokens import Token

FIRST = (Kind.FUNCTION, Kind.TABLE, Kind.CHOICE, Kind.VERB, Kind.MODULE)
"""Where several things stand at one place, what is asked about: a table before the row that is named after it."""


@attrs.frozen(slots=False, eq=False)
class Analysed:
    """A module. `path` is its file, None for an untitled text; `imports` are the names of the modules that it asks for, whether
    they are there or not; `targets` are the modules behind its import declarations, by where these begin."""

    checked: CheckedModule
    parsed: ParsedModule
    tokens: tuple[Token, ...]
    seen: References
    uri: str
    path: Path | None
    imports: frozenset[str]
    targets: Mapping[int, str]
    encoding: str | None = None

    @property
    def name(self) -> str:
        """The module's name."""
        return self.checked.name

    @property
    def source(self) -> Source:
        """The text that was checked, with plain line feeds."""
        return self.parsed.source

    @cached_property
    def lines(self) -> Lines:
        """The text by its lines."""
        return Lines(self.source.text, self.encoding)

    @cached_property
    def occurrences(self) -> list[Occurrence]:
        """Where names are declared and used, by place."""
        return self.seen.occurrences()

    @cached_property
    def _starts(self) -> list[int]:
        return [each.start for each in self.occurrences]

    @cached_property
    def by_symbol(self) -> dict[Symbol, list[Occurrence]]:
        """The places of each thing that is named, in order."""
        found: dict[Symbol, list[Occurrence]] = {}
        for each in self.occurrences:
            found.setdefault(each.symbol, []).append(each)
        return found

    def at(self, offset: int) -> list[Occurrence]:
        """What is named at an offset, or ends there; what is likeliest to be meant first."""
        found: list[Occurrence] = []
        position = bisect_right(self._starts, offset)
        while position and len(found) < len(Kind):
            position -= 1
            each = self.occurrences[position]
            if each.end < offset:
                break
            found.append(each)
        return sorted(found, key=lambda each: (each.end == offset, rank(each)))

    def between(self, first: int, last: int) -> list[Occurrence]:
        """The names that begin in a part of the text, and the one before."""
        return self.occurrences[max(0, bisect_right(self._starts, first) - 1) : bisect_right(self._starts, last)]

    @cached_property
    def interface(self) -> tuple[Any, ...]:
        """All of the module that another one can notice: while it stays the same, those that import it need no new check."""
        checked = self.checked
        verbs = {name: attrs.evolve(verb, steps=(), line=0) for name, verb in checked.verbs.items()}
        own = (checked.tables, checked.choices, verbs, checked.functions, checked.hooks, checked.overrides)
        return (self.imports, checked.names, *own)

    @cached_property
    def qualifiers(self) -> dict[str, str]:
        """The modules that the script imports, by the names it has for them."""
        nodes = (node for node in self.parsed.module.declarations if isinstance(node, ast.Import))
        return {qualifier_of(node): self.targets[node.start] for node in nodes}

    def declaration_at(self, offset: int) -> ast.Declaration | None:
        """The declaration around an offset."""
        return next((each for each in self.parsed.module.declarations if each.start <= offset <= each.end), None)


def rank(occurrence: Occurrence) -> int:
    """The place of a thing among those that stand at one place: what is smallest is meant."""
    kind = occurrence.symbol.kind
    return FIRST.index(kind) if kind in FIRST else len(FIRST)
