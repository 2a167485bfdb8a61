"""What the server itself can not do is told in words, and once."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from lsprotocol import types as lsp

from actionlang.cli.group import actionlang
from actionlang.lsp import server
from actionlang.lsp.server import Server
from actionlang.lsp.workspace import Found, Workspace
from tests.lsp.editor import SERVER


class Broken(Workspace):
    """A workspace that finds nothing out."""

    def found(self, uri: str) -> Found | None:
        """Fail."""
        raise ZeroDivisionError("of all things")


class Editor:
    """What the server writes."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        """Keep a message."""
        self.messages.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def close(self) -> None:
        """Nothing is to be done."""


@pytest.fixture
def editor() -> Editor:
    """An editor that has asked nothing yet."""
    return Editor()


@pytest.fixture
def broken(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that can not find anything out."""
    monkeypatch.setattr(server, "Workspace", Broken)
    made = Server()
    made.protocol.set_writer(editor)
    made.protocol.handle_message(
        lsp.InitializeRequest(1, lsp.InitializeParams(lsp.ClientCapabilities()))  # type: ignore[arg-type]
    )
    yield made
    made.shutdown()  # type: ignore[no-untyped-call]


def test_a_failure_is_answered_without_a_traceback_and_told_once(
    broken: Server, editor: Editor, caplog: pytest.LogCaptureFixture
) -> None:
    place = lsp.HoverParams(lsp.TextDocumentIdentifier("untitled:x"), lsp.Position(0, 0))
    with caplog.at_level(logging.ERROR):
        for number in (2, 3):
            broken.protocol.handle_message(lsp.HoverRequest(number, place))  # type: ignore[arg-type]
    told = "ActionLang itself failed: ZeroDivisionError: of all things. Please report this; the server's log says more."
    errors = [message["error"] for message in editor.messages if "error" in message]
    assert errors == [{"code": -32603, "message": told}] * 2
    shown = [message["params"] for message in editor.messages if message.get("method") == "window/showMessage"]
    assert shown == [{"type": 1, "message": told}]
    assert "Traceback" not in json.dumps(editor.messages)
    assert caplog.text.count("Traceback (most recent call last)") == 2


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("actionlang.lsp", "pygls"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    result = CliRunner().invoke(actionlang, ["lsp"])
    assert result.stderr == (
        "error[E0911]: This needs pygls, which is not installed.\n  = hint: pip install 'actionlang[lsp]'\n"
    )


def test_ctrl_c_ends_it_at_once() -> None:
    ask = b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'
    with subprocess.Popen([*SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(ask), ask))
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"Content-Length: ")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == -signal.SIGINT
