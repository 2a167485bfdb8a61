"""How questions about rows are refused: with the option that is meant, and where in it."""

from __future__ import annotations

from actionlang.diagnostics.catalogue.server import QUERY_TOO_LARGE, QUERY_UNSUPPORTED, WRONG_QUERY
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

NOT_IMPLEMENTED = 501
"""What a server answers that does not have what is asked for (OData Protocol 4.01, section 9.3.1)."""


def wrong(target: str, message: str, at: int | None = None, hint: str | None = None) -> Refusal:
    """The refusal of a question that can not be understood; `at` is the character, counted from 1, where that is seen."""
    return Refusal(BAD_REQUEST, WRONG_QUERY.id, _placed(target, message, at), hint=hint, target=target)


def too_large(target: str, message: str, hint: str | None = None) -> Refusal:
    """The refusal of a question that is beyond a limit."""
    return Refusal(BAD_REQUEST, QUERY_TOO_LARGE.id, f"{target}: {message}", hint=hint, target=target)


def unsupported(target: str, message: str, at: int | None = None, hint: str | None = None) -> Refusal:
    """The refusal of a question that this server does not answer, though others may."""
    return Refusal(NOT_IMPLEMENTED, QUERY_UNSUPPORTED.id, _placed(target, message, at), hint=hint, target=target)


def _placed(target: str, message: str, at: int | None) -> str:
    return f"{target}: {message}" if at is None else f"{target}, character {at}: {message}"
