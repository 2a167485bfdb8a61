"""Types that nobody wrote: what `let` names."""

from __future__ import annotations

from lsprotocol import types as lsp

from actionlang.lsp.headings import known_type
from actionlang.lsp.workspace import Found
from actionlang.metadata import types as t


def inlay_hints(found: Found, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    """The types of the names that `let` binds in a part of a script."""
    module = found.module
    start, end = module.lines.span(params.range)
    return [
        lsp.InlayHint(
            module.lines.position(at),
            f" {known_type(each.type, each.optional)}",
            lsp.InlayHintKind.Type,
            padding_left=False,
            padding_right=False,
        )
        for at, each in sorted(module.seen.inferred.items())
        if start <= at <= end and not isinstance(each.type, t.Unknown)
    ]
