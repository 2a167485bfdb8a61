"""What the doors for operators have in common: one address each, to be read only."""

from __future__ import annotations

from actionlang.diagnostics.catalogue.server import NOTHING_THERE, WRONG_METHOD
from actionlang.server.messages import Request
from actionlang.server.refusal import Refusal


def see_address(request: Request, address: str) -> None:
    """See that a request reads just this address. Raises Refusal."""
    if request.path != address:
        raise Refusal(404, NOTHING_THERE.id, "There is nothing at this address.")
    if request.method not in ("GET", "HEAD"):
        message = f"{address} can only be read."
        raise Refusal(405, WRONG_METHOD.id, message, headers={"Allow": "GET, HEAD"})
