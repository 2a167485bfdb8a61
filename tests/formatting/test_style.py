"""The canonical form, rule by rule; docs/reference/formatting.md tells the same to readers."""

from __future__ import annotations

import textwrap

import pytest

from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source

LONG = "a_name_that_takes_up_room"


def formatted(text: str) -> str:
    """The canonical form of a script, which is its own."""
    once = format_source(Source("once.act", textwrap.dedent(text)))
    assert format_source(Source("twice.act", once)) == once
    return once


def steps(text: str) -> str:
    """The canonical form of steps in an action's block."""
    once = formatted(f"action A <\n{textwrap.dedent(text)}\n>")
    assert once.startswith("action A <\n")
    assert once.endswith(">\n")
    return textwrap.dedent(once.removeprefix("action A <\n").removesuffix(">\n"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("let a=1+ 2*-3", "let a = 1 + 2 * -3;\n"),
        ("let a = - -b", "let a = - -b;\n"),
        ("let a = ( not(b) )", "let a = (not (b));\n"),
        ("let a = b . c ( d : 1,e:(f ,) )", "let a = b.c(d: 1, e: (f,));\n"),
        ("let a = 1.5   hours", "let a = 1.5 hours;\n"),
        ("let a = date    '2026-11-24'".replace("'", '"'), 'let a = date "2026-11-24";\n'),
        ('let a = "x { b+1 } {{y}}"', 'let a = "x {b + 1} {{y}}";\n'),
        ("stop;;;", "stop;\n"),
        ("if(a)<stop>;stop", "if (a) < stop >\nstop;\n"),
        ("if (a) < stop; stop >", "if (a) < stop; stop >\n"),
        ("if (a) <\nstop >", "if (a) <\n  stop;\n>\n"),
        ("if (a) < if (b) < stop > >", "if (a) <\n  if (b) < stop >\n>\n"),
        ("if (a) < > else if (b) < > else <\n>", "if (a) < > else if (b) < > else < >\n"),
        ("perform A\non b as c", "perform A on b as c;\n"),
        ("return", "return;\n"),
        ("stop\n\n\n\n;stop", "stop;\nstop;\n"),
        ("stop;\n\n\n\nstop", "stop;\n\nstop;\n"),
    ],
)
def test_steps(before: str, after: str) -> None:
    assert steps(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("table t<a text( 20 )required;b money>", "table t < a text(20) required; b money >\n"),
        ("table t <\na  decimal(12, 2)\n>", "table t <\n  a decimal(12,2);\n>\n"),
        ("table t < status < a->b; b > c text >", "table t <\n  status < a -> b; b >\n  c text;\n>\n"),
        ("table t < status < a > required; c a|b >", "table t <\n  status < a > required;\n  c a | b;\n>\n"),
        ("table t<>", "table t < >\n"),
        ("choice c<a=1;b=-2 'B'>".replace("'", '"'), 'choice c < a = 1; b = -2 "B" >\n'),
        ("action a ( ) < >", "action a() < >\n"),
        ("action a on b(c text,)<>", "action a on b (c text) < >\n"),
        ("import a as b;import c;", "import a as b;\nimport c;\n"),
        ("table a <\n>\ntable b < x text >\n\n\n\nimport c;", "table a < >\ntable b < x text >\n\nimport c;\n"),
        ("table a <\nx text >\nimport c;", "table a <\n  x text;\n>\n\nimport c;\n"),
        ("", ""),
        ("\ufeff \n\n", ""),
        ("# only this  ", "# only this\n"),
    ],
)
def test_declarations(before: str, after: str) -> None:
    assert formatted(before) == after


def test_a_header_that_does_not_fit_has_a_clause_a_line() -> None:
    fits = f"action {LONG} on case (reason text) returns (done boolean) requires a.b"
    assert formatted(f"{fits}\n<\nstop\n>") == f"{fits} <\n  stop;\n>\n"
    assert formatted(f"{fits} deprecated '{LONG}'<\nstop\n>".replace("'", '"')) == textwrap.dedent(
        f"""\
        action {LONG} on case (reason text)
          returns (done boolean)
          requires a.b
          deprecated "{LONG}"
        <
          stop;
        >
        """
    )


def test_what_does_not_fit_has_a_part_a_line() -> None:
    text = f"perform {LONG}({LONG}: {LONG}, b: 1, other_{LONG}: 2) on {LONG}"
    assert steps(text) == textwrap.dedent(
        f"""\
        perform {LONG}(
          {LONG}: {LONG},
          b: 1,
          other_{LONG}: 2
        ) on {LONG};
        """
    )


def test_long_conditions_break_before_their_loosest_operators() -> None:
    text = f"require ({LONG} = 1 and ({LONG} > 2 or {LONG} < 3) and {LONG} is not empty) else 'No {{a}}.'"
    assert steps(text.replace("'", '"')) == textwrap.dedent(
        f"""\
        require (
          {LONG} = 1
          and ({LONG} > 2 or {LONG} < 3)
          and {LONG} is not empty
        ) else "No {{a}}.";
        """
    )


def test_a_message_goes_below_before_the_condition_is_broken() -> None:
    text = f'require ({LONG} = 1) else "{LONG} {LONG} {LONG}"'
    assert steps(text) == f'require ({LONG} = 1)\n  else "{LONG} {LONG} {LONG}";\n'


def test_parts_of_a_query_go_below_it_together() -> None:
    text = f"find optional {LONG} as a where (a.b = {LONG}) order by a.{LONG} descending, a.c"
    assert steps(text) == textwrap.dedent(
        f"""\
        find optional {LONG} as a
          where (a.b = {LONG})
          order by a.{LONG} descending, a.c;
        """
    )
    loop = f"for each a in {LONG} where (a.b = {LONG}) order by a.{LONG} limit 3 < stop >"
    assert steps(loop) == textwrap.dedent(
        f"""\
        for each a in {LONG}
          where (a.b = {LONG})
          order by a.{LONG}
          limit 3
        <
          stop;
        >
        """
    )


def test_several_columns_go_below_set() -> None:
    text = f"create t as n set {LONG} = 1, b = {LONG} + {LONG}, ccc = 3"
    assert steps(text) == textwrap.dedent(
        f"""\
        create t as n set
          {LONG} = 1,
          b = {LONG} + {LONG},
          ccc = 3;
        """
    )


def test_a_long_sum_stands_below_its_name() -> None:
    text = f"let a = {LONG} + {LONG} * 2 - {LONG}"
    assert steps(text) == f"{text};\n"
    assert steps(f"{text} + 10_000") == f"let a =\n  {LONG} + {LONG} * 2 - {LONG} + 10_000;\n"


def test_texts_are_never_broken() -> None:
    words = "word " * 40
    assert steps(f'fail "{words}{{a  +  b}}"') == f'fail "{words}{{a + b}}";\n'
    many = 'let a = """\n   {b}\n\n\n c  """;\n'
    assert formatted(f"action A <\n{many}>") == f"action A <\n  {many}>\n"


def test_line_ends_are_line_feeds_and_texts_keep_their_value() -> None:
    assert formatted('action A <\r\n  let a = """x\r\ny""";\r\n>\r\n') == 'action A <\n  let a = """x\ny""";\n>\n'
    assert formatted('action A <\n  let a = "x\ry";\n>\n') == 'action A <\n  let a = "x\\u{D}y";\n>\n'
