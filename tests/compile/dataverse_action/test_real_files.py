"""Actions as Dataverse exported them, from ../shared/data beside the project, and one of our own where that is not there.

Their scripts are in tests/golden/dataverse_action: with tables, and (`-bare`) without any.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.compile.dataverse_action.model import Workflow
from actionlang.compile.dataverse_action.script import import_action, write_script
from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse
from tests.compile.dataverse_action.importing import DATA, NOTHING_KNOWN, errors, tables
from tests.golden import ROOT, compare

SHARED = ROOT.parent.parent / "shared" / "data" / "dataverse" / "actions"
OWN = DATA / "Reopen-0B7C3D52-9A4E-4E0B-8C1F-6B5A1B3F2C10.xaml"


def _files() -> list[Path]:
    found = sorted(SHARED.glob("*")) if SHARED.is_dir() else []
    return [OWN, *(path for path in found if not path.name.endswith(".data.xml"))]


FILES = _files()


def test_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    if FILES == [OWN]:
        with capsys.disabled():
            print(f"\n{SHARED} is not there: only our own action is translated.")
    assert OWN.exists()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name[:20])
def test_scripts(file: Path) -> None:
    known = tables("tables.act" if file == OWN else "complaints.act")
    name = file.name.partition(".")[0]
    script = import_action(file, file.name, known)
    compare(f"dataverse_action/{name}.act", script.text)
    assert errors(script) == []
    assert (script.left, script.left_steps) == ((), 0)
    bare = import_action(file, file.name, NOTHING_KNOWN)
    compare(f"dataverse_action/{name}-bare.act", bare.text)
    assert parse(Source("bare.act", bare.text)).diagnostics == ()
    assert (bare.left, bare.steps) == ((), script.steps)


@pytest.mark.parametrize("table", [None, "incident"])
def test_tables_are_imported_where_they_are_used(table: str | None) -> None:
    """A contract for the host that is on no row and takes none names nothing of the tables."""
    workflow = Workflow("Send Report", "sendreport", "", table, False, True, True, (), (), "send.xaml")
    assert write_script(workflow, tables("tables.act")).text.startswith("import ") == (table is not None)
