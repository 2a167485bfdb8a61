"""Plug-ins out of modules and out of installed packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.plugins import Plugins
from tests.plugins.desk import open_desk

REGISTERS = """
def actionlang_register(plugins):
    @plugins.on_verb("example.Note")
    def shout(context):
        context.set_argument("text", context.arguments["text"].upper())
"""

HOLDS = """
from actionlang.plugins import Plugins

plugins = Plugins()

@plugins.on_verb("example.Note")
def shout(context):
    context.set_argument("text", context.arguments["text"].upper())
"""

HOOKS = f"""
from actionlang.plugins import hookimpl
{REGISTERS.replace("def actionlang", "@hookimpl" + chr(10) + "def actionlang")}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where Python finds modules and packages; what was imported from there is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("acme"):
            del sys.modules[name]


def install(folder: Path, package: str, code: str, target: str | None = None) -> None:
    """A small distribution, as an installer leaves it."""
    (folder / f"{package}.py").write_text(code, "utf-8")
    told = folder / f"{package}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", "utf-8")
    (told / "entry_points.txt").write_text(f"[actionlang]\n{package} = {target or package}\n", "utf-8")


def refused(plugins: Plugins, module: str | None = None) -> Diagnostic:
    load = plugins.load_entry_points if module is None else partial(plugins.load_module, module)
    with pytest.raises(ActionLangError) as raised:
        load()
    (told,) = raised.value.diagnostics
    return told


def shouts(plugins: Plugins) -> bool:
    with open_desk("memory", plugins) as desk:
        desk.run("Note", text="x")
        return desk.tasks() == ["X"]


@pytest.mark.parametrize("code", [REGISTERS, HOLDS])
def test_a_module_registers_what_it_has(plugins: Plugins, folder: Path, code: str) -> None:
    (folder / "acme_rules.py").write_text(code, "utf-8")
    plugins.load_module("acme_rules")
    assert [each.name for each in plugins.registrations] == ["acme_rules.actionlang_register.shout"] or code == HOLDS
    assert shouts(plugins)


def test_a_module_that_is_not_there(plugins: Plugins) -> None:
    told = refused(plugins, "acme_nowhere")
    assert told.code.id == "E0973"
    assert (
        told.message
        == "The module acme_nowhere can not be imported: ModuleNotFoundError: No module named 'acme_nowhere'."
    )


def test_a_module_that_registers_nothing(plugins: Plugins, folder: Path) -> None:
    (folder / "acme_empty.py").write_text("plugins = []", "utf-8")
    assert refused(plugins, "acme_empty").message == "The module acme_empty registers no plug-ins."


def test_a_module_whose_registering_fails(plugins: Plugins, folder: Path) -> None:
    (folder / "acme_broken.py").write_text("def actionlang_register(plugins):\n    1 // 0\n", "utf-8")
    told = refused(plugins, "acme_broken")
    assert told.code.id == "E0973"
    assert told.message.startswith("Registering the plug-ins of the module acme_broken failed: ZeroDivisionError")


def test_a_module_that_registers_what_can_not_be(plugins: Plugins, folder: Path) -> None:
    (folder / "acme_wrong.py").write_text(HOLDS.replace("example.Note", "Note"), "utf-8")
    assert refused(plugins, "acme_wrong").code.id == "E0970"


def test_an_installed_package_registers_what_it_has(plugins: Plugins, folder: Path) -> None:
    install(folder, "acme_package", HOOKS)
    plugins.load_entry_points()
    assert shouts(plugins)


def test_a_package_may_name_an_object(plugins: Plugins, folder: Path) -> None:
    code = (
        HOOKS.replace("@hookimpl", "class Rules:\n  @hookimpl")
        .replace("\ndef ", "\n  def ")
        .replace("(plugins)", "(self, plugins)")
    )
    code = code.replace("\n    ", "\n      ") + "\nrules = Rules()\n"
    install(folder, "acme_object", code, "acme_object:rules")
    plugins.load_entry_points()
    assert len(plugins.registrations) == 1


def test_without_packages_nothing_is_loaded(plugins: Plugins) -> None:
    plugins.load_entry_points()
    assert plugins.registrations == ()


PACKAGES = {
    "broken": ("1 // 0", None, "names can not be loaded: ZeroDivisionError: integer division or modulo by zero."),
    "empty": ("", None, "names is no plug-in: it implements none of the hooks."),
    "unmarked": (REGISTERS, None, "names is no plug-in: it implements none of the hooks."),
    "missing": (HOOKS, "acme_missing:nothing", "can not be loaded: AttributeError"),
    "other": (HOOKS.replace("actionlang_register", "actionlang_start"), None, "names is no plug-in: "),
}


@pytest.mark.parametrize("kind", PACKAGES)
def test_a_package_that_can_not_be_loaded_is_named(plugins: Plugins, folder: Path, kind: str) -> None:
    code, target, message = PACKAGES[kind]
    install(folder, f"acme_{kind}", code, target)
    told = refused(plugins)
    assert told.code.id == "E0973"
    assert told.message.startswith(f"What the entry point acme_{kind} of the package acme_{kind} names ")
    assert message in told.message


def test_without_pluggy_it_is_told_what_to_install(
    plugins: Plugins, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(folder, "acme_package", HOOKS)
    monkeypatch.delitem(sys.modules, "actionlang.plugins.hooks", raising=False)
    monkeypatch.setitem(sys.modules, "pluggy", None)
    told = refused(plugins)
    assert told.code.id == "E0911"
    assert told.hint == "pip install 'actionlang[plugins]'"
