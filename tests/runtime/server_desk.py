"""The helpdesk's database on a PostgreSQL server, to run verbs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.runtime.database import Database
from tests.postgres import admin, connect, fresh_database
from tests.runtime.desk import ESCALATE_PLAN, fill

CASES = '"dbo"."Incident"'


@attrs.frozen
class ServerDesk:
    """A database's URL and a database on it."""

    url: str
    database: Database

    @property
    def name(self) -> str:
        """The database's name."""
        return str(sa.make_url(self.url).database)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as another program sees them; what it writes is kept at once."""
        with connect(self.url) as driver:
            found = driver.execute(statement, values or None)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def set(self, setting: str) -> None:
        """Alter the database, for connections made from now on."""
        admin().execute(f'ALTER DATABASE "{self.name}" {setting}')  # type: ignore[call-overload]

    def rows(self) -> int:
        """How many rows the verb's tables have."""
        return sum(self.query(f"SELECT count(*) FROM {table}")[0][0] for table in (CASES, "task", "actionlang_change"))

    def escalated(self) -> bool:
        """Whether a run succeeds."""
        ESCALATE_PLAN.run(self.database, on="CAS-1", reason="x", engine="interpreter")
        return True

    def failed(self, **asked: Any) -> Diagnostic:
        """What a run is refused with."""
        try:
            ESCALATE_PLAN.run(self.database, on="CAS-1", reason="x", engine="interpreter", **asked)
        except ActionLangError as error:
            assert len(error.diagnostics) == 1
            return error.diagnostics[0]
        raise AssertionError("it was not refused")


@contextmanager
def server_desk(**settings: Any) -> Iterator[ServerDesk]:
    """A filled helpdesk in a new database."""
    with fresh_database() as url, Database.connect(url, **settings) as database:
        fill(database)
        yield ServerDesk(url, database)
