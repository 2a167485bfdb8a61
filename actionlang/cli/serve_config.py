"""`actionlang serve --print-config`: the settings that hold, in the form in which a file has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from actionlang.cli.output import write

if TYPE_CHECKING:
    from actionlang.server.setting_sources import Origin, Resolved


def print_settings(resolved: Resolved, *, as_json: bool) -> None:
    """Show them, secrets masked."""
    if as_json:
        told = {each.name: {"value": each.shown, "from": each.where} for each in resolved.origins}
        write(json.dumps(told, indent=2))
    else:
        write("\n".join(_lines(resolved)))


def _lines(resolved: Resolved) -> Iterator[str]:
    section = ""
    lines = [(each, _line(each)) for each in resolved.origins]
    width = min(max(len(line) for _, line in lines), 60)
    for each, line in lines:
        head, _, _ = each.name.rpartition(".")
        if head != section:
            section = head
            yield f"\n[{section}]"
        yield f"{line.ljust(width)}  # {each.where}"


def _line(origin: Origin) -> str:
    name = origin.name.rpartition(".")[2]
    return f"# {name} =" if origin.value is None else f"{name} = {origin.shown}"
