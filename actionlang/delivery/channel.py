"""A way on which events reach a subscription."""

from __future__ import annotations

from typing import Protocol

from actionlang.delivery.events import Delivered, Outcome


class Channel(Protocol):
    """Opened once for a subscription, used by any number of threads."""

    def send(self, event: Delivered) -> Outcome:
        """Try once to deliver an event. What goes wrong on the way is an outcome, too.

        Raises ActionLangError when this program lacks what it needs, such as a secret: then nothing has been tried.
        """

    def close(self) -> None:
        """Give back what is open."""
