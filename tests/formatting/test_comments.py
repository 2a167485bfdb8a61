"""Every comment is kept, wherever it stands."""

from __future__ import annotations

from itertools import pairwise

import pytest

from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.parser import parse
from tests.formatting.test_style import formatted, steps

SCRIPT = """\
import "a.act";
choice C < a = 1 "A"; b >
table t "T" stored as "x" <
  n integer required default -(1 + 2) * 3;
  s < o -> p, q; p; q > required
  l a | b.c;
  unique (n, l)
>
extern function f(a list of text, b text(20) default "x") returns (r integer);
action V on each b.t (a choices of C optional) returns (r text) requires a.b private <
  create t as x set n = 1, l = empty;
  find optional t as y where (y.n > 1 and not y.l is empty) order by y.n descending else "no {x.n + 1}";
  for each z in t where (z.n < 2) limit 3 < update z set n = sum(w.n from t as w where w.n = z.n) >
  if (x.n in (1, 2)) < stop > else < attempt < fail "a" > else < perform W(a: 1, b) on x as k > >
  start W(a: 2 days) after 1 day;
  return r: "x{x.n otherwise 0}"
>
on after update of t (n, l) < emit E(a: f((1,))) >
test "t" at datetime "2026-11-24T09:30:00Z" < expect failure "x" < move x to p > >
"""
TOKENS = Lexer(Source("s.act", SCRIPT)).read().tokens
GAPS = [(0, 0)] + [
    (before.end, after.start)
    for before, after in pairwise(TOKENS)
    if after.start >= before.end and before.type != "TYPED"
]
"""Where a comment may stand; behind `datetime` it would make a name of the word."""

AT_ONCE = 12


@pytest.mark.parametrize("first", range(AT_ONCE))
def test_comments_in_every_gap(first: int) -> None:
    chosen = GAPS[first::AT_ONCE]
    text, at = "", 0
    for number, (start, end) in enumerate(chosen):
        text += f"{SCRIPT[at:start]} # {number} here\n\n ## {number} and here\n\n"
        at = end
    text += SCRIPT[at:]
    once = format_source(Source("once.act", text))
    assert [comment.text for comment in parse(Source("after.act", once)).module.comments] == [
        f"{number} {word}" for number in range(len(chosen)) for word in ("here", "and here")
    ]
    assert format_source(Source("twice.act", once)) == once


def test_behind_a_step() -> None:
    assert steps("stop  # why\n;let a = 1 # one\n # two\n") == "stop;  # why\nlet a = 1;  # one\n# two\n"


def test_in_an_empty_block() -> None:
    assert steps("if (a) < # nothing\n > else <\n\n# nor here\n\n >") == (
        "if (a) <  # nothing\n> else <\n  # nor here\n>\n"
    )


def test_before_else() -> None:
    assert steps("if (a) <\nstop\n>\n# otherwise\nelse < >") == "if (a) <\n  stop;\n>\n# otherwise\nelse < >\n"


def test_between_arguments() -> None:
    assert steps("perform A(\n# the first\na: 1 # one\n, b: 2 # two\n)") == (
        "perform A(\n  # the first\n  a: 1,  # one\n  b: 2  # two\n);\n"
    )


def test_in_an_expression() -> None:
    assert steps("let a = (b # left\n + # of these\n c)") == "let a = (\n  b  # left\n  # of these\n  + c\n);\n"
    assert steps("let a = (b > # a `>` alone would close a block\n c)") == (
        "let a = (\n  b  # a `>` alone would close a block\n  > c\n);\n"
    )


def test_documentation_stays_with_what_it_documents() -> None:
    assert formatted("##A table.\n#  And a remark.\ntable t <\n##A column.\na text ##behind\n>") == (
        "## A table.\n#  And a remark.\ntable t <\n  ## A column.\n  a text;  ## behind\n>\n"
    )


def test_at_the_end_of_the_script() -> None:
    assert formatted("import a; # a\n\n\n# b\n\n\n\n# c") == "import a;  # a\n\n# b\n\n# c\n"


def test_a_blank_goes_behind_the_mark() -> None:
    kept = "#!/usr/bin/env x\n#---\n###not a doc\n#\n"
    assert formatted(f"{kept}#text\n##doc\nimport a;") == f"{kept}# text\n## doc\nimport a;\n"


def test_a_label_behind_a_word_of_a_literal_keeps_the_documentation() -> None:
    text = '## Of the choice.\nchoice c <\n  ## Of the member.\n  date "D";\n>\n'
    assert formatted(text) == text
    (choice,) = parse(Source("s.act", text)).module.declarations
    assert [member.doc for member in choice.members] == ["Of the member."]  # type: ignore[attr-defined]
