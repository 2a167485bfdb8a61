"""The page that shows the document and calls what is in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import actionlang.server.openapi
from actionlang.server.catalog import catalog_of
from actionlang.server.openapi.document import About, Seen, document
from tests.server.world import desk, service

PAGE = Path(__file__).parent / "page.mjs"
VIEWER = Path(actionlang.server.openapi.__file__).parent / "assets" / "viewer.js"
NAMES = ("CountUp", "CountSlowly")


@pytest.mark.process
def test_background_actions_are_started_and_others_called(tmp_path: Path) -> None:
    with desk("sqlite") as database:
        catalog = catalog_of(service(database).snapshot())
    shown = Seen(tuple(catalog.verbs[f"verbs.desk.{name}"] for name in NAMES), rows=False)
    told = document(catalog, shown, About())
    told["paths"] = {path: item for path, item in told["paths"].items() if path.endswith(NAMES)}
    (tmp_path / "openapi.json").write_text(json.dumps(told), "utf-8")
    node = shutil.which("node")
    assert node, "Node.js is not there"
    command = [node, str(PAGE), str(VIEWER), str(tmp_path / "openapi.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    # What each is asked with, to try it out and for good.
    assert json.loads(done.stdout) == {
        "CountUp": ["dry-run", None],
        "CountSlowly": ["respond-async, dry-run", "respond-async"],
    }
