"""`actionlang log verify`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import click

from actionlang.audit.verifying import Verified
from actionlang.audit.verifying import verify as verify_records
from actionlang.cli.databases import open_database
from actionlang.cli.failures import RUN_FAILED
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.compile.project import find_project
from actionlang.diagnostics.catalogue.audit import CHAIN_BROKEN, HEAD_UNKNOWN
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.engine.times import iso_datetime

MOST_NAMED = 10
"""Problems, late and unsealed runs that people are shown."""


@click.command(cls=Told, examples=("log verify", "log verify --head 3f1c9a...e2", "log verify --db desk.db --json"))
@db_option
@click.option("--head", metavar="HASH", help="A hash that seal or verify told before: the chain has to hold it still.")
@json_option
def verify(db: str | None, head: str | None, as_json: bool) -> int:
    """See whether the records are what they were when they were sealed.

    All hashes are worked out anew. Exit codes: 0 all is as it was, 3 a record was changed, deleted or put in, or the chain was
    changed: which runs these are is told.
    """
    with open_database(db, find_project(Path.cwd())) as database:
        found = verify_records(database, head)
    if as_json:
        write(json.dumps(_to_object(found), indent=2, ensure_ascii=False))
    else:
        write("\n".join(_lines(found)))
        told = [_diagnostic(found, number) for number, _ in enumerate(found.problems[:MOST_NAMED])]
        if told:
            sys.stdout.flush()
            print("\n" + diagnostics_text(told, "human", color=wants_color(sys.stderr)), file=sys.stderr)
            if len(found.problems) > MOST_NAMED:
                print(f"\nand {len(found.problems) - MOST_NAMED:,} more; --json tells of all", file=sys.stderr)
    return RUN_FAILED if found.problems else 0


def _diagnostic(found: Verified, number: int) -> Diagnostic:
    problem = found.problems[number]
    code = HEAD_UNKNOWN if problem.link is None and problem.run is None else CHAIN_BROKEN
    notes = () if problem.link is None else (f"link {problem.link} of the chain",)
    return Diagnostic(code, problem.message, notes=notes)


def _lines(found: Verified) -> Iterator[str]:
    if found.problems:
        count = len(found.problems)
        yield f"The records are not what they were: {count:,} problem{'' if count == 1 else 's'}."
    else:
        yield f"All {found.runs:,} sealed records are as they were." if found.links else "Nothing is sealed yet."
    yield f"  head      {found.head or 'none'}"
    at = "" if found.head_at is None else f", the head that was asked for is that of link {found.head_at:,}"
    yield f"  links     {found.links:,}{at}"
    yield f"  runs      {found.runs:,} sealed, {len(found.unsealed):,} not sealed yet"
    for pruning in found.prunings:
        yield (
            f"  pruned    {pruning.runs:,} runs begun before {pruning.before:%Y-%m-%d %H:%M}, "
            f"by {pruning.who} on {pruning.when:%Y-%m-%d}: {pruning.why}"
        )
    for late in found.late[:MOST_NAMED]:
        yield f"  late      run {late.run} ended {late.finished:%Y-%m-%d %H:%M:%S} and was sealed only in link {late.link:,}"
    if len(found.late) > MOST_NAMED:
        yield f"            and {len(found.late) - MOST_NAMED:,} more"


def _to_object(found: Verified) -> dict[str, Any]:
    told = attrs.asdict(
        found, value_serializer=lambda _, __, value: iso_datetime(value) if hasattr(value, "tzinfo") else value
    )
    return {"whole": not found.problems, **told}
