"""A subscription: which events go where. Each kind has settings of its own, which are checked when they are made."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

import attrs

from actionlang.delivery.matching import is_pattern
from actionlang.delivery.secret import SecretPlace
from actionlang.diagnostics.catalogue import delivery as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

ADDRESS = re.compile(r"""[^\s"(),:;<>@\[\]\\]{1,64}@[^\s"(),:;<>@\[\]\\]{1,255}""")

SECURITIES = ("starttls", "tls", "none")
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@attrs.frozen
class Webhook:
    """Events are posted to a URL, signed. With `allow_private` it may be in the deliverer's own network, and plain http."""

    url: str
    secret: SecretPlace
    allow_private: bool = False

    def __attrs_post_init__(self) -> None:
        _check_url(self.url, self.allow_private)


@attrs.frozen
class Smtp:
    """Messages are sent by a mail server. `sender` is the address that they come from where the event names none."""

    host: str
    sender: str
    security: str = attrs.field(default="starttls", validator=attrs.validators.in_(SECURITIES))
    port: int = attrs.field(
        default=attrs.Factory(lambda made: SMTP_PORTS[made.security], takes_self=True),
        validator=attrs.validators.and_(attrs.validators.ge(1), attrs.validators.le(65535)),
    )
    user: str | None = None
    password: SecretPlace | None = None

    def __attrs_post_init__(self) -> None:
        if not is_address(self.sender):
            unfit(f"{self.sender} is no e-mail address.", "write it like desk@example.com")
        if (self.user is None) != (self.password is None):
            unfit("A user of the mail server needs a password, and the other way round.", "give both or neither")
        if self.password is not None and self.security == "none":
            unfit("A password would be sent over a line that anyone can read.", "leave out --security none")


@attrs.frozen
class InProgram:
    """Events are given to a function of the program in which the deliverer runs."""


Target = Webhook | Smtp | InProgram

KINDS: dict[type, str] = {Webhook: "webhook", Smtp: "email", InProgram: "python"}


@attrs.frozen
class Subscription:
    """`events` are names and patterns. While `paused` (since that moment), events are kept for it, but not sent."""

    name: str
    events: tuple[str, ...]
    target: Target
    created: datetime
    paused: datetime | None = None
    pause_reason: str | None = None

    def __attrs_post_init__(self) -> None:
        if NAME.fullmatch(self.name) is None:
            unfit(f"{self.name} can not be the name of a subscription.", "use letters, digits, and - _ . between them")
        if not self.events:
            unfit("Which events? None is named.", "add --event helpdesk.Escalated, or --event '*' for all")
        for each in self.events:
            if not is_pattern(each):
                unfit(
                    f"{each} is no event and no pattern of events.", "write it like helpdesk.Escalated, helpdesk.* or *"
                )

    @property
    def kind(self) -> str:
        """`webhook`, `email` or `python`."""
        return KINDS[type(self.target)]


def is_address(text: str) -> bool:
    """Whether this is one e-mail address, and nothing more; none that has to stand in quotes."""
    return ADDRESS.fullmatch(text) is not None and text.isprintable()


def write_settings(target: Target) -> str:
    """A target's settings as JSON text."""
    return json.dumps(settings(target), ensure_ascii=False)


def settings(target: Target) -> dict[str, Any]:
    """A target's settings as JSON data: where a secret is, never the secret."""
    members = {name: value for name, value in attrs.asdict(target, recurse=False).items() if value is not None}
    return {name: _place(value) if isinstance(value, SecretPlace) else value for name, value in members.items()}


def read_settings(kind: str, text: str) -> Target:
    """A target from JSON text. Raises ActionLangError when it is not such settings."""
    (class_,) = [class_ for class_, name in KINDS.items() if name == kind]
    try:
        members = json.loads(text)
        made = class_(**{name: _value(name, value) for name, value in members.items()})
    except (TypeError, ValueError, AttributeError) as error:
        unfit(
            f"The settings of a subscription of the kind {kind} can not be read: {error}.", "remove it and add it again"
        )
    assert isinstance(made, Webhook | Smtp | InProgram)
    return made


def unfit(message: str, hint: str) -> NoReturn:
    """Refuse a subscription."""
    raise ActionLangError(Diagnostic(codes.UNFIT_SUBSCRIPTION, message, hint=hint))


def _place(secret: SecretPlace) -> dict[str, str]:
    return {secret.kind: secret.name}


def _value(name: str, value: Any) -> Any:
    if name not in {"secret", "password"}:
        return value
    ((kind, place),) = value.items()
    return SecretPlace(kind, place)


def _check_url(url: str, allow_private: bool) -> None:
    hint = "write it like https://example.com/events"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        unfit("The URL can not be read.", hint)
    if parts.scheme not in {"http", "https"} or not host or not url.isascii() or not url.isprintable() or " " in url:
        unfit("The URL is not one of a web server.", hint)
    if parts.username is not None or parts.password is not None:
        unfit(
            "The URL has a user or a password in it, which everyone would see.",
            "receivers verify the signature instead",
        )
    if parts.scheme == "http" and not allow_private:
        unfit(
            "Events would be sent over a line that anyone can read.",
            "use https; within your own network, add --allow-private",
        )
