"""The protocol as this server speaks it: it keeps texts itself, and nobody is ever shown a traceback."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import MsgId
from pygls.protocol.language_server import lsp_method

INTERNAL_ERROR = -32603


class Protocol(LanguageServerProtocol):
    """pygls keeps a copy of each text, and takes characters for line ends that the protocol does not; the server's own texts do
    without. What handlers raise is answered in words: pygls would send the traceback."""

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> Iterator[Any]:
        """A document is opened."""
        yield self.fm.features[lsp.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> Iterator[Any]:
        """A document has another text."""
        yield self.fm.features[lsp.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> Iterator[Any]:
        """A document is closed."""
        yield self.fm.features[lsp.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    def _send_handler_result(self, future: Future[Any], *, msg_id: MsgId) -> None:
        error = None if future.cancelled() else future.exception()
        if error is None or isinstance(error, CancelledError):
            super()._send_handler_result(future, msg_id=msg_id)
            return
        self._request_futures.pop(msg_id, None)
        if isinstance(error, JsonRpcException):
            told = lsp.ResponseError(error.code, error.message)
        else:
            told = lsp.ResponseError(INTERNAL_ERROR, self._server.failed(error))  # type: ignore[attr-defined]
        self._send_response(msg_id, error=told)

    def _check_handler_result(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self._server.failed(error)  # type: ignore[attr-defined]
