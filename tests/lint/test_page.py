"""docs/reference/lints.md lists every lint, with what it is for."""

from __future__ import annotations

import re

from actionlang.lint.lints import LINTS
from tests.docs.fences import DOCS

ROW = re.compile(r"^\| \[`([a-z-]+)`\]\(\.\./lints/\1\.md\) \| (.+?) \|", re.MULTILINE)


def test_every_lint_is_listed() -> None:
    text = (DOCS / "reference" / "lints.md").read_text("utf-8")
    assert ROW.findall(text) == [(lint.name, lint.purpose) for lint in LINTS]
