"""Which events a subscription wants: by name, or by a pattern in which `*` stands for anything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from actionlang.delivery.events import AFTER_COMMIT, EMAIL, OWN

PATTERN = re.compile(r"[A-Za-z_*][A-Za-z0-9_*]*(\.[A-Za-z_*][A-Za-z0-9_*]*)*")

HIDDEN_FROM_PATTERNS = (EMAIL, AFTER_COMMIT)


def is_pattern(text: str) -> bool:
    """Whether this can be the name of an event, or a pattern of names."""
    return PATTERN.fullmatch(text) is not None


def wants(patterns: Iterable[str], event: str) -> bool:
    """Whether one of the names and patterns stands for an event.

    Messages that are to be sent, and what is ActionLang's own, are meant only by their whole name: whoever asks for everything
    does not ask for other people's mail.
    """
    hidden = event in HIDDEN_FROM_PATTERNS or event.startswith(OWN)
    return any(each == event or (not hidden and "*" in each and _matches(each, event)) for each in patterns)


def _matches(pattern: str, event: str) -> bool:
    return _compiled(pattern).fullmatch(event) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)))
