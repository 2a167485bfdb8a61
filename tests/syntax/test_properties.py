"""What holds for any text: reading never raises, and places lie where they should."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from actionlang.syntax import ast
from actionlang.syntax.parser import MAXIMUM_ERRORS, parse, parse_query, parse_steps
from actionlang.syntax.tokens import KEYWORDS, SIGNS
from tests.syntax.reading import HERE, STDLIB, lex, outline

SCRIPTS = [file.read_text("utf-8") for file in sorted([*(HERE / "examples").glob("*.act"), *STDLIB.rglob("*.act")])]
PIECES = sorted(
    [*KEYWORDS, *SIGNS, '"', '"""', "{", "}", "'", "#", "##", "\n", " ", "1", "2 days", "x", "`a b`", 'date "x"', "\\"]
)
words = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
FAST = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A part of a real script, with a few changes."""
    text = draw(st.sampled_from(SCRIPTS))
    begin = draw(st.integers(0, max(0, len(text) - 1500)))
    text = text[begin : begin + 1500]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 12))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[at + length :]
    return text


def check(text: str) -> None:
    """Read a text in each way; see that what comes out is sound."""
    source = Source("any.act", text)
    for read in (parse, parse_steps, parse_query):
        found = read(source)
        assert len(found.diagnostics) <= 2 * MAXIMUM_ERRORS + len(text)
        starts = []
        for diagnostic in found.diagnostics:
            assert diagnostic.code.id.startswith("E01")
            for label in (diagnostic.primary, *diagnostic.secondary):
                assert label is not None
                assert 0 <= label.span.start <= label.span.end <= len(text)
            assert diagnostic.primary is not None
            starts.append(diagnostic.primary.span.start)
        assert starts == sorted(starts)
        for diagnostic in found.diagnostics[:3]:
            assert render(diagnostic)
    parsed = parse(source)
    check_spans(parsed.module.declarations, 0, len(text))
    assert parsed.diagnostics or not any(isinstance(node, BROKEN) for node in parsed.module.declarations)
    check_comments(text, parsed.module.comments)


BROKEN = ast.BrokenDeclaration | ast.BrokenStatement


def check_spans(node: Any, start: int, end: int) -> None:
    """Each node lies inside the one around it, and lists go on from left to right."""
    if isinstance(node, tuple):
        position = start
        for item in node:
            if isinstance(item, ast.Node):
                assert position <= item.start, (position, item)
                position = max(position, item.end)
            check_spans(item, start, end)
    elif isinstance(node, ast.Node):
        assert start <= node.start <= node.end <= end, (start, end, node)
        for field in attrs.fields(type(node)):
            check_spans(getattr(node, field.name), node.start, node.end)


def check_comments(text: str, comments: tuple[ast.Comment, ...]) -> None:
    """Comments are where they say, in order."""
    position = 0
    for comment in comments:
        assert position <= comment.start < comment.end
        assert text[comment.start] == "#"
        assert "\n" not in text[comment.start : comment.end]
        position = comment.end


@given(st.text(max_size=200))
@settings(FAST)
def test_any_text(text: str) -> None:
    check(text)


@given(words)
@settings(FAST, max_examples=250)
@example("action A < let x = y > z > >")
@example("action A < let x = (a < b; let y = (c > d > >")
@example("action A(a: text < stop >")
@example("extern action A(a text\nextern action B;")
@example("if ( a ) >")
def test_any_words_of_the_language(text: str) -> None:
    check(text)
    check(f"action A on case < {text} > action B < stop >")
    check(f"table case < {text} >")


@given(mutated())
@settings(FAST, max_examples=200)
def test_changed_scripts(text: str) -> None:
    check(text)


@given(st.sampled_from(SCRIPTS), st.floats(0, 1))
@settings(FAST, max_examples=80)
def test_scripts_that_end_anywhere(text: str, part: float) -> None:
    check(text[: int(len(text) * part)])


@given(st.sampled_from(SCRIPTS), st.floats(0, 1))
@settings(FAST, max_examples=60)
def test_an_error_in_one_declaration_is_none_of_the_next(text: str, part: float) -> None:
    whole = parse(Source("", text)).module.declarations
    cut = whole[int((len(whole) - 1) * part)]
    damaged = f"{text[: cut.start]}acton !{text[cut.end :]}"
    found = parse(Source("", damaged))
    assert all(d.primary and cut.start <= d.primary.span.start <= cut.start + 7 for d in found.diagnostics)
    left = [node for node in found.module.declarations if not isinstance(node, BROKEN)]
    assert outline(tuple(left)) == outline(tuple(node for node in whole if node is not cut))


def test_spans_are_those_of_the_words() -> None:
    text = 'action A on case < if (a.b > 1 + 2) < update case set x = -f("t {y}") > stop >'
    (verb,) = parse(Source("", text)).module.declarations
    found: list[str] = []

    def collect(node: Any) -> None:
        if isinstance(node, ast.Node):
            found.append(text[node.start : node.end])
            for field in attrs.fields(type(node)):
                collect(getattr(node, field.name))
        elif isinstance(node, tuple):
            for item in node:
                collect(item)

    collect(verb)
    assert found == [
        text, "A", "on case", "case", text[17:], 'if (a.b > 1 + 2) < update case set x = -f("t {y}") >',
        'if (a.b > 1 + 2) < update case set x = -f("t {y}") >', "a.b > 1 + 2", "a.b", "a", "b", "1 + 2", "1", "2",
        '< update case set x = -f("t {y}") >', 'update case set x = -f("t {y}")', "case", 'x = -f("t {y}")', "x",
        '-f("t {y}")', 'f("t {y}")', "f", '"t {y}"', '"t {y}"', "y", "stop",
    ]  # fmt: skip


@given(words)
@settings(FAST)
def test_tokens_cover_the_text_in_order(text: str) -> None:
    position = 0
    for token in lex(text).tokens:
        assert position <= token.start <= token.end <= len(text)
        position = token.end
