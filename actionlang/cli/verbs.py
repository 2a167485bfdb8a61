"""`actionlang verbs`."""

from __future__ import annotations

import json
import sys

import attrs
import click

from actionlang.cli.help import Told
from actionlang.cli.options import json_option
from actionlang.cli.output import wants_color, width_of, write
from actionlang.compile.compiled import VerbEntry
from actionlang.compile.finding import known_verbs
from actionlang.compile.selection import select
from actionlang.diagnostics.display import DisplayLine, safe
from actionlang.diagnostics.paint import BOLD, Painter


@click.command(cls=Told, examples=("verbs", "verbs --json"))
@json_option
def verbs(as_json: bool) -> None:
    """List the verbs that can be run.

    The project's own come first, then those of the standard library.
    """
    found = known_verbs(select())
    if as_json:
        write(json.dumps([_to_object(verb) for verb in found], indent=2, ensure_ascii=False))
        return
    painter, width = Painter(wants_color(sys.stdout)), width_of(sys.stdout)
    heads = [f"{verb.name}{f' on {verb.on}' if verb.on else ''}" for verb in found]
    wide = max(map(len, heads), default=0)
    for head, verb in zip(heads, found, strict=True):
        doc = safe(verb.doc)
        if width is not None:
            doc = DisplayLine.of(doc).clip(0, max(20, width - wide - 2)).text
        write(f"{painter.paint(head, BOLD)}{' ' * (wide - len(head))}  {doc}".rstrip())


def _to_object(verb: VerbEntry) -> dict[str, object]:
    return attrs.asdict(verb, filter=lambda attribute, _: attribute.name in ("name", "kind", "on", "doc"))
