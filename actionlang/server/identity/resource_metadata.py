"""What clients are told, before they have credentials, of where to get them: RFC 9728 (Protected Resource Metadata), which
MCP's rules for authorization ask for."""

from __future__ import annotations

import json

import attrs

from actionlang.diagnostics.catalogue.server import NOTHING_THERE
from actionlang.server.identity.identity import ACT_FOR, READ, VERB
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.messages import Request, Response
from actionlang.server.refusal import Refusal

WELL_KNOWN = "/.well-known/oauth-protected-resource"
NOT_FOUND = 404


@attrs.frozen
class ResourceMetadataDoor:
    """Answers with the issuers whose tokens are taken. What stands behind the address is the path that a client wants to call."""

    settings: IdentitySettings
    paths: tuple[str, ...]

    def __call__(self, request: Request) -> Response:
        """The document. Raises Refusal where there are no issuers, or the path is none of the server's."""
        path = request.path.removeprefix(WELL_KNOWN).rstrip("/")
        if not self.settings.issuers or (path and path not in self.paths):
            raise Refusal(NOT_FOUND, NOTHING_THERE.id, "There is nothing at this address.")
        told = {
            "resource": f"{request.base}{path}",
            "authorization_servers": [each.issuer for each in self.settings.issuers],
            "bearer_methods_supported": ["header"],
            "scopes_supported": self._scopes(),
        }
        return Response(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    def _scopes(self) -> list[str]:
        """Scopes as issuers call them; our own where they call them nothing else."""
        named = {each.partition(" = ")[0].strip() for issuer in self.settings.issuers for each in issuer.scopes}
        return sorted(named) or [READ, f"{VERB}*", ACT_FOR]
