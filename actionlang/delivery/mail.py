"""Messages that verbs ask to be sent, by a mail server."""

from __future__ import annotations

import smtplib
import ssl
import time
from datetime import timedelta

from actionlang.delivery.events import ARRIVED, Delivered, Outcome
from actionlang.delivery.message import Mail, Unsendable, mail_of
from actionlang.delivery.subscription import Smtp
from actionlang.delivery.trust import system_trust

ACCEPTED = (250, 251)
"""A server takes a recipient (RFC 5321, 4.3.2)."""


class MailChannel:
    """Sends each message on a connection of its own: mail servers do not keep idle ones."""

    def __init__(self, target: Smtp, timeout: timedelta, trust: ssl.SSLContext | None = None) -> None:
        """`trust` says which certificates are trusted, where those of the system are not."""
        self._target = target
        self._timeout = timeout.total_seconds()
        self._trust = trust or system_trust()

    def send(self, event: Delivered) -> Outcome:
        """Send the message that an event asks for. Raises ActionLangError when the password can not be read."""
        target = self._target
        password = None if target.password is None else target.password.read()
        try:
            mail = mail_of(event, target.sender)
        except Unsendable as error:
            return Outcome(f"the message can not be sent: {error}", final=True)
        until = time.monotonic() + self._timeout
        try:
            with self._connected() as server:
                if target.user is not None and password is not None:
                    server.login(target.user, password)
                return _hand_over(server, mail, until)
        except smtplib.SMTPAuthenticationError as error:
            # What the server says may repeat what it was given; and what is to be mended is the password, not the message.
            return Outcome(f"the mail server does not accept the user {target.user} ({error.smtp_code})")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(f"the mail server {target.host} can not be reached: {str(error) or type(error).__name__}")

    def close(self) -> None:
        """Nothing stays open."""

    def _connected(self) -> smtplib.SMTP:
        target = self._target
        if target.security == "tls":
            return smtplib.SMTP_SSL(target.host, target.port, timeout=self._timeout, context=self._trust)
        server = smtplib.SMTP(target.host, target.port, timeout=self._timeout)
        if target.security == "starttls":
            try:
                server.starttls(context=self._trust)
            except BaseException:
                server.close()
                raise
        return server


def _hand_over(server: smtplib.SMTP, mail: Mail, until: float) -> Outcome:
    """Give a server a message for all that it takes it for; for none yet, while it asks to wait with one of them, or when it has
    taken until a moment to hear of them all: by then another deliverer may be about to send the message.

    Raises smtplib's errors.
    """
    server.ehlo_or_helo_if_needed()
    options = []
    if mail.international:
        if not server.has_extn("smtputf8"):
            return Outcome("the mail server takes only addresses in plain ASCII (it has no SMTPUTF8)", final=True)
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    _see(server.mail(mail.sender, options))
    refused: list[tuple[str, int, bytes]] = []
    for recipient in mail.recipients:
        code, told = server.rcpt(recipient)
        if time.monotonic() > until:
            server.rset()
            return Outcome("the mail server takes too long to hear of all recipients: see actionlang deliver --timeout")
        if code in ACCEPTED:
            continue
        if code < 500:
            server.rset()
            return _refused(code, told)
        refused.append((recipient, code, told))
    if len(refused) == len(mail.recipients):
        server.rset()
        return _refused(refused[0][1], refused[0][2])
    _see(server.data(mail.content))
    if not refused:
        return ARRIVED
    return Outcome(
        note="; ".join(f"not sent to {recipient}: {_shown(code, told)}" for recipient, code, told in refused)
    )


def _see(answer: tuple[int, bytes]) -> None:
    """Raise an answer that is a refusal."""
    if answer[0] not in ACCEPTED:
        raise smtplib.SMTPResponseException(*answer)


def _refused(code: int, told: bytes | str) -> Outcome:
    """What a server's answer means (RFC 5321, 4.2.1): 4yz may be tried again, 5yz will not get better."""
    return Outcome(f"the mail server answered {_shown(code, told)}", final=code >= 500)


def _shown(code: int, told: bytes | str) -> str:
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return f"{code} {' '.join(''.join(each if each.isprintable() else ' ' for each in text).split())}"
