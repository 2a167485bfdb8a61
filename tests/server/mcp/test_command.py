"""`actionlang mcp` begins only for somebody."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters

from actionlang.cli.group import actionlang
from tests.cli.running import PROGRAM, environment
from tests.server.mcp.agents import NEW, over_pipe, run
from tests.server.world import desk, desk_url

WITHOUT = "import sys; sys.modules[sys.argv.pop(1)] = None; "


def told(url: str, *words: str, key: str | None = None) -> tuple[int, str]:
    """The exit code of the command and what it says where it does not begin."""
    done = CliRunner().invoke(
        actionlang, ["mcp", "--db", url, *words], env={"ACTIONLANG_API_KEY": key}, standalone_mode=False
    )
    return done.return_value, done.stderr


def test_somebody_has_to_be_named() -> None:
    with desk_url("sqlite") as url:
        code, text = told(url)
        assert code == 2 and "error[E0907]: It is not said who calls." in text
        code, text = told(url, "--as", "ann@example.com", key="al_live_x")
        assert code == 2 and "both say who calls" in text


@pytest.mark.parametrize("user", ["nobody@example.com", "", "\0"])
def test_it_is_a_user_who_calls(user: str) -> None:
    with desk_url("sqlite") as url:
        code, text = told(url, "--as", user)
        assert code == 2 and "error[E0733]" in text


def test_a_key_holds_or_nothing_is_served() -> None:
    with desk_url("sqlite") as url:
        code, text = told(url, key="al_live_3fJ9aK2mQx_nothing")
        assert code and "The API key is none." in text and "nothing" not in text


def test_a_database_without_a_registry() -> None:
    with desk("sqlite") as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE actionlang_registry")
        code, text = told(database.engine.url.render_as_string(), "--as", "ann@example.com")
    assert code and "error[E" in text and "registry" in text


def test_a_database_without_users(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    (tmp_path / "empty.db").touch()
    assert CliRunner().invoke(actionlang, ["registry", "init", "--db", url]).exit_code == 0
    code, text = told(url, "--as", "ann@example.com")
    assert code and "no such table: user" in text and "incident" not in text


@pytest.mark.process
def test_settings_say_whether_roles_count(tmp_path: Path) -> None:
    """Dan has no role: by the rules of access he may call nothing."""
    (tmp_path / "actionlang.toml").write_text("")
    with desk_url("sqlite") as url:
        host = over_pipe(url, "dan")
        host.cwd = str(tmp_path)
        run(_takes_a_sample, host, "E0730")
        (tmp_path / "actionlang.toml").write_text('[server.identity]\naccess = "off"\n')
        run(_takes_a_sample, host, None)


async def _takes_a_sample(host: StdioServerParameters, code: str | None) -> None:
    async with Client(host, mode=NEW) as client:
        done = await client.call_tool("TakeSample", {"code": "S-1"})
        assert done.structured_content.get("error", {}).get("code") == code


def test_without_roles_it_still_is_a_user_who_calls(tmp_path: Path) -> None:
    (tmp_path / "actionlang.toml").write_text('[server.identity]\naccess = "off"\n')
    with desk_url("sqlite") as url, chdir(tmp_path):
        code, text = told(url, "--as", "nobody@example.com")
    assert code == 2 and "error[E0733]" in text


def test_settings_that_are_wrong_are_told(tmp_path: Path) -> None:
    (tmp_path / "actionlang.toml").write_text('[server.identity]\naccess = "of"\n')
    with desk_url("sqlite") as url, chdir(tmp_path):
        code, text = told(url, "--as", "ann@example.com")
    assert code == 2 and "error[E1107]" in text


@pytest.mark.process
def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT + PROGRAM, "mcp", "mcp", "--as", "ann@example.com"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "error[E0911]: This needs mcp, which is not installed." in done.stderr
    assert "pip install 'actionlang[mcp]'" in done.stderr


@pytest.mark.process
def test_ctrl_c_ends_it_while_it_waits_for_a_line(tmp_path: Path) -> None:
    begin = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
    with desk_url("sqlite") as url:
        command = [sys.executable, "-c", PROGRAM, "mcp", "--db", url, "--as", "ann@example.com"]
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as served:
            assert served.stdin and served.stdout and served.stderr
            served.stdin.write(begin)
            served.stdin.flush()
            assert '"id":1' in served.stdout.readline()
            served.send_signal(signal.SIGINT)
            assert served.wait(timeout=60) == 130
            assert served.stderr.read() == "Interrupted.\n"
