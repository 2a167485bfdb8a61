"""A policy at work in runs: when rights are read, what is recorded, what is kept, and runs over many rows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from actionlang.access import roster
from actionlang.access.policy import Policy
from actionlang.compile.condition import read_condition
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.many import Condition, ManyResult
from actionlang.runtime.result import RunFailed
from tests.access.office import Office, grants, office, plan

ONE_STATEMENT = "SELECT CASE WHEN (SELECT json_agg("


@pytest.fixture(params=["sqlite", "postgres", "server"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as opened:
        yield opened


def take(desk: Office, who: str = "ann@x.org") -> None:
    with desk.free.connection() as connection, connection.begin():
        key = roster.member_id(connection, "user", who)
        assert key is not None
        assert roster.take(connection, key, "role")


def failed(desk: Office, verb: str, on: object = None, **more: object) -> RunFailed:
    with pytest.raises(RunFailed) as caught:
        desk.run(verb, on, **more)
    return caught.value


def test_whether_the_caller_is_in_a_team_is_asked_of_their_own_teams(place: Office) -> None:
    """A team that they are not in is none of these, whether or not there is one."""
    place.allow(grants())
    for engine in ("interpreter", "relational", "server"):
        told = [place.run("InTeam", name=name, engine=engine).outputs["yes"] for name in ("Red", "Blue", "Green")]
        assert told == [True, False, False]
    place.allow(grants(team="all"))
    assert place.run("InTeam", name="Blue").outputs == {"yes": False}
    assert failed(place, "InTeam", name="Green").diagnostics[0].code.id == "E0702"


# ------------------------------------------------------------------------------------------------------ when they are read


def test_what_was_taken_away_is_gone_at_once(place: Office) -> None:
    place.allow(grants(job="all"))
    for _ in range(3):
        place.run("Rename", "ANN", title="before")
    take(place)
    assert failed(place, "Rename", "ANN", title="after").diagnostics[0].code.id == "E0730"
    assert place.title("ANN") == "before"


def test_rights_that_became_others_make_another_plan(place: Office) -> None:
    place.allow(grants(job="all"))
    assert place.run("Count").outputs == {"n": 6}
    for depth, count in (("own", 1), ("team", 3), ("all", 6), ("own", 1)):
        place.allow(grants(job=depth))
        for _ in range(3):
            assert place.run("Count").outputs == {"n": count}


def test_a_run_is_one_statement_while_rights_stay_what_they_are() -> None:
    """The statement sees for itself whether they do."""
    with office("server") as desk:
        desk.allow(grants(job="all"))
        asked = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        for title, ending in (("one", "COMMIT"), ("two", ONE_STATEMENT), ("three", ONE_STATEMENT)):
            desk.run("Rename", "ANN", title=title)
            assert [query for (query,) in desk.look(asked) if query.startswith(ending)], (title, desk.look(asked))
        assert desk.title("ANN") == "three"


def test_whoever_may_not_call_is_not_told_what_is_wrong_with_what_they_gave() -> None:
    with office("server") as desk:
        desk.allow(grants(job="all"))
        for _ in range(3):
            desk.run("Rename", "ANN", title="before")
        with pytest.raises(ActionLangError) as caught:
            desk.run("Rename", "ANN", title=1)
        assert caught.value.diagnostics[0].code.id == "E0907"
        take(desk)
        assert failed(desk, "Rename", "ANN", title=1).diagnostics[0].code.id == "E0730"


def test_a_membership_counts_from_the_next_run_on(desk: Office) -> None:
    desk.allow(grants(job="team"))
    assert desk.run("Count").outputs == {"n": 3}
    with desk.free.connection() as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM membership")
    assert desk.run("Count").outputs == {"n": 1}


def test_users_with_the_same_depths_share_a_plan(desk: Office) -> None:
    desk.allow(grants(job="own"))
    desk.allow(grants(job="own"), to="eve@x.org", role="other")
    policy = desk.database.hosting.policy
    assert policy is not None
    desk.run("Count")
    kept = len(policy._restricted)
    assert desk.run("Count", by="eve@x.org").outputs == {"n": 1}
    assert len(policy._restricted) == kept


def test_whoever_may_do_everything_runs_the_very_plan(desk: Office) -> None:
    desk.allow(grants(job="all", user="all", team="all", membership="all", firm="all"))
    desk.run("Rename", "ANN", title="x")
    connection, session = desk.database.take_turn()
    try:
        steps = plan("Rename")
        assert session.ready(steps.steps, steps.hash, connection).bound.plan is steps.steps
        assert len(session._ready) == 1
    finally:
        desk.database.end_turn(connection)


# --------------------------------------------------------------------------------------------------------- what is recorded


def test_a_refusal_is_a_failed_run_in_the_log(place: Office) -> None:
    error = failed(place, "Rename", "ANN", title="x")
    assert error.recorded
    row = place.look("SELECT verb, outcome, error_code, message, arguments, row_table, caller FROM actionlang_run")[-1]
    assert row[:3] == ("example.Rename", "failed", "E0730")
    assert row[3] == "Ann may not run Rename: missing perform example.Rename, read example.job and update example.job."
    assert json.loads(row[4]) == {"title": "x"}
    assert row[5] == "example.job"
    assert row[6] is not None


def test_a_row_out_of_reach_leaves_a_record_too(place: Office) -> None:
    place.allow(grants(job="own"))
    with pytest.raises(ActionLangError) as caught:
        place.run("Rename", "EVE", title="x")
    assert not isinstance(caught.value, RunFailed)
    row = place.look("SELECT outcome, error_code, row_table FROM actionlang_run")[-1]
    assert row == ("failed", "E0702", "example.job")


def test_a_dry_run_is_refused_as_well_and_leaves_no_record(desk: Office) -> None:
    before = desk.look("SELECT count(*) FROM actionlang_run")
    assert failed(desk, "Count", dry_run=True).diagnostics[0].code.id == "E0730"
    assert desk.look("SELECT count(*) FROM actionlang_run") == before


def test_records_have_the_hash_of_the_plan_as_it_was_compiled(place: Office) -> None:
    place.allow(grants(job="own"))
    for engine in ("interpreter", "relational", "server", "server"):
        place.run("Rename", "ANN", title=engine, engine=engine)
    found = place.look("SELECT DISTINCT plan_hash FROM actionlang_run WHERE verb = 'example.Rename'")
    assert found == [(plan("Rename").hash,)]


def test_a_key_answers_only_whoever_may_ask(place: Office) -> None:
    place.allow(grants(job="own"))
    first = place.run("Rename", "ANN", title="x", key="once")
    again = place.run("Rename", "ANN", title="x", key="once")
    assert (again.run, again.replayed) == (first.run, True)
    take(place)
    assert failed(place, "Rename", "ANN", title="x", key="once").diagnostics[0].code.id == "E0730"


def test_a_version_tells_nothing_of_a_row_out_of_reach(place: Office) -> None:
    place.allow(grants(job="own"))
    version = plan("Rename").version_of(place.free, on="ANN")
    assert place.run("Rename", "ANN", title="x", expected=version).version is not None
    for on in ("EVE", "QQQ"):
        with pytest.raises(ActionLangError) as caught:
            place.run("Rename", on, title="x", expected=version)
        assert caught.value.diagnostics[0].message == f'Rename is on an existing job, by its number, not "{on}".'
    with pytest.raises(ActionLangError) as caught:
        plan("Rename").version_of(place.database, on="EVE")
    assert caught.value.diagnostics[0].code.id == "E0733"


# --------------------------------------------------------------------------------------------------------------- many rows


def many(desk: Office, verb: str, where: str | None = None, *, by: str = "ann@x.org", **more: object) -> ManyResult:
    steps = plan(verb)
    condition = None if where is None else Condition(read_condition(where, steps.steps), where)
    return steps.run_many(desk.database, where=condition, caller=by, **more)  # type: ignore[arg-type]


def test_a_run_over_many_rows_is_over_those_within_reach(place: Office) -> None:
    place.allow(grants(job="team"))
    done = many(place, "Rename", title="many")
    assert (done.rows, done.engine) == (3, "relational")
    assert many(place, "Rename", '(job.title = "many")', title="more").rows == 3
    assert many(place, "Rename", '(job.title = "new")', title="x").rows == 0
    assert many(place, "Rename", '(job.number = "EVE")', title="x").rows == 0
    assert place.title("EVE") == "new"


def test_rows_that_are_named_must_be_within_reach(place: Office) -> None:
    place.allow(grants(job="team"))
    assert many(place, "Rename", rows=["ANN", "BOB"], title="named").rows == 2
    with pytest.raises(ActionLangError) as caught:
        many(place, "Rename", rows=["ANN", "EVE"], title="x")
    assert caught.value.diagnostics[0].code.id == "E0907"
    assert place.title("ANN") == "named"


def test_per_row_leaves_out_what_may_not_be_changed(place: Office) -> None:
    place.allow(grants(job={"read": "team", "update": "own"}))
    done = many(place, "Rename", title="mine", per_row=True)
    assert (done.rows, len(done.failures)) == (1, 2)
    assert {each.diagnostic.code.id for each in done.failures} == {"E0731"}


def test_chunks_are_held_to_the_rules(place: Office) -> None:
    place.allow(grants(job="team"))
    done = many(place, "Rename", title="chunk", chunk=2)
    assert (done.rows, len(done.runs)) == (3, 2)
    with pytest.raises(RunFailed) as caught:
        many(place, "Rename", by="eve@x.org", title="x", chunk=2)
    assert caught.value.diagnostics[0].code.id == "E0730"
    assert place.look("SELECT outcome, error_code FROM actionlang_run")[-1] == ("failed", "E0730")


@pytest.mark.parametrize(
    "where", ['(job.firm.name = "Theirs")', '(job.firm = firm("Theirs"))', "(job.firm.revenue otherwise 0 > 1)"]
)
def test_a_condition_reads_no_more_than_the_caller_may(desk: Office, where: str) -> None:
    desk.allow(grants(job="all", firm={"read": "own"}))
    steps = plan("Through")
    condition = Condition(read_condition(where, steps.steps), where)
    with pytest.raises(ActionLangError) as caught:
        steps.run_many(desk.database, where=condition, caller="ann@x.org")
    assert caught.value.diagnostics[0].code.id in {"E0732", "E0730"}


def test_a_condition_on_a_verb_as_system_is_the_callers(place: Office) -> None:
    """What the verb does is its own; which rows are chosen is asked with the caller's rights."""
    place.allow(grants(job={"read": "team"}))
    assert many(place, "BumpAsSystem", '(job.title = "new")').rows == 3
    assert many(place, "BumpAsSystem").rows == 3
    assert place.title("EVE") == "new"
    place.allow(grants(), to="eve@x.org", role="eves")
    with pytest.raises(ActionLangError) as caught:
        many(place, "BumpAsSystem", '(job.title = "new")', by="eve@x.org")
    assert caught.value.diagnostics[0].code.id == "E0732"


# ---------------------------------------------------------------------------------------------------------------- the place


def test_a_database_without_roles_says_what_is_missing() -> None:
    with Database.connect("sqlite://") as free:
        ruled = Database.of(free.engine, hosting=Hosting(policy=Policy()))
        with pytest.raises(ActionLangError) as caught:
            plan("Tick").run(ruled, caller="ann@x.org")
    assert caught.value.diagnostics[0].code.id == "E0806"
    assert "actionlang registry init" in (caught.value.diagnostics[0].hint or "")


def test_a_database_without_users_says_so() -> None:
    with Database.connect("sqlite://") as free:
        with free.connection() as connection, connection.begin():
            roster.make_tables(connection)
        ruled = Database.of(free.engine, hosting=Hosting(policy=Policy()))
        with pytest.raises(ActionLangError) as caught:
            plan("Tick").run(ruled, caller="ann@x.org")
    assert caught.value.diagnostics[0].message == "The database has no table user, which rules of access need."


def test_a_connection_of_the_hosts_own_is_the_hosts_affair(desk: Office) -> None:
    with desk.free.engine.connect() as connection:
        assert plan("Count").run(connection).outputs == {"n": 6}
        connection.rollback()
