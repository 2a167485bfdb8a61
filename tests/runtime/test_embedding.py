"""ActionLang inside a host program: what is imported by what, and the names that a host uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import actionlang
from actionlang.plan.codec import encode
from tests.runtime.desk import ESCALATE_PLAN, Desk

NOT_FOR_RUNNING = ("lark", "click", "prompt_toolkit", "actionlang.syntax", "actionlang.check", "actionlang.compile")
LOADED = "import sys; print(*sys.modules)"


def loaded_by(program: str, *arguments: str) -> set[str]:
    """The modules that a program has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{LOADED}", *arguments], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", sorted(actionlang.HOMES))
def test_every_name_is_there(name: str) -> None:
    assert getattr(actionlang, name).__name__ == name
    assert name in dir(actionlang)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="module 'actionlang' has no attribute 'Verb'"):
        actionlang.Verb  # noqa: B018


def test_importing_actionlang_loads_nothing_of_it() -> None:
    found = loaded_by("import actionlang")
    assert {name for name in found if name.startswith("actionlang.")} == set()
    assert not found & {"attrs", "sqlalchemy", "lark", "click"}


def test_running_a_plan_loads_neither_parser_nor_checker_nor_command_line(desk: Desk, tmp_path: Path) -> None:
    plan = tmp_path / "Escalate.json"
    plan.write_bytes(encode(ESCALATE_PLAN.steps))
    program = (
        "import sys\n"
        "from actionlang import Database, Plan\n"
        "with Database.connect('sqlite:///' + sys.argv[1]) as database:\n"
        "    result = Plan.load(sys.argv[2]).run(database, on='CAS-1', reason='smoke')\n"
        "    assert result['ticket'].table == 'helpdesk.task'\n"
    )
    found = loaded_by(program, str(desk.path), str(plan))
    assert "actionlang.runtime.run" in found
    for name in NOT_FOR_RUNNING:
        assert not {module for module in found if module == name or module.startswith(f"{name}.")}
    assert desk.query("SELECT subject FROM task") == [("Call back: Printer on fire",)]


def test_a_plan_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.json", "E0901"), (tmp_path, "E0901")):
        with pytest.raises(actionlang.ActionLangError) as caught:
            actionlang.Plan.load(path)
        assert caught.value.diagnostics[0].code.id == code
    (tmp_path / "bad.json").write_bytes(b"\x00\xff")
    with pytest.raises(actionlang.ActionLangError) as bad:
        actionlang.Plan.load(tmp_path / "bad.json")
    assert bad.value.diagnostics[0].code.id == "E0601"
