"""Colours for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, Punctuation, String, Token

from actionlang.diagnostics.source import Source
from actionlang.highlighting.lexer import ActionLangLexer
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.tokens import KEYWORDS, SIGNS

ROOT = Path(__file__).parents[2]
TRICKY = ROOT / "editors" / "vscode" / "test" / "tricky.act"
SCRIPTS = [*sorted((ROOT / "stdlib").rglob("*.act")), *sorted((ROOT / "examples").rglob("*.act")), TRICKY]
PIECES = st.sampled_from(
    [*sorted(KEYWORDS), *SIGNS, '"', '"""', "{", "}", "\\", "# a", "## b\n", "\n", " ", "`c d`", "1", "x"]
)


def _tokens(text: str) -> list[tuple[object, str]]:
    return list(ActionLangLexer(stripnl=False, ensurenl=False).get_tokens(text))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_are_read_whole_and_without_errors(path: Path) -> None:
    text = path.read_text("utf-8")
    found = _tokens(text)
    assert "".join(value for _, value in found) == text
    assert Token.Error not in {kind for kind, _ in found}


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_whatever_is_written_comes_back(text: str) -> None:
    assert "".join(value for _, value in _tokens(text)) == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_angle_is_what_the_language_says(path: Path) -> None:
    """A bracket of a block outside parentheses, a comparison inside."""
    text = path.read_text("utf-8")
    kinds = {"OPEN": Punctuation, "CLOSE": Punctuation, "LESS": Operator, "GREATER": Operator}
    expected = {
        token.start: kinds[token.type] for token in Lexer(Source("a.act", text)).read().tokens if token.type in kinds
    }
    found = {
        start: kind
        for start, kind, value in ActionLangLexer(stripnl=False).get_tokens_unprocessed(text)
        if value in "<>" and kind in (Punctuation, Operator)
    }
    assert found == expected


def test_the_entry_point_is_found() -> None:
    assert get_lexer_for_filename("a.act").name == "ActionLang"


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [
        ("update c set x = 1", "update", Keyword),
        ("# note", "# note", Comment.Single),
        ("## doc", "## doc", String.Doc),
        ("### no doc", "### no doc", Comment.Single),
        ("case.order", "order", Name.Attribute),
        ("table t <\n  order integer required", "order", Name.Attribute),
        ("table t <\n  date date;", "  ", Token.Text.Whitespace),
        ("set limit = 5", "limit", Name),
        ("perform Route(on: x)", "on", Name),
        ("perform Route()", "Route", Name.Function),
        ("a is not empty", "not", Operator.Word),
        ("a is not empty", "empty", Keyword.Constant),
        ("due date required", "date", Keyword.Type),
        ("name text(50)", "text", Keyword.Type),
        ("wait 2 days", "2 days", Literal.Date),
        ("10_000.5", "10_000.5", Number),
        ("now()", "now", Name.Function),
        ("not(a)", "not", Operator.Word),
        ("`Order Details`", "`Order Details`", Name),
        ("notable", "notable", Name),
        ("action A < stop >", "<", Punctuation),
        ("require (a < b)", "<", Operator),
        ('"a {b < c}"', "<", Operator),
        ('"a {b.title} c"', "title", Name.Attribute),
        ('"a {{ b"', "{{", String.Escape),
        ('"a {f("x")} c"', " c", String.Double),
        ('"""two\n"lines" """', '"', String.Double),
    ],
)
def test_words(text: str, word: str, kind: object) -> None:
    assert {value: kind for kind, value in ActionLangLexer().get_tokens(text)}[word] is kind
