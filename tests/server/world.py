"""A desk to serve: a database with the helpdesk's tables and the tests' own, people with roles, rows, and verbs in use.

It is made once a process and kind of database; each test works on a copy of its own. Ann and Bob are agents in the team Tier 2, Cara
is a clerk in the team First line, Dan may do nothing. The cases CAS-1 to CAS-9 are Ann's and open.
"""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import sqlalchemy as sa
from click.testing import CliRunner

from actionlang.access.policy import Policy
from actionlang.cli.group import actionlang
from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.server.identity.identity import Identity
from actionlang.server.service import Service
from tests.postgres import admin, fresh_database

DESK = Path(__file__).parent / "desk"
PEOPLE = {"ann": "Tier 2", "bob": "Tier 2", "cara": "First line", "dan": "First line"}
ROLES = {"ann": "agent", "bob": "agent", "cara": "clerk"}


def somebody(name: str) -> Identity:
    """One of the people, with credentials that are limited to nothing."""
    return Identity(f"test {name}", {"email": f"{name}@example.com"})


@contextmanager
def desk(kind: str, **settings: object) -> Iterator[Database]:
    """A desk on `sqlite` or `postgres`, that holds callers to their rights."""
    hosting = Hosting(policy=Policy())
    with desk_url(kind) as url, Database.connect(url, hosting=hosting, **settings) as database:  # type: ignore[arg-type]
        yield database


@contextmanager
def desk_url(kind: str) -> Iterator[str]:
    """The URL of a desk of its own."""
    if kind == "postgres":
        with fresh_database(f"TEMPLATE {_postgres_template()}") as url:
            yield url
        return
    folder = Path(mkdtemp(prefix="actionlang-desk-"))
    try:
        yield f"sqlite:///{shutil.copy(_sqlite_template(), folder / 'desk.db')}"
    finally:
        shutil.rmtree(folder)


def desk_file() -> Path:
    """The file of a desk on SQLite, to be copied."""
    return _sqlite_template()


def service(database: Database) -> Service:
    """What doors call."""
    return Service(Verbs.open(database, max_age=0.0))


_kept: list[object] = []
"""What keeps the templates there until the process ends."""


@cache
def _sqlite_template() -> Path:
    from tempfile import TemporaryDirectory

    folder = TemporaryDirectory(prefix="actionlang-desk-")
    _kept.append(folder)
    file = Path(folder.name) / "template.db"
    _furnish(f"sqlite:///{file}")
    return file


@cache
def _postgres_template() -> str:
    # Whoever comes later to be closed goes first.
    admin()
    kept = ExitStack()
    atexit.register(kept.close)
    url = kept.enter_context(fresh_database())
    _furnish(url)
    return str(sa.make_url(url).database)


def _furnish(url: str) -> None:
    for words in (
        ("tables", "create", DESK),
        ("registry", "init"),
        ("activate", DESK, "helpdesk.Escalate", "helpdesk.Resolve", "helpdesk.Reopen", "core.Notify", "--why", "tests"),
        ("access", "apply", DESK / "roles.toml"),
    ):
        _command(*map(str, words), "--db", url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        _fill(connection)
    engine.dispose()
    for name, role in ROLES.items():
        _command("access", "give", f"{name}@example.com", role, "--db", url)
    if url.startswith("sqlite"):
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()


def _command(*words: str) -> None:
    with chdir(DESK):
        done = CliRunner().invoke(actionlang, words, catch_exceptions=False, standalone_mode=False)
    assert not done.return_value, (words, done.output, done.stderr)


def _id(number: int, kind: str) -> str:
    return f"00000000-0000-4000-8000-{'tucms'.index(kind):04d}{number:08d}"


def _fill(connection: sa.Connection) -> None:
    def insert(table: str, **values: object) -> None:
        marks = ", ".join(f":{name}" for name in values)
        columns = ", ".join(f'"{name}"' for name in values)
        connection.execute(sa.text(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'), values)

    teams = ("First line", "Tier 2")
    for number, name in enumerate(teams):
        insert("team", id=_id(number, "t"), name=name)
    for number, (name, team) in enumerate(PEOPLE.items()):
        insert("user", id=_id(number, "u"), name=name.title(), email=f"{name}@example.com", active=True)
        insert("membership", id=_id(number, "m"), team=_id(teams.index(team), "t"), user=_id(number, "u"))
    for number in range(1, 10):
        insert(
            "case",
            id=_id(number, "c"),
            number=f"CAS-{number}",
            title=f"Case {number}",
            priority=2,
            status="open",
            reopened=0,
            owner_user=_id(0, "u"),
        )
