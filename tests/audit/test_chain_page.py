"""The worked example on the page about the log is right."""

from __future__ import annotations

import json
import re
from hashlib import sha256

from actionlang.audit.digests import record_digest
from actionlang.audit.links import Link
from tests.docs.fences import DOCS

PAGE = (DOCS / "reference" / "log.md").read_text("utf-8")


def _block(info: str) -> str:
    found = re.search(f"^```{info}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, info
    return found[1].removesuffix("\n")


def test_the_worked_example_is_right() -> None:
    text = _block("json record")
    record = json.loads(text)
    digest = _block("text digest")
    assert sha256(text.encode()).hexdigest() == digest
    assert record_digest(record["run"], record["changes"], record["steps"], record["events"]) == digest
    line = f"{record['run']['id']} {digest}\n"
    assert sha256(line.encode()).hexdigest() == _block("text list")
    lines = _block("text link")
    assert sha256(f"{lines}\n".encode()).hexdigest() == _block("text hash")
    link = Link.of_runs(None, lines.split("\n")[4], {record["run"]["id"]: digest})
    assert (link.digest, link.hash) == (_block("text list"), _block("text hash"))
