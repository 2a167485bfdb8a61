"""Where the requests of a batch go: below the root of the batch's own service and nowhere else; and what `$1` stands for in them.

Nothing is fetched from anywhere: an address that names another host, another path of this server, or the batch itself is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import attrs

from actionlang.diagnostics.catalogue.server import NO_SUCH_PART, WRONG_PART
from actionlang.server.odata.batch_parts import Part
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

REFERENCE = re.compile(r"/?\$([A-Za-z0-9_\-.~]{1,100})(?=[/?]|\Z)(.*)", re.DOTALL)
OF_ODATA = frozenset({"batch", "metadata", "crossjoin", "all", "entity", "root", "id", "calls"})
"""Names with a sign that are no references (OData JSON Format 4.01, section 19.1), and one of our own."""

LINKS = ("@odata.bind", "@odata.id", "@bind", "@id")
"""Members of a body that hold addresses end so."""

PORTS = {"http": 80, "https": 443}
SAFE = "/?:@!$&'()*+,;=-._~%[]\""


@attrs.frozen
class Root:
    """The root of the service that a batch was sent to: its `base` as the caller sees it, its `path` without a slash behind."""

    base: str
    path: str

    def target(self, url: str) -> tuple[str, str]:
        """The path and the query of a request to an address, encoded. Raises Refusal (E1142) where it is not below the root."""
        text = url.strip()
        if not text.isprintable() or "\\" in text or "#" in text or text.startswith("//"):
            raise elsewhere()
        path, _, query = self._of_this_host(text).partition("?")
        if path.startswith("/"):
            if path != self.path and not path.startswith(f"{self.path}/"):
                raise elsewhere()
            path = path[len(self.path) + 1 :]
        segments = [unquote(each) for each in path.split("/")]
        if any(each in (".", "..") for each in segments) or "" in segments[:-1]:
            raise elsewhere()
        if segments[0].casefold() == "$batch":
            raise Refusal(
                BAD_REQUEST, WRONG_PART.id, "A batch holds no other batches.", hint="send its requests themselves"
            )
        return f"{self.path}/{quote(path, SAFE)}", quote(query, SAFE)

    def _of_this_host(self, text: str) -> str:
        """An address without the host, which has to be this one. How TLS ends before the server is not its business."""
        own = urlsplit(self.base)
        if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", text):
            try:
                given = urlsplit(text)
                ports = {each.port or PORTS.get(each.scheme) for each in (given, own)}
            except ValueError:
                raise elsewhere() from None
            is_same = given.hostname == own.hostname and (len(ports) == 1 or given.netloc == own.netloc)
            if given.scheme not in PORTS or not is_same or "@" in given.netloc:
                raise elsewhere()
            text = given.path + (f"?{given.query}" if given.query else "")
            if not text.startswith("/"):
                raise elsewhere()
        if own.path and text.startswith(f"{own.path}/"):
            text = text[len(own.path) :]
        return text


def elsewhere() -> Refusal:
    """The refusal of an address that is not below the root."""
    message = "A request of the batch goes somewhere else than to the service that the batch was sent to."
    hint = "write its address below the service's root, for example cases(number='CAS-1')/Escalate"
    return Refusal(BAD_REQUEST, WRONG_PART.id, message, hint=hint, target="url")


def resolved(part: Part, rows: Mapping[str, str | None]) -> str:
    """The address of a request, with the row's for a reference to an earlier request. `rows` are the addresses of the rows that
    earlier requests gave, by their ids; None of those that gave none.

    Raises Refusal.
    """
    found = REFERENCE.fullmatch(part.url)
    if found is None or found[1].casefold() in OF_ODATA:
        return part.url
    return row_of(found[1], rows) + found[2]


def linked(body: Any, rows: Mapping[str, str | None]) -> Any:
    """A body whose links to earlier requests (`"owner@odata.bind": "$1"`) are the addresses of their rows. Raises Refusal."""
    if isinstance(body, dict):
        return {
            name: _link(value, rows) if name.endswith(LINKS) else linked(value, rows) for name, value in body.items()
        }
    return [linked(each, rows) for each in body] if isinstance(body, list) else body


def _link(value: Any, rows: Mapping[str, str | None]) -> Any:
    if isinstance(value, list):
        return [_link(each, rows) for each in value]
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else row_of(found[1], rows) + found[2]


def row_of(id_: str, rows: Mapping[str, str | None]) -> str:
    """The address of the row that an earlier request gave. Raises Refusal."""
    if id_ not in rows:
        message = f"${id_} refers to a request that is not before this one in the batch, or that failed."
        hint = "give that request the Content-ID (in JSON: the id), and let it come first"
        raise Refusal(BAD_REQUEST, NO_SUCH_PART.id, message, hint=hint, target=f"${id_}")
    row = rows[id_]
    if row is None:
        message = f"${id_} refers to a request that gave no row, or several."
        raise Refusal(
            BAD_REQUEST, NO_SUCH_PART.id, message, hint="refer to a verb that returns one row", target=f"${id_}"
        )
    return row
