"""Reading rows: one by its key, or many, a page after another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Generic, TypeVar

from ._transport import AsyncTransport, Transport
from ._values import Data, Row, address_of, items, members

K = TypeVar("K", bound=Row)
R = TypeVar("R")


class Rows(Generic[K, R]):
    """The rows of a table that the caller may read."""

    def __init__(self, transport: Transport, entity_set: str, read: Callable[[Data], R]) -> None:
        self._transport = transport
        self._entity_set = entity_set
        self._read = read

    def get(self, row: K) -> R:
        """A row. Raises ActionLangError, with status 404 where there is none."""
        return self._read(self._transport.send(self._transport.target.reading(address_of(row), {})))

    def list(
        self,
        *,
        where: str | None = None,
        order_by: str | None = None,
        top: int | None = None,
        page_size: int | None = None,
    ) -> Iterator[R]:
        """Rows, read page by page as they are asked for. `where` and `order_by` are texts of OData: `"priority eq 3"`."""
        options = {"$filter": where, "$orderby": order_by, "$top": top}
        request = self._transport.target.reading(self._entity_set, options, page_size)
        while True:
            page = self._transport.send(request)
            yield from items(page.get("value"), lambda row: self._read(members(row)))
            link = page.get("@odata.nextLink")
            if link is None:
                return
            request = self._transport.target.following(link, request)


class AsyncRows(Generic[K, R]):
    """The rows of a table that the caller may read."""

    def __init__(self, transport: AsyncTransport, entity_set: str, read: Callable[[Data], R]) -> None:
        self._transport = transport
        self._entity_set = entity_set
        self._read = read

    async def get(self, row: K) -> R:
        """A row. Raises ActionLangError, with status 404 where there is none."""
        return self._read(await self._transport.send(self._transport.target.reading(address_of(row), {})))

    async def list(
        self,
        *,
        where: str | None = None,
        order_by: str | None = None,
        top: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[R]:
        """Rows, read page by page as they are asked for. `where` and `order_by` are texts of OData: `"priority eq 3"`."""
        options = {"$filter": where, "$orderby": order_by, "$top": top}
        request = self._transport.target.reading(self._entity_set, options, page_size)
        while True:
            page = await self._transport.send(request)
            for row in items(page.get("value"), members):
                yield self._read(row)
            link = page.get("@odata.nextLink")
            if link is None:
                return
            request = self._transport.target.following(link, request)
