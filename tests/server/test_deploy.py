"""What deploy/ has: commands and options in it exist, its settings can be read, and systemd understands its units."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from actionlang.cli.group import actionlang
from actionlang.server.setting_sources import Sources
from tests.docs.fences import ROOT

DEPLOY = ROOT / "deploy"


def _parsed(words: list[str]) -> None:
    """See that a command line can be read."""
    context = click.Context(actionlang, info_name="actionlang")
    command = actionlang.get_command(context, words[0])
    assert command is not None
    command.make_context(words[0], words[1:], parent=context)


def _unit(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / name)
    return parser


def test_the_unit_begins_the_server() -> None:
    service = _unit("actionlang-server.service")["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program.endswith("/actionlang")
    _parsed(words)
    assert (service["Type"], service["ExecReload"]) == ("notify", "/bin/sh -c 'kill -HUP $MAINPID'")


def test_the_unit_begins_it_anew_until_the_database_is_there() -> None:
    unit = _unit("actionlang-server.service")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert (unit["Service"]["Restart"], unit["Service"]["RestartPreventExitStatus"]) == ("on-failure", "2")


def test_the_unit_waits_for_the_end() -> None:
    settings = Sources().resolved().settings
    assert (
        int(_unit("actionlang-server.service")["Service"]["TimeoutStopSec"])
        > max(settings.drain, settings.stop_timeout) + 15
    )


@pytest.mark.process
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """Where it is there to be asked."""
    program = shutil.which("systemd-analyze")
    for name in ("actionlang-server.service", "actionlang-server.socket"):
        text = (DEPLOY / name).read_text("utf-8")
        (tmp_path / name).write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    if program is not None:
        units = [str(each) for each in tmp_path.iterdir()]
        done = subprocess.run([program, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
        assert "Unknown" not in done.stderr and "Failed to parse" not in done.stderr, done.stderr


def test_the_image_begins_the_server_as_nobody_in_particular() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    (begun,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    program, *words = tomllib.loads(f"words = {begun}")["words"]
    assert program == "actionlang"
    _parsed(words)
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
    assert "/healthz" in text
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (installed,) = re.findall(r"'\.\[(.*)\]'", text)
    assert set(installed.split(",")) <= set(extras)


def test_the_image_is_made_of_what_the_package_needs_and_of_nothing_else() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = {name for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.MULTILINE) for name in line.split()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    folders = {each.split("/")[0] for each in project["tool"]["setuptools"]["package-dir"].values()}
    files = {project["project"]["readme"], *project["project"]["license-files"]}
    assert copied == {"pyproject.toml", "actionlang"} | folders | files


def test_the_health_of_a_container_is_asked_for_where_it_listens() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    (exposed,) = re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE)
    assert f"http://127.0.0.1:{exposed}/healthz" in text
    assert f'"--port", "{exposed}"]' in text


def test_the_settings_can_be_read() -> None:
    sources = Sources()
    text = (DEPLOY / "actionlang-server.toml").read_text("utf-8")
    sources.file(tomllib.loads(text), "actionlang-server.toml")
    assert sources.resolved().settings.identity.configured
    commented = re.sub(r"^# (?=\[\[|issuer|audience)", "", text, flags=re.MULTILINE)
    sources.file(tomllib.loads(commented), "actionlang-server.toml")
    assert sources.resolved().settings.identity.issuers[0].issuer == "https://login.example.com"
