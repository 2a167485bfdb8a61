"""What `actionlang serve` says when it can not begin: one coded error each, before anybody is answered; and which settings hold."""

from __future__ import annotations

import json
import socket
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionlang.cli.group import actionlang
from actionlang.cli.serve import NEEDED
from actionlang.runtime.database import Database
from tests.server.world import desk_file


def serve(folder: Path, *words: str) -> Result:
    """The command, in this process."""
    with chdir(folder):
        return CliRunner().invoke(actionlang, ["serve", *words], catch_exceptions=False, standalone_mode=False)


@pytest.mark.parametrize(
    ("words", "settings", "code", "status"),
    [
        (("--port", "70000"), "", "E1107", 2),
        ((), "prot = 80", "E1107", 2),
        (("--config", "nowhere.toml"), "", "E1107", 2),
        (("--workers", "2"), "", "E1109", 2),
        (("--host", "0.0.0.0"), "", "E1109", 2),
        (("--host", ""), "", "E1107", 2),
        ((), 'time_zone = "Mars/Olympus"', "E1107", 2),
        (("--host", "0.0.0.0"), '[server.identity]\napi_keys = true\nanonymous = "ann@example.com"', "E1109", 2),
        (("--host", "nowhere.invalid"), "[server.identity]\napi_keys = true", "E1108", 1),
        (("--db", "nothing.db"), "", "E0801", 1),
        (("--db", "postgresql+psycopg://nobody@127.0.0.1:1/desk"), "", "E0801", 1),
        (("--db", "plain.db", "--port", "0"), "", "E0920", 1),
        (("--port", "0"), 'plugins = ["no_such_module"]', "E0973", 1),
    ],
)
def test_it_can_not_begin(tmp_path: Path, words: tuple[str, ...], settings: str, code: str, status: int) -> None:
    head = "" if settings.startswith("[") else "[server]\n"
    (tmp_path / "actionlang.toml").write_text(f'database = "sqlite:///{desk_file()}"\n{head}{settings}\n')
    Database.connect(f"sqlite:///{tmp_path}/plain.db", create=True).close()
    done = serve(tmp_path, *words)
    assert f"[{code}]" in done.stderr
    assert done.return_value == status
    assert "Traceback" not in done.output


SAY_WHO = (
    "say in the section [identity] of the settings who may call (api_keys = true, or issuers), or listen on 127.0.0.1"
)


@pytest.mark.parametrize(
    ("identity", "hint"),
    [
        ("", SAY_WHO),
        ("leeway = 5", SAY_WHO),
        (
            'anonymous = "ann@example.com"',
            f"take `anonymous` out, and {SAY_WHO}",
        ),
        (
            'api_keys = true\nanonymous = "ann@example.com"',
            "take `anonymous` out of the section [identity] of the settings, or listen on 127.0.0.1",
        ),
    ],
    ids=["nothing", "nobody", "anonymous alone", "anonymous too"],
)
def test_what_to_do_before_other_machines_reach_it(tmp_path: Path, identity: str, hint: str) -> None:
    (tmp_path / "actionlang.toml").write_text(f"[server.identity]\n{identity}\n" if identity else "")
    done = serve(tmp_path, "--host", "0.0.0.0", "--db", str(desk_file()))
    assert "error[E1109]: 0.0.0.0 can be reached from other machines" in done.stderr
    assert f"\n  = hint: {hint}\n" in done.stderr


@pytest.mark.parametrize("library", NEEDED)
def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    done = serve(tmp_path, "--db", str(desk_file()))
    assert f"error[E0911]: This needs {library}, which is not installed." in done.stderr
    assert "pip install 'actionlang[server]'" in done.stderr
    assert done.return_value == 2


def test_somebody_listens_there_already(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve(tmp_path, "--db", str(desk_file()), "--port", str(taken.getsockname()[1]))
    assert "error[E1108]: Somebody else listens on port" in done.stderr
    assert done.return_value == 1


def test_the_settings_that_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "actionlang.toml").write_text("[server]\ndrain = 1\n[server.identity]\nleeway = 2.5\n")
    monkeypatch.setenv("ACTIONLANG_SERVER_CALLS", "7")
    done = serve(tmp_path, "--print-config", "--port", "9", "--db", "postgresql://ann:secret@host/desk")
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    for line in (
        'database = "postgresql://ann:***@host/desk" # --db',
        "port = 9 # --port",
        "calls = 7 # ACTIONLANG_SERVER_CALLS",
        "drain = 1.0 # actionlang.toml",
        "[identity]",
        "leeway = 2.5 # actionlang.toml",
        "# public_url = # default",
    ):
        assert line in lines
    told = json.loads(serve(tmp_path, "--print-config", "--json").output)
    assert told["calls"] == {"value": "7", "from": "ACTIONLANG_SERVER_CALLS"}


def test_what_is_printed_can_be_read_again(tmp_path: Path) -> None:
    printed = serve(tmp_path, "--print-config").output
    (tmp_path / "server.toml").write_text(printed)
    assert serve(tmp_path, "--config", "server.toml", "--print-config").return_value is None
