"""Headers that tell of a deprecated verb: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and the warnings in words
(`Warning`)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from actionlang.registry.history import moment_of
from actionlang.runtime.database import Database
from actionlang.server.service import Answer


class Deprecations:
    """Makes the headers for runs of deprecated verbs, and remembers since when versions are in use."""

    def __init__(self) -> None:
        self._since: dict[int, datetime | None] = {}

    def headers(self, answer: Answer, database: Database) -> dict[str, str]:
        """The headers for a run that has warnings. A verb counts as deprecated since the activation that brought in the version.

        Raises ActionLangError when the database fails.
        """
        headers = {"Warning": ", ".join(f'299 - "{_quoted(each)}"' for each in answer.result.warnings)}
        verb = answer.verb
        if verb.deprecation is not None:
            since = self._moment(database, answer.active.activation)
            if since is not None:
                headers["Deprecation"] = f"@{int(since.timestamp())}"
            if verb.until is not None:
                # It is kept to the end of that day.
                end = datetime.combine(date.fromisoformat(verb.until), time(23, 59, 59), UTC)
                headers["Sunset"] = format_datetime(end, usegmt=True)
        return headers

    def _moment(self, database: Database, activation: int) -> datetime | None:
        if activation not in self._since:
            self._since[activation] = moment_of(database, activation)
        return self._since[activation]


def _quoted(text: str) -> str:
    """A text inside of quotes in a header, which is of ASCII."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(char if char.isprintable() else " " for char in plain).replace("\\", "\\\\").replace('"', '\\"')
