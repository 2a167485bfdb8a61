"""Rules about verbs as a whole: whether they are still there, for whom, on what, and of which kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from actionlang.contracts.rule import Comparison, Finding
from actionlang.contracts.wording import binding_text
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.plan.plan import Verb

KINDS = {
    "action": "an action",
    "extern action": "an action",
    "background": "a background action",
    "function": "a function",
    "extern function": "a function",
}
"""Kinds of verbs as callers tell them apart: whether the language or the host does the work is nothing to them."""


def removed(comparison: Comparison) -> Iterator[Finding]:
    """Verbs that are gone. One that was deprecated until a day that has passed may go."""
    for verb in comparison.before.public():
        if verb.name not in comparison.after.verbs and not has_ended(verb.until, comparison.today):
            message = f"{verb.short_name} is gone, and whoever calls {verb.name} is told that there is no such verb."
            yield Finding(
                codes.VERB_REMOVED, verb.name, f"{message}{kept_until(verb.until)}", _way_back(verb, comparison)
            )


def has_ended(until: str | None, today: dt.date) -> bool:
    """Whether the last day of something deprecated has passed."""
    return until is not None and dt.date.fromisoformat(until) < today


def kept_until(until: str | None) -> str:
    """The sentence that tells up to which day something was to be kept; nothing where no day was named."""
    return "" if until is None else f" It was to be kept until {until}."


def _way_back(verb: Verb, comparison: Comparison) -> str:
    moved = [each.name for each in comparison.after.public() if each.short_name == verb.short_name]
    if moved:
        return f"Is it {moved[0]} now? Keep {verb.name}, and let it perform that one."
    return 'Keep it, and say what to call instead: deprecated "Perform ... instead." until date "..."'


def made_private(comparison: Comparison) -> Iterator[Finding]:
    """Verbs that only their own module may call now."""
    for verb in comparison.before.public():
        new = comparison.after.verbs.get(verb.name)
        if new is not None and new.private:
            message = f"{verb.short_name} is private now, and may only be called by its own module."
            yield Finding(codes.VERB_MADE_PRIVATE, verb.name, message, "Leave private out.")


def kind_changed(comparison: Comparison) -> Iterator[Finding]:
    """Verbs that are called in another way, or that answer before their work is done."""
    for pair in comparison.pairs:
        was, is_now = (KINDS.get(verb.kind, verb.kind) for verb in (pair.old, pair.new))
        if was != is_now:
            message = f"{pair.old.short_name} was {was}, and is {is_now} now."
            way = DONE_AT_ONCE if (was, is_now) == ("a background action", "an action") else WAYS[is_now]
            hint = f"{way} Keep {pair.old.short_name} as it was, and write a verb of another name."
            yield Finding(codes.VERB_KIND_CHANGED, pair.old.name, message, hint)


WAYS = {
    "an action": "An action is performed as a step; it can not stand in an expression.",
    "a background action": "A background action goes on after its caller has been answered.",
    "a function": "A function is called in an expression, and a step can not perform it.",
}
"""How verbs of each kind are called."""

DONE_AT_ONCE = "An action has come to its end when its caller is answered."


def binding_changed(comparison: Comparison) -> Iterator[Finding]:
    """Verbs that are called on something else."""
    for pair in comparison.pairs:
        old, new = ((binding and (binding.table, binding.each)) for binding in (pair.old.binding, pair.new.binding))
        if old != new:
            was, is_now = binding_text(pair.old.binding), binding_text(pair.new.binding)
            message = f"{pair.old.short_name} was on {was}, and is on {is_now} now."
            hint = f"Keep {pair.old.short_name} on {was}, and write a verb of another name that is on {is_now}."
            yield Finding(codes.BINDING_CHANGED, pair.old.name, message, hint)
