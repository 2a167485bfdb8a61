"""The ways to all subscriptions that this program can serve, opened when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from actionlang.delivery.channel import Channel
from actionlang.delivery.events import Delivered
from actionlang.delivery.subscribers import CallChannel, Subscribers
from actionlang.delivery.subscription import InProgram, Smtp, Subscription, Webhook
from actionlang.delivery.subscriptions import AFTER_COMMIT_NAME, read_subscription
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic


class Channels:
    """Follows the subscriptions of a database as they are added, changed and removed. For any number of threads."""

    def __init__(
        self,
        subscribers: Subscribers,
        after_commit: Callable[[Delivered], object] | None,
        timeout: timedelta,
        now: Callable[[], datetime],
        troubled: Callable[[Diagnostic], None],
    ) -> None:
        """`troubled` is told why a subscription can not be served."""
        self._subscribers = subscribers
        self._after_commit = after_commit
        self._timeout = timeout
        self._now = now
        self._troubled = troubled
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Any, Channel | None]] = {}
        self._gone: list[Channel] = []

    def follow(self, rows: Sequence[Any]) -> None:
        """Make the channels those of these subscriptions, given as rows of their table."""
        wanted = {row.name: row[:5] for row in rows}
        with self._lock:
            gone = [name for name, (row, _) in self._open.items() if wanted.get(name) != row]
            # Closed at the end: a thread may still be sending on it.
            self._gone += [channel for _, channel in map(self._open.pop, gone) if channel is not None]
            new = [name for name in wanted if name not in self._open]
        for row in rows:
            if row.name in new:
                opened = self._opened(row)
                with self._lock:
                    self._open[row.name] = (row[:5], opened)

    def get(self, name: str) -> Channel | None:
        """The way to a subscription; None when this program has none."""
        with self._lock:
            return self._open.get(name, (None, None))[1]

    def close(self) -> None:
        """Close all that are open. No thread may be sending any more."""
        self.follow(())
        while self._gone:
            self._gone.pop().close()

    def _opened(self, row: Any) -> Channel | None:
        try:
            return self._channel(read_subscription(row))
        except ActionLangError as error:
            self._troubled(error.diagnostics[0])
            return None

    def _channel(self, made: Subscription) -> Channel | None:
        match made.target:
            case Webhook() as webhook:
                # Its library is only installed where webhooks are sent.
                from actionlang.delivery.webhook import WebhookChannel

                return WebhookChannel(webhook, self._timeout, self._now)
            case Smtp() as smtp:
                from actionlang.delivery.mail import MailChannel

                return MailChannel(smtp, self._timeout)
            case InProgram():
                found = self._after_commit if made.name == AFTER_COMMIT_NAME else self._subscribers.get(made.name)
                return None if found is None else CallChannel(found)
