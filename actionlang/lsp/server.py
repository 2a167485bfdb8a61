"""The server: which request is answered by what, and when scripts are checked."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from actionlang.lsp import running
from actionlang.lsp.analysis import Analysis
from actionlang.lsp.code_actions import KINDS, code_actions
from actionlang.lsp.code_lens import RUN_TEST, code_lenses
from actionlang.lsp.completion import completion
from actionlang.lsp.formatting import formatting
from actionlang.lsp.hover import hover
from actionlang.lsp.inlay_hints import inlay_hints
from actionlang.lsp.navigation import definition, highlights, references, type_definition
from actionlang.lsp.protocol import Protocol
from actionlang.lsp.publishing import Publisher
from actionlang.lsp.refusal import Refused
from actionlang.lsp.rename import prepare_rename, rename
from actionlang.lsp.semantic_tokens import LEGEND, semantic_tokens, semantic_tokens_in
from actionlang.lsp.signatures import signature_help
from actionlang.lsp.structure import folding, selection_ranges
from actionlang.lsp.symbols import document_symbols, workspace_symbols
from actionlang.lsp.workspace import PROJECT_FILES, SUFFIX, Found, Workspace, path_of

LOGGER = logging.getLogger("actionlang.lsp")

PAUSE = 0.15
"""Seconds without a key for scripts to be checked."""

Answer = Callable[[Found, Any], Any]

ANSWERS: dict[str, tuple[Answer, object]] = {
    lsp.TEXT_DOCUMENT_HOVER: (hover, None),
    lsp.TEXT_DOCUMENT_DEFINITION: (definition, None),
    lsp.TEXT_DOCUMENT_TYPE_DEFINITION: (type_definition, None),
    lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: (highlights, None),
    lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (document_symbols, None),
    lsp.TEXT_DOCUMENT_FORMATTING: (formatting, None),
    lsp.TEXT_DOCUMENT_FOLDING_RANGE: (folding, None),
    lsp.TEXT_DOCUMENT_SELECTION_RANGE: (selection_ranges, None),
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: (semantic_tokens, LEGEND),
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: (semantic_tokens_in, LEGEND),
    lsp.TEXT_DOCUMENT_INLAY_HINT: (inlay_hints, None),
    lsp.TEXT_DOCUMENT_CODE_ACTION: (code_actions, lsp.CodeActionOptions(code_action_kinds=KINDS)),
    lsp.TEXT_DOCUMENT_CODE_LENS: (code_lenses, None),
}
"""What answers from one script that is up to date."""

WHILE_TYPING: dict[str, tuple[Answer, object]] = {
    lsp.TEXT_DOCUMENT_COMPLETION: (completion, lsp.CompletionOptions(trigger_characters=[".", "(", ","])),
    lsp.TEXT_DOCUMENT_SIGNATURE_HELP: (
        signature_help,
        lsp.SignatureHelpOptions(trigger_characters=["("], retrigger_characters=[","]),
    ),
}
"""What answers with every key, from the script as it was checked last."""

OF_PROJECT: dict[str, tuple[Answer, object]] = {
    lsp.TEXT_DOCUMENT_REFERENCES: (references, None),
    lsp.TEXT_DOCUMENT_PREPARE_RENAME: (prepare_rename, None),
}
"""What answers from all scripts of the project."""


class Server(LanguageServer):
    """A language server for scripts."""

    def __init__(self) -> None:
        super().__init__("actionlang", version("actionlang"), protocol_cls=Protocol, max_workers=2)
        self.scripts = Workspace()
        self.publisher = Publisher(self.scripts, self.text_document_publish_diagnostics)
        self._told: set[str] = set()
        self._settling: asyncio.Task[None] | None = None
        self._edited: set[str] = set()
        self._frozen = False
        for method, (answer, options) in ANSWERS.items():
            self.feature(method, options)(self._answering(answer, self.scripts.found))
        for method, (answer, options) in WHILE_TYPING.items():
            self.feature(method, options)(self._answering(answer, self.scripts.recent))
        for method, (answer, options) in OF_PROJECT.items():
            self.feature(method, options)(self._answering_from_project(answer))
        self._register_others()

    # ------------------------------------------------------------------------------------------------------------- requests

    @staticmethod
    def _answering(answer: Answer, find: Callable[[str], Found | None]) -> Callable[[Any], Any]:
        def handler(params: Any) -> Any:
            found = find(params.text_document.uri)
            return None if found is None else answer(found, params)

        return handler

    def _answering_from_project(self, answer: Answer) -> Callable[[Any], Any]:
        async def handler(params: Any) -> Any:
            found = await self._found_in_project(params.text_document.uri)
            return None if found is None else answer(found, params)

        return handler

    async def _found_in_project(self, uri: str) -> Found | None:
        """What is known of a document when all of its project is up to date. Meanwhile other requests are answered, and this one
        can be cancelled."""
        found = self.scripts.found(uri)
        if found is None:
            return None
        await self._complete(found.analysis)
        return self.scripts.found(uri)

    async def _complete(self, analysis: Analysis) -> None:
        while analysis.step():
            await asyncio.sleep(0)

    def _register_others(self) -> None:
        notified: dict[str, Callable[[Any], None]] = {
            lsp.INITIALIZE: self._initialize,
            lsp.INITIALIZED: self._initialized,
            lsp.TEXT_DOCUMENT_DID_OPEN: self._opened,
            lsp.TEXT_DOCUMENT_DID_CHANGE: self._changed,
            lsp.TEXT_DOCUMENT_DID_CLOSE: self._closed,
            lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._files_changed,
            lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._folders_changed,
        }
        for method, notice in notified.items():
            self.feature(method)(_noticing(notice))

        @self.feature(lsp.WORKSPACE_SYMBOL)
        async def symbols(params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
            for analysis in self.scripts.analyses():
                await self._complete(analysis)
            return workspace_symbols(self.scripts, params)

        @self.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
        async def renamed(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
            found = await self._found_in_project(params.text_document.uri)
            return None if found is None else rename(found, params, self.client_capabilities)

        @self.command(RUN_TEST)
        async def run_test(*arguments: str) -> dict[str, object]:
            return await self._run_test(*arguments)

    async def _run_test(self, uri: str = "", title: str | None = None, *_: str) -> dict[str, object]:
        """Run the tests of a script, or those of one title. Shows the outcome, and answers with it."""
        found = await self._found_in_project(uri)
        if found is None:
            raise Refused(f"{uri} is not open.")
        cases = running.cases_of(found, title)
        tested = await asyncio.to_thread(running.run, cases)
        failed = running.failures(tested)
        self.publisher.tested(found.module, tuple(failed))
        kind = lsp.MessageType.Error if failed else lsp.MessageType.Info
        self.window_show_message(lsp.ShowMessageParams(kind, running.summary(tested)))
        return {
            "passed": len(tested) - len(failed),
            "failed": len(failed),
            "tests": [
                {
                    "title": each.title,
                    "passed": each.outcome.passed,
                    "seconds": each.outcome.seconds,
                    "message": None if each.outcome.diagnostic is None else each.outcome.diagnostic.message,
                }
                for each in tested
            ],
        }

    # -------------------------------------------------------------------------------------------------------- notifications

    def _initialize(self, _: lsp.InitializeParams) -> None:
        self.scripts.encoding = self.workspace.position_encoding
        text = self.client_capabilities.text_document
        item = text.completion.completion_item if text is not None and text.completion is not None else None
        self.scripts.shows_markdown = item is not None and "markdown" in (item.documentation_format or ())

    def _initialized(self, _: lsp.InitializedParams) -> None:
        self._use_folders()
        capabilities = self.client_capabilities.workspace
        watched = None if capabilities is None else capabilities.did_change_watched_files
        if watched is not None and watched.dynamic_registration:
            patterns = [f"**/*{SUFFIX}", *(f"**/{name}" for name in PROJECT_FILES)]
            options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(each) for each in patterns])
            registration = lsp.Registration("files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            self.client_register_capability(lsp.RegistrationParams([registration]))

    def _use_folders(self) -> None:
        paths = [path_of(folder.uri) for folder in self.workspace.folders.values()]
        if not paths and self.workspace.root_uri is not None:
            paths = [path_of(self.workspace.root_uri)]
        self.scripts.set_folders(path for path in paths if path is not None)
        self._check_soon(0)

    def _opened(self, params: lsp.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        self.scripts.open(document.uri, document.version, document.text)
        self._edited.add(document.uri)
        self._check_soon(0)

    def _changed(self, params: lsp.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        self.scripts.change(document.uri, document.version, list(params.content_changes))
        self._edited.add(document.uri)
        self._check_soon(PAUSE)

    def _closed(self, params: lsp.DidCloseTextDocumentParams) -> None:
        self.scripts.close(params.text_document.uri)
        self._check_soon(0)

    def _files_changed(self, params: lsp.DidChangeWatchedFilesParams) -> None:
        paths = [path for change in params.changes if (path := path_of(change.uri)) is not None]
        if any(path.name in PROJECT_FILES for path in paths):
            self.scripts.forget_projects()
        for path in paths:
            self.scripts.file_changed(path)
        self._check_soon(PAUSE)

    def _folders_changed(self, _: lsp.DidChangeWorkspaceFoldersParams) -> None:
        self._use_folders()

    # ------------------------------------------------------------------------------------------------------------ checking

    def _check_soon(self, seconds: float) -> None:
        """Check what changed once there was nothing more for some time."""
        if self._settling is not None:
            self._settling.cancel()
        self._settling = asyncio.get_running_loop().create_task(self._settle(seconds))

    async def _settle(self, seconds: float) -> None:
        """Bring all scripts up to date, one after the other; requests are answered in between."""
        await asyncio.sleep(seconds)
        try:
            told: set[str] = set()
            for analysis in self.scripts.analyses():
                while analysis.step():
                    told |= self.publisher.publish()
                    await asyncio.sleep(0)
            self.scripts.check_untitled()
            told |= self.publisher.publish()
            self.publisher.settle()
            if (told - self._edited) & self.scripts.documents.keys():
                self._refresh()
            self._edited.clear()
        except Exception as error:  # noqa: BLE001 - whatever happens, the server goes on
            self.failed(error)
        if not self._frozen:
            # What was loaded stays; there is no use in looking through it for garbage again and again.
            gc.collect()
            gc.freeze()
            self._frozen = True

    def _refresh(self) -> None:
        """Have the editor ask anew about scripts that nobody edited, but that import one that was."""
        asked = self.client_capabilities.workspace
        if asked is None:
            return
        if asked.semantic_tokens is not None and asked.semantic_tokens.refresh_support:
            self.workspace_semantic_tokens_refresh(None)
        if asked.inlay_hint is not None and asked.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    # ------------------------------------------------------------------------------------------------------------- failures

    def failed(self, error: BaseException) -> str:
        """Log an unexpected failure, tell the user the first time it happens, and give the words for it."""
        LOGGER.error("%s", "".join(traceback.format_exception(error)))
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        message = f"ActionLang itself failed: {told}. Please report this; the server's log says more."
        place = traceback.extract_tb(error.__traceback__)[-1:]
        key = f"{type(error).__name__} {place}"
        if key not in self._told:
            self._told.add(key)
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, message))
        return message

    def report_server_error(self, error: Exception, source: object) -> None:
        """What pygls itself could not do, a message that is not one of the protocol, say."""
        self.failed(error)


def _noticing(notice: Callable[[Any], None]) -> Callable[[Any], None]:
    """A function of its own: pygls marks what it is given, and a method can not be marked."""

    def handler(params: Any) -> None:
        notice(params)

    return handler


def run_server() -> None:
    """Serve an editor over standard input and output, until it says that it is done or goes. What anything else prints goes to
    standard error: it would be taken for a message."""
    # Ctrl-C ends it at once: there is nothing to be kept. Not by a handler in Python: that runs only when the main thread next
    # runs Python, and a signal that comes just before it starts to wait for input is then seen with the next input, if ever.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:
        sys.stdout = sys.stderr
        Server().start_io(stdout=output)
