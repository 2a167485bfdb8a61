"""Reading what comes through a pipe: no prompts, and what fails does not end it."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.repl.evaluator import Evaluator
from actionlang.repl.splitting import split_entries

NAME = "<stdin>"


def answer_all(lines: Iterable[str], evaluator: Evaluator) -> bool:
    """Answer every entry in some lines; whether none of them failed. What was not kept at the end is undone, and said to be."""
    all_well = True
    for entry in split_entries(lines, NAME):
        answer = evaluator.evaluate(entry)
        all_well &= answer.well
        if answer.leaves:
            break
    if evaluator.work.pending:
        evaluator.say_undone()
    return all_well
