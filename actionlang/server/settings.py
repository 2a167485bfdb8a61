"""Settings of the server: what there is to choose, for whom it is."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from attrs.validators import ge, gt, in_, le

from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.observing.settings import Observing
from actionlang.server.odata.reading_settings import ReadingSettings
from actionlang.server.odata.settings import ODataSettings

MEBIBYTE = 1024 * 1024

URL = "url"
"""A setting of which only the password is a secret."""


NAME = re.compile(r"[\w.-]+")


def _is_host(_: Any, __: Any, value: str) -> None:
    try:
        ip_address(value)
    except ValueError:
        if not NAME.fullmatch(value):
            raise ValueError(f'must be an address such as "127.0.0.1" or "::1", or a name, not {value!r}') from None


def _is_time_zone(_: Any, __: Any, value: str | None) -> None:
    try:
        ZoneInfo(value or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'must be a time zone that there is, such as "Europe/Berlin", not {value!r}') from None


def _split(value: str) -> SplitResult:
    """An address in its parts; those of one that is none have no host."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _are_networks(_: Any, __: Any, value: tuple[str, ...]) -> None:
    for each in value:
        try:
            ip_network(each)
        except ValueError:
            raise ValueError(f'must be addresses or networks such as "10.0.0.0/8", not {each!r}') from None


def _is_root(_: Any, __: Any, value: str | None) -> None:
    if value is None:
        return
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f'must be an address such as "https://verbs.example.com", not {value!r}')


def _are_origins(_: Any, __: Any, value: tuple[str, ...]) -> None:
    for each in value:
        parts = _split(each)
        if parts.scheme not in ("http", "https") or each != f"{parts.scheme}://{parts.netloc}" or not parts.netloc:
            raise ValueError(f'must be origins such as "https://app.example.com", not {each!r}')


def _are_hosts(_: Any, __: Any, value: tuple[str, ...]) -> None:
    for each in value:
        if each != "*" and not (NAME.fullmatch(each.removeprefix("*.")) or _is_in_brackets(each)):
            raise ValueError(
                f'must be names such as "verbs.example.com" or "*.example.com", without a port, not {each!r}'
            )


def _is_in_brackets(value: str) -> bool:
    """Whether it is an address of IPv6 as it stands in `Host`."""
    return _split(f"//{value}").netloc == value and value.startswith("[") and value.endswith("]")


def _setting(default: Any, about: str, *validators: Any, secret: str | bool = False) -> Any:
    """A field with what is said of it on the reference page."""
    return attrs.field(default=default, validator=list(validators) or None, metadata={"about": about, "secret": secret})


@attrs.frozen
class ServerSettings:
    """All settings: `[server]` in actionlang.toml, its sections below it."""

    database: str | None = _setting(None, "The database's URL. By default the project's.", secret=URL)
    host: str = _setting(
        "127.0.0.1", "The address that is listened on. Others than this machine's need `[identity]`.", _is_host
    )
    port: int = _setting(8000, "The port; 0 is any that is free.", ge(0), le(65535))
    workers: int = _setting(1, "Processes that answer. More than one need PostgreSQL.", ge(1), le(256))
    calls: int = _setting(16, "Calls that a worker makes at the same time.", ge(1), le(1000))
    waiting: int = _setting(200, "Calls that may wait for their turn; the next ones are answered 503.", ge(0))
    connections: int = _setting(16, "Connections to PostgreSQL that runs of a worker use at the same time.", ge(1))
    call_timeout: float = _setting(
        30.0, "Seconds that a call may take; then it is stopped, undone and answered 504.", gt(0)
    )
    max_body: int = _setting(4 * MEBIBYTE, "Bytes that the body of a request may have; else 413.", ge(1024))
    read_timeout: float = _setting(20.0, "Seconds that a request may keep the server waiting for more of it.", gt(0))
    keep_alive: float = _setting(
        75.0, "Seconds after which an idle connection is closed. Longer than those of a proxy in front.", gt(0)
    )
    drain: float = _setting(10.0, "Seconds for which a worker that ends keeps idle connections open.", ge(0))
    stop_timeout: float = _setting(
        30.0, "Seconds after which calls are stopped that are still under way when a worker ends.", ge(0)
    )
    deliver: bool = _setting(
        False, "Whether the server also sends the events that verbs emit, as `actionlang deliver`."
    )
    mcp: bool = _setting(True, "Whether verbs are tools for assistants, where `actionlang[mcp]` is installed.")
    title: str = _setting("Verbs", "What the server calls itself in its OpenAPI document.")
    public_url: str | None = _setting(
        None, "The root of the server as callers see it, where a proxy gives it another one.", _is_root
    )
    hosts: tuple[str, ...] = _setting(
        (),
        "The names that the server is called by, else 421. By default any; on this machine alone its own.",
        _are_hosts,
    )
    proxies: tuple[str, ...] = _setting(
        (), "The addresses of proxies, whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.", _are_networks
    )
    cors_origins: tuple[str, ...] = _setting((), "The origins of pages in browsers that may call.", _are_origins)
    time_zone: str | None = _setting(None, "The time zone of `today()`. By default the project's.", _is_time_zone)
    plugins: tuple[str, ...] = _setting((), "Python modules with plug-ins, besides the project's.")
    synchronous: str = _setting(
        "full", "SQLite's: `full` keeps every run through a power cut, `normal` is faster.", in_(("full", "normal"))
    )
    identity: IdentitySettings = attrs.field(factory=IdentitySettings, metadata={"about": "Who may call."})
    odata: ODataSettings = attrs.field(factory=ODataSettings, metadata={"about": "How verbs and rows look to clients."})
    reading: ReadingSettings = attrs.field(
        factory=ReadingSettings, metadata={"about": "How many rows are read at once."}
    )
    observing: Observing = attrs.field(factory=Observing, metadata={"about": "How the server is watched."})

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
