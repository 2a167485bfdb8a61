"""What the language's own words mean, for those who meet them: types and the calls over many rows."""

from __future__ import annotations

AGGREGATES = {
    "count": ("count(TABLE where (...)) integer", "How many rows there are; 0 when there are none."),
    "exists": ("exists(TABLE where (...)) boolean", "Whether there is such a row."),
    "sum": (
        "sum(VALUE from TABLE where (...))",
        "The sum over the rows, empty values left out; 0 when there are none.",
    ),
    "min": (
        "min(VALUE from TABLE where (...)) optional",
        "The smallest value, empty ones left out; empty when there are none.",
    ),
    "max": (
        "max(VALUE from TABLE where (...)) optional",
        "The largest value, empty ones left out; empty when there are none.",
    ),
    "average": (
        "average(VALUE from TABLE where (...)) optional",
        "The average, empty values left out; empty when there are none.",
    ),
}
"""How each is called, and what it gives."""

TYPES = {
    "text": "Text. With a size, as text(200), at most so many characters.",
    "integer": "A whole number of 64 bits. One that does not fit is an error.",
    "decimal": "An exact number: decimal(12,2) has 12 digits, 2 of them behind the point.",
    "money": "An exact amount with four decimals, up to about 922 million million.",
    "float": "Binary floating point, for databases that have it. Exact numbers take it through exact(x, 2).",
    "boolean": "true or false.",
    "date": "A day. Plus or minus whole days or weeks it is a day again.",
    "datetime": "A moment in UTC, to the microsecond.",
    "duration": "A length of time: 2 days, 90 minutes.",
    "id": "The id of a row.",
    "json": "A JSON value.",
    "file": "A file.",
    "owner": "A user or a team.",
}
