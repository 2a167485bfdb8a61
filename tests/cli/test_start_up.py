"""What is imported before a command needs it: start-up time, held by counting modules instead of seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from actionlang.cli.group import COMMANDS
from tests.cli.running import environment
from tests.golden import GOLDEN

LISTING = """
import json, sys
from actionlang.cli.main import main
status = main({arguments!r})
json.dump([status, sorted(sys.modules)], sys.stderr)
"""


def modules_after(folder: Path, *arguments: str) -> tuple[int, set[str]]:
    """The exit code of a command, and all modules that are imported then."""
    program = LISTING.format(arguments=list(arguments))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment(), capture_output=True, timeout=60, check=True
    )
    status, modules = json.loads(done.stderr.decode().splitlines()[-1])
    return status, set(modules)


def test_help_imports_click_and_the_table_of_commands_only(tmp_path: Path) -> None:
    status, modules = modules_after(tmp_path, "--help")
    assert status == 0
    own = {name for name in modules if name.startswith("actionlang.")}
    assert own == {f"actionlang.cli{each}" for each in ("", ".main", ".group", ".standard_files")}
    for heavy in ("attr", "lark", "sqlalchemy", "json", "tomllib", "importlib.metadata", "asyncio"):
        # An editable install imports some of these before Python does anything.
        assert heavy not in modules - _at_start(tmp_path), heavy


def _at_start(folder: Path) -> set[str]:
    """What Python has before the first line of a program that imports click."""
    program = "import click, click.shell_completion, json, sys; json.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment(), capture_output=True, timeout=60, check=True
    )
    return set(json.loads(done.stdout))


def test_a_command_imports_no_other(tmp_path: Path) -> None:
    _, modules = modules_after(tmp_path, "explain", "E0301")
    others = {f"actionlang.cli.{name}" for name in COMMANDS} - {"actionlang.cli.explain"}
    assert not others & modules
    assert not {"lark", "sqlalchemy"} & modules


@pytest.mark.process
def test_a_plan_is_run_without_a_parser(tmp_path: Path) -> None:
    plan = str(GOLDEN / "plan" / "escalate.plan.json")
    made, _ = modules_after(tmp_path, "tables", "create", plan, "--db", "desk.db")
    assert made == 0
    status, modules = modules_after(tmp_path, "run", plan, "--on", "CAS-1", "reason=x", "--db", "desk.db")
    assert status == 2, "there is no such case, which the database was asked for"
    assert "actionlang.runtime.run" in modules
    for name in (
        "lark",
        "actionlang.check",
        "actionlang.syntax",
        "actionlang.compile.modules",
        "actionlang.compile.compiled",
    ):
        assert name not in modules, name
