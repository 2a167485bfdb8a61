"""Row security of PostgreSQL: a plain role sees by SQL what the rules let runs see, on a real server."""

from __future__ import annotations

import os
from collections.abc import Iterator

import attrs
import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from actionlang.access import roster
from actionlang.access.policy import Policy
from actionlang.access.row_security import dropping, policies_of, see_that_it_is_possible
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from tests.access.office import Office, grants, office, plan, schema
from tests.postgres import admin, connect

PLAIN = f"actionlang_plain_{os.getpid()}"
PASSWORD = "plain"
RIGHTS = sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}")


@attrs.frozen
class Secured:
    """An office with policies, and a plain role's own connection to it."""

    desk: Office
    plain: psycopg.Connection
    url: str

    def seen(self, who: str | None, statement: str) -> list[object]:
        """The first column of rows, asked by SQL as the plain role."""
        with self.plain.transaction():
            if who is not None:
                self.plain.execute("SELECT set_config('actionlang.caller', %s, true)", (self.id_of(who),))
            return [row[0] for row in self.plain.execute(statement.encode()).fetchall()]

    def change(self, who: str, statement: str) -> None:
        """Do something by SQL as the plain role."""
        with self.plain.transaction():
            self.plain.execute("SELECT set_config('actionlang.caller', %s, true)", (self.id_of(who),))
            self.plain.execute(statement.encode())

    def id_of(self, who: str) -> str:
        with self.desk.free.connection() as connection:
            found = roster.member_id(connection, "user", who)
        assert found is not None
        return found


@pytest.fixture
def secured() -> Iterator[Secured]:
    with office("postgres") as desk:
        url = desk.free.engine.url
        with desk.free.connection() as connection, connection.begin():
            for statement in policies_of(schema()):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        admin().execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(PLAIN), PASSWORD))
        owner = connect(url)
        try:
            owner.execute(RIGHTS.format(sql.Identifier(PLAIN)))
            theirs = sa.URL.create(
                "postgresql+psycopg", PLAIN, PASSWORD, url.host, url.port, url.database, query=url.query
            )
            plain = connect(theirs)
            try:
                yield Secured(desk, plain, theirs.render_as_string(hide_password=False))
            finally:
                plain.close()
        finally:
            owner.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(PLAIN)))
            owner.close()
            admin().execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(PLAIN)))


@pytest.mark.parametrize("depth", ["own", "team", "all"])
def test_sql_sees_what_runs_see(secured: Secured, depth: str) -> None:
    desk = secured.desk
    desk.allow(grants(job=depth, firm={"read": "own"}))
    for who in ("ann@x.org", "bob@x.org", "eve@x.org"):
        numbers = secured.seen(who, "SELECT number FROM job")
        if who == "ann@x.org":
            assert len(numbers) == desk.run("Count", by=who).outputs["n"]
            assert secured.seen(who, "SELECT name FROM firm") == ["Hers"]
        else:
            assert numbers == []
        assert secured.seen(who, 'SELECT email FROM "user"') == [who]
    assert secured.seen(None, "SELECT number FROM job") == []
    assert secured.seen(None, 'SELECT email FROM "user"') == []


def test_sql_changes_what_runs_may_change(secured: Secured) -> None:
    secured.desk.allow(grants(job={"read": "all", "update": "team", "delete": "own", "create": "own"}))
    ann = secured.id_of("ann@x.org")
    changed = secured.seen("ann@x.org", "UPDATE job SET title = 'sql' RETURNING number")
    assert sorted(map(str, changed)) == ["ANN", "BOB", "RED"]
    assert secured.seen("ann@x.org", "DELETE FROM job RETURNING number") == ["ANN"]
    insert = (
        "INSERT INTO job (id, number, title, status, owner_user) VALUES (gen_random_uuid(), '{}', 't', 'new', '{}')"
    )
    secured.change("ann@x.org", insert.format("MINE", ann))
    eve = secured.id_of("eve@x.org")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        secured.change("ann@x.org", insert.format("HERS", eve))


def test_a_table_whose_rows_are_nobodys_is_seen_as_a_whole_or_not_at_all(secured: Secured) -> None:
    secured.desk.allow(grants(job="all"))
    assert secured.seen("ann@x.org", "SELECT count FROM tick") == []
    assert secured.seen("ann@x.org", "UPDATE tick SET count = 5 RETURNING count") == []
    secured.desk.allow(grants(tick={"read": "all"}))
    assert secured.seen("ann@x.org", "SELECT count FROM tick") == [1]
    assert secured.seen("ann@x.org", "UPDATE tick SET count = 5 RETURNING count") == []
    secured.desk.allow(grants(tick={"read": "all", "update": "all"}))
    assert secured.seen("ann@x.org", "UPDATE tick SET count = 5 RETURNING count") == [5]


def test_a_user_who_has_left_sees_nothing_of_what_a_role_gives(secured: Secured) -> None:
    secured.desk.allow(grants(job="all"), to="off@x.org")
    assert secured.seen("off@x.org", "SELECT number FROM job") == []


@pytest.mark.parametrize("by_id", [False, True])
def test_runs_tell_the_server_who_calls(secured: Secured, by_id: bool) -> None:
    """As a role that sees nothing by itself: what the run reads, row security lets it read."""
    secured.desk.allow(grants(job={"read": "team", "update": "own"}))
    caller = secured.id_of("ann@x.org") if by_id else "ann@x.org"
    with Database.connect(secured.url, hosting=Hosting(policy=Policy(row_security=True))) as database:
        for _ in range(3):
            assert plan("Count").run(database, caller=caller).outputs == {"n": 3}
            plan("Rename").run(database, on="ANN", caller=caller, title="secured")
        with pytest.raises(ActionLangError) as caught:
            plan("Rename").run(database, on="BOB", caller=caller, title="x")
        assert caught.value.diagnostics[0].code.id == "E0731"
        with pytest.raises(ActionLangError) as caught:
            plan("Rename").run(database, on="EVE", caller=caller, title="x")
        assert caught.value.diagnostics[0].code.id == "E0907"
    assert secured.desk.title("ANN") == "secured"


def test_reading_rights_leaves_the_transaction_of_a_caller_as_it_is(secured: Secured) -> None:
    for who in ("ann@x.org", "bob@x.org"):
        secured.desk.allow(grants(job="all"), to=who)
    hosting = Hosting(policy=Policy(row_security=True))
    with Database.connect(secured.url) as database, database.connection() as connection, connection.begin():
        plan("Rename").run(connection, on="ANN", caller="ann@x.org", hosting=hosting, title="one")
        plan("Rename").run(connection, on="BOB", caller="bob@x.org", hosting=hosting, title="two")
    assert (secured.desk.title("ANN"), secured.desk.title("BOB")) == ("one", "two")


def test_it_can_be_taken_off_again(secured: Secured) -> None:
    with secured.desk.free.connection() as connection, connection.begin():
        for statement in dropping(schema()):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    assert len(secured.seen(None, "SELECT number FROM job")) == 6


def test_only_postgresql_has_it() -> None:
    with pytest.raises(ActionLangError) as caught:
        see_that_it_is_possible("sqlite")
    assert caught.value.diagnostics[0].code.id == "E0737"
