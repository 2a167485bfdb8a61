"""How calls go to the server and what comes back: addresses, credentials, retries, errors."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any, TypeAlias
from urllib.parse import quote
from uuid import uuid4

import anyio
import attrs
import httpx2 as httpx

from ._values import Row, UnexpectedAnswer, address_of, literal, to_json

Token: TypeAlias = str | Callable[[], str]
AsyncToken: TypeAlias = str | Callable[[], str | Awaitable[str]]

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
WORTH_ANOTHER_TRY = (409, 429, 503)
"""Statuses that ask for another try where the server says when (Retry-After): a call with the same key that is still under way,
too many calls, a server that is busy or starts anew."""

LONGEST_WAIT = 30.0
"""Seconds. What the server wants to be left alone for longer is told as an error at once."""


class ActionLangError(Exception):
    """What the server refused, or failed at.

    `status` is that of HTTP, `code` the error's (`E0701`: the verb refused), `message` what to tell people, `hint` what helps;
    `details` are several things that are wrong, where they are; `target` names the argument; `run` is the id of the run in
    the server's log.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: tuple[Mapping[str, Any], ...] = (),
        target: str | None = None,
        hint: str | None = None,
        run: str | None = None,
    ) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.target = target
        self.hint = hint
        self.run = run

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@attrs.frozen
class Call:
    """A verb that is called: its name on the wire, the row that it is on, or the rows of an entity set, arguments by their names
    on the wire; those that are None are left out. Functions are asked by GET. One that is not `keyed` can not have a key. What
    goes on in the `background` is started."""

    verb: str
    arguments: Mapping[str, object]
    row: Row | None = None
    rows: tuple[str, Sequence[Row]] | None = None
    function: bool = False
    keyed: bool = True
    background: bool = False
    key: str | None = None
    expected: str | None = None
    dry_run: bool = False


@attrs.frozen
class Target:
    """Where a service is, and what it has before its names."""

    root: str
    namespace: str
    agent: str
    retries: int

    def request(self, call: Call) -> Request:
        """What is sent for a call. One that could act gets a key, so that it may be sent again when its answer is lost."""
        path = self._path(call)
        given = {name: value for name, value in call.arguments.items() if value is not None}
        headers = {"If-Match": call.expected} if call.expected is not None else {}
        if call.function:
            inside = ",".join(f"{name}=@p{at}" for at, name in enumerate(given))
            query = "&".join(f"@p{at}={literal(value)}" for at, value in enumerate(given.values()))
            return Request("GET", f"{path}{call.verb}({inside})" + (f"?{query}" if query else ""), headers, None, True)
        if call.background:
            headers["Prefer"] = "respond-async"
        if call.dry_run:
            headers["Prefer"] = "dry-run"
        elif call.keyed and (call.key is not None or self.retries):
            headers["Idempotency-Key"] = _quoted(call.key or str(uuid4()))
        headers["Content-Type"] = "application/json"
        if call.rows is not None:
            given["Targets"] = call.rows[1]
        repeatable = call.dry_run or "Idempotency-Key" in headers
        return Request("POST", f"{path}{call.verb}", headers, to_json(given).encode(), repeatable)

    def _path(self, call: Call) -> str:
        if call.row is not None:
            return f"{self.root}{address_of(call.row)}/{self.namespace}."
        return self.root if call.rows is None else f"{self.root}{call.rows[0]}/{self.namespace}."

    def reading(self, path: str, options: Mapping[str, object], page_size: int | None = None) -> Request:
        """What is sent to read rows. `options` are those of OData, `$filter` and the like; None is left out."""
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in options.items() if value is not None)
        headers = {} if page_size is None else {"Prefer": f"odata.maxpagesize={page_size}"}
        return Request("GET", f"{self.root}{path}" + (f"?{query}" if query else ""), headers, None, True)

    def state(self, run: str) -> str:
        """The address at which the state of a run is told that was started."""
        return f"{self.root}$calls({quote(run, safe='')})"

    def following(self, link: object, before: Request) -> Request:
        """What is sent for the page that a next link leads to. Raises UnexpectedAnswer for a link to another server, which would
        be given the caller's credentials."""
        url = httpx.URL(before.url).join(str(link))
        if not str(url).startswith(self.root):
            raise UnexpectedAnswer(f"The next page would be at {url}, which is not below {self.root}.")
        return Request("GET", str(url), before.headers, None, True)


@attrs.frozen
class Request:
    """What is sent; `repeatable` says whether to send it twice does no harm."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    repeatable: bool


def headers_of(request: Request, target: Target, token: str | None, api_key: str | None) -> dict[str, str]:
    """All headers of a request, with who calls."""
    headers = {"Accept": "application/json", "OData-Version": "4.0", "User-Agent": target.agent, **request.headers}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if api_key is not None:
        headers["X-Api-Key"] = api_key
    return headers


Answer: TypeAlias = httpx.Response | httpx.TransportError
"""What comes of sending a request: that it was answered, or that no answer came."""


def response_of(answer: Answer, request: Request, tried: int) -> httpx.Response:
    """An answer that refuses nothing. Raises ActionLangError, or that no answer came."""
    if isinstance(answer, httpx.TransportError):
        raise answer
    # What is gone when its removal is asked for again was removed by a try whose answer was lost.
    is_gone = request.method == "DELETE" and tried > 0 and answer.status_code == httpx.codes.NOT_FOUND
    if not answer.is_success and not is_gone:
        raise error_of(answer, answer.status_code)
    return answer


def data_of(response: httpx.Response) -> Mapping[str, object]:
    """What an answer holds: nothing where there is none. Raises UnexpectedAnswer for what is no ActionLang server's."""
    if response.status_code == httpx.codes.NO_CONTENT:
        return {}
    data = _json_of(response)
    if not isinstance(data, dict):
        raise UnexpectedAnswer(f"{response.url} answered with something else than a JSON object.")
    return data


def _json_of(response: httpx.Response) -> object:
    try:
        return json.loads(response.content, parse_float=Decimal)
    except ValueError:
        return None


def _members_of(data: object) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def error_of(response: httpx.Response, status: int) -> ActionLangError:
    """The error that an answer tells of."""
    told = _members_of(_members_of(_json_of(response)).get("error"))
    inner = _members_of(told.get("innererror"))
    details = told.get("details")
    return ActionLangError(
        status,
        str(told.get("code", f"HTTP {status}")),
        str(told.get("message", response.reason_phrase)),
        details=tuple(details) if isinstance(details, list) else (),
        target=told.get("target"),
        hint=inner.get("hint"),
        run=inner.get("run"),
    )


def _quoted(key: str) -> str:
    """A key as the header has it (RFC 8941, 3.3.3)."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def wait_after(answer: Answer, request: Request, tried: int) -> float | None:
    """How many seconds to wait before a request is sent again; None if it is not worth it, or could act twice."""
    backoff = random.uniform(0.5, 1.0) * min(0.2 * 2**tried, 5.0)  # noqa: S311 - no secret
    if isinstance(answer, httpx.TransportError):
        return backoff if request.repeatable or isinstance(answer, NEVER_SENT) else None
    if answer.status_code not in WORTH_ANOTHER_TRY or not request.repeatable:
        return None
    asked = answer.headers.get("Retry-After", "")
    if not asked.isdecimal():
        return backoff if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else None
    return max(float(asked), backoff) if float(asked) <= LONGEST_WAIT else None


class Transport:
    """Sends requests, again where that is safe and sensible."""

    def __init__(self, http: httpx.Client, target: Target, token: Token | None, api_key: str | None) -> None:
        self.http = http
        self.target = target
        self._token = token
        self._api_key = api_key

    def call(self, call: Call) -> Mapping[str, object]:
        """Call a verb; gives its outputs. Raises ActionLangError, or `httpx.TransportError` where no answer came."""
        return self.send(self.target.request(call))

    def send(self, request: Request) -> Mapping[str, object]:
        """Send a request; gives what the answer holds."""
        return data_of(self.answer(request))

    def answer(self, request: Request) -> httpx.Response:
        """Send a request; gives its answer. Raises as `call`."""
        for tried in count():
            answer = self._once(request)
            wait = wait_after(answer, request, tried) if tried < self.target.retries else None
            if wait is None:
                return response_of(answer, request, tried)
            time.sleep(wait)
        raise AssertionError("the loop has no end of its own")

    def _once(self, request: Request) -> Answer:
        token = self._token() if callable(self._token) else self._token
        headers = headers_of(request, self.target, token, self._api_key)
        try:
            return self.http.request(request.method, request.url, headers=headers, content=request.content)
        except httpx.TransportError as error:
            return error


class AsyncTransport:
    """The same for programs that do several things at once."""

    def __init__(self, http: httpx.AsyncClient, target: Target, token: AsyncToken | None, api_key: str | None) -> None:
        self.http = http
        self.target = target
        self._token = token
        self._api_key = api_key

    async def call(self, call: Call) -> Mapping[str, object]:
        """Call a verb; gives its outputs. Raises ActionLangError, or `httpx.TransportError` where no answer came."""
        return await self.send(self.target.request(call))

    async def send(self, request: Request) -> Mapping[str, object]:
        """Send a request; gives what the answer holds."""
        return data_of(await self.answer(request))

    async def answer(self, request: Request) -> httpx.Response:
        """Send a request; gives its answer. Raises as `call`."""
        for tried in count():
            answer = await self._once(request)
            wait = wait_after(answer, request, tried) if tried < self.target.retries else None
            if wait is None:
                return response_of(answer, request, tried)
            await anyio.sleep(wait)
        raise AssertionError("the loop has no end of its own")

    async def _once(self, request: Request) -> Answer:
        token = self._token() if callable(self._token) else self._token
        known = token if token is None or isinstance(token, str) else await token
        headers = headers_of(request, self.target, known, self._api_key)
        try:
            return await self.http.request(request.method, request.url, headers=headers, content=request.content)
        except httpx.TransportError as error:
            return error
