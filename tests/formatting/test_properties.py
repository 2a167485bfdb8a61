"""What holds for any script: the form of the form is itself, and it means the same, to every comment."""

from __future__ import annotations

import re
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from actionlang.compile.link import Linker
from actionlang.diagnostics.diagnostic import Severity
from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.formatting.meaning import same_meaning
from actionlang.plan.encoding import encode_plan
from actionlang.syntax.parser import parse
from tests.check.checking import NAME, loader_with
from tests.formatting.programs import program
from tests.formatting.scripts import corpus, derived, set_anew

PLACE = re.compile(r'"(?:at|place)":\[[0-9,]*\],?|"line":[0-9]+,?|"hash":"[^"]*",?')
RATES = st.sampled_from((0.0, 0.02, 0.1, 0.4))


def formatted(text: str) -> str:
    """The canonical form, which is its own."""
    once = format_source(Source("once.act", text))
    assert format_source(Source("twice.act", once)) == once
    one, other = parse(Source("one.act", text)), parse(Source("other.act", once))
    assert other.diagnostics == ()
    assert same_meaning(one.module, other.module)
    return once


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((20, 60, 150)), RATES)
def test_any_sentence_of_the_grammar(seed: int, most: int, comments: float) -> None:
    text = derived(Random(seed), most, comments)
    assume(text is not None)
    assert text is not None
    once = formatted(text)
    if '"""' not in once:
        assert not re.search(r"[ \t\r]\n|\n\n\n|\t", once)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(corpus()), st.integers(0, 2**32), RATES)
def test_scripts_set_anew(text: str, seed: int, comments: float) -> None:
    anew = set_anew(Random(seed), text, comments)
    assume(anew is not None)
    assert anew is not None
    formatted(anew)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 4), RATES)
def test_a_formatted_program_has_the_same_plans(seed: int, size: int, comments: float) -> None:
    random = Random(seed)
    text = program(random, size)
    assume(plans(text))
    anew = set_anew(random, text, comments)
    for each in (text, anew) if anew else (text,):
        once = formatted(each)
        assert plans(once) == plans(each)


def plans(text: str) -> list[str]:
    """The plans of a script's verbs without the places in it; none if it has errors."""
    loader = loader_with(**{NAME: text})
    module = loader.checked[NAME]
    if any(found.severity is Severity.ERROR for found in module.diagnostics):
        return []
    linker = Linker(loader.checked)
    return [PLACE.sub("", "".join(encode_plan(linker.plan(verb)))) for verb in module.verbs.values()]
