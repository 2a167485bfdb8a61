"""How psycopg hands values over: as the codecs want them, on our own cursors only, so that a host's are left as they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import DataError
from psycopg.adapt import Buffer, Loader
from psycopg.rows import tuple_row
from psycopg.types.datetime import IntervalLoader
from psycopg.types.numeric import Int8Dumper


class TextLoader(Loader):
    """Gives the database's own text: of an id the canonical one, of JSON what was stored."""

    def load(self, data: Buffer) -> str:
        """See `Loader`."""
        return str(data, "utf-8")


class DateLoader(Loader):
    """Gives a date; what Python has no date for (`infinity`, years before Christ or after 9999) as text."""

    def load(self, data: Buffer) -> date | str:
        """See `Loader`."""
        text = str(data, "ascii")
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text


class MomentLoader(Loader):
    """Gives a moment in UTC, whatever the connection's time zone; what Python has no moment for as text."""

    def load(self, data: Buffer) -> datetime | str:
        """See `Loader`."""
        text = str(data, "ascii")
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            return text


class PlainMomentLoader(Loader):
    """Gives a moment stored without a time zone, which is one in UTC; what Python has no moment for as text."""

    def load(self, data: Buffer) -> datetime | str:
        """See `Loader`."""
        text = str(data, "ascii")
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            return text


class DurationLoader(IntervalLoader):
    """Gives a length of time; one with months or years, which are not always as long, and one too long for Python as text."""

    def load(self, data: Buffer) -> timedelta | str:  # type: ignore[override]
        """See `Loader`."""
        text = str(data, "ascii")
        try:
            return text if "mon" in text or "year" in text else super().load(bytes(data))
        except (DataError, OverflowError):
            return text


LOADERS: dict[str, type[Loader]] = {
    "uuid": TextLoader,
    "json": TextLoader,
    "jsonb": TextLoader,
    "date": DateLoader,
    "timestamptz": MomentLoader,
    "timestamp": PlainMomentLoader,
    "interval": DurationLoader,
}


def make_ready(cursor: Any) -> None:
    """Let a cursor take and give values as the codecs do, and rows as tuples. A whole number always goes over as 64 bits, so that
    a statement is prepared once, not for each size of number."""
    cursor.row_factory = tuple_row
    cursor.adapters.register_dumper(int, Int8Dumper)
    for name, loader in LOADERS.items():
        cursor.adapters.register_loader(name, loader)
