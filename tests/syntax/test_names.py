"""Every keyword is a name wherever a name is expected; the few places where the keyword wins say so."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse
from actionlang.syntax.tokens import KEYWORDS
from tests.syntax.reading import module, outline, problems

PLACES = {
    "import": "import @;",
    "import as": "import m as @;",
    "choice": "choice @ < a >",
    "member": "choice P < @; b >",
    "last member": "choice P < a; @ >",
    "table": "table @ < >",
    "column": "table t < @ text; b text >",
    "last column": "table t < a text; @ text >",
    "column type": "table t < a @; b text >",
    "qualified type": "table t < a @.@; >",
    "choices of": "table t < a choices of @; >",
    "list of": "extern action A(a list of @);",
    "alternatives": "table t < a @ | @; >",
    "unique": "table t < unique (@, @); >",
    "status column": "table t < @ < new > >",
    "state": "table t < s < @; b -> @, @; c -> @ > >",
    "verb": "action @ < >",
    "qualified verb": "override action @.@ < >",
    "binding": "action A on @ < >",
    "qualified binding": "action A on each @.@ < >",
    "parameter": "action A(@ text, @ text) < >",
    "parameter type": "action A(a @, b @) < >",
    "output": "action A returns (@ text) < >",
    "privilege": "action A requires @.@ < >",
    "event's table": "on after create of @ < >",
    "event's column": "on after update of t (@, @) < >",
    "create": "action A < create @ >",
    "create set": "action A < create @.@ as @ set @ = a, @ = b >",
    "update": "action A < update @ set @ = a >",
    "update path": "action A < update @.@ set @ = a >",
    "delete": "action A < delete @ >",
    "assign": "action A < assign @ to @ >",
    "move": "action A < move @ to @ >",
    "perform": "action A < perform @ >",
    "perform all": "action A < perform @.@(@: a, @: b) on @ as @ >",
    "start": "action A < start @(@: a) on @ after @ >",
    "find": "action A < find t as @ >",
    "find optional": "action A < find optional @ as @ >",
    "find qualified": "action A < find optional @.@ where (a) >",
    "for each": "action A < for each @ in @ < > >",
    "order": "action A < find t order by @, @ descending >",
    "let": "action A < let @ = a >",
    "emit": "action A < emit @(@: a) >",
    "return": "action A < return @: a, @: b >",
    "column of a row": "action A < let a = b.@ + c.@.@ >",
    "column in a condition": "action A < require (a.@ = b.@ and c.@ < d.@) >",
    "value": "action A < let a = @ >",
    "value in a condition": "action A < require (a = @) >",
    "is": "action A < require (a is @) >",
    "is not qualified": "action A < require (a is not @.@) >",
    "call": "action A < let a = @(b) >",
    "argument": "action A < let a = f(@, @: @) >",
    "from": "action A < let a = sum(b from @ as @) >",
    "as": "action A < let a = count(t as @ where b) >",
    "interpolation": 'action A < fail "a {@} {b.@}" >',
}
PREFIXES = {"not", "true", "false", "empty"}
"""Words that begin a value themselves."""

VALUES = {
    "update", "update path", "delete", "assign", "move", "perform all", "start", "emit", "for each", "order", "value",
    "value in a condition", "call", "argument", "interpolation",
}  # fmt: skip
KEYWORD_WINS = {"is": {"empty", "not"}, "is not qualified": {"empty"}, **dict.fromkeys(VALUES, PREFIXES)}
CASES = [(place, word) for place in PLACES for word in sorted(KEYWORDS) if word not in KEYWORD_WINS.get(place, ())]


@pytest.mark.parametrize(("place", "word"), CASES, ids=[f"{place}-{word}" for place, word in CASES])
def test_a_keyword_is_a_name_where_a_name_is_expected(place: str, word: str) -> None:
    found = outline(module(PLACES[place].replace("@", word)))
    assert found == outline(module(PLACES[place].replace("@", f"`{word}`")))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("action A < find optional where (a) >", "optional"),
        ('action A < find optional as o else "none" >', "optional"),
        ("action A on each requires x < >", "each"),
    ],
)
def test_where_the_keyword_wins_the_message_says_so(text: str, word: str) -> None:
    (diagnostic,) = parse(Source("", text)).diagnostics
    assert problems([diagnostic]) == [f"E0114: {word} is read as a word of the language here."]
    assert diagnostic.primary is not None
    span = diagnostic.primary.span
    assert text[span.start : span.end] == word
    module(f"{text[: span.start]}`{word}`{text[span.end :]}")
