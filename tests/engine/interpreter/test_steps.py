"""Steps that decide what is done: branches, loops, guards, attempts, expectations, performing, returning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.interpreter.observer import Count
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter, StepPlan, Verb
from tests.engine.building import (
    BOOLEAN,
    BY_NAME,
    CASE,
    CHOICES,
    INTEGER,
    TABLES,
    TEXT,
    Desk,
    arithmetic,
    col,
    column,
    compare,
    create,
    give,
    let,
    lit,
    local,
    place,
    plan,
    query,
    require,
    table,
    text,
    unit,
    update,
    verb,
)

THIS = local("this", CASE)
EACH = local("each", CASE)


def attempt(*body: s.Step, otherwise: tuple[s.Step, ...] = ()) -> s.Attempt:
    return s.Attempt(place(), body, otherwise)


def expect(*body: s.Step, message: str | None = None) -> s.Expect:
    return s.Expect(place(), lit(message) if message is not None else None, body)


def fail(message: str, line: int = 1) -> s.Fail:
    return s.Fail(place(line), lit(message))


def say(subject: str) -> s.Create:
    """Leave a task behind."""
    return create("desk.task", subject=lit(subject))


def said(desk: Desk) -> list[Any]:
    """The subjects of tasks, in the order they were made."""
    return [row.values[0] for row in desk.store.prepare_scan(BY_NAME["desk.task"], ("subject",), ())(())]


def failure(desk: Desk, entry: Verb, *others: Verb, on: RowRef | None = None) -> Failure:
    with pytest.raises(Failure) as caught:
        desk.run(entry, *others, on=on)
    return caught.value


# -------------------------------------------------------------------------------------------------- branches and loops


@pytest.mark.parametrize(("number", "came"), [(1, "one"), (2, "two"), (3, "many")])
def test_the_first_branch_whose_condition_holds_is_taken(number: int, came: str) -> None:
    desk = Desk()
    value = local("n", INTEGER)
    branches = tuple(s.Branch(compare(value, "<=", lit(most)), (say(word),)) for most, word in ((1, "one"), (2, "two")))
    desk.run(verb(s.If(place(), branches, (say("many"),)), inputs={"n": INTEGER}), n=number)
    assert said(desk) == [came]


def test_a_loop_goes_through_the_rows_it_found_at_first() -> None:
    desk = Desk()
    for number in range(3):
        desk.case(str(number), title=f"C{number}")
    body = (create("desk.case", title=text("copy of ", col(EACH, "title"))),)
    desk.run(verb(s.ForEachRow(place(), query(CASE, "each"), body)))
    assert len(desk.keys("desk.case")) == 6


def test_stop_in_a_loop_ends_the_verb() -> None:
    desk = Desk()
    words = e.ListLiteral(t.ListOf(TEXT), False, (lit("a"), lit("b"), lit("c")))
    word = local("word", TEXT)
    done = s.If(place(), (s.Branch(compare(word, "=", lit("b")), (s.Stop(place()),)),), ())
    loop = s.ForEachItem(place(), "word", words, (create("desk.task", subject=word), done))
    desk.run(verb(loop, say("after")))
    assert said(desk) == ["a", "b"]


# ------------------------------------------------------------------------------------------------ attempts, expectations


def test_an_attempt_that_succeeds_is_kept() -> None:
    desk = Desk()
    desk.run(verb(attempt(say("done"), otherwise=(say("not"),)), say("after")))
    assert said(desk) == ["done", "after"]


def test_an_attempt_that_fails_is_undone_and_its_message_known() -> None:
    desk = Desk()
    message = e.FailureMessage(TEXT, False)
    desk.run(verb(attempt(say("done"), fail("No."), otherwise=(create("desk.task", subject=message),)), say("after")))
    assert said(desk) == ["No.", "after"]


def test_attempts_nest_and_each_has_its_message() -> None:
    desk = Desk()
    message = e.FailureMessage(TEXT, False)
    inner = attempt(say("lost"), fail("inner"), otherwise=(create("desk.task", subject=message), fail("outer")))
    desk.run(verb(say("kept"), attempt(inner, otherwise=(create("desk.task", subject=message),))))
    assert said(desk) == ["kept", "outer"]


def test_a_row_changed_in_an_attempt_that_fails_is_read_anew() -> None:
    desk = Desk()
    case = desk.case("1", title="before")
    tried = attempt(update(THIS, title=lit("tried")), s.Delete(place(), THIS), fail("No."))
    result = desk.run(verb(tried, give(title=col(THIS, "title")), on=CASE, outputs={"title": TEXT}), on=case)
    assert result == {"title": "before"}


def test_returning_inside_an_attempt_ends_the_verb() -> None:
    desk = Desk()
    result = desk.run(verb(attempt(give(n=lit(1))), say("after"), outputs={"n": INTEGER}))
    assert (result, said(desk)) == ({"n": 1}, [])


def test_an_expected_failure_undoes_its_block_and_goes_on() -> None:
    desk = Desk()
    desk.run(verb(expect(say("lost"), fail("No.")), expect(say("lost"), fail("No."), message="No."), say("after")))
    assert said(desk) == ["after"]


def test_an_expected_failure_that_does_not_come() -> None:
    desk = Desk()
    assert failure(desk, verb(expect(say("done")))).code == codes.DID_NOT_FAIL
    assert said(desk) == []


def test_another_failure_than_the_expected_one() -> None:
    found = failure(Desk(), verb(expect(fail("This."), message="That.")))
    assert found.code == codes.FAILED_OTHERWISE
    assert found.message == 'It failed with "This." (E0701), not with "That.".'


# ------------------------------------------------------------------------------------------------------- performing


INNER = verb(
    require(compare(local("n", INTEGER), ">", lit(0)), "Too few.", line=7),
    give(double=arithmetic(local("n", INTEGER), "*", lit(2))),
    name="desk.Inner",
    inputs=(Parameter("n", INTEGER, default=Default(4)),),
    outputs={"double": INTEGER},
)
DOUBLE = e.OutputOf(INTEGER, False, local("r", t.Outputs("desk.Inner")), "double")


def perform(n: int | None, result: str | None = "r") -> s.Perform:
    return s.Perform(place(3), "desk.Inner", None, () if n is None else (("n", lit(n)),), result)


@pytest.mark.parametrize(("given", "double"), [(3, 6), (None, 8)])
def test_a_performed_verb_gives_its_outputs(given: int | None, double: int) -> None:
    entry = verb(perform(given), give(n=DOUBLE), outputs={"n": INTEGER})
    assert Desk().run(entry, INNER) == {"n": double}
    desk = Desk()
    desk.run(verb(perform(given, None), say("done")), INNER)
    assert said(desk) == ["done"]


def test_a_failure_in_a_performed_verb_tells_where_it_came_from() -> None:
    found = failure(Desk(), verb(perform(0)), INNER)
    assert (found.message, found.verb, found.source) == ("Too few.", "desk.Inner", "desk.act")
    assert found.place == place(7)
    assert str(found) == "E0701: Too few."
    assert found.notes() == ("in Inner, the step at desk.act line 7",)


def test_what_a_host_implements_is_not_run_from_its_plan() -> None:
    found = failure(Desk(), verb(name="desk.Later", kind="extern action"))
    message = "Later is for a program to implement, and tests and the prompt run without one."
    assert (found.code.id, found.message) == ("E0951", message)


AGAIN = "compile the verb again from its script, or activate it again"
MISSING = {
    "file": ("This host does not have files yet.", None),
    "background": ("The plan was compiled when running in the background was not available.", AGAIN),
    "start": ("The plan was compiled when starting a run in the background was not available.", AGAIN),
    "wait": ("The plan was compiled when waiting was not available.", AGAIN),
}


@pytest.mark.parametrize("feature", MISSING)
def test_steps_that_this_host_does_not_do_or_did_not_when_they_were_compiled(feature: str) -> None:
    found = failure(Desk(), verb(s.Unavailable(place(5), feature, "")))
    assert (found.code.id, found.place) == ("E0951", place(5))
    assert (found.message, found.hint) == MISSING[feature]


def test_verbs_nested_too_deeply_are_refused() -> None:
    chain = [verb(name="desk.V0")]
    for number in range(1, 400):
        step = s.Perform(place(), f"desk.V{number - 1}", None, (), None)
        chain.append(verb(step, name=f"desk.V{number}"))
    found = failure(Desk(), chain[-1], *chain[:-1])
    assert (found.code, found.message) == (
        codes.RUN_TOO_DEEP,
        "V399 nests verbs, blocks or expressions too deeply to be run.",
    )


# -------------------------------------------------------------------------------------------------------- running a plan


NUMBER = verb(give(n=local("n", INTEGER)), inputs={"n": INTEGER}, outputs={"n": INTEGER})
ON_CASE = verb(give(title=col(THIS, "title")), on=CASE, outputs={"title": TEXT})
MISUSED: dict[str, tuple[Verb, dict[str, Any], str]] = {
    "an argument missing": (NUMBER, {}, "desk.Do needs n"),
    "an argument too many": (NUMBER, {"n": 1, "b": 2, "a": 3}, "desk.Do takes no a, b"),
    "no row": (ON_CASE, {}, "desk.Do takes a row"),
    "a row too many": (NUMBER, {"on": RowRef("desk.case", "1"), "n": 1}, "desk.Do takes no row"),
    "another table's row": (
        ON_CASE,
        {"on": RowRef("desk.task", "1")},
        "desk.Do takes a row of desk.case, not of desk.task",
    ),
}


@pytest.mark.parametrize("case", MISUSED.values(), ids=MISUSED)
def test_a_host_that_breaks_the_contract_is_told(case: tuple[Verb, dict[str, Any], str]) -> None:
    entry, given, message = case
    with pytest.raises(ValueError, match=f"^{message}$"):
        Desk().run(entry, **given)


def test_a_row_that_is_not_there_fails_the_run() -> None:
    found = failure(Desk(), ON_CASE, on=RowRef("desk.case", "none"))
    assert (found.code, found.message) == (codes.NOT_FOUND, "There is no case none.")


def test_arguments_left_out_take_their_defaults_or_are_empty() -> None:
    inputs = (Parameter("a", INTEGER, default=Default(7)), Parameter("b", INTEGER, optional=True))
    outputs = {"a": INTEGER, "b": INTEGER}
    echo = verb(give(a=local("a", INTEGER), b=local("b", INTEGER, True)), inputs=inputs, outputs=outputs)
    bound = bind(plan(echo), Desk().store)
    assert bound.run(unit()) == {"a": 7, "b": None}
    assert bound.run(unit(), {"a": 1, "b": 2}) == {"a": 1, "b": 2}
    assert bound.verb.name == "desk.Do"


# ------------------------------------------------------------------------------------------------------------ observers


class Counter:
    """Counts steps by class and line, and ways by what they are called."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def step(self, verb: Verb, step: s.Step) -> Count:
        return self._noting(type(step).__name__)

    def branch(self, verb: Verb, step: s.Step, way: str) -> Count:
        return self._noting(f"{type(step).__name__} {way}")

    def _noting(self, what: str) -> Callable[[], None]:
        return lambda: self.seen.append(what)


OBSERVED: dict[str, tuple[s.Step, list[str]]] = {
    "an if": (
        s.If(place(), (s.Branch(lit(False), ()), s.Branch(lit(True), (let("a", lit(1)),))), ()),
        ["If", "If branch 2", "Let"],
    ),
    "an unwritten else": (s.If(place(), (s.Branch(lit(False), ()),), ()), ["If", "If else"]),
    "no rows": (s.ForEachRow(place(), query(CASE, "each"), ()), ["ForEachRow", "ForEachRow none"]),
    "items": (
        s.ForEachItem(place(), "x", e.ListLiteral(t.ListOf(BOOLEAN), False, (lit(True), lit(False))), ()),
        ["ForEachItem", "ForEachItem some", "ForEachItem some"],
    ),
    "an attempt kept": (attempt(let("a", lit(1))), ["Attempt", "Let", "Attempt kept"]),
    "an attempt undone": (attempt(fail("No.")), ["Attempt", "Fail", "Attempt undone"]),
}


@pytest.mark.parametrize("case", OBSERVED.values(), ids=OBSERVED)
def test_an_observer_sees_every_step_and_the_way_it_went(case: tuple[s.Step, list[str]]) -> None:
    step, seen = case
    counter = Counter()
    Desk().bind(verb(step), observer=counter).run(unit())
    assert counter.seen == seen


# ------------------------------------------------------------------------------------------------------- naming the row


def test_a_failure_names_its_row_by_the_key_that_people_know() -> None:
    desk = Desk()
    refuse = verb(fail("No."), on=CASE)
    assert failure(desk, refuse, on=desk.case("1", number="CAS-1")).row_name == "case CAS-1"
    assert failure(desk, refuse, on=desk.case("2")).row_name == "case 2"
    contact = verb(fail("No."), on=t.Row(("desk.contact",)))
    assert failure(desk, contact, on=desk.put("desk.contact", "3", secret="x")).row_name == "contact 3"


def test_a_row_that_is_gone_is_named_by_its_primary_key() -> None:
    desk = Desk()
    case = desk.case("1", number="CAS-1")
    found = failure(desk, verb(s.Delete(place(), THIS), fail("No."), on=CASE), on=case)
    assert found.row_name == "case 1"


def test_a_key_with_a_primary_column_in_it_names_the_row() -> None:
    seat = table(
        "hall.seat",
        column("row", INTEGER, primary=True),
        column("place", INTEGER, primary=True),
        column("hall", TEXT),
        keys=(("hall", "place"),),
    )
    entry = verb(fail("Taken."), on=t.Row(("hall.seat",)))
    store = MemoryStore((*TABLES, seat), CHOICES)
    store.prepare_insert(seat, ("hall",))((1, 2), ("Blue",))
    bound = bind(StepPlan(entry.name, (entry,), (*TABLES, seat), CHOICES), store)
    with pytest.raises(Failure) as caught:
        bound.run(unit(), on=RowRef("hall.seat", (1, 2)))
    assert caught.value.row_name == "seat Blue, 2"
