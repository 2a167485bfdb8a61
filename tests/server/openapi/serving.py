"""A desk on a socket, with all that an OpenAPI document describes, and a key that Ann calls with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import attrs
from click.testing import CliRunner

from actionlang.cli.group import actionlang
from actionlang.runtime.database import Database
from actionlang.server.app import Application, Mounted
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.openapi.document import About
from actionlang.server.openapi.door import DocumentDoor, PageDoor
from tests.server.live import live
from tests.server.world import desk, service

OPEN = IdentitySettings(api_keys=True, calls_per_second=0, failures_per_minute=0)


@attrs.frozen
class Desk:
    """Where it is, the database behind it, and the key."""

    base: str
    database: Database
    key: str

    def get(self, path: str, key: str | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Ask with Ann's key, or another; an empty one is none."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"X-Api-Key": key or self.key} if key != "" else {}
        try:
            with urlopen(Request(f"{self.base}{path}", headers=given)) as answer:
                return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
        except HTTPError as error:
            with error:
                return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()

    def document(self, key: str | None = None) -> Any:
        """The document that a key gets."""
        status, _, body = self.get("/openapi.json", key)
        assert status == 200, body
        return json.loads(body)


def make_key(database: Database, *scopes: str) -> str:
    """A key of Ann's."""
    url = database.engine.url.render_as_string(hide_password=False)
    words = ["key", "create", "tests", "--by", "root", "--as", "ann@example.com", "--db", url]
    words += [word for scope in scopes for word in ("--scope", scope)]
    done = CliRunner().invoke(actionlang, words, standalone_mode=False)
    assert done.exception is None, done.exception
    return done.stdout.strip()


@contextmanager
def serving(kind: str) -> Iterator[Desk]:
    """A desk that is served."""
    with desk(kind) as database:
        verbs = service(database)
        odata = ODataDoor(verbs)
        doors = (
            Mounted("/api/data/", odata),
            Mounted("/openapi.json", DocumentDoor(verbs, ODataSettings(), About())),
            Mounted("/docs", PageDoor(), open=True),
        )
        with live(Application(doors, Authenticator(database, OPEN))) as base:
            yield Desk(base, database, make_key(database, "verb:*", "read"))
