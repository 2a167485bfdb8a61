"""What `actionlang serve` says when it begins, and what it says of an address that it can not listen on."""

from __future__ import annotations

import errno
import socket
from io import StringIO
from pathlib import Path

import pytest

from actionlang.cli.serve_banner import banner
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.server.listening import listening_socket
from actionlang.server.opening import Launch
from actionlang.server.running import Serves
from actionlang.server.settings import ServerSettings

SERVES = Serves(3, 1)


class Full(StringIO):
    """What is written to a disk that is full."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("nobody", [None, Full()], ids=["closed", "full"])
def test_a_server_serves_whether_it_can_say_so_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: StringIO | None, as_json: bool
) -> None:
    launch = Launch("sqlite:///desk.db", "UTC", (), str(tmp_path), ServerSettings())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        tell = banner(launch, listening, as_json=as_json)
        monkeypatch.setattr("sys.stdout", nobody)
        tell(SERVES)


@pytest.mark.parametrize("as_json", [False, True])
def test_it_has_no_password(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    launch = Launch("postgresql://ann:word@host/desk?password=secret", "UTC", (), str(tmp_path), ServerSettings())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        banner(launch, listening, as_json=as_json)(SERVES)
    told = capsys.readouterr().out
    assert "postgresql://ann:***@host/desk?password=***" in told


def test_addresses_are_as_callers_see_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ServerSettings(public_url="https://verbs.example.com/desk/")
    launch = Launch("sqlite:///desk.db", "UTC", (), str(tmp_path), settings)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        banner(launch, listening, as_json=False)(SERVES)
    assert " https://verbs.example.com/desk/docs " in capsys.readouterr().out


def test_an_address_of_another_machine() -> None:
    with pytest.raises(ActionLangError) as raised:
        listening_socket("192.0.2.1", 8000)
    assert raised.value.diagnostics[0].message == (
        "The server can not listen on 192.0.2.1, port 8000: Cannot assign requested address."
    )
