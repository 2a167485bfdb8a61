"""An editor at work: a language server in a process of its own, and files and texts as an editor has them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient
from pytest_lsp.client import client_capabilities, make_test_lsp_client

from actionlang.lsp.positions import Lines

PATIENCE = 20.0
"""Seconds after which something is taken never to come."""

SERVER = [str(Path(sys.executable).with_name("actionlang")), "lsp"]

DESK = """\
choice Priority < low = 1; normal = 2; high = 3 >

## What somebody asked for.
table request "Request" <
  number   text(20) required key;
  ## In a few words.
  title    text(200) required;
  priority Priority required default normal;
  cost     money;
  status   < open -> done; done -> open >
>

## Put a request before the others.
action Escalate on request (reason text, days integer default 2) returns (left integer) <
  let costs = request.cost otherwise 0;
  if (costs > 100) < update request set priority = high >
  update request set title = "Urgent: {request.title} ({reason})";
  return left: days + 1
>
"""

TESTS = """\
import "desk.act";

test "an urgent request" <
  create request as r set number = "R-1", title = "Printer", cost = 200;
  perform Escalate(reason: "smoke") on r as e;
  require (r.priority = high and e.left = 3);
>

test "one that fails" <
  create request as r set number = "R-2", title = "Lamp";
  require (r.title = "Printer") else "It is a lamp.";
>
"""

VS_CODE = client_capabilities("visual-studio-code")
MINIMAL = lsp.ClientCapabilities()
"""What editors say they can do: much, and nothing but what is needed."""


class Editor:
    """What a person does in an editor, with one server."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.published: list[lsp.PublishDiagnosticsParams] = []
        self.refreshed = 0
        self._news = asyncio.Event()

        @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
        def register(params: lsp.RegistrationParams) -> None:
            self.registered = params.registrations

        @client.feature(lsp.WORKSPACE_SEMANTIC_TOKENS_REFRESH)  # type: ignore[untyped-decorator]
        def refresh(_: None) -> None:
            self.refreshed += 1
            self._news.set()

    def receive(self, params: lsp.PublishDiagnosticsParams) -> None:
        """Keep what the server says of a script."""
        self.published.append(params)
        self.client.diagnostics[params.uri] = params.diagnostics
        self._news.set()

    def uri(self, name: str) -> str:
        """The name of a file of the project."""
        return (self.folder / name).as_uri()

    def write(self, name: str, text: str) -> Path:
        """Write a file behind the editor's back."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def open(self, name: str, text: str | None = None) -> str:
        """Open a file of the project, or a text under another URI; gives the URI."""
        uri = name if ":" in name else self.uri(name)
        if text is None:
            text = (self.folder / name).read_bytes().decode()
        self.texts[uri], self.versions[uri] = text, 1
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "actionlang", 1, text))
        )
        return uri

    def close(self, uri: str) -> None:
        """Close a document."""
        del self.texts[uri]
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    def replace(self, uri: str, old: str, new: str) -> None:
        """Replace the first of a text in an open document by another, as typing does: only the change is sent."""
        text = self.texts[uri]
        at = text.index(old)
        place = Lines(text).range(at, at + len(old))
        self.texts[uri] = text[:at] + new + text[at + len(old) :]
        self.versions[uri] += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [lsp.TextDocumentContentChangePartial(range=place, text=new)],
            )
        )

    def place(self, uri: str, around: str) -> lsp.Position:
        """The place that `|` marks in a piece of the text: `update re|quest`."""
        before, _, after = around.partition("|")
        text = self.texts[uri]
        return Lines(text).position(text.index(before + after) + len(before))

    def at(self, kind: type[Any], uri: str, around: str, **more: Any) -> Any:
        """The parameters of a request of some kind about a place."""
        return kind(text_document=lsp.TextDocumentIdentifier(uri), position=self.place(uri, around), **more)

    def text_at(self, location: lsp.Location) -> str:
        """What stands at a place of a file or an open document."""
        text = self.texts.get(location.uri)
        if text is None:
            text = Path(location.uri.removeprefix("file://")).read_text("utf-8")
        start, end = Lines(text).span(location.range)
        return text[start:end]

    async def problems(
        self, uri: str, want: Callable[[Sequence[lsp.Diagnostic]], bool] = lambda _: True, version: int | None = None
    ) -> Sequence[lsp.Diagnostic]:
        """The problems of a script, once they are as wanted."""

        def fits() -> bool:
            last = next((each for each in reversed(self.published) if each.uri == uri), None)
            return last is not None and version in (None, last.version) and want(last.diagnostics)

        await self.until(fits)
        return self.client.diagnostics[uri]

    async def until(self, fits: Callable[[], bool]) -> None:
        """Wait for what the server says to be as wanted."""
        async with asyncio.timeout(PATIENCE):
            while not fits():
                self._news.clear()
                await self._news.wait()

    def applied(self, edit: lsp.WorkspaceEdit) -> dict[str, str]:
        """The texts of the documents that an edit changes, after it, by URI."""
        changes = dict(edit.changes or {})
        for each in edit.document_changes or ():
            assert isinstance(each, lsp.TextDocumentEdit)
            changes[each.text_document.uri] = each.edits  # type: ignore[assignment]
        return {uri: self.changed(uri, edits) for uri, edits in changes.items()}

    def changed(self, uri: str, edits: Sequence[lsp.TextEdit | lsp.AnnotatedTextEdit]) -> str:
        """A document's text after some edits."""
        text = self.texts.get(uri)
        if text is None:
            text = Path(uri.removeprefix("file://")).read_text("utf-8")
        lines = Lines(text)
        for start, end, new in sorted(((*lines.span(each.range), each.new_text) for each in edits), reverse=True):
            text = text[:start] + new + text[end:]
        return text


CONFIG = ClientServerConfig(server_command=SERVER, client_factory=make_test_lsp_client)


async def started(client: LanguageClient, capabilities: lsp.ClientCapabilities, folder: Path, *more: Path) -> Editor:
    """An editor with a folder open, and perhaps others, whose server is ready."""
    editor = Editor(client, folder)
    client.protocol.fm.features[lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = editor.receive
    folders = [lsp.WorkspaceFolder(each.as_uri(), each.name) for each in (folder, *more)]
    await client.initialize_session(lsp.InitializeParams(capabilities=capabilities, workspace_folders=folders))
    return editor
