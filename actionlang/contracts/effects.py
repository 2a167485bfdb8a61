"""Rules about what verbs do: their callers do it, too."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.contracts.rule import Comparison, Finding
from actionlang.contracts.wording import listed
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.plan.expression_text import short
from actionlang.plan.plan import Effects

Effect = tuple[str, str]
"""What is done (`updates`), and what to, as people read it (`case.priority`)."""


def writes(effects: Effects) -> dict[Effect, str]:
    """What a verb changes, each with the full name of what is changed, in the order in which it is told."""
    found: list[tuple[Effect, str]] = []
    found += [(("creates", short(table)), table) for table in effects.creates]
    for table, columns in effects.updates:
        found += [(("updates", f"{short(table)}.{column}"), f"{table}.{column}") for column in columns]
    found += [(("assigns", short(table)), table) for table, _ in effects.assigns]
    found += [(("moves", short(table)), table) for table, _ in effects.moves]
    found += [(("deletes", short(table)), table) for table in effects.deletes]
    found += [(("emits", short(event)), event) for event in effects.emits]
    found += [(("starts", short(verb)), verb) for verb in effects.starts]
    return dict(found)


def told(effects: Iterator[Effect] | list[Effect]) -> str:
    """Effects as a sentence tells them: `updates case.priority and creates task`."""
    return listed(f"{word} {what}" for word, what in effects)


def more(old: Effects, new: Effects) -> list[Effect]:
    """What `new` changes and `old` does not."""
    known = {(word, name) for (word, _), name in writes(old).items()}
    return [effect for effect, name in writes(new).items() if (effect[0], name) not in known]


def widened(comparison: Comparison) -> Iterator[Finding]:
    """Verbs that change what they did not change: a caller that knows a value before it calls no longer knows it afterwards."""
    for pair in comparison.pairs:
        found = more(pair.old.effects, pair.new.effects)
        if found:
            message = f"{pair.new.short_name} does more than before: it {told(found)}."
            hint = "Let another verb do that, which performs this one, or tell those who call it."
            yield Finding(codes.EFFECT_WIDENED, pair.new.name, message, hint)
