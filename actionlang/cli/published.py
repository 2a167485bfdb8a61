"""What was activated, deactivated or rolled back, as people and programs read it."""

from __future__ import annotations

import json
from typing import Any

from actionlang.cli.output import write
from actionlang.contracts.rule import Finding
from actionlang.diagnostics.display import safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.engine.times import iso_datetime
from actionlang.registry.publishing import Published
from actionlang.registry.settlement import ASKED
from actionlang.registry.store import Entry, Move

KINDS = {"activate": "Activation", "deactivate": "Deactivation", "rollback": "Rollback"}


def lead(entry: Entry) -> str:
    """What an entry of the history is called: `activation 12`."""
    return f"{KINDS[entry.kind].lower()} {entry.number}"


def entry_words(entry: Entry) -> str:
    """Who did it, when and why: `by ada, 2026-11-26 05:40 UTC: first release`."""
    why = f": {safe(entry.why)}" if entry.why else ""
    allowed = f" (allowed: {', '.join(entry.allowed)})" if entry.allowed else ""
    return f"by {safe(entry.who)}, {entry.moment:%Y-%m-%d %H:%M} UTC{why}{allowed}"


def entry_object(entry: Entry) -> dict[str, Any]:
    """The same as JSON data."""
    return {
        "activation": entry.number,
        "kind": entry.kind,
        "who": entry.who,
        "when": iso_datetime(entry.moment),
        "why": entry.why,
        "allowed": list(entry.allowed),
    }


def move_words(move: Move, *, is_new: bool) -> str:
    """What became of a verb: `version 4, was 3`, `version 2 again, was 3`, `not active, was version 3`."""
    if move.after is None:
        return f"not active any more, was version {move.before}"
    version = f"version {move.after}"
    if not is_new:
        version += " again"
    if move.before is not None:
        version += f", was {move.before}"
    return version if move.because == ASKED else f"{version}: it goes with {move.because}"


def show_published(published: Published, *, color: bool) -> None:
    """Tell what was done, a line each verb."""
    painter = Painter(color)
    lines = [(move.verb, move_words(move, is_new=move.verb in published.new)) for move in published.moves]
    lines += [(head.verb, f"version {head.number}, unchanged") for head in published.unchanged]
    width = max((len(name) for name, _ in lines), default=0)
    for name, words in lines:
        write(f"  {painter.paint(name, BOLD)}{' ' * (width - len(name))}  {words}")
    if published.noticed:
        write("\nCallers will notice, as was allowed:")
        for finding in published.noticed:
            write(f"  {finding.subject}: {finding_words(finding)}")
    told = [_apart(verb, performed, published.moves) for verb, performed in published.apart]
    told += [f"{verb} starts {started}, and what it starts fails." for verb, started in published.starters]
    told += _not_begun(published)
    if told:
        write("\n" + "\n".join(told))
    write("")
    if published.entry is None:
        write("Nothing was to be done.")
    elif published.dry_run:
        write("Dry run: nothing was kept.")
    else:
        write(f"{KINDS[published.entry.kind]} {published.entry.number} {entry_words(published.entry)}")


def finding_words(finding: Finding) -> str:
    """What callers notice: `Escalate no longer takes level (parameter-removed)`."""
    return f"{safe(finding.message).rstrip('.')} ({finding.code.id})"


def _apart(verb: str, performed: str, moves: tuple[Move, ...]) -> str:
    """A verb has another one in its plan than callers get."""
    if any(move.verb == performed and move.after is None for move in moves):
        return f"{verb} performs {performed}, and goes on with the steps that it has of it."
    return f"{verb} performs {performed} as it was then, which is not its active version."


def _not_begun(published: Published) -> list[str]:
    """That runs which verbs have started fail when they are due."""
    if not published.not_begun:
        return []
    verb, number = published.moves[0].verb, published.not_begun
    runs = f"{number} runs of {verb} wait" if number > 1 else f"1 run of {verb} waits"
    return [f"{runs} to begin, and will fail: actionlang background list --state waiting --verb {verb}"]


def published_object(published: Published) -> dict[str, Any]:
    """What was done as JSON data."""
    entry = None if published.entry is None or published.dry_run else entry_object(published.entry)
    return {
        **(entry or {"activation": None}),
        "dry_run": published.dry_run,
        "verbs": [move_object(move, is_new=move.verb in published.new) for move in published.moves],
        "unchanged": [{"verb": head.verb, "version": head.number} for head in published.unchanged],
        "noticed": [
            {"rule": each.code.id, "subject": each.subject, "message": each.message} for each in published.noticed
        ],
        "apart": [{"verb": verb, "performs": performed} for verb, performed in published.apart],
        "starters": [{"verb": verb, "starts": started} for verb, started in published.starters],
        "not_begun": published.not_begun,
    }


def move_object(move: Move, *, is_new: bool) -> dict[str, Any]:
    """What became of a verb, as JSON data."""
    return {
        "verb": move.verb,
        "before": move.before,
        "after": move.after,
        "new": is_new,
        "because": None if move.because == ASKED else move.because,
    }


def write_object(data: object) -> None:
    """Write JSON data."""
    write(json.dumps(data, indent=2, ensure_ascii=False))
