"""What `actionlang serve` says when it begins: what it serves, where, and for whom."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actionlang.server.opening import Launch
    from actionlang.server.running import Serves
    from actionlang.server.settings import ServerSettings


def banner(launch: Launch, listening: socket.socket, *, as_json: bool) -> Callable[[Serves], None]:
    """What tells it."""
    from actionlang.server.listening import address_of

    root = (launch.settings.public_url or address_of(listening)).rstrip("/")

    def tell(serves: Serves) -> None:
        if as_json:
            told = json.dumps(_object(launch, serves, root, address_of(listening)))
        else:
            told = "\n".join(_lines(launch, serves, root))
        # A server serves, whether there is anybody to be told or not (>&-, a full disk).
        with suppress(OSError, AttributeError):
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()

    return tell


def _object(launch: Launch, serves: Serves, root: str, address: str) -> dict[str, object]:
    from actionlang.server.setting_sources import without_password

    return {
        "url": root,
        "address": address,
        "pid": os.getpid(),
        "workers": launch.settings.workers,
        "database": without_password(launch.url),
        "verbs": serves.verbs,
        "generation": serves.generation,
    }


def _lines(launch: Launch, serves: Serves, root: str) -> Iterator[str]:
    from actionlang.server.mounting import CLIENTS, DOCUMENTS, MCP, serves_mcp
    from actionlang.server.setting_sources import without_password

    settings = launch.settings
    verbs = "1 verb is" if serves.verbs == 1 else f"{serves.verbs:,} verbs are"
    workers = "" if settings.workers == 1 else f", by {settings.workers} workers"
    yield f"{verbs} served from {without_password(launch.url)}{workers}"
    if not serves.verbs:
        yield "Put verbs into use with actionlang activate: they are served at once."
    yield ""
    doors = {DOCUMENTS: "to read and try", CLIENTS: "for clients (OData)"}
    if serves_mcp(settings):
        doors[MCP] = "for assistants (MCP)"
    for address, purpose in doors.items():
        yield f"  {root}{address}".ljust(len(root) + 32) + purpose
    yield ""
    yield f"{whom(settings)} Ctrl-C stops it."


def whom(settings: ServerSettings) -> str:
    """Who may call."""
    identity = settings.identity
    ways = [f"tokens of {each.issuer}" for each in identity.issuers]
    if identity.api_keys is not False:
        ways.append("API keys (actionlang key create)")
    if identity.anonymous:
        ways.append(f"calls without credentials as {identity.anonymous}")
    told = f"Callers come with {' or '.join(ways)}." if ways else "Nobody may call: see [server.identity]."
    return f"Only this machine can reach it. {told}" if settings.is_loopback else told
