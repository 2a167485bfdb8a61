"""A text of many lines as entries, one after the other: what is pasted, and what comes through a pipe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from actionlang.diagnostics.source import Source
from actionlang.repl.entry import Entry, Kind, read_entry

GOES_ON = re.compile(r"\s*(?:(?:else|where|order|limit|set|and|or|otherwise|returns|requires|private)\b|[,.)>])")
"""How a line begins that belongs to what stands above it."""


def split_entries(lines: Iterable[str], name: str) -> Iterator[Entry]:
    """The entries in some lines (each with its line feed), each ending with the first line at which it is complete. The last
    one may not be. Its source has as many blank lines before it as there are lines above it, so that places are those of the
    whole text.
    """
    held: Entry | None = None
    above, text = 0, ""
    for line in lines:
        if held is not None:
            if held.kind is Kind.COMMAND or not GOES_ON.match(line) or text.rstrip().endswith(";"):
                yield held
                above, text = above + text.count("\n"), ""
            held = None
        text += line
        entry = read_entry(Source(name, "\n" * above + text))
        if entry.complete:
            held = entry
    if held is not None:
        yield held
    elif text.strip():
        yield read_entry(Source(name, "\n" * above + text))
