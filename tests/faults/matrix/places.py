"""Where works are done: an SQLite file, a PostgreSQL database on the tests' server, one on a server of its own that may be stopped.
Each keeps a finished scene, and gives a copy of it as often as one is asked for."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from tests.faults.matrix import scene
from tests.postgres import admin, fresh_database, server_url, start

SQLITE_FAULTS = ("killed inside", "killed after")
POSTGRES_FAULTS = ("killed after", "connection cut before", "connection cut after")
SERVER_FAULTS = ("server stopped after",)
"""Before a statement is after the one before it, where nobody is left to tell what he was doing."""


IN_MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112
"""A folder whose files outlive a process, which is all that is asked of them, and that no disk is waited for."""


class Place(Protocol):
    """`faults` are those that can be tried there, `environment` is what they have to know."""

    name: str
    faults: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]: ...

    def fresh(self) -> str:
        """The URL of a new copy of the scene."""

    def restart(self) -> None:
        """Bring back what a fault has stopped."""


class InFile:
    """SQLite."""

    name = "SQLite"
    faults: tuple[str, ...] = SQLITE_FAULTS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scene = folder / "scene.db"
        scene.make(f"sqlite:///{self._scene}")
        self._copies = 0

    @property
    def environment(self) -> dict[str, str]:
        """See `Place`: nothing has to be known."""
        return {}

    def fresh(self) -> str:
        """See `Place`."""
        self._copies += 1
        path = self._folder / f"copy{self._copies}.db"
        shutil.copy(self._scene, path)
        return f"sqlite:///{path}"

    def restart(self) -> None:
        """See `Place`: nothing is stopped."""


class OnServer:
    """A PostgreSQL database that is copied from a template; `connect` gives a connection to the server."""

    name = "PostgreSQL"
    faults: tuple[str, ...] = POSTGRES_FAULTS

    def __init__(self, url: str) -> None:
        self._template = url
        scene.make(url)
        self._copy = f"{server_url().set(database=None).render_as_string(hide_password=False)}"
        self._name = f"actionlang_matrix_{os.getpid()}"

    @property
    def environment(self) -> dict[str, str]:
        """See `Place`."""
        plain = server_url().set(drivername="postgresql").render_as_string(hide_password=False)
        return {"MATRIX_ADMIN": plain}

    def fresh(self) -> str:
        """See `Place`."""
        name, template = sql.Identifier(self._name), sql.Identifier(self._template.rpartition("/")[2].partition("?")[0])
        admin().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        admin().execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
        return server_url().set(database=self._name).render_as_string(hide_password=False)

    def restart(self) -> None:
        """See `Place`. The server ends what a killed process was doing: it would notice by itself, but perhaps later."""
        admin().execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s", (self._name,)
        )

    def close(self) -> None:
        """Drop the copy."""
        admin().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self._name)))


class OwnServer:
    """A PostgreSQL server that keeps what it has told to be kept, as servers do, and may be stopped in the middle."""

    name = "PostgreSQL, own server"
    faults: tuple[str, ...] = SERVER_FAULTS

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self._server = start(folder / "data", folder)
        self._uri = str(self._server.get_uri())
        self._execute("CREATE DATABASE scene")
        scene.make(self._url("scene"))

    def _url(self, name: str) -> str:
        return self._uri.replace("postgresql:", "postgresql+psycopg:").replace("/postgres?", f"/{name}?")

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as driver:
            for statement in statements:
                driver.execute(statement)

    @property
    def environment(self) -> dict[str, str]:
        """See `Place`."""
        return {"MATRIX_SERVER": str(self._server.get_pid())}

    def fresh(self) -> str:
        """See `Place`."""
        self._execute("DROP DATABASE IF EXISTS copy WITH (FORCE)", "CREATE DATABASE copy TEMPLATE scene")
        return self._url("copy")

    def restart(self) -> None:
        """See `Place`: the server comes up from what is on the disk."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop it for good."""
        self._server.cleanup()


@contextmanager
def in_file() -> Iterator[Place]:
    """SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        yield InFile(Path(folder))


@contextmanager
def on_server() -> Iterator[Place]:
    """The tests' PostgreSQL server."""
    with fresh_database() as url:
        place = OnServer(url)
        try:
            yield place
        finally:
            place.close()


@contextmanager
def own_server() -> Iterator[Place]:
    """A PostgreSQL server of its own."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        place = OwnServer(Path(folder))
        try:
            yield place
        finally:
            place.close()


PLACES: dict[str, Any] = {"sqlite": in_file, "postgres": on_server, "server": own_server}
