"""Where clients get credentials, told to those that have none."""

from __future__ import annotations

import pytest

from actionlang.runtime.database import Database
from actionlang.server.identity.settings import IdentitySettings, Issuer
from actionlang.server.observing.settings import Observing
from actionlang.server.settings import ServerSettings
from tests.server.identity.whole import whole_server

ISSUER = Issuer(
    issuer="https://login.example.com",
    audience=("api://desk",),
    scopes=("Cases.Work = verb:helpdesk.*", "Cases.Read = read"),
)
WELL_KNOWN = "/.well-known/oauth-protected-resource"


def settings(*issuers: Issuer) -> ServerSettings:
    return ServerSettings(
        identity=IdentitySettings(issuers=issuers, api_keys=True), observing=Observing(requests=False)
    )


def test_clients_without_credentials_are_told_where_to_get_them(kept_desk: Database) -> None:
    with whole_server(kept_desk, settings(ISSUER)) as ask:
        for path in ("", "/mcp", "/api/data"):
            assert ask(f"{WELL_KNOWN}{path}").data == {
                "resource": f"{ask.base}{path}",
                "authorization_servers": ["https://login.example.com"],
                "bearer_methods_supported": ["header"],
                "scopes_supported": ["Cases.Read", "Cases.Work"],
            }
        assert ask(f"{WELL_KNOWN}/nothing").status == 404


@pytest.mark.parametrize("path", ["", "/mcp"])
def test_without_issuers_there_is_nothing_to_tell(kept_desk: Database, path: str) -> None:
    with whole_server(kept_desk, settings()) as ask:
        assert ask(f"{WELL_KNOWN}{path}").status == 404
