"""What is told of rows that were given and that are out of reach: word for word what is told of rows that are not there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.access.people import USERS
from actionlang.compile.condition import read_condition
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.runtime.many import Condition
from actionlang.runtime.result import RunFailed
from tests.access.office import Office, grants, office, plan

HIDDEN, MISSING, OTHER = "EVE", "QQQ", "ZZZ"

ONE: dict[str, tuple[str, dict[str, object]]] = {
    "the row": (HIDDEN, {"other": "ANN", "n": 1}),
    "the row, and something wrong": (HIDDEN, {"other": "ANN", "n": "x"}),
    "the row, and one that is not there": (HIDDEN, {"other": OTHER, "n": 1}),
    "an argument": ("ANN", {"other": HIDDEN, "n": 1}),
    "an argument, and something wrong": ("ANN", {"other": HIDDEN, "n": "x"}),
    "an argument, and one that is not known": ("ANN", {"other": HIDDEN, "m": 1}),
    "the row and an argument": (HIDDEN, {"other": HIDDEN, "n": 1}),
    "one of a list": ("ANN", {"other": "ANN", "n": 1, "some": ["ANN", HIDDEN]}),
    "one of a list, and an argument": ("ANN", {"other": HIDDEN, "n": 1, "some": ["ANN", HIDDEN]}),
    "one of a list, and something wrong": ("ANN", {"other": "ANN", "n": "x", "some": [HIDDEN]}),
}

MANY: dict[str, dict[str, object]] = {
    "one of many": {"rows": ["ANN", HIDDEN], "other": "ANN", "n": 1},
    "one of many, with another that is not there": {"rows": [HIDDEN, OTHER], "other": "ANN", "n": 1},
    "one of many, row by row": {"rows": ["ANN", HIDDEN], "other": "ANN", "n": 1, "per_row": True},
    "one of many, in chunks": {"rows": ["ANN", HIDDEN], "other": "ANN", "n": 1, "chunk": 1},
    "one of many, one after another": {"rows": ["ANN", HIDDEN], "other": "ANN", "n": 1, "engine": "interpreter"},
    "an argument": {"rows": ["ANN"], "other": HIDDEN, "n": 1},
    "an argument, row by row": {"rows": ["ANN"], "other": HIDDEN, "n": 1, "per_row": True},
    "an argument, and something wrong": {"rows": ["ANN"], "other": HIDDEN, "n": "x"},
    "an argument, in chunks": {"rows": ["ANN"], "other": HIDDEN, "n": 1, "chunk": 1},
    "an argument of a run on no rows": {"where": '(job.number = "-")', "other": HIDDEN, "n": 1},
    "an argument of a run on no rows, in chunks": {"where": '(job.number = "-")', "other": HIDDEN, "n": 1, "chunk": 1},
}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as opened:
        opened.allow(grants(job="team"))
        yield opened


def instead(value: object) -> object:
    """What was given, with the row that is not there in the place of the hidden one."""
    if isinstance(value, list):
        return [instead(each) for each in value]
    return MISSING if value == HIDDEN else value


def told(error: ActionLangError) -> list[tuple[str, str, str | None]]:
    assert not isinstance(error, RunFailed)
    return [(each.code.id, each.message.replace(MISSING, HIDDEN), each.hint) for each in error.diagnostics]


def refused(desk: Office, on: object, **given: object) -> list[tuple[str, str, str | None]]:
    with pytest.raises(ActionLangError) as caught:
        desk.run("Both", on, arguments=given)
    return told(caught.value)


def many_refused(desk: Office, **given: object) -> list[tuple[str, str, str | None]]:
    steps = plan("Both")
    where = given.pop("where", None)
    condition = None if where is None else Condition(read_condition(str(where), steps.steps), str(where))
    with pytest.raises(ActionLangError) as caught:
        steps.run_many(desk.database, where=condition, caller="ann@x.org", **given)  # type: ignore[arg-type]
    return told(caught.value)


@pytest.mark.parametrize("case", ONE)
def test_a_row_that_is_given(place: Office, case: str) -> None:
    on, given = ONE[case]
    found = refused(place, on, **given)
    assert found == refused(place, instead(on), **{name: instead(value) for name, value in given.items()})
    assert any(HIDDEN in message for _, message, _ in found)
    assert place.title("ANN") == "new"


@pytest.mark.parametrize("case", MANY)
def test_a_row_that_is_given_to_a_run_over_many(place: Office, case: str) -> None:
    given = MANY[case]
    found = many_refused(place, **given)
    assert found == many_refused(place, **{name: instead(value) for name, value in given.items()})
    assert place.title("ANN") == "new"


def test_the_log_has_the_attempt(place: Office) -> None:
    count = "SELECT count(*) FROM actionlang_run WHERE outcome = 'failed' AND error_code = 'E0702'"
    for chunk in (None, 1):
        ((before,),) = place.look(count)
        many_refused(place, rows=["ANN", HIDDEN], other="ANN", n=1, chunk=chunk)
        assert place.look(count) == [(before + 1,)]


@pytest.mark.parametrize(
    ("caller", "named"),
    [
        ("x\0y", r"'x\x00y'"),
        ("", "''"),
        ({"id": "zzz"}, "{'id': 'zzz'}"),
        ({"email": None}, "{'email': None}"),
        (RowRef(USERS.name, "zzz"), "user zzz"),
        ("00000000-0000-7000-8000-00000000ffff", "00000000-0000-7000-8000-00000000ffff"),
    ],
)
def test_whoever_is_no_user_is_told_so(place: Office, caller: object, named: str) -> None:
    with pytest.raises(RunFailed) as caught:
        place.run("Count", by=caller)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.id == "E0733"
    assert diagnostic.message.startswith(f"Count is called by {named}, who is no user;")
    assert caught.value.recorded
