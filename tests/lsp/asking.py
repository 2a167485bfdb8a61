"""Asking a workspace everything that an editor can ask, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from lsprotocol import types as lsp
from pygls.protocol import default_converter

from actionlang.lsp.analysed import Analysed
from actionlang.lsp.positions import Lines
from actionlang.lsp.problems import problems_of
from actionlang.lsp.refusal import Refused
from actionlang.lsp.rename import rename
from actionlang.lsp.server import ANSWERS, OF_PROJECT, WHILE_TYPING
from actionlang.lsp.symbols import workspace_symbols
from actionlang.lsp.workspace import Found, Workspace

CONVERTER = default_converter()  # type: ignore[no-untyped-call]
CLIENT = lsp.ClientCapabilities()

ELSEWHERE = frozenset(
    {
        lsp.TEXT_DOCUMENT_DEFINITION,
        lsp.TEXT_DOCUMENT_TYPE_DEFINITION,
        lsp.TEXT_DOCUMENT_REFERENCES,
        lsp.TEXT_DOCUMENT_RENAME,
        lsp.WORKSPACE_SYMBOL,
    }
)
"""What is answered with places in other texts, too."""


def params_of(uri: str, place: lsp.Position) -> dict[str, Any]:
    """The parameters of every request about a place, by method."""
    document = lsp.TextDocumentIdentifier(uri)
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(999_999, 0))
    part = lsp.Range(place, lsp.Position(place.line + 2, 0))
    context = lsp.ReferenceContext(include_declaration=True)
    return {
        lsp.TEXT_DOCUMENT_HOVER: lsp.HoverParams(document, place),
        lsp.TEXT_DOCUMENT_DEFINITION: lsp.DefinitionParams(document, place),
        lsp.TEXT_DOCUMENT_TYPE_DEFINITION: lsp.TypeDefinitionParams(document, place),
        lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: lsp.DocumentHighlightParams(document, place),
        lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: lsp.DocumentSymbolParams(document),
        lsp.TEXT_DOCUMENT_FORMATTING: lsp.DocumentFormattingParams(document, lsp.FormattingOptions(2, True)),
        lsp.TEXT_DOCUMENT_FOLDING_RANGE: lsp.FoldingRangeParams(document),
        lsp.TEXT_DOCUMENT_SELECTION_RANGE: lsp.SelectionRangeParams(document, [place]),
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: lsp.SemanticTokensParams(document),
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: lsp.SemanticTokensRangeParams(document, part),
        lsp.TEXT_DOCUMENT_INLAY_HINT: lsp.InlayHintParams(document, whole),
        lsp.TEXT_DOCUMENT_CODE_ACTION: lsp.CodeActionParams(
            document, whole, lsp.CodeActionContext([], ["quickfix", "source.fixAll"])
        ),
        lsp.TEXT_DOCUMENT_CODE_LENS: lsp.CodeLensParams(document),
        lsp.TEXT_DOCUMENT_COMPLETION: lsp.CompletionParams(document, place),
        lsp.TEXT_DOCUMENT_SIGNATURE_HELP: lsp.SignatureHelpParams(document, place),
        lsp.TEXT_DOCUMENT_REFERENCES: lsp.ReferenceParams(context, document, place),
        lsp.TEXT_DOCUMENT_PREPARE_RENAME: lsp.PrepareRenameParams(document, place),
    }


def ask_everything(workspace: Workspace, uri: str, place: lsp.Position) -> Iterator[tuple[str, Any]]:
    """Every request and its answer, which can be sent. What is refused has none."""
    found = workspace.found(uri)
    assert found is not None
    yield "problems", problems_of(found.module, {}, found.module.checked.diagnostics)
    for method, params in params_of(uri, place).items():
        answer, _ = {**ANSWERS, **WHILE_TYPING, **OF_PROJECT}[method]
        try:
            yield method, answer(found, params)
        except Refused:
            yield method, None
    yield lsp.WORKSPACE_SYMBOL, workspace_symbols(workspace, lsp.WorkspaceSymbolParams("a"))
    try:
        params = lsp.RenameParams(lsp.TextDocumentIdentifier(uri), place, "renamed")
        yield lsp.TEXT_DOCUMENT_RENAME, rename(found, params, CLIENT)
    except Refused:
        yield lsp.TEXT_DOCUMENT_RENAME, None


def ranges_in(answer: Any) -> Iterator[lsp.Range]:
    """All places in an answer."""
    if isinstance(answer, lsp.Range):
        yield answer
    elif isinstance(answer, list | tuple):
        for each in answer:
            yield from ranges_in(each)
    elif hasattr(answer, "__attrs_attrs__"):
        for field in answer.__attrs_attrs__:
            yield from ranges_in(getattr(answer, field.name))


def everything_can_be_asked(workspace: Workspace, uri: str, place: lsp.Position) -> None:
    """See that every request is answered with what can be sent, and with places that the text has."""
    lines = Lines(workspace.documents[uri].text)
    end = lines.position(len(lines.text))
    for method, answer in ask_everything(workspace, uri, place):
        CONVERTER.unstructure(answer)
        for part in ranges_in(answer):
            assert (part.start.line, part.start.character) <= (part.end.line, part.end.character), method
            if method not in ELSEWHERE:
                assert (part.end.line, part.end.character) <= (end.line, end.character) or part.end.line < end.line, (
                    method
                )


@cache
def library() -> dict[str, Analysed]:
    """The standard library's modules that have been asked for, checked once for all tests."""
    return {}


def new_workspace() -> Workspace:
    """A workspace with nothing open."""
    workspace = Workspace()
    workspace.library.modules = library()
    return workspace


def opened(text: str, name: str = "untitled:Untitled-1") -> tuple[Workspace, Found]:
    """A workspace with one text open."""
    workspace = new_workspace()
    workspace.open(name, 1, text)
    found = workspace.found(name)
    assert found is not None
    return workspace, found
