"""What a run on many rows gave, for people and as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from actionlang.cli.output import wants_color, write
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.runtime.database import Database
from actionlang.runtime.many import ManyResult
from actionlang.runtime.plans import Plan
from actionlang.runtime.row_names import RowNames

LEFT_OUT = 4
"""The exit code where rows were left out because the verb failed on them."""

MOST_NAMED = 20
"""Rows left out that people are shown."""


def show_many(plan: Plan, result: ManyResult, database: Database, *, as_json: bool) -> int:
    """Write a run on many rows to standard output; gives the exit code."""
    names = RowNames(plan.schema)
    names.read(database, [failure.row for failure in result.failures[: None if as_json else MOST_NAMED]])
    if as_json:
        write(json.dumps(_to_object(plan, result, names), indent=2, ensure_ascii=False))
    else:
        write("\n".join(_lines(plan, result, names)))
    return LEFT_OUT if result.failures else 0


def _lines(plan: Plan, result: ManyResult, names: RowNames) -> list[str]:
    painter = Painter(wants_color(sys.stdout))
    binding = plan.verb.binding
    table = "row" if binding is None else binding.table.rpartition(".")[2]
    lines = [painter.paint(f"{plan.verb.short_name} on {_counted(result.rows, f'{table} row')}", BOLD), ""]
    for failure in result.failures[:MOST_NAMED]:
        lines.append(f"  {names.name(failure.row)}: {failure.diagnostic.message} ({failure.diagnostic.code.id})")
    if len(result.failures) > MOST_NAMED:
        lines.append(f"  and {len(result.failures) - MOST_NAMED:,} more")
    if result.failures:
        lines += [f"{_counted(len(result.failures), 'row')} left out, of which nothing was kept.", ""]
    if result.reason is not None:
        where = f" (line {result.place.line})" if result.place else ""
        lines += [f"One row after another, not as a set: {result.reason}{where}.", ""]
    lines.append(_last_line(result))
    return lines


def _last_line(result: ManyResult) -> str:
    counts = ((result.changes, "change"), (result.events, "event"))
    changes = " and ".join(_counted(*each) for each in counts if each[0]) or "0 changes"
    if result.replayed:
        return f"Run {result.runs[0]} has done this before, with {changes}: nothing was done now."
    if result.dry_run:
        return f"Dry run, nothing was kept: {changes}."
    if len(result.runs) > 1:
        return f"Done: {changes} in {len(result.runs):,} runs, from {result.runs[0]} to {result.runs[-1]}"
    return f"Done: {changes}." + (f" Run {result.runs[0]}" if result.runs else "")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _to_object(plan: Plan, result: ManyResult, names: RowNames) -> dict[str, Any]:
    return {
        "verb": plan.verb.name,
        "runs": list(result.runs),
        "dry_run": result.dry_run,
        "replayed": result.replayed,
        "rows": result.rows,
        "changes": result.changes,
        "events": result.events,
        "engine": result.engine,
        "reason": result.reason,
        "line": None if result.place is None else result.place.line,
        "failures": [
            {"row": names.name(each.row), "code": each.diagnostic.code.id, "message": each.diagnostic.message}
            for each in result.failures
        ],
    }
