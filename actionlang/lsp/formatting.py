"""A whole script in its canonical form, as the fewest lines that change."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from lsprotocol import types as lsp

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.lsp.positions import Lines
from actionlang.lsp.refusal import Refused
from actionlang.lsp.workspace import Found


def formatting(found: Found, _: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    """The changes that bring a script into the canonical form. The editor's own wishes (tabs, widths) count nothing: there is
    one form.

    Raises Refused when the script can not be read.
    """
    source = found.module.source
    try:
        text = format_source(source)
    except ActionLangError as error:
        first = error.diagnostics[0]
        line = "" if first.primary is None else f" (line {source.position(first.primary.span.start).line})"
        raise Refused(f"A script that can not be read can not be formatted: {first.message}{line}") from None
    return list(_changes(source, text, found.module.lines, found.document.line_end))


def _changes(source: Source, text: str, lines: Lines, line_end: str) -> Iterator[lsp.TextEdit]:
    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    for kind, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            new = "".join(after[new_first:new_last]).replace("\n", line_end)
            yield lsp.TextEdit(lines.range(starts[first], starts[last]), new)
