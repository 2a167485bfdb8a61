"""The message that the library's verb SendEmail asks for, as a mail server takes it.

Its id is made of its event's id, so that a message that arrives twice can be known by it. Addresses and subject are checked here,
whatever the verb let through: none of them can begin another header or name somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import attrs

from actionlang.delivery.events import Delivered
from actionlang.delivery.subscription import is_address

MOST_RECIPIENTS = 100
"""As many as a mail server has to take at least (RFC 5321, 4.5.3.1.8)."""


class Unsendable(Exception):
    """What the event says can not be made a message of."""


@attrs.frozen
class Mail:
    """A message as bytes, and whose it is; `international` when one of the addresses is not in plain ASCII."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    international: bool


def mail_of(event: Delivered, sender: str) -> Mail:
    """The message that an event asks for, from a sender. Raises Unsendable when there can be none."""
    read = {name: _text(event.payload, name) for name in ("to", "cc", "bcc", "reply_to", "subject", "body", "html")}
    to, cc, bcc, answers = (_addresses(name, read[name]) for name in ("to", "cc", "bcc", "reply_to"))
    if not to:
        raise Unsendable("it names nobody to send to")
    recipients = tuple(dict.fromkeys(each.addr_spec for each in (*to, *cc, *bcc)))
    if len(recipients) > MOST_RECIPIENTS:
        raise Unsendable(
            f"it has {len(recipients)} recipients, and more than {MOST_RECIPIENTS} at once are not sent to"
        )
    message = EmailMessage()
    message["Message-ID"] = f"<{event.id}@{sender.rpartition('@')[2]}>"
    message["Date"] = format_datetime(event.emitted)
    message["From"] = sender
    for header, addresses in (("To", to), ("Cc", cc), ("Reply-To", answers)):
        if addresses:
            message[header] = addresses
    message["Subject"] = _in_one_line(read["subject"])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(read["body"])
    if read["html"]:
        message.add_alternative(read["html"], subtype="html")
    international = not all(each.isascii() for each in (sender, *recipients, *(each.addr_spec for each in answers)))
    return Mail(sender, recipients, message.as_bytes(policy=SMTP.clone(utf8=international)), international)


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unsendable(f"its {name} is no text")
    return value


def _in_one_line(text: str) -> str:
    """A text without line ends, which would begin another header, and without what Python would decode to some (RFC 2047)."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).replace("=?", "= ?").split())


def _addresses(name: str, text: str) -> tuple[Address, ...]:
    """The addresses in a text, parted by commas, each with or without a name."""
    if not text.strip():
        return ()
    if not text.isprintable():
        raise Unsendable(f"its {name} has characters that no address has")
    try:
        header: Any = HeaderRegistry()("to", text)
        found = tuple(header.addresses)
    except (MessageError, ValueError, IndexError):
        # What Python's parser says of text that is none.
        found = ()
    if not found or not all(is_address(each.addr_spec) and each.display_name.isprintable() for each in found):
        raise Unsendable(f"its {name} is no list of e-mail addresses: {text}")
    return found
