"""The parse table of grammar/actionlang.lark.

Lark works out the LALR(1) table; it is kept as JSON in the user's cache, named after a hash of the grammar and of Lark's version,
so that Lark itself is imported only the first time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import attrs

from actionlang.syntax.cache_folder import cache_folder

STARTS = ("module", "steps", "query")
VERSION = 2
"""Of the JSON form below; part of the cached file's name."""

PASS_THROUGH = frozenset({"first", "token"})
"""Methods of the builder that give back their first child: the parser need not call them."""


@attrs.frozen
class Reduction:
    """A rule to reduce by: the builder's method (None: the first child is the value), how many children, what it makes."""

    method: str | None
    size: int
    origin: str


@attrs.frozen
class ParseTable:
    """`rows[state]` maps a terminal to the state to shift to (an int) or to a Reduction, and a rule's name to the state to go to.
    `starts` maps a start rule to its first state, `ends` to the state in which it is complete."""

    rows: tuple[dict[str, int | Reduction], ...]
    starts: dict[str, int]
    ends: dict[str, int]


def grammar_text() -> str:
    """The grammar as the package carries it."""
    return resources.files("actionlang.grammar").joinpath("actionlang.lark").read_text("utf-8")


@cache
def parse_table() -> ParseTable:
    """The table, from the cache or worked out anew. A cache that can not be read or written is done without."""
    text = grammar_text()
    key = hashlib.sha256(f"{VERSION}\n{metadata.version('lark')}\n{text}".encode()).hexdigest()[:24]
    file = cache_folder() / f"grammar-{key}"
    content = _kept(file)
    if content is None:
        content = json.dumps(work_out(text)).encode()
        _keep(file, content)
    return _table(json.loads(content))


def work_out(text: str) -> dict[str, Any]:
    """The table in its JSON form, by Lark. Rules are numbered; a negative number in a row is rule `-1 - number`."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        """Tokens come from elsewhere; Lark only wants a class."""

        __future_interface__ = 2

        def __init__(self, _: object) -> None:
            pass

        def lex(self, *_: object) -> Any:
            return iter(())

    lark = Lark(text, parser="lalr", lexer=NoLexer, start=list(STARTS), keep_all_tokens=True, maybe_placeholders=False)
    configurations = {start: lark.parse_interactive("", start=start).parser_state.parse_conf for start in STARTS}
    states = configurations["module"].parse_table.states
    first = {start: found.start_state for start, found in configurations.items()}
    order = _numbered(states, list(first.values()), Shift)
    rules: dict[Any, int] = {}
    encoded: list[list[object]] = []

    def number(rule: Any) -> int:
        if rule not in rules:
            rules[rule] = len(rules)
            method = rule.alias or rule.origin.name
            passes = method in PASS_THROUGH or (rule.options.expand1 and not rule.alias and len(rule.expansion) == 1)
            encoded.append([None if passes else str(method), len(rule.expansion), str(rule.origin.name)])
        return -1 - rules[rule]

    rows = [
        {
            str(sign): order[to] if action is Shift else number(to)
            for sign, (action, to) in sorted(states[state].items())
        }
        for state in order
    ]
    starts = {start: order[state] for start, state in first.items()}
    ends = {start: order[found.end_state] for start, found in configurations.items()}
    return {"rows": rows, "rules": encoded, "starts": starts, "ends": ends}


def _numbered(states: dict[Any, dict[Any, Any]], first: list[Any], shift: object) -> dict[Any, int]:
    """All states in an order that is the same each time, which Lark's own is not: as they are reached, by the names of
    what leads there."""
    order = {state: index for index, state in enumerate(first)}
    pending = list(order)
    for state in pending:
        for _, (action, to) in sorted(states[state].items()):
            if action is shift and to not in order:
                order[to] = len(order)
                pending.append(to)
    return order


def _table(data: dict[str, Any]) -> ParseTable:
    rules = [Reduction(*rule) for rule in data["rules"]]
    rows = tuple({sign: to if to >= 0 else rules[-1 - to] for sign, to in row.items()} for row in data["rows"])
    return ParseTable(rows, data["starts"], data["ends"])


def _kept(file: Path) -> bytes | None:
    """The content of a file that `_keep` wrote; None when there is none, or it is not what was written."""
    try:
        digest, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content if digest == _digest(content) else None


def _keep(file: Path, content: bytes) -> None:
    """Write content behind a line with its hash, through a temporary file, so that nobody ever reads half of it."""
    temporary = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(_digest(content) + b"\n" + content)
        temporary.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
