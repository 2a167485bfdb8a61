"""Colours for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String, Token

from actionlang.repl.highlighting import ActionLangLexer

STDLIB = Path(__file__).parents[2] / "stdlib"


@pytest.mark.parametrize("path", sorted(STDLIB.rglob("*.act")), ids=lambda path: path.stem)
def test_scripts_are_read_whole_and_without_errors(path: Path) -> None:
    text = path.read_text("utf-8")
    found = list(ActionLangLexer(stripnl=False).get_tokens(text))
    assert "".join(value for _, value in found) == text
    assert Token.Error not in {kind for kind, _ in found}


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [
        ("update c set x = 1", "update", Keyword),
        ("# note", "# note", Comment.Single),
        ("## doc", "## doc", String.Doc),
        ("case.order", "order", Name.Attribute),
        ("perform Route()", "Route", Name.Function),
        ("a is not empty", "not", Operator.Word),
        ("a is not empty", "empty", Keyword.Constant),
        ("due date required", "date", Keyword.Type),
        ("name text(50)", "text", Keyword.Type),
        ("wait 2 days", "2 days", Literal.Date),
        ("10_000.5", "10_000.5", Number),
        ("now()", "now", Name.Function),
        ("`Order Details`", "`Order Details`", Name),
        ("notable", "notable", Name),
        ('"a {b.title} c"', "title", Name.Attribute),
        ('"a {{ b"', "{{", String.Escape),
        ('"a {f("x")} c"', " c", String.Double),
        ('"""two\n"lines" """', '"', String.Double),
    ],
)
def test_words(text: str, word: str, kind: object) -> None:
    assert {value: kind for kind, value in ActionLangLexer().get_tokens(text)}[word] is kind
