"""Scripts made to break a reader get one clear error."""

from __future__ import annotations

import sys

import pytest

from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from actionlang.syntax.lexer import MAXIMUM_NESTING, MAXIMUM_OPERATORS
from actionlang.syntax.parser import parse, parse_query, parse_steps
from tests.syntax.reading import faults, module, query

DEEP = f"E0109: More than {MAXIMUM_NESTING} brackets are open here."
HEAVY = f"E0109: This statement has more than {MAXIMUM_OPERATORS} operators."
MANY = 10_000

HOSTILE = {
    "parentheses": ("action A < let x = " + "(" * MANY + "1" + ")" * MANY + " >", DEEP),
    "open parentheses": ("action A < let x = " + "(" * MANY, DEEP),
    "calls": ("action A < let x = " + "f(" * MANY, DEEP),
    "blocks": ("action A " + "< if (a) " * MANY, DEEP),
    "only blocks": ("<" * MANY, DEEP),
    "attempts": ("action A < " + "attempt < " * MANY, DEEP),
    "stages": ('action A < stage "x" ' + '< stage "x" ' * MANY, DEEP),
    "interpolations": ("action A < fail " + '"{(' * MANY, DEEP),
    "negations": ("action A < let x = " + "-" * MANY + "1 >", HEAVY),
    "nots": ("action A < require (" + "not " * MANY + "a) >", HEAVY),
    "sum": ("action A < let x = 1" + " + 1" * MANY + " >", HEAVY),
    "conditions": ("action A < require (a" + " and a" * MANY + ") >", HEAVY),
    "path": ("action A < let x = a" + ".a" * MANY + " >", HEAVY),
    "calls of calls": ("action A < let x = f" + "()" * MANY + " >", HEAVY),
    "is tests": ("action A < require (a" + " is empty" * MANY + ") >", HEAVY),
    "braces": ("action A " + "{ " * MANY, DEEP),
    "brackets": ("action A < let x = " + "[" * MANY, DEEP),
    "privileges": ("action A requires a" + ".a" * MANY + " < >", HEAVY),
}


@pytest.mark.parametrize(("text", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_nesting_and_length_have_a_limit(text: str, expected: str) -> None:
    told = [fault for fault in faults(text) if not fault.startswith("E0103")]
    assert told == [expected]


def test_the_message_of_a_limit_is_short() -> None:
    (diagnostic,) = parse(Source("a.act", HOSTILE["parentheses"][0])).diagnostics
    lines = render(diagnostic).splitlines()
    assert len(lines) < 10
    assert max(map(len, lines)) < 140


def test_what_is_just_below_a_limit_is_read() -> None:
    deep = MAXIMUM_NESTING - 1
    module("action A < let x = " + "(" * deep + "1" + ")" * deep + " >")
    module("action A < " + "if (a) < " * (deep - 1) + "stop" + " >" * (deep - 1) + " >")
    query("1" + " + 1" * MAXIMUM_OPERATORS)


def test_what_is_long_but_flat_is_read() -> None:
    module("action A < " + "stop; " * MANY + ">")
    module("choice C < " + "; ".join(f"m{n}" for n in range(MANY)) + " >")
    module("table t < " + "; ".join(f"c{n} text" for n in range(MANY)) + " >")
    module("action A < create t set " + ", ".join(f"c{n} = 1" for n in range(MANY)) + " >")
    module("action A < let x = f(" + ", ".join(str(n) for n in range(MANY)) + ") >")
    module("action A < stop >\n" * MANY)
    module("# " + "x" * 1_000_000)
    module('action A < fail "' + "x" * 1_000_000 + '" >')
    module("import " + "x" * 1_000_000 + ";")
    module("action A(" + ", ".join(f"c{n} text" for n in range(MANY)) + ") < >")


def test_a_long_text_with_many_expressions_is_read() -> None:
    module('action A < fail "' + "{a}" * MANY + '" >')


def test_nothing_depends_on_the_stack() -> None:
    limit = sys.getrecursionlimit()
    deep = MAXIMUM_NESTING - 3
    text = "action A < let x = " + "f(not " * deep + "1" + ")" * deep + " >"
    frames = len(_frames())
    sys.setrecursionlimit(frames + 400)
    try:
        assert parse(Source("", text)).diagnostics == ()
    finally:
        sys.setrecursionlimit(limit)


def _frames() -> list[object]:
    found: list[object] = []
    frame = sys._getframe()
    while frame is not None:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return found


@pytest.mark.parametrize("read", [parse, parse_steps, parse_query])
def test_random_bytes(read: object) -> None:
    text = bytes(range(256)).decode("latin-1") * 3
    found = read(Source("", text)).diagnostics  # type: ignore[operator]
    assert found
    assert all(diagnostic.code.id.startswith("E01") for diagnostic in found)


def test_an_unclosed_block_at_the_end_of_a_long_file() -> None:
    text = "action A < stop >\n" * MANY + "action B on case <\n  stop;\n"
    (diagnostic,) = parse(Source("", text)).diagnostics
    assert diagnostic.message == "This block is never closed."
    assert diagnostic.primary is not None
    assert diagnostic.primary.source.position(diagnostic.primary.span.start).line == MANY + 1
