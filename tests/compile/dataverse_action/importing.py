"""Translating a test's action, and what the checker has to say of the result."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from actionlang.compile.dataverse_action.known_tables import KnownTables, read_tables
from actionlang.compile.dataverse_action.script import Script, import_action
from actionlang.compile.modules import Loader
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse

DATA = Path(__file__).parent / "data"
NOTHING_KNOWN = KnownTables()


@cache
def tables(name: str = "tables.act") -> KnownTables:
    """The tables of a script in data/."""
    return read_tables(DATA / name, DATA, DATA)


@cache
def _checked() -> Loader:
    """The tables, and what every script has, checked once."""
    loader = Loader(DATA)
    for name in ("tables.act", "complaints.act"):
        loader.load_file(DATA / name)
    return loader


def translated(text: str, folder: Path, known: KnownTables | None = None) -> Script:
    """The script of an action that is given as XAML. It parses, and with tables it has no errors."""
    file = folder / "Close.xaml"
    file.write_text(text, "utf-8")
    found = import_action(file, file.name, tables() if known is None else known)
    assert parse(Source("close.act", found.text)).diagnostics == ()
    if known is None:
        assert errors(found) == []
    return found


def errors(script: Script, folder: Path = DATA) -> list[str]:
    """What is wrong with a script of tables in a folder."""
    loader = Loader(folder)
    if folder == DATA:
        loader.checked.update(_checked().checked)
        loader.names.update(_checked().names)
    module = loader.load_source("close", Source("close.act", script.text), folder)
    return [_told(found) for found in module.diagnostics if found.severity is Severity.ERROR]


def steps(script: Script) -> str:
    """What stands between the verb's angles, without what is declared around it."""
    body = script.text.partition("\n<\n")[2].partition("\n>\n")[0]
    return "\n".join(line.removeprefix("  ") for line in body.split("\n"))


def _told(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.code.id}: {diagnostic.message}"
