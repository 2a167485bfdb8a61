"""Runs on PostgreSQL: what they do is what they do on SQLite, and several run at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.schema import Schema
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import steps as s
from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from tests.plan.running import CASE, TEAM, USER
from tests.plan.samples import IDENTITY, ON_CASE, THE_CASE, at, column, local, text, verb
from tests.postgres import fresh_database
from tests.runtime.desk import ESCALATE_PLAN, NOW, SCHEMA, open_desk, ready, refused
from tests.runtime.server_desk import CASES, ServerDesk, server_desk


@pytest.fixture(scope="module")
def shared() -> Iterator[ServerDesk]:
    """A helpdesk that tests put back as it was."""
    with server_desk() as desk:
        yield desk


@pytest.fixture
def desk() -> Iterator[ServerDesk]:
    """A helpdesk of a test's own."""
    with server_desk() as desk:
        yield desk


RECORD = "verb, caller, row_table, row_key, arguments, requires, clock, zone, outcome, error_code, message, failed_verb, place"
CHANGE = "sequence, row_table, operation, verb, line, stage, before"


def test_a_run_leaves_the_same_records_on_every_database(desk: ServerDesk, tmp_path: Path) -> None:
    fire = ready(
        verb("Fire", s.Update(at(2), THE_CASE, (("title", text("gone")),)), s.Fail(at(3), text("No.")), binding=ON_CASE)
    )
    seen = []
    with open_desk(tmp_path / "desk.db") as other:
        for database in (desk.database, other.database):
            for engine in ("interpreter",):
                ESCALATE_PLAN.run(
                    database, on="CAS-1", at=NOW, caller=USER, arguments={"reason": "é \U0001f600 % '"}, engine=engine
                )
                with pytest.raises(RunFailed, match="No."):
                    fire.run(database, on="CAS-1", at=NOW)
            with database.connection() as connection:
                runs = connection.exec_driver_sql(f"SELECT {RECORD} FROM actionlang_run ORDER BY id")
                changes = connection.exec_driver_sql(f"SELECT {CHANGE} FROM actionlang_change ORDER BY run, sequence")
                seen.append(([tuple(row) for row in runs], [tuple(row) for row in changes]))
    assert seen[0] == seen[1]
    assert len(seen[0][0]) == 2


def test_values_stand_in_native_types(desk: ServerDesk) -> None:
    ticket = ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x", at=NOW, engine="interpreter")["ticket"]
    found = desk.query(
        f"SELECT id::text, priority, amount::text, escalated_on = %s FROM {CASES} WHERE number = 'CAS-1'", NOW
    )
    assert found == [(CASE, 3, "12.5000", True)]
    assert desk.query("SELECT id::text, due::text, estimate FROM task") == [(ticket.key, "2026-11-26", 5_400_000_000)]


def test_a_refused_write_can_be_attempted_and_is_explained(desk: ServerDesk) -> None:
    create = s.Create(at(2), "core.team", "team", (("name", text("Tier 2")),))
    attempt = s.Attempt(at(1), (create,), (s.Create(at(4), "core.team", "team", (("name", text("Tier 9")),)),))
    desk.database.engine.dispose()
    ready(verb("Try", attempt)).run(desk.database)
    assert ("Tier 9",) in desk.query("SELECT name FROM team")
    with pytest.raises(RunFailed) as caught:
        ready(verb("Make", create)).run(desk.database)
    assert refused(caught.value) == ("E0711", "There is already a team with name Tier 2.")
    other = "UPDATE task SET regarding = %s"
    ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")
    desk.query(other, CASE)
    with pytest.raises(RunFailed) as caught:
        ready(verb("Drop", s.Delete(at(2), THE_CASE), binding=ON_CASE)).run(
            desk.database, on="CAS-1", engine="interpreter"
        )
    assert refused(caught.value) == ("E0713", "The case can not be deleted: other rows refer to it.")


def test_a_refusal_names_the_row_as_people_do(shared: ServerDesk) -> None:
    plan = ready(
        verb("Clash", s.Update(at(2), THE_CASE, (("title", text("Mouse")), ("number", text("CAS-2")))), binding=ON_CASE)
    )
    shared.query(f"UPDATE {CASES} SET number = 'CAS-2' WHERE title = 'Mouse'")
    with pytest.raises(RunFailed) as caught:
        plan.run(shared.database, on="CAS-1", engine="interpreter")
    assert "row: case CAS-1" in caught.value.diagnostics[0].notes


# ------------------------------------------------------------------------------------------------------- at the same time


def test_runs_use_connections_of_their_own(shared: ServerDesk) -> None:
    first, one = shared.database.take_turn()
    second, other = shared.database.take_turn()
    assert one.driver is not other.driver
    for session in (one, other):
        session.cursor.execute(session.dialect.begin)
        session.cursor.execute("SHOW transaction_isolation")
        assert session.cursor.fetchone() == ("serializable",)
        session.cursor.execute("ROLLBACK")
    shared.database.end_turn(second)
    shared.database.end_turn(first)
    again, session = shared.database.take_turn()
    assert session is one
    shared.database.end_turn(again)


def test_threads_run_at_once_and_each_run_is_recorded_once(desk: ServerDesk) -> None:
    desk.query(
        f"INSERT INTO {CASES} (id, number, title, priority, status, owner_team) SELECT gen_random_uuid(), 'N-' || n, 'x', 1, 'open', %s FROM generate_series(1, 40) n",
        TEAM,
    )
    together = Barrier(8)

    def escalate(part: int) -> None:
        together.wait(timeout=60)
        for number in range(part * 5 + 1, part * 5 + 6):
            ESCALATE_PLAN.run(desk.database, on=f"N-{number}", reason="x", engine="interpreter")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(escalate, range(8)))
    assert desk.query("SELECT outcome, count(*) FROM actionlang_run GROUP BY 1") == [("done", 40)]
    assert desk.query("SELECT count(*), count(DISTINCT regarding) FROM task") == [(40, 40)]


def test_who_gets_no_connection_in_time_is_told(desk: ServerDesk) -> None:
    with Database.connect(desk.url, connections=2, busy_timeout=0.05) as database:
        used = [database.take_turn().connection for _ in range(2)]
        with pytest.raises(ActionLangError) as caught:
            ESCALATE_PLAN.run(database, on="CAS-1", reason="x")
        assert refused(caught.value) == (
            "E0802",
            "The database is locked: 2 other threads of this program are writing to it.",
        )
        for connection in used:
            database.end_turn(connection)
        assert ESCALATE_PLAN.run(database, on="CAS-1", reason="x").changes


# ------------------------------------------------------------------------------------------------------ a host's own engine


@pytest.mark.parametrize("scheme", ["postgresql+psycopg"])
def test_an_engine_of_the_hosts_own(desk: ServerDesk, scheme: str) -> None:
    engine = sa.create_engine(sa.make_url(desk.url).set(drivername=scheme))
    try:
        result = ESCALATE_PLAN.run(Database.of(engine), on="CAS-1", reason="x")
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT id FROM task")).scalar_one().hex in result["ticket"].key.replace(
                "-", ""
            )
            assert connection.execute(sa.text("SHOW transaction_isolation")).scalar_one() == "read committed"
    finally:
        engine.dispose()


def test_a_run_inside_the_hosts_transaction(desk: ServerDesk) -> None:
    engine = sa.create_engine(desk.url)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("UPDATE team SET name = name"))
            ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
            with pytest.raises(RunFailed):
                ready(verb("No", s.Fail(at(1), text("No.")), binding=ON_CASE)).run(connection, on="CAS-1")
            assert len(connection.execute(sa.text("SELECT * FROM task")).all()) == 1
            connection.rollback()
        assert desk.rows() == 2
        with engine.begin() as connection:
            ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        assert desk.rows() == 6
    finally:
        engine.dispose()


def test_a_connection_that_tells_values_differently_is_refused(desk: ServerDesk) -> None:
    for option, told in (
        ("-c DateStyle=German", "This connection's DateStyle is German, DMY; verbs need ISO."),
        ("-c client_encoding=LATIN1", "This connection's client_encoding is LATIN1; verbs need UTF8."),
    ):
        engine = sa.create_engine(desk.url, connect_args={"options": option})
        with pytest.raises(ActionLangError) as caught:
            ESCALATE_PLAN.run(Database.of(engine), on="CAS-1", reason="x")
        engine.dispose()
        assert refused(caught.value) == ("E0810", told)


# ----------------------------------------------------------------------------------------------------------------- opening


def test_a_database_that_is_not_there(shared: ServerDesk) -> None:
    url = sa.make_url(shared.url)
    for wrong, told in (
        (url.set(database="no_such"), 'database "no_such" does not exist'),
        (url.set(username="nobody_here"), 'role "nobody_here" does not exist'),
        (
            url.set(host="127.0.0.1", port=1, query={}),
            'connection to server at "127.0.0.1", port 1 failed: Connection refused',
        ),
        (url.update_query_dict({"host": "no.such.invalid"}), "failed to resolve host 'no.such.invalid'"),
        (url.update_query_dict({"colour": "blue"}), 'invalid connection option "colour"'),
    ):
        with pytest.raises(ActionLangError) as caught:
            Database.connect(wrong)
        code, message = refused(caught.value)
        assert code == "E0801"
        assert message.startswith(f"The database can not be opened: {told}")
        assert caught.value.diagnostics[0].hint


def test_other_drivers_are_refused() -> None:
    with pytest.raises(ActionLangError) as caught:
        Database.connect("postgresql+asyncpg://host/name")
    assert refused(caught.value) == ("E0810", "Verbs run on PostgreSQL through psycopg, not through asyncpg.")


def test_short_schemes_mean_postgresql_too(shared: ServerDesk) -> None:
    for scheme in ("postgresql", "postgres"):
        _, _, rest = shared.url.partition("://")
        with Database.connect(f"{scheme}://{rest}") as database:
            assert database.log.runs(limit=1) is not None


def test_a_password_is_not_told() -> None:
    with pytest.raises(ActionLangError) as caught:
        Database.connect("postgresql://user:secret@host:many/name")
    assert "secret" not in str(caught.value)


def test_text_that_is_not_utf_8_is_refused() -> None:
    with (
        fresh_database("TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'") as url,
        Database.connect(url) as database,
        pytest.raises(ActionLangError) as caught,
    ):
        ESCALATE_PLAN.run(database, on="CAS-1", reason="x")
    assert refused(caught.value) == ("E0810", "The database stores text as LATIN1, which has not all characters.")


# ------------------------------------------------------------------------------------------------------------------ tables


def test_tables_are_made_once_however_many_make_them() -> None:
    with fresh_database() as url, Database.connect(url) as database:
        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(lambda _: database.tables.create(SCHEMA), range(4)))
        assert sorted(len(names) for names in made) == [0, 0, 0, 11]
        assert set(database.tables.drop(SCHEMA, audit_too=True)) == set(next(names for names in made if names))
        assert database.tables.drop(SCHEMA) == ()


def test_what_is_shown_makes_the_tables(shared: ServerDesk) -> None:
    shown = shared.database.tables.show(SCHEMA)
    with fresh_database() as url, Database.connect(url) as database:
        with database.connection() as connection, connection.begin():
            connection.exec_driver_sql(shown.replace("%", "%%"))
        assert database.tables.create(SCHEMA) == ()


def odd_schema() -> Schema:
    """Tables that refer to each other, with the names that databases dislike."""
    long = "n" * 50
    first = Table(
        "x.first",
        'Select "%" :a',
        (IDENTITY, column("other", t.Row(("x.second",)), stored="Group %s"), column("self", t.Row(("x.first",)))),
    )
    second = Table(
        "x.second",
        "a" * 40,
        (IDENTITY, column("one", t.Row(("x.first",)), stored=long), column("length", t.Text(5), stored=f"{long}2")),
    )
    return Schema.of((first, second), ())


def test_odd_and_long_names_and_tables_that_refer_to_each_other() -> None:
    schema = odd_schema()
    create = s.Create(at(1), "x.first", "made", ())
    update = s.Update(at(2), local("made", t.Row(("x.first",))), (("self", local("made", t.Row(("x.first",)))),))
    with fresh_database() as url, Database.connect(url) as database:
        assert len(database.tables.create(schema)) == 7
        from tests.plan.samples import plan_of

        plan = ready(plan_of(verb("Make", create, update), tables=schema.tables.values(), choices=()))
        assert plan.run(database).changes
        assert plan.run(database, engine="interpreter").changes
        assert len(database.tables.drop(schema)) == 2


def test_a_name_that_would_be_cut_short_is_refused() -> None:
    schema = Schema.of((Table("x.one", "é" * 32, (IDENTITY,)),), ())
    with fresh_database() as url, Database.connect(url) as database, pytest.raises(ActionLangError) as caught:
        database.tables.create(schema)
    assert refused(caught.value) == (
        "E0810",
        f"{'é' * 32} of x.one is longer than the 63 bytes that PostgreSQL keeps of a name.",
    )


def test_tables_that_changed_between_runs(desk: ServerDesk) -> None:
    assert desk.escalated()
    desk.query(f"ALTER TABLE {CASES} ALTER amount TYPE numeric(30, 6)")
    assert desk.escalated()
    desk.query("ALTER TABLE task DROP due")
    assert desk.failed().code.id == "E0806"
    desk.query("ALTER TABLE task ADD due date")
    assert desk.escalated()


def test_a_trial_tells_what_the_end_would_refuse(desk: ServerDesk) -> None:
    desk.query(
        "ALTER TABLE task ADD CONSTRAINT later FOREIGN KEY (regarding) REFERENCES team (id) DEFERRABLE INITIALLY DEFERRED"
    )
    told = desk.failed(dry_run=True)
    assert told.code.id == desk.failed().code.id == "E0712"
    assert "At the end of the run a row" in told.message
    assert desk.rows() == 2


def test_ids_of_a_run_come_from_one_block(desk: ServerDesk) -> None:
    steps = [s.Create(at(n), "core.team", f"team{n}", (("name", text(f"T{n}")),)) for n in range(1, 4)]
    result = ready(verb("Three", *steps)).run(desk.database, engine="interpreter")
    keys = [str(change.key) for change in result.changes]
    assert keys == sorted(keys)
    assert len({key[:23] for key in keys}) == 1
    numbers = [int(key[24:], 16) for key in keys]
    assert numbers[2] - numbers[1] == numbers[1] - numbers[0]
