"""Rules about what verbs return: whoever reads it finds what was there, and nothing that could not be there."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.contracts.kept import Kept, outputs
from actionlang.contracts.rule import Comparison, Finding
from actionlang.contracts.values import alike, includes, same_form
from actionlang.contracts.wording import listed
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.metadata import types as t
from actionlang.plan.describe import type_text
from actionlang.plan.expression_text import short
from actionlang.plan.verify_calls import CALLABLE
from actionlang.plan.walk import type_choices, type_tables


def removed(comparison: Comparison) -> Iterator[Finding]:
    """Outputs that callers read, and that are gone."""
    for pair in comparison.pairs:
        names = {output.name for output in pair.new.outputs}
        for old in pair.old.outputs:
            if old.name not in names:
                message = f"{pair.new.short_name} no longer returns {old.name}, which callers read."
                hint = f"Keep {old.name}, also beside an output that says it better."
                yield Finding(codes.OUTPUT_REMOVED, pair.new.name, message, hint, output=old.name)


def type_changed(comparison: Comparison) -> Iterator[Finding]:
    """Outputs of another kind, or written in another form."""
    for kept in outputs(comparison):
        if _is_changed(kept):
            was, is_now = type_text(kept.old.type), type_text(kept.new.type)
            if was == is_now:
                was, is_now = str(kept.old.type), str(kept.new.type)
            message = f"The output {kept.named} was {was}, and is {is_now} now."
            hint = f"Keep {kept.new.name} {was}, and add an output of another name that is {is_now}."
            yield kept.finding(codes.OUTPUT_TYPE_CHANGED, message, hint)


def _is_changed(kept: Kept) -> bool:
    """Whether values are of another kind, or a row has its table with it and had not, or the other way round."""
    old, new = kept.old.type, kept.new.type
    return not same_form(old, new) or not (includes(old, new) or alike(old, new))


def widened(comparison: Comparison) -> Iterator[Finding]:
    """Outputs that may be what they never were."""
    for kept in outputs(comparison):
        was, is_now = type_text(kept.old.type), type_text(kept.new.type)
        if kept.new.optional and not kept.old.optional:
            message = f"The output {kept.named} was never empty, and may be now."
            yield kept.finding(codes.OUTPUT_WIDENED, message, "Return something in every case, or add another output.")
        elif _is_changed(kept):
            continue
        elif not includes(kept.old.type, kept.new.type):
            message = f"The output {kept.named} was {was} at most, and may be any {is_now} now."
            hint = f"Keep it {was}, or add an output of another name that is {is_now}."
            yield kept.finding(codes.OUTPUT_WIDENED, message, hint)
        elif more := _new_members(kept.new.type, comparison):
            message = f"The output {kept.named} may be {listed(more, 'or')} now, which callers do not know."
            hint = f"Tell callers first; until then, return another member of {was}."
            yield kept.finding(codes.OUTPUT_WIDENED, message, hint)


def _new_members(type_: t.Type, comparison: Comparison) -> list[str]:
    """The members that a choice did not have."""
    found: list[str] = []
    for name in type_choices(type_):
        old, new = comparison.before.choices.get(name), comparison.after.choices.get(name)
        if old is not None and new is not None:
            found += [member.name for member in new.members if member.name not in old.by_name]
    return found


def narrowed(comparison: Comparison) -> Iterator[Finding]:
    """Rows that may be of fewer tables: a script that asks for the one that is gone no longer checks."""
    for kept in outputs(comparison):
        old, new = type_tables(kept.old.type), type_tables(kept.new.type)
        gone = [short(table) for table in old if table not in new]
        if gone and not _is_changed(kept):
            message = (
                f"The output {kept.named} is never a row of {listed(gone, 'or')} any more, and scripts may ask for it."
            )
            yield kept.finding(codes.OUTPUT_NARROWED, message, f"Leave it {type_text(kept.old.type)}.")


def value_lost(comparison: Comparison) -> Iterator[Finding]:
    """Functions that stood in expressions, which takes exactly one output."""
    for pair in comparison.pairs:
        counts = len(pair.old.outputs), len(pair.new.outputs)
        if pair.old.kind in CALLABLE and pair.new.kind in CALLABLE and counts[0] == 1 and counts[1] > 1:
            message = f"{pair.new.short_name} returns {counts[1]} outputs now, so it can not stand in an expression."
            hint = f"Leave {pair.new.short_name} its one output, and write another function for the rest."
            added = next(each.name for each in pair.new.outputs if each.name != pair.old.outputs[0].name)
            yield Finding(codes.FUNCTION_VALUE_LOST, pair.new.name, message, hint, output=added)
