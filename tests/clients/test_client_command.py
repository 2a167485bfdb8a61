"""`actionlang client`, as its users run it: from scripts and from a registry, where it writes, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.inside import Command, command
from tests.cli.running import write
from tests.server.world import desk_url

__all__ = ["command"]

DESK = """\
table case < number text(20) key; note text >

## Note something down.
action Note on case (text text) returns (length integer) < update case set note = text; return length: length(text) >
"""


def test_a_client_is_made_and_made_anew(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    told = "1 verb and 1 table in out/desk{}. It needs attrs and httpx2: from desk import Client\n"
    assert command("client", "python", "-o", "out/desk").fine() == told.format("")
    files = sorted(path.name for path in (tmp_path / "out/desk").iterdir())
    assert files == [
        "__init__.py",
        "_client.py",
        "_reading.py",
        "_started.py",
        "_transport.py",
        "_values.py",
        "client.py",
        "model.py",
        "py.typed",
    ]
    assert command("client", "python", "-o", "out/desk").fine() == told.format(", unchanged")
    (tmp_path / "out/desk/own.py").write_text("mine = 1\n")
    write(tmp_path, desk=DESK.replace("Note on", "Remark on"))
    assert command("client", "python", "-o", "out/desk").fine() == told.format("")
    assert "def remark(" in (tmp_path / "out/desk/client.py").read_text()
    assert (tmp_path / "out/desk/own.py").read_text() == "mine = 1\n"


def test_a_check_tells_of_an_old_client(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    missing = command("client", "python", "-o", "desk", "--check")
    assert (missing.status, (tmp_path / "desk").exists()) == (1, False)
    command("client", "python", "-o", "desk").fine()
    assert (
        command("client", "python", "-o", "desk", "--check").fine() == "The client in desk is what its contracts say.\n"
    )
    write(tmp_path, desk=DESK.replace("text text", "text text, again boolean default false"))
    before = (tmp_path / "desk/client.py").read_bytes()
    done = command("client", "python", "-o", "desk", "--check")
    assert (done.status, done.error) == (1, "")
    assert "old  desk/client.py\n" in done.out
    assert (tmp_path / "desk/client.py").read_bytes() == before


def test_typescript_keeps_the_package_that_is_there(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    told = "1 verb and 1 table in Web Desk. Build it with npm install && npm run build.\n"
    assert command("client", "typescript", "-o", "Web Desk").fine() == told
    package = tmp_path / "Web Desk/package.json"
    assert json.loads(package.read_text())["name"] == "web-desk"
    package.write_text('{"name": "@desk/verbs"}')
    (tmp_path / "Web Desk/node_modules").mkdir()
    write(tmp_path, desk=DESK.replace("Note on", "Remark on"))
    assert command("client", "typescript", "-o", "Web Desk").fine() == told
    assert package.read_text() == '{"name": "@desk/verbs"}'
    assert "async remark(" in (tmp_path / "Web Desk/src/client.ts").read_text()


def test_what_somebody_else_wrote_is_left_alone(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    (tmp_path / "own").mkdir()
    (tmp_path / "own/client.py").write_text("# My own.\n")
    done = command("client", "python", "-o", "own")
    assert done.status == 1
    assert "error[E0916]: own holds own/client.py, which would be gone" in done.error
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == ["client.py"]
    assert "error[E0916]: own holds other files, and no client" in command("client", "typescript", "-o", "own").error
    assert "error[E0908]: desk.act is a file." in command("client", "typescript", "-o", "desk.act").error
    command("client", "python", "-o", "own", "--force").fine()
    assert (tmp_path / "own/client.py").read_text().startswith("# Made by actionlang")
    (tmp_path / "own/model.py").write_text("# My own.\n")
    assert "own holds own/model.py, which would be gone" in command("client", "python", "-o", "own").error


def test_a_folder_that_python_can_not_import_is_told(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    for name, fit in (("my-client", "my_client"), ("class", "client"), ("2go", "client")):
        done = command("client", "python", "-o", name)
        assert done.status == 2
        assert f"error[E1160]: Python can not import a package called {name}." in done.error
        assert f"call the folder {fit}, for instance" in done.error
        assert not (tmp_path / name).exists()


def test_scripts_with_errors_make_nothing(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk="action Open < perform Nothing() >\n")
    done = command("client", "python", "-o", "desk")
    assert done.status == 1
    assert "error[E02" in done.error
    assert not (tmp_path / "desk").exists()


def test_verbs_of_a_registry_are_those_that_a_server_has(tmp_path: Path, command: Command) -> None:
    with desk_url("sqlite") as url:
        told = json.loads(command("client", "python", "--active", "--db", url, "-o", "desk", "--json").fine())
        assert told["current"] is False
        assert {each["file"] for each in told["files"]} >= {"client.py", "model.py"}
        assert "helpdesk.Escalate" in told["verbs"]
        assert "verbs.desk.Hidden" not in told["verbs"]
        assert "verbs.desk.Hidden" not in (tmp_path / "desk/client.py").read_text()
        again = json.loads(command("client", "python", "--db", url, "-o", "desk", "--json").fine())
        assert (again["contract"], again["current"]) == (told["contract"], True)
        both = command("client", "python", "verbs", "--db", url, "-o", "desk")
        assert (both.status, "PATHS name scripts" in both.error) == (2, True)


def test_the_namespace_is_that_of_the_server_and_httpx_may_send(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    (tmp_path / "actionlang.toml").write_text('[server.odata]\nnamespace = "Acme.Verbs"\n')
    command("client", "python", "-o", "first").fine()
    command("client", "python", "-o", "second", "--http", "httpx").fine()
    assert '_namespace: ClassVar[str] = "Acme.Verbs"' in (tmp_path / "first/client.py").read_text()
    differ = [
        (one, other)
        for file in sorted((tmp_path / "first").iterdir())
        for one, other in zip(
            file.read_text().splitlines(), (tmp_path / "second" / file.name).read_text().splitlines(), strict=True
        )
        if one != other
    ]
    assert differ
    assert set(differ) == {("import httpx2 as httpx", "import httpx")}
