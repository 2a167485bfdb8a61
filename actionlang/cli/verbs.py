"""`actionlang verbs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color, width_of, write
from actionlang.compile.compiled import VerbEntry
from actionlang.compile.finding import known_verbs
from actionlang.compile.selection import select
from actionlang.diagnostics.display import DisplayLine, safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.plan.plan import Verb


@click.command(cls=Told, examples=("verbs", "verbs --json", "verbs --active --db desk.db"))
@click.option("--active", is_flag=True, help="Those that are active in the registry, with their versions.")
@db_option
@json_option
def verbs(active: bool, db: str | None, as_json: bool) -> None:
    """List the verbs that can be run.

    The project's own come first, then those of the standard library. With --active, those that callers get by name.
    """
    if active:
        _active(db, as_json=as_json)
        return
    found = known_verbs(select())
    if as_json:
        write(json.dumps([_to_object(verb) for verb in found], indent=2, ensure_ascii=False))
        return
    _table([(f"{verb.name}{f' on {verb.on}' if verb.on else ''}", verb.doc) for verb in found])


def _table(rows: Sequence[tuple[str, str]]) -> None:
    """Verbs, each with what it is for, on a line each."""
    painter, width = Painter(wants_color(sys.stdout)), width_of(sys.stdout)
    wide = max((len(head) for head, _ in rows), default=0)
    for head, text in rows:
        doc = safe(text)
        if width is not None:
            doc = DisplayLine.of(doc).clip(0, max(20, width - wide - 2)).text
        write(f"{painter.paint(head, BOLD)}{' ' * (wide - len(head))}  {doc}".rstrip())


def _active(db: str | None, *, as_json: bool) -> None:
    from actionlang.cli.in_use import active_verbs
    from actionlang.compile.project import find_project

    found = active_verbs(db, find_project(Path.cwd()))
    if as_json:
        told = [
            {"verb": each.name, "version": each.version, "hash": each.plan.hash, "deprecated": each.deprecated}
            for each in found
        ]
        write(json.dumps(told, indent=2, ensure_ascii=False))
    elif found:
        heads = [f"{each.name}{_on(each.plan.verb)}" for each in found]
        wide = max(map(len, heads))
        rows = [(f"{head:{wide}}  version {each.version}", each) for head, each in zip(heads, found, strict=True)]
        _table([(head, _said(each.plan.verb)) for head, each in rows])
    else:
        write("No verb is active: actionlang activate brings verbs in.")


def _on(verb: Verb) -> str:
    if verb.binding is None:
        return ""
    return f" on {'each ' if verb.binding.each else ''}{verb.binding.table.rpartition('.')[2]}"


def _said(verb: Verb) -> str:
    """What it is for, in its first sentence; what is said of its end comes first."""
    sentence, stop, _ = " ".join(verb.doc.split()).partition(". ")
    told = f"{sentence}{stop.strip()}"
    return told if verb.deprecation is None else f"Deprecated: {verb.deprecation.rstrip('.')}. {told}"


def _to_object(verb: VerbEntry) -> dict[str, object]:
    return attrs.asdict(verb, filter=lambda attribute, _: attribute.name in ("name", "kind", "on", "doc"))
