"""Which status of HTTP an error code is told with, and which errors are told to callers at all.

The statuses are those of RFC 9110: 422 for a request that is understood and refused for what it asks (a verb refuses), 409 for
one that the present state of the data does not allow, and 412 for a version of a row that is not the present one.
"""

from __future__ import annotations

from collections.abc import Mapping

BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, PRECONDITION, UNPROCESSABLE, INTERNAL, UNAVAILABLE, LATE = (
    400, 403, 404, 409, 412, 422, 500, 503, 504
)  # fmt: skip

STATUSES: Mapping[str, int] = {
    "E0701": UNPROCESSABLE,  # the verb refused
    "E0702": NOT_FOUND,
    "E0703": NOT_FOUND,
    "E0704": UNPROCESSABLE,
    "E0705": UNPROCESSABLE,
    "E0706": UNPROCESSABLE,
    "E0707": UNPROCESSABLE,
    "E0708": UNPROCESSABLE,
    "E0709": UNPROCESSABLE,
    "E0710": UNPROCESSABLE,
    "E0711": CONFLICT,
    "E0712": CONFLICT,
    "E0713": CONFLICT,
    "E0714": CONFLICT,
    "E0716": FORBIDDEN,
    "E0717": UNPROCESSABLE,
    "E0718": UNPROCESSABLE,
    "E0719": UNPROCESSABLE,
    "E0720": CONFLICT,
    "E0721": UNPROCESSABLE,
    "E0722": UNPROCESSABLE,
    "E0723": UNPROCESSABLE,
    "E0725": PRECONDITION,
    "E0726": BAD_REQUEST,
    "E0730": FORBIDDEN,
    "E0731": FORBIDDEN,
    "E0732": FORBIDDEN,
    "E0733": FORBIDDEN,
    "E0813": UNPROCESSABLE,  # as the draft on Idempotency-Key has it
    "E0819": CONFLICT,
    "E0905": NOT_FOUND,
    "E0906": BAD_REQUEST,
    "E0907": BAD_REQUEST,
    "E0921": NOT_FOUND,
    "E0922": NOT_FOUND,  # that there is a private verb is nobody's business
    "E0951": UNPROCESSABLE,
    "E0974": UNPROCESSABLE,  # a plug-in's veto
    "E0979": FORBIDDEN,
    "E1130": BAD_REQUEST,
    "E1131": BAD_REQUEST,
    "E1133": FORBIDDEN,
    "E1134": BAD_REQUEST,
    # Told without their words, which may name tables, files and statements:
    "E0801": UNAVAILABLE,
    "E0802": UNAVAILABLE,
    "E0803": UNAVAILABLE,
    "E0804": UNAVAILABLE,
    "E0814": UNAVAILABLE,
    "E0815": UNAVAILABLE,
    "E0816": UNAVAILABLE,
    "E0976": LATE,
}

RETRY_AFTER = {"E0801": 5, "E0802": 1, "E0814": 1, "E0815": 5, "E0819": 1}
"""Seconds after which it is worth to try again."""


def status_of(code: str) -> int:
    """The status that an error is told with: 500 for what is the server's own affair."""
    return STATUSES.get(code, INTERNAL)
