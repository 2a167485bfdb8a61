"""Rename requests: checked by trying them out before the editor is told to make the changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import attrs
from lsprotocol import types as lsp

from actionlang.check.references import Kind
from actionlang.diagnostics.diagnostic import Severity
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.analysis import Analysis
from actionlang.lsp.refusal import Refused
from actionlang.lsp.renaming import Change, Renaming, renamed_at, renaming
from actionlang.lsp.workspace import UNTITLED, Found, Workspace

CONTRACT = "contract"
"""The id of the annotation of changes that the editor is to ask about."""


def prepare_rename(found: Found, params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder:
    """The name at a place, if it can be changed. Raises Refused, saying why, if not."""
    occurrence = renamed_at(found, params.position)
    place = found.module.lines.range(occurrence.start, occurrence.end)
    return lsp.PrepareRenamePlaceholder(place, found.module.source.text[occurrence.start : occurrence.end])


def rename(found: Found, params: lsp.RenameParams, client: lsp.ClientCapabilities) -> lsp.WorkspaceEdit | None:
    """The changes that give the name at a place another one, in all scripts.

    Raises Refused, saying why, when the name can not be changed, or would mean something else then.
    """
    found.analysis.complete()
    planned = renaming(found, params.position, params.new_name.strip())
    if not planned.changes:
        return None
    edits = client.workspace.workspace_edit if client.workspace is not None else None
    asks = edits is not None and edits.change_annotation_support is not None
    if planned.contract is not None and not asks:
        raise Refused(f"{planned.contract} {_way_out(planned)}")
    _try_out(planned, found)
    versioned = edits is not None and bool(edits.document_changes)
    return _edit(planned, found.workspace, versioned or planned.contract is not None)


def _way_out(planned: Renaming) -> str:
    kind = planned.symbol.kind.value
    if kind == "verb":
        return "Mark it private if nobody does; or add a verb of the new name that it performs, and mark it deprecated."
    if kind == "member":
        return "Add a member of the new name instead, and give the rows that one."
    return f"Mark the verb private if nobody does; or add {'an' if kind == 'output' else 'a'} {kind} of the new name beside it."


# ----------------------------------------------------------------------------------------------------------- trying it out


@attrs.define
class _Tried:
    """Texts as they would be after a rename, for an analysis."""

    workspace: Workspace
    texts: dict[Path | None, str]
    encoding: str | None = None

    def open_text(self, path: Path) -> str | None:
        return self.texts.get(path) or self.workspace.open_text(path)

    def uri(self, path: Path) -> str:
        return self.workspace.uri(path)


def _try_out(planned: Renaming, found: Found) -> None:
    """Raise Refused when something is wrong after the rename that was not before, or a name does not mean what it did."""
    edited: dict[str, Analysed] = {}
    for change in planned.changes:
        edited[change.module.name] = change.module
    texts = {module.path: _edited(module, planned.changes) for module in edited.values()}
    before = found.analysis
    after = Analysis(before.root, (), _Tried(found.workspace, texts), before.shared, before.house)
    after.modules = dict(before.modules)
    for module in edited.values():
        if module.path is None:
            after.untitled(UNTITLED, module.uri, texts[None])
            after.current_untitled(UNTITLED)
        else:
            after.changed(module.path)
    after.complete()
    for name, module in after.modules.items():
        known = before.modules.get(name)
        _complain_of_new(known, module)
    for module in edited.values():
        _complain_of_others(planned, module, after.modules[module.name])


def _complain_of_new(before: Analysed | None, after: Analysed) -> None:
    if before is after:
        return
    known = Counter(found.code for found in (before.checked.diagnostics if before is not None else ()))
    for diagnostic in after.checked.diagnostics:
        if diagnostic.severity is Severity.ERROR and not diagnostic.code.is_lint:
            known[diagnostic.code] -= 1
            if known[diagnostic.code] < 0:
                line = after.source.position(diagnostic.primary.span.start).line if diagnostic.primary else 1
                where = f"{after.source.name}, line {line}"
                raise Refused(f"That would not do: {diagnostic.message} ({where})")


def _complain_of_others(planned: Renaming, before: Analysed, after: Analysed) -> None:
    """See that every name that was changed means the same thing still, and nothing else does."""
    shift = 0
    meant: set[str] = set()
    for change in sorted(_of(before, planned.changes), key=lambda each: each.start):
        start = change.start + shift
        shift += len(change.text) - (change.end - change.start)
        if change.text.startswith(" "):
            continue
        kinds = {each.symbol.kind for each in before.at(change.end) if each.end == change.end}
        after_there = [each for each in after.at(start + len(change.text)) if each.start == start]
        if not kinds & {each.symbol.kind for each in after_there}:
            line = after.source.position(start).line
            raise Refused(f"{change.text} would mean something else in {after.source.name}, line {line}.")
        meant.update(each.symbol.name for each in after_there if each.symbol.kind is planned.symbol.kind)
    uses = sum(
        len(found)
        for symbol, found in after.by_symbol.items()
        if symbol.name in meant and symbol.kind is planned.symbol.kind
    )
    wanted = len(before.by_symbol.get(planned.symbol, ()))
    if (uses > wanted and len(meant) == 1) or (planned.symbol.kind is Kind.LOCAL and len(meant) > 1):
        raise Refused(
            f"{planned.symbol.short} would be mixed up with something else of the new name in {after.source.name}."
        )


def _of(module: Analysed, changes: tuple[Change, ...]) -> list[Change]:
    return [change for change in changes if change.module.name == module.name]


def _edited(module: Analysed, changes: tuple[Change, ...]) -> str:
    """A module's text after the changes."""
    text = module.source.text
    for change in sorted(_of(module, changes), key=lambda each: each.start, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


# ----------------------------------------------------------------------------------------------------------------- answer


def _edit(planned: Renaming, workspace: Workspace, versioned: bool) -> lsp.WorkspaceEdit:
    by_uri: dict[str, list[lsp.TextEdit]] = {}
    for change in sorted(planned.changes, key=lambda each: (each.module.uri, each.start)):
        edit = lsp.TextEdit(change.module.lines.range(change.start, change.end), change.text)
        by_uri.setdefault(change.module.uri, []).append(edit)
    if not versioned:
        return lsp.WorkspaceEdit(changes=by_uri)
    annotations = None
    if planned.contract is not None:
        annotations = {CONTRACT: lsp.ChangeAnnotation("This changes a contract", True, planned.contract)}
    documents = [
        lsp.TextDocumentEdit(
            lsp.OptionalVersionedTextDocumentIdentifier(uri, _version(uri, workspace)),
            edits
            if annotations is None
            else [lsp.AnnotatedTextEdit(CONTRACT, each.range, each.new_text) for each in edits],
        )
        for uri, edits in by_uri.items()
    ]
    return lsp.WorkspaceEdit(document_changes=documents, change_annotations=annotations)


def _version(uri: str, workspace: Workspace) -> int | None:
    document = workspace.documents.get(uri)
    return None if document is None else document.version
