"""The language server's benchmark asks everything and is answered."""

from __future__ import annotations

import asyncio

from benchmarks.language_server import measure


def test_every_request_is_measured() -> None:
    found = asyncio.run(measure(400, 170, 2))
    assert len(found.requests) >= 19
    assert all(len(settled) == len(typing) == 2 for settled, typing in found.requests.values())
    assert len(found.problems) == 2
