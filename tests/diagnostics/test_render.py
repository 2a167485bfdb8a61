"""How a diagnostic looks, line by line."""

from __future__ import annotations

import re
import unicodedata
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import lints, types
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.render import render, render_all, summary
from actionlang.diagnostics.snippet import MAXIMUM_WIDTH
from actionlang.diagnostics.source import Source, Span
from tests.diagnostics.building import diagnostic, label

ANSI = re.compile("\x1b\\[[0-9;]*m")


def shown(picture: str) -> str:
    return dedent(picture).strip("\n")


def test_the_whole_picture() -> None:
    source = Source("verbs/escalate.act", "action A on case <\n  let double = case.amount * 2;\n>\n")
    found = Diagnostic(
        types.MAY_BE_EMPTY,
        "case.amount may be empty.",
        label(source, "case.amount", "may be empty"),
        hint="Say what counts instead: case.amount otherwise 0",
        notes=("The column is optional.",),
    )
    assert render(found) == shown(
        """
        error[E0301]: case.amount may be empty.
         --> verbs/escalate.act:2:16
          |
        2 |   let double = case.amount * 2;
          |                ^^^^^^^^^^^ may be empty
          |
          = hint: Say what counts instead: case.amount otherwise 0
          = note: The column is optional.
        """
    )


def test_a_warning_says_so() -> None:
    source = Source("a.act", "let x = 1;")
    assert render(diagnostic(label(source, "x"), code=lints.UNUSED_NAME)).startswith("warning[unused-name]: ")


def test_without_a_place_there_is_no_snippet() -> None:
    assert render(diagnostic(None, hint="Wait, then try again.\nOr stop the other run.")) == shown(
        """
        error[E0301]: This does not fit.
          = hint: Wait, then try again.
                  Or stop the other run.
        """
    )


def test_labels_of_one_line_hang_below_each_other() -> None:
    source = Source("a.act", "let total = case.amount + quote.name;")
    found = diagnostic(
        label(source, "case.amount", "an amount of money"),
        label(source, "quote.name", "a text"),
        label(source, "total", "bound here"),
    )
    assert render(found) == shown(
        """
        error[E0301]: This does not fit.
         --> a.act:1:13
          |
        1 | let total = case.amount + quote.name;
          |     -----   ^^^^^^^^^^^   ---------- a text
          |     |       |
          |     |       an amount of money
          |     |
          |     bound here
        """
    )


def test_labels_of_one_place_stand_under_each_other() -> None:
    source = Source("a.act", "let total = 1;")
    found = diagnostic(label(source, "total", "one"), label(source, "total", "two"))
    assert render(found) == shown(
        """
        error[E0301]: This does not fit.
         --> a.act:1:5
          |
        1 | let total = 1;
          |     ^^^^^ two
          |     |
          |     one
        """
    )


def test_lines_between_are_left_out_but_a_single_one_is_shown() -> None:
    source = Source("a.act", "one\n2\nthree\n4\n5\nsix\n")
    found = diagnostic(label(source, "six"), label(source, "one", "first"), label(source, "three"))
    assert render(found) == shown(
        """
        error[E0301]: This does not fit.
         --> a.act:6:1
          |
        1 | one
          | --- first
        2 | 2
        3 | three
          | -----
        ...
        6 | six
          | ^^^
        """
    )


def test_another_file_is_a_snippet_of_its_own() -> None:
    source = Source("a.act", "\n" * 11 + "let x = amount;")
    other = Source("tables/case.act", "table case <\n  amount money;\n>")
    assert render(diagnostic(label(source, "amount"), label(other, "amount", "declared here"))) == shown(
        """
        error[E0301]: This does not fit.
          --> a.act:12:9
           |
        12 | let x = amount;
           |         ^^^^^^
           |
          ::: tables/case.act:2:3
           |
         2 |   amount money;
           |   ------ declared here
        """
    )


def test_a_place_over_many_lines_has_a_bar_at_its_side() -> None:
    source = Source("a.act", "action A\n<\n  stop;\n  1;\n  2;\n  3;\n  4;\n  stop;\n>\n")
    begins_its_line = diagnostic(Label(source, Span(source.text.index("<"), len(source.text) - 1), "never ends"))
    assert render(begins_its_line) == shown(
        """
        error[E0301]: This does not fit.
         --> a.act:2:1
          |
        2 | / <
        3 | |   stop;
        ... |
        8 | |   stop;
        9 | | >
          | |_^ never ends
        """
    )
    begins_inside = diagnostic(Label(source, Span(7, source.text.index("1;") + 1)), label(source, "stop", "here"))
    assert render(begins_inside) == shown(
        """
        error[E0301]: This does not fit.
         --> a.act:1:8
          |
        1 |   action A
          |  ________^
        2 | | <
        3 | |   stop;
          | |   ---- here
        4 | |   1;
          | |___^
        """
    )


def test_wide_and_combining_characters_and_tabs_are_aligned() -> None:
    source = Source("a.act", '\t"日本語" + "cafe\u0301" + x')
    lines = render(diagnostic(label(source, "x"), label(source, "日本語"))).splitlines()
    assert lines[3:] == [
        '1 |     "日本語" + "cafe\u0301" + x',
        "  |      ------             ^",
    ]


def test_an_emoji_of_several_characters_takes_the_room_of_one() -> None:
    source = Source("a.act", "👩\u200d💻 x")
    assert render(diagnostic(label(source, "x"))).splitlines()[-1] == "  |    ^"


def test_nothing_that_a_terminal_obeys_gets_through() -> None:
    source = Source("a\x1b[2J.act", "a \x1b[31m\u202e b")
    found = Diagnostic(types.WRONG_TYPE, "no \x07 bell", label(source, "b", "\x9b1m"), hint="\u2028")
    text = render(found)
    assert all(line.isprintable() for line in text.splitlines())
    assert "1 | a <U+001B>[31m<U+202E> b" in text and "a<U+001B>[2J.act:1:10" in text and "<U+2028>" in text
    assert text.splitlines()[4].endswith("^ <U+009B>1m")


def test_a_long_line_is_clipped_around_its_place() -> None:
    source = Source("a.act", "a" * 500 + "HERE" + "b" * 500)
    line, underline = render(diagnostic(label(source, "HERE", "this"))).splitlines()[3:5]
    assert len(line) <= MAXIMUM_WIDTH + len("1 | ")
    assert line.startswith("1 | ...a") and line.endswith("b...")
    assert line.index("HERE") == underline.index("^^^^ this")


def test_a_long_line_is_clipped_at_its_end_only_for_a_place_at_its_beginning() -> None:
    source = Source("a.act", "HERE" + "b" * 500)
    line, underline = render(diagnostic(label(source, "HERE"), Label(source, Span(400, 402), "far"))).splitlines()[3:5]
    assert line.startswith("1 | HERE") and line.endswith("b...")
    assert underline.startswith("  | ^^^^") and len(underline) < 150


def test_the_end_of_a_file_is_shown_with_the_line_before_it() -> None:
    source = Source("a.act", "action A <\n")
    place = Label(source, Span(len(source.text), len(source.text)))
    assert render(diagnostic(place)).splitlines()[1:] == [" --> a.act:2:1", "  |", "1 | action A <", "2 |", "  | ^"]


def test_an_empty_file_is_shown() -> None:
    source = Source("a.act", "")
    assert render(diagnostic(Label(source, Span(0, 0)))).splitlines()[1:] == [" --> a.act:1:1", "  |", "1 |", "  | ^"]


def test_colours_only_when_asked_and_then_only_colours() -> None:
    source = Source("a.act", "action A <\n  stop;\n>\n")
    found = diagnostic(label(source, "stop", "this"), label(source, "A", "in this"), hint="Why?")
    assert "\x1b" not in render(found)
    assert "\x1b[1;31merror[E0301]\x1b[0m" in render(found, color=True)
    assert ANSI.sub("", render(found, color=True)) == render(found)


def test_the_summary_counts() -> None:
    error = diagnostic(None)
    warning = diagnostic(None, code=lints.UNUSED_NAME)
    assert summary([]) == "No problems found."
    assert summary([error]) == "1 error found."
    assert summary([warning, error, error]) == "2 errors and 1 warning found."
    assert render_all([error, warning]).endswith("\n\n1 error and 1 warning found.")


@given(st.text(st.characters(exclude_characters="\r")), st.integers(0, 300), st.integers(0, 300), st.data())
def test_any_place_in_any_text_can_be_shown(text: str, start: int, length: int, data: st.DataObject) -> None:
    source = Source("a.act", text)
    secondary = Span(*sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text))))))
    found = diagnostic(Label(source, Span(start, start + length), "here"), Label(source, secondary, "there"))
    picture = render(found)
    assert "^" in picture and "here" in picture
    allowed = "\u200d\u200c"
    assert not any(unicodedata.category(sign) in ("Cc", "Cf") for sign in picture if sign not in "\n" + allowed)
    assert ANSI.sub("", render(found, color=True)) == picture
