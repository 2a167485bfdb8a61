"""Rules about what verbs take: whatever was accepted has to be accepted, and to mean what it meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from actionlang.contracts.kept import inputs, outputs
from actionlang.contracts.rule import Comparison, Finding, Pair
from actionlang.contracts.values import alike, includes
from actionlang.contracts.verbs import has_ended, kept_until
from actionlang.contracts.wording import default_text, listed
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.plan.describe import type_text
from actionlang.plan.plan import Parameter


def may_be_left_out(parameter: Parameter) -> bool:
    """Whether callers need not give a parameter."""
    return parameter.optional or parameter.default is not None


def removed(comparison: Comparison) -> Iterator[Finding]:
    """Parameters that callers may give, and may not any more. One that could be left out, and was deprecated until a day that has
    passed, may go."""
    for pair in comparison.pairs:
        names = {parameter.name for parameter in pair.new.inputs}
        for old in pair.old.inputs:
            if old.name not in names and not _may_go(old, comparison.today):
                renamed = _renamed(old, pair)
                told = f"{pair.old.short_name} no longer takes {old.name}, and refuses callers who give it."
                hint = (
                    f"Is it called {renamed} now? Keep {old.name} beside it, optional and deprecated, or keep the name."
                    if renamed
                    else f'Keep {old.name}, optional, and say until when: deprecated "..." until date "..."'
                )
                yield Finding(codes.PARAMETER_REMOVED, pair.new.name, f"{told}{kept_until(old.until)}", hint, old.name)


def _may_go(parameter: Parameter, today: dt.date) -> bool:
    return may_be_left_out(parameter) and has_ended(parameter.until, today)


def _renamed(old: Parameter, pair: Pair) -> str | None:
    """The name that a parameter may have now: that of the one new parameter of its kind."""
    before = {parameter.name for parameter in pair.old.inputs}
    added = [each.name for each in pair.new.inputs if each.name not in before and alike(each.type, old.type)]
    return added[0] if len(added) == 1 else None


def added_required(comparison: Comparison) -> Iterator[Finding]:
    """New parameters that callers have to give, and do not."""
    for pair in comparison.pairs:
        names = {parameter.name for parameter in pair.old.inputs}
        for new in pair.new.inputs:
            if new.name not in names and not may_be_left_out(new):
                message = f"{pair.new.short_name} needs {new.name}, which callers do not give."
                hint = f"Give it a default, or make it optional: {new.name} {type_text(new.type)} optional."
                yield Finding(codes.PARAMETER_ADDED_REQUIRED, pair.new.name, message, hint, new.name)


def made_required(comparison: Comparison) -> Iterator[Finding]:
    """Parameters that could be left out, and can not any more."""
    for kept in inputs(comparison):
        if may_be_left_out(kept.old) and not may_be_left_out(kept.new):
            message = f"{kept.new.name} could be left out of {kept.pair.new.short_name}, and has to be given now."
            what = f"default {default_text(kept.old, kept.old.default)}" if kept.old.default else "optional"
            yield kept.finding(codes.PARAMETER_MADE_REQUIRED, message, f"Leave it {what}.")


def type_changed(comparison: Comparison) -> Iterator[Finding]:
    """Parameters that take values of another kind."""
    for kept in inputs(comparison):
        if not includes(kept.new.type, kept.old.type) and not alike(kept.new.type, kept.old.type):
            was, is_now = type_text(kept.old.type), type_text(kept.new.type)
            if was == is_now:
                was, is_now = str(kept.old.type), str(kept.new.type)
            message = f"{kept.named} was {was}, and is {is_now} now."
            hint = f"Keep {kept.new.name} {was}, optional, and add a parameter of another name that is {is_now}."
            yield kept.finding(codes.PARAMETER_TYPE_CHANGED, message, hint)


def narrowed(comparison: Comparison) -> Iterator[Finding]:
    """Parameters that refuse, or round, some of what they took."""
    for kept in inputs(comparison):
        if not includes(kept.new.type, kept.old.type) and alike(kept.new.type, kept.old.type):
            was, is_now = type_text(kept.old.type), type_text(kept.new.type)
            message = f"{kept.named} took {was}, and takes {is_now} now."
            yield kept.finding(
                codes.PARAMETER_NARROWED, message, f"Leave it {was}, and let a step require what counts."
            )
        elif kept.old.optional and not kept.new.optional and kept.new.default is not None:
            message = f"{kept.named} could be empty, and can only be left out now."
            yield kept.finding(codes.PARAMETER_NARROWED, message, "Leave it optional beside its default.")


def default_changed(comparison: Comparison) -> Iterator[Finding]:
    """Parameters that mean something else where they are left out."""
    for kept in inputs(comparison):
        if may_be_left_out(kept.old) and may_be_left_out(kept.new):
            was, is_now = default_text(kept.old, kept.old.default), default_text(kept.new, kept.new.default)
            same = kept.old.default == kept.new.default or was == is_now
            if not same:
                message = f"Left out, {kept.named} was {was}, and is {is_now} now: the same call does something else."
                yield kept.finding(codes.PARAMETER_DEFAULT_CHANGED, message, f"Leave the default at {was}.")


def order_changed(comparison: Comparison) -> Iterator[Finding]:
    """Parameters that stand at another place, where callers who give them without names do not look for them."""
    for pair in comparison.pairs:
        names = [parameter.name for parameter in pair.new.inputs]
        stayed = [parameter.name for parameter in pair.old.inputs if parameter.name in names]
        gone = len(pair.old.inputs) > len(stayed)
        now = [name for name in names if name in stayed] if gone else names[: len(stayed)]
        if now != stayed:
            first = next(name for name, other in zip(stayed, now, strict=True) if name != other)
            message = (
                f"The parameters of {pair.new.short_name} stood in the order {listed(stayed)}: who gives them without names "
                "gives them in that order."
            )
            hint = "Put new parameters behind those that are there already, and leave those in their order."
            yield Finding(codes.PARAMETER_ORDER_CHANGED, pair.new.name, message, hint, first)


def sensitive_removed(comparison: Comparison) -> Iterator[Finding]:
    """Parameters and outputs whose values were kept out of the records, and are not any more."""
    for found, what in ((inputs(comparison), "give"), (outputs(comparison), "get")):
        for kept in found:
            if kept.old.sensitive and not kept.new.sensitive:
                message = f"{kept.named} is no longer sensitive: what callers {what} is written into the records."
                yield kept.finding(codes.SENSITIVE_REMOVED, message, "Leave it sensitive.")
