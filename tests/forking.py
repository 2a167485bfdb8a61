"""Processes that are forked from one that has imported everything, so that each is there at once.

A module calls `fork_for_requests` where it is run as a program; `children` starts it so and has it make a child for each request.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs

ROOT = Path(__file__).parents[1]
UNCHANGED: Mapping[str, str] = MappingProxyType({})


def fork_for_requests(work: Callable[..., Mapping[str, object]]) -> None:
    """Read requests from the input, a line of JSON each, and fork for each: the child does the work with what the request has, and
    prints what that gives. Prints the child's process id when it has begun, and how it ended when it has."""
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request.pop("environment"))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                print(json.dumps(work(**request)), flush=True)
                status = 0
            finally:
                os._exit(status)
        print(json.dumps({"pid": child}), flush=True)
        _, ended = os.waitpid(child, 0)
        print(json.dumps({"ended": os.waitstatus_to_exitcode(ended)}), flush=True)


@attrs.frozen
class Ended:
    """How a child ended: with which code of the system's, having counted how many statements, telling what of its work; None where
    it did not come to its end."""

    code: int
    count: int | None
    told: str | None


@attrs.frozen
class Children:
    """A program that starts them, one at a time."""

    process: subprocess.Popen[str]
    _told: dict[str, Any] = attrs.field(factory=dict)

    def begin(self, environment: Mapping[str, str] = UNCHANGED, **request: object) -> int:
        """Start one; gives its process id."""
        assert self.process.stdin is not None
        print(json.dumps({**request, "environment": dict(environment)}), file=self.process.stdin, flush=True)
        self._told.clear()
        return int(self._told_of("pid"))

    def end(self) -> Ended:
        """Wait until it has ended, one way or the other."""
        code = int(self._told_of("ended"))
        return Ended(code, self._told.get("count"), self._told.get("told"))

    def run(self, environment: Mapping[str, str] = UNCHANGED, **request: object) -> Ended:
        """Start one and wait until it has ended."""
        self.begin(environment, **request)
        return self.end()

    def _told_of(self, what: str) -> Any:
        assert self.process.stdout is not None
        while what not in self._told:
            self._told.update(json.loads(self.process.stdout.readline()))
        return self._told[what]


@contextmanager
def children(module: str) -> Iterator[Children]:
    """What starts them: a module of the tests."""
    with subprocess.Popen(
        [sys.executable, "-m", module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Children(process)
        assert process.stdin is not None
        process.stdin.close()
