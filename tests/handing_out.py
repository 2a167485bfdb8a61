"""Which tests go to a process together (pytest-xdist, `--dist loadscope`).

Those of a file do, so that what they share is made once: the marks by which pytest-xdist has groups do nothing with pytest 9.2
(https://github.com/pytest-dev/pytest-xdist/issues/1386), and a test at a time would be handed out ever more slowly. A long file is
handed out in parts, so that no process has to wait for another one at the end.
"""

from __future__ import annotations

from collections import Counter

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

MOST = 30
"""The most tests that are handed out at a time."""


class InParts(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out a file, or a part of one, at a time, in order."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self._tests: Counter[str] = Counter()
        self._parts: dict[str, str] = {}

    def _split_scope(self, nodeid: str) -> str:
        """The part that a test is in. Tests are first asked about in the order that they are collected in."""
        if nodeid not in self._parts:
            file = nodeid.partition("::")[0]
            self._parts[nodeid] = f"{file} {self._tests[file] // MOST}"
            self._tests[file] += 1
        return self._parts[nodeid]
