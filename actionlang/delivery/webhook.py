"""Events as signed HTTP requests, as Standard Webhooks describes them.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version

import httpx2

from actionlang.delivery.addresses import NotAllowed, addresses_of
from actionlang.delivery.events import ARRIVED, Delivered, Outcome
from actionlang.delivery.signature import key_of, signed
from actionlang.delivery.subscription import Webhook
from actionlang.delivery.timed_http import TimedTransport
from actionlang.delivery.trust import system_trust
from actionlang.engine.times import iso_datetime

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; nobody needs more of them."""

SHOWN_OF_ANSWER = 200
"""Characters of a refusal that are kept with the delivery."""

ADDRESSES_TRIED = 3

GONE = 410
"""The receiver wants no more."""


class WebhookChannel:
    """Posts events to one URL. Redirects are not followed and proxies not used: events go where the subscription says."""

    def __init__(
        self, target: Webhook, timeout: timedelta, now: Callable[[], datetime], trust: ssl.SSLContext | None = None
    ) -> None:
        """`trust` says which certificates are trusted, where those of the system are not."""
        self._target = target
        self._now = now
        self._url = httpx2.URL(target.url)
        self._seconds = timeout.total_seconds()
        self._transport = TimedTransport(trust or system_trust())
        self._client = httpx2.Client(transport=self._transport, follow_redirects=False, trust_env=False)
        self._fixed = {
            "content-type": "application/json",
            "user-agent": f"actionlang/{version('actionlang')}",
            "host": self._url.netloc.decode("ascii"),
        }

    def send(self, event: Delivered) -> Outcome:
        """Post it. Raises ActionLangError when the secret can not be used."""
        keys = self._keys()
        body = body_of(event)
        headers = {**self._fixed, **signed(event.id, int(self._now().timestamp()), body, keys)}
        self._transport.begin(self._seconds)
        try:
            return self._post(headers, body)
        except NotAllowed as error:
            return Outcome(f"{error}: actionlang subscriptions add --allow-private", final=True)
        except httpx2.TimeoutException:
            return Outcome("the receiver did not answer in time")
        except httpx2.RemoteProtocolError:
            return Outcome("the receiver closed the connection, or what it answered is no HTTP")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return Outcome(f"the receiver can not be reached: {str(error) or type(error).__name__}")

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _keys(self) -> list[bytes]:
        """The keys to sign with. While a secret is replaced, its place holds the new one and the old one, a space between."""
        place = self._target.secret
        try:
            return [key_of(each) for each in place.read().split()]
        except ValueError as error:
            raise place.unusable(str(error)) from None

    def _post(self, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post to the first address that can be reached. It is connected to the very address that was looked at."""
        host = self._url.host
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        addresses = addresses_of(host, port, allow_private=self._target.allow_private)[:ADDRESSES_TRIED]
        for address in addresses[:-1]:
            try:
                return self._post_to(address, headers, body)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return self._post_to(addresses[-1], headers, body)

    def _post_to(self, address: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        request = self._client.build_request(
            "POST",
            self._url.copy_with(host=address),
            content=body,
            headers=headers,
            # The certificate is the host's, not the address's.
            extensions={"sni_hostname": self._url.host},
        )
        response = self._client.send(request, stream=True)
        try:
            return self._outcome(response)
        finally:
            response.close()

    def _outcome(self, response: httpx2.Response) -> Outcome:
        if response.is_success:
            # Read to its end, so that the connection can be used again; a longer one is cut off.
            _beginning(response)
            return ARRIVED
        told = f"{response.status_code} {response.reason_phrase}".strip()
        said = _beginning(response)[: SHOWN_OF_ANSWER * 4].decode("utf-8", "replace")
        shown = " ".join("".join(each if each.isprintable() else " " for each in said).split())[:SHOWN_OF_ANSWER]
        error = f"the receiver answered {told}{f': {shown}' if shown else ''}"
        if response.status_code == GONE:
            return Outcome(error, final=True, pause=True)
        return Outcome(error, after=_retry_after(response.headers.get("retry-after"), self._now()))


def body_of(event: Delivered) -> bytes:
    """What is posted: the same bytes at each attempt."""
    row = None if event.row is None else {"table": event.row.table, "key": event.row.key}
    members = {
        "type": event.name,
        "timestamp": iso_datetime(event.emitted),
        "data": event.payload,
        "verb": event.verb,
        "run": event.run,
        "row": row,
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _beginning(response: httpx2.Response) -> bytes:
    read = b""
    for chunk in response.iter_raw():
        read += chunk
        if len(read) >= LONGEST_ANSWER:
            break
    return read[:LONGEST_ANSWER]


def _retry_after(given: str | None, now: datetime) -> timedelta | None:
    """How long the receiver asks to be left alone: seconds, or a moment (RFC 9110, 10.2.3)."""
    if given is None:
        return None
    text = given.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now, timedelta(0))
