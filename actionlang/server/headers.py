"""The headers of a request, which are looked up again and again while it is answered."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope

KEPT_AS = "actionlang.headers"


class ReadHeaders(Headers):
    """Headers that are found by name at once. Starlette's look through all of them each time."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        super().__init__(raw=raw)
        self._by_name: dict[str, list[str]] = {}
        for name, value in raw:
            self._by_name.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))

    def __getitem__(self, key: str) -> str:
        return self._by_name[key.lower()][0]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._by_name

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The first value of a header."""
        found = self._by_name.get(key.lower())
        return default if found is None else found[0]

    def getlist(self, key: str) -> list[str]:
        """All values of a header."""
        return [*self._by_name.get(key.lower(), ())]


def headers_of(scope: Scope) -> Headers:
    """The headers of a request, which are read once. What changes a scope's headers has to come before."""
    known: Headers | None = scope.get(KEPT_AS)
    if known is None:
        known = scope[KEPT_AS] = ReadHeaders(list(scope["headers"]))
    return known
