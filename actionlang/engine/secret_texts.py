"""Sensitive values in texts: how they may stand there, and how they are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date

from actionlang.engine.display import display_of
from actionlang.engine.interpreter.rows import key_text
from actionlang.metadata.types import ListOf, Row, Type

MASK = "***"
SHORT = 3
"""Values with fewer characters are masked only where they stand by themselves; else `5` would hide a part of every `15`."""


def spellings(type_: Type, value: object) -> Iterator[str]:
    """How a value may stand in a message: as the language tells those of its type, and as code of the host does. It may also be
    what a caller gives for one, which is not seen to be of the type yet."""
    if value is None:
        return
    if isinstance(type_, ListOf) and isinstance(value, tuple | list):
        for item in value:
            yield from spellings(type_.item, item)
        return
    with suppress(Exception):
        yield key_text(value) if isinstance(type_, Row) else display_of(type_)(value)
    if isinstance(value, str):
        yield value
        yield repr(value)[1:-1]
        yield " ".join(value.split())
    else:
        yield str(value)
        yield repr(value)
        if isinstance(value, date):
            yield value.isoformat()


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text without secrets, the longest first."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        pattern = re.escape(secret) if len(secret) >= SHORT else rf"(?<!\w){re.escape(secret)}(?!\w)"
        text = re.sub(pattern, MASK, text)
    return text
