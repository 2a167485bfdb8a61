"""What mends a problem: the fixes that diagnostics carry, one by one, and all the safe ones at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types as lsp

from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.lsp.problems import problem
from actionlang.lsp.workspace import Found

FIX_ALL = "source.fixAll.actionlang"
KINDS = [lsp.CodeActionKind.QuickFix, FIX_ALL]


def code_actions(found: Found, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """The ways to mend what is wrong in a part of a script."""
    only = params.context.only
    actions: list[lsp.CodeAction] = []
    if _wanted(lsp.CodeActionKind.QuickFix, only):
        actions += _quick_fixes(found, params.range)
    if only is not None and _wanted(FIX_ALL, only):
        actions += _fix_all(found)
    return actions


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(kind == each or kind.startswith(f"{each}.") for each in only)


def _quick_fixes(found: Found, place: lsp.Range) -> Iterator[lsp.CodeAction]:
    module = found.module
    start, end = module.lines.span(place)
    for diagnostic in _own(found):
        label = diagnostic.primary
        if label is None or label.span.end < start or label.span.start > end:
            continue
        told = problem(diagnostic, module.lines, module.source, {})
        for number, fix in enumerate(diagnostic.fixes):
            yield lsp.CodeAction(
                fix.title,
                lsp.CodeActionKind.QuickFix,
                diagnostics=[told],
                is_preferred=number == 0,
                edit=_edit(found, fix.edits),
            )


def _fix_all(found: Found) -> Iterator[lsp.CodeAction]:
    """One action that makes every safe fix that is in the way of no other one."""
    taken: list[Edit] = []
    for diagnostic in _own(found):
        safe = next((fix for fix in diagnostic.fixes if fix.safe), None)
        if safe is not None and not _overlaps(safe, taken):
            taken += safe.edits
    if taken:
        yield lsp.CodeAction("Make all safe fixes", FIX_ALL, edit=_edit(found, taken))


def _own(found: Found) -> list[Diagnostic]:
    name = found.module.source.name
    return [each for each in found.module.checked.diagnostics if each.primary and each.primary.source.name == name]


def _overlaps(fix: Fix, taken: Iterable[Edit]) -> bool:
    return any(
        one.span.start <= other.span.end and other.span.start <= one.span.end for one in fix.edits for other in taken
    )


def _edit(found: Found, edits: Iterable[Edit]) -> lsp.WorkspaceEdit:
    lines, line_end = found.module.lines, found.document.line_end
    made = [
        lsp.TextEdit(lines.range(each.span.start, each.span.end), each.text.replace("\n", line_end)) for each in edits
    ]
    return lsp.WorkspaceEdit(changes={found.document.uri: made})
