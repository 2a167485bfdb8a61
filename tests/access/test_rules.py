"""What the rules of access let somebody do, verb by verb, through `Plan.run` on both databases and by every engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.result import RunFailed
from tests.access.office import SPECIAL, Office, grants, office

ALL = ("ANN", "BOB", "EVE", "RED", "BLUE", "NONE")
OWN, TEAM = ("ANN",), ("ANN", "BOB", "RED")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as opened:
        yield opened


def code_of(desk: Office, verb: str, on: object = None, **more: object) -> str:
    """The code with which a verb fails."""
    with pytest.raises(ActionLangError) as caught:
        desk.run(verb, on, **more)
    return str(caught.value.diagnostics[0].code.id)


def told(desk: Office, verb: str, on: object = None, **more: object) -> str:
    with pytest.raises(ActionLangError) as caught:
        desk.run(verb, on, **more)
    return str(caught.value.diagnostics[0].message)


# ---------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(("depth", "reached"), [("own", OWN), ("team", TEAM), ("all", ALL)])
def test_rows_are_reached_as_deep_as_a_role_gives(place: Office, depth: str, reached: tuple[str, ...]) -> None:
    place.allow(grants(job=depth))
    assert place.run("Count").outputs == {"n": len(reached)}
    assert place.run("Titles").outputs == {"n": len(reached)}
    for number in ALL:
        if number in reached:
            place.run("Rename", number, title="seen")
        else:
            assert code_of(place, "Rename", number, title="seen") == "E0907"
        assert (place.title(number) == "seen") == (number in reached)


@pytest.mark.parametrize("engine", ["auto", "interpreter", "relational", "server"])
def test_every_engine_holds_to_them(place: Office, engine: str) -> None:
    place.allow(grants(job={"read": "team", "update": "own"}))
    for _ in range(3):
        place.run("Rename", "ANN", title="by all", engine=engine)
        assert code_of(place, "Rename", "BOB", title="x", engine=engine) == "E0731"
        assert code_of(place, "Rename", "EVE", title="x", engine=engine) == "E0907"
        assert place.run("Count", engine=engine).outputs == {"n": 3}


def test_a_row_out_of_reach_is_as_if_it_were_not_there(desk: Office) -> None:
    desk.allow(grants(job="team"))
    hidden, missing = told(desk, "Rename", "EVE", title="x"), told(desk, "Rename", "QQQ", title="x")
    assert hidden == 'Rename is on an existing job, by its number, not "EVE".'
    assert hidden.replace("EVE", "QQQ") == missing
    hidden, missing = told(desk, "Given", other="EVE"), told(desk, "Given", other="QQQ")
    assert hidden.replace("EVE", "QQQ") == missing
    hidden, missing = told(desk, "Known", number="EVE"), told(desk, "Known", number="QQQ")
    assert hidden.replace("EVE", "QQQ") == missing
    assert desk.run("Given", other="BOB").outputs == {"title": "new"}
    assert desk.run("Known", number="RED").outputs == {"title": "new"}


def test_rows_in_a_list_are_seen_to_be_within_reach(desk: Office) -> None:
    desk.allow(grants(job="team"))
    assert desk.run("Handed", some=["ANN", "BOB"]).outputs == {"n": 1}
    hidden, missing = told(desk, "Handed", some=["ANN", "EVE"]), told(desk, "Handed", some=["ANN", "QQQ"])
    assert hidden.replace("EVE", "QQQ") == missing


def test_a_lookup_leads_to_no_row_out_of_reach(place: Office) -> None:
    place.allow(grants(job="all", firm={"read": "team"}))
    assert place.run("Revenue", "ANN").outputs == {"n": 7}
    assert place.run("Revenue", "BOB").outputs == {"n": 7}
    for engine in ("interpreter", "relational", "server"):
        assert code_of(place, "Revenue", "EVE", engine=engine) == "E0731"
    assert place.run("Revenue", "BLUE").outputs == {"n": 0}


def test_a_text_shows_no_row_out_of_reach(desk: Office) -> None:
    desk.allow(grants(job="all", firm={"read": "team"}))
    assert desk.run("Shown", "BOB").outputs == {"text": "His"}
    assert desk.run("Shown", "NONE").outputs == {"text": "Hers"}
    assert code_of(desk, "Shown", "EVE") == "E0731"


def test_what_is_above_a_row_is_asked_of_all_rows(desk: Office) -> None:
    desk.allow(grants(job="team"))
    assert "read example.job in all rows" in told(desk, "Below", "ANN")
    desk.allow(grants(job="all"), role="more")
    assert desk.run("Below", "ANN").outputs == {"yes": True}


# --------------------------------------------------------------------------------------------------------------- changing


@pytest.mark.parametrize(
    ("verb", "word", "more"),
    [
        ("Rename", "update", {"title": "x"}),
        ("Drop", "delete", {}),
        ("Open", "move", {}),
        ("Give", "assign", {"to": "user ann@x.org"}),
        ("Take", "assign", {}),
    ],
)
def test_each_way_to_change_a_row_has_its_own_depth(desk: Office, verb: str, word: str, more: dict[str, str]) -> None:
    words = dict.fromkeys(("read", "update", "delete", "move", "assign"), "all")
    desk.allow(grants(job={**words, word: "own"}, user={"read": "all"}, team={"read": "all"}))
    desk.run(verb, "ANN", **more)
    assert code_of(desk, verb, "BOB", **more) == "E0731"
    assert code_of(desk, verb, "NONE", **more) == "E0731"


def test_nobody_changes_what_they_can_not_see(desk: Office) -> None:
    desk.allow(grants(job="all", firm={"read": "own", "update": "all"}))
    desk.run("Through", "ANN")
    assert code_of(desk, "Through", "EVE") == "E0731"
    assert desk.look("SELECT revenue FROM firm WHERE name = 'Theirs'") == [(7,)]


def test_a_row_is_made_for_an_owner_within_reach(desk: Office) -> None:
    desk.allow(grants(job={"read": "all", "create": "team"}, user={"read": "all"}, team={"read": "all"}))
    for number, owner in (("1", "user ann@x.org"), ("2", "user bob@x.org"), ("3", "team Red")):
        desk.run("New", number=number, owner=owner)
    for number, owner in (("4", "user eve@x.org"), ("5", "team Blue"), ("6", None)):
        assert code_of(desk, "New", number=number, owner=owner) == "E0731"


def test_a_row_once_reached_stays_within_reach(place: Office) -> None:
    """Giving a row away is not the end of what the verb does with it."""
    place.allow(grants(job="own", user={"read": "all"}, team={"read": "all"}))
    place.run("GiveAndRename", "ANN", to="user eve@x.org")
    assert place.title("ANN") == "given"
    assert code_of(place, "GiveAndRename", "ANN", to="user eve@x.org") == "E0907"


def test_a_loop_goes_through_rows_within_reach(place: Office) -> None:
    place.allow(grants(job="team"))
    assert place.run("RenameAll").outputs == {"n": 3}
    assert {number for number in ALL if place.title(number) == "all"} == set(TEAM)


def test_a_table_without_owners_is_reached_as_a_whole_or_not_at_all(desk: Office) -> None:
    desk.allow(grants(tick="team"))
    assert told(desk, "Tick") == "Ann may not run Tick: missing read example.tick and update example.tick."
    desk.allow(grants(tick="all"), role="more")
    desk.run("Tick")
    assert desk.look("SELECT count FROM tick") == [(2,)]


# ---------------------------------------------------------------------------------------------------------- the whole verb


def test_every_privilege_that_is_missing_is_named_before_the_first_step(place: Office) -> None:
    place.allow(grants(job={"read": "all"}))
    message = told(place, "GiveAndRename", "ANN", to="user eve@x.org")
    assert message == "Ann may not run GiveAndRename: missing assign example.job and update example.job."
    assert place.look("SELECT count(*) FROM actionlang_change WHERE operation = 'assign'") == [(0,)]


def test_the_hint_names_the_role_that_gives_it(desk: Office) -> None:
    desk.allow(grants(job="team"), to="bob@x.org", role="agent")
    with pytest.raises(RunFailed) as caught:
        desk.run("Rename", "ANN", title="x")
    assert caught.value.diagnostics[0].hint == (
        "the role agent gives all of it: actionlang access give USER agent"
    )  # fmt: skip


def test_a_named_privilege_is_needed(desk: Office) -> None:
    desk.allow(grants(job="all"))
    assert told(desk, "Guarded", "ANN") == "Ann may not run Guarded: missing office.special."
    desk.allow((SPECIAL,), role="special")
    desk.run("Guarded", "ANN")
    assert desk.title("ANN") == "special"


def test_a_private_verb_is_called_by_verbs_only(desk: Office) -> None:
    desk.allow(grants(job="all"))
    assert code_of(desk, "Hidden", "ANN") == "E0730"
    desk.run("CallsHidden", "ANN")
    assert desk.title("ANN") == "hidden"


@pytest.mark.parametrize("caller", [None, "nobody@x.org", "00000000-0000-7000-8000-000000000000"])
def test_whoever_is_no_user_may_do_nothing(desk: Office, caller: object) -> None:
    desk.allow(grants(job="all"))
    assert code_of(desk, "Rename", "ANN", by=caller, title="x") == "E0733"


def test_a_user_without_roles_and_one_who_has_left_may_do_nothing(desk: Office) -> None:
    desk.allow(grants(job="all"), to="off@x.org")
    assert code_of(desk, "Count", by="eve@x.org") == "E0730"
    assert told(desk, "Count", by="off@x.org") == "Off may not run Count: the user is not active any more."


def test_a_teams_role_is_that_of_its_members(desk: Office) -> None:
    desk.allow(grants(job="all"), to="Red")
    assert desk.run("Count", by="bob@x.org").outputs == {"n": 6}
    assert code_of(desk, "Count", by="eve@x.org") == "E0730"


def test_of_several_roles_the_deepest_counts(desk: Office) -> None:
    desk.allow(grants(job="own"))
    desk.allow(grants(job={"read": "team"}), to="Red", role="more")
    assert desk.run("Count").outputs == {"n": 3}
    assert code_of(desk, "Rename", "BOB", title="x") == "E0731"


# ------------------------------------------------------------------------------------------------------------- as system


def test_a_verb_as_system_sees_all_rows(place: Office) -> None:
    place.allow(grants(job={"read": "own", "update": "own"}))
    assert place.run("AllJobs").outputs == {"n": 6}
    place.run("BumpAsSystem", "EVE")
    assert place.title("EVE") == "bumped 6"


def test_the_same_verb_runs_both_ways(place: Office) -> None:
    """Performed as the system it sees all rows, performed by a verb of the caller's only those within reach."""
    place.allow(grants(job={"read": "own", "update": "own"}))
    for _ in range(3):
        place.run("BumpBoth", "ANN")
        assert place.title("ANN") == "bumped 1"
        assert code_of(place, "BumpBoth", "EVE") == "E0907"
    place.run("BumpFirst")
    assert place.title("ANN") == "bumped 6"
    verbs = {
        verb for (verb,) in place.look("SELECT DISTINCT verb FROM actionlang_change WHERE row_table = 'example.job'")
    }
    assert {"example.Bump", "example.Bump as system"} <= verbs


def test_what_a_verb_as_system_requires_is_needed_to_perform_it(desk: Office) -> None:
    desk.allow(grants(job={"read": "all"}))
    assert told(desk, "SystemNeeds", "ANN") == "Ann may not run SystemNeeds: missing office.special."
    assert told(desk, "CallsSystemNeeds", "ANN") == "Ann may not run CallsSystemNeeds: missing office.special."
    desk.allow((SPECIAL,), role="special")
    desk.run("CallsSystemNeeds", "EVE")
    assert desk.title("EVE") == "sys"


# ---------------------------------------------------------------------------------------------------------------- people


def test_the_caller_is_known_to_themselves(place: Office) -> None:
    place.allow(grants())
    found = place.run("Me").outputs
    assert (found["name"], found["email"]) == ("Ann", "ann@x.org")


@pytest.mark.parametrize("engine", ["interpreter", "relational", "server"])
def test_the_callers_teams_can_be_asked_for(place: Office, engine: str) -> None:
    place.allow(grants())
    assert place.run("Mine", engine=engine).outputs == {"yes": True}
    place.allow(grants(team={"read": "all"}), to="eve@x.org", role="eves")
    assert place.run("Mine", by="eve@x.org", engine=engine).outputs == {"yes": False}
