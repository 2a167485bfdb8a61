"""Plug-ins of a project, in commands: listed, checked, called."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.inside import Command, command

__all__ = ["command"]

PROJECT = 'database = "sqlite:///shop.db"\nplugins = ["acme_shop"]\n'

SCRIPT = """\
table item < name text(50) required key; price money; label text >

extern function Price(name text) returns (price money);

action Stock(name text) < create item set name = name, price = Price(name: name) >

action Rename on item (name text) < update item set name = name >
"""

PLUGINS = """\
from actionlang.plugins import AFTER, AFTER_COMMIT, Plugins

plugins = Plugins()


@plugins.implements("shop.Price")
def price(context):
    return {"price": len(context.arguments["name"])}


@plugins.on_table("shop.item", "create", order=5, performs=("shop.Rename",), stage=AFTER)
def rename(context):
    context.perform("shop.Rename", on=context.target, name=context.arguments["name"] + "!")


@plugins.on_table("shop.item", "update", columns=("name",), images=("name",), timeout=2.5)
def no_digits(context):
    if context.arguments["name"].isdigit():
        context.veto("A name has letters.")


@plugins.on_verb("shop.Rename", stage=AFTER_COMMIT, timeout=None)
def tell(call):
    print(f"renamed to {call.after['name']}")
"""

LISTED = """\
on                           when          order  plug-in              seconds
---------------------------  ------------  -----  -------------------  -------
shop.Price                   instead              acme_shop.price           30
shop.Rename                  after commit      0  acme_shop.tell
create of shop.item          after             5  acme_shop.rename          30
update of name in shop.item  before            0  acme_shop.no_digits      2.5
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with plug-ins; what was imported from it is forgotten afterwards."""
    (tmp_path / "actionlang.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "shop.act").write_text(SCRIPT, "utf-8")
    (tmp_path / "acme_shop.py").write_text(PLUGINS, "utf-8")
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    sys.modules.pop("acme_shop", None)


def test_the_list_is_in_the_order_in_which_they_are_called(project: Path, command: Command) -> None:
    done = command("plugins")
    assert (done.status, done.out, done.error) == (0, LISTED, "")


def test_the_list_as_json(project: Path, command: Command) -> None:
    found = json.loads(command("plugins", "--json").out)
    assert (found["diagnostics"], found["errors"], len(found["plugins"])) == ([], 0, 4)
    assert found["plugins"][3] == {
        "name": "acme_shop.no_digits",
        "subject": "shop.item",
        "operation": "update",
        "stage": "before",
        "order": 0,
        "timeout": 2.5,
        "columns": ["name"],
        "images": ["name"],
        "performs": [],
    }


def test_what_does_not_fit_the_verbs_is_told_below_the_list(project: Path, command: Command) -> None:
    (project / "shop.act").write_text(
        SCRIPT.replace("Rename", "Retitle").replace("function Price", "function Cost"), "utf-8"
    )
    done = command("plugins")
    assert done.status == 1
    assert done.out.startswith("on  ")
    told = [line for line in done.error.splitlines() if line.startswith("error")]
    assert (
        told
        == [
            "error[E0971]: The plug-in acme_shop.price implements shop.Price, which is not there.",
            "error[E0971]: The plug-in acme_shop.tell is on the verb shop.Rename, which is not there.",
            "error[E0971]: The plug-in acme_shop.rename performs shop.Rename, which is not there.",
            "error[E0972]: The host does not implement shop.Cost, an extern function.",
        ]
        or "Price" in done.error
    )
    found = json.loads(command("plugins", "--json").out)
    assert found["errors"] == len(found["diagnostics"]) > 0


def test_a_project_without_plug_ins(tmp_path: Path, command: Command) -> None:
    done = command("plugins")
    assert (done.status, done.out) == (0, "There are no plug-ins.\n")


def test_a_module_that_can_not_be_imported(project: Path, command: Command) -> None:
    (project / "actionlang.toml").write_text(PROJECT.replace("acme_shop", "acme_nowhere"), "utf-8")
    for arguments in (("plugins",), ("run", "Stock", "name=x"), ("deliver", "--once")):
        done = command(*arguments)
        assert done.status != 0
        assert "error[E0973]: The module acme_nowhere can not be imported" in done.error


@pytest.mark.parametrize("wrong", ['plugins = "acme"', "plugins = [1]"])
def test_a_project_file_that_names_no_modules(project: Path, command: Command, wrong: str) -> None:
    (project / "actionlang.toml").write_text(wrong, "utf-8")
    done = command("plugins")
    assert done.status == 1
    assert "must list Python modules under plugins" in done.error


def test_runs_and_deliveries_call_them(project: Path, command: Command) -> None:
    command("registry", "init")
    command("tables", "create")
    done = command("run", "Stock", "name=Chair")
    assert done.status == 0, done.error
    assert "  name   Chair!\n  price  5\n" in done.out
    refused = command("run", "Rename", "--on", "Chair!", "name=7")
    assert refused.status == 3
    assert "error[E0974]: A name has letters." in refused.error
    log = command("log").out
    run = log.splitlines()[2].split()[0]
    assert "plug-in" in command("log", run).out
    command("run", "Rename", "--on", "Chair!", "name=Stool")
    told = [line for line in command("deliver", "--once").out.splitlines() if line.startswith("renamed")]
    assert sorted(told) == ["renamed to Chair!", "renamed to Stool"]


def test_commands_that_run_nothing_need_no_plug_ins(project: Path, command: Command) -> None:
    (project / "acme_shop.py").write_text("1 // 0", "utf-8")
    for arguments in (("check",), ("verbs",), ("compile", "-o", "plans"), ("explain", "Stock")):
        assert command(*arguments).status == 0
