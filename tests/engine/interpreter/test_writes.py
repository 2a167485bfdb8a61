"""Steps that change rows, what they leave behind, and what the store refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.changes import Change
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import ConstraintError, Insert, Read, RowRef, StoredValueError, StoreError, Update
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from tests.engine.building import (
    BY_NAME,
    CASE,
    CHOICES,
    INTEGER,
    LINE,
    NOW,
    PRIORITY,
    STATUS,
    TABLES,
    TASK,
    TEAM,
    TEXT,
    Desk,
    arithmetic,
    by_key,
    col,
    compare,
    create,
    give,
    lit,
    local,
    number,
    place,
    plan,
    text,
    unit,
    update,
    verb,
)

D = Decimal
THIS = local("this", CASE)
TITLE = col(THIS, "title")
HIGH = lit("high", PRIORITY)


def on_case(*steps: s.Step, **known: Any) -> Verb:
    return verb(*steps, on=CASE, **known)


def changes(desk: Desk, do: Verb, on: RowRef | None = None) -> list[Change]:
    run = unit()
    desk.bind(do).run(run, on=on)
    return run.changes


def failure(desk: Desk, do: Verb, on: RowRef | None = None) -> Failure:
    with pytest.raises(Failure) as caught:
        desk.run(do, on=on)
    return caught.value


# ------------------------------------------------------------------------------------------------------------ update


def test_an_update_notes_the_columns_that_became_other_ones() -> None:
    desk = Desk()
    row = desk.case("c1", score=1)
    do = on_case(update(THIS, 7, priority=HIGH, score=lit(1), title=lit("New")))
    (change,) = changes(desk, do, row)
    assert change == Change(
        BY_NAME["desk.case"],
        "c1",
        "update",
        "desk.Do",
        7,
        None,
        ("priority", "title"),
        ("normal", "c1"),
        ("high", "New"),
    )
    assert change.row == row
    assert change.sensitive == frozenset()
    assert desk.get(row, "priority", "title", "score") == ("high", "New", 1)


def test_an_update_that_changes_nothing_leaves_no_change() -> None:
    desk = Desk()
    row = desk.case("c1", amount=D("1.5000"))
    assert changes(desk, on_case(update(THIS, priority=lit("normal", PRIORITY), amount=lit(D("1.5")))), row) == []


def test_every_right_side_sees_the_row_as_it_was() -> None:
    desk = Desk()
    row = desk.case("c1", number="A", title="B")
    do = on_case(update(THIS, number=e.Narrow(TEXT, False, TITLE), title=col(THIS, "number")))
    changes(desk, do, row)
    assert desk.get(row, "number", "title") == ("B", "A")


def test_a_verb_sees_its_own_writes_also_through_another_name() -> None:
    desk = Desk()
    row = desk.case("c1", number="CAS-1", score=1)
    again = by_key("desk.case", number=lit("CAS-1"))
    plus_one = arithmetic(e.Narrow(INTEGER, False, col(THIS, "score")), "+", lit(1))
    do = on_case(
        update(THIS, score=plus_one),
        update(again, score=plus_one),
        give(value=col(THIS, "score")),
        outputs={"value": INTEGER},
    )
    assert desk.run(do, on=row) == {"value": 3}


def test_numbers_are_rounded_to_the_columns_scale() -> None:
    desk = Desk()
    row = desk.case("c1")
    (change,) = changes(desk, on_case(update(THIS, amount=lit(D("1.00005")), rating=lit(D("2.665")))), row)
    assert [str(value) for value in change.after or ()] == ["1.0000", "2.66"]


LONG = text("a" * 200, lit(1))


@pytest.mark.parametrize(
    ("values", "code", "column", "message"),
    [
        ({"title": LONG}, codes.TEXT_DOES_NOT_FIT, "title", "201 characters; text(200) takes at most 200"),
        ({"title": lit("a" * 201)}, codes.TEXT_DOES_NOT_FIT, "title", "201 characters"),
        ({"rating": lit(D(1000))}, codes.NUMBER_DOES_NOT_FIT, "rating", "1000 does not fit decimal(5,2)"),
        ({"amount": lit(D(10) ** 15)}, codes.NUMBER_DOES_NOT_FIT, "amount", "does not fit money"),
        (
            {"priority": HIGH, "score": arithmetic(lit(2**63 - 1), "+", lit(1))},
            codes.INTEGER_OVERFLOW,
            "score",
            "64 bits",
        ),
        ({"title": lit(None, TEXT)}, codes.REQUIRED_EMPTY, "title", "`title` of the case must not be empty"),
        (
            {"owner": e.Convert(t.OWNER, False, by_key("core.team", name=lit("nobody")))},
            codes.NOT_FOUND,
            "owner",
            "There is no team",
        ),
    ],
)
def test_what_does_not_fit_names_verb_line_row_and_column(
    values: dict[str, e.Expression], code: Code, column: str, message: str
) -> None:
    desk = Desk()
    row = desk.case("c1", number="CAS-1")
    found = failure(desk, on_case(update(THIS, 12, **values)), row)
    assert found.code is code
    assert message in found.message
    assert (found.row, found.row_name, found.column) == (row, "case CAS-1", column)
    assert found.notes() == ("in Do, the step at desk.act line 12", "row: case CAS-1", f"column: {column}")


def test_unique_values_clash_by_name() -> None:
    desk = Desk()
    desk.case("c1", number="CAS-1")
    row = desk.case("c2", number="CAS-2")
    found = failure(desk, on_case(update(THIS, number=lit("CAS-1"))), row)
    assert found.code is codes.NOT_UNIQUE
    assert found.message == "There is already a case with number CAS-1."
    assert (found.row_name, found.column) == ("case CAS-2", "number")


def test_a_sensitive_value_is_not_repeated() -> None:
    desk = Desk()
    desk.put("desk.contact", "p1", secret="s")
    contact = by_key("desk.contact", id=lit("p2", t.Id()))
    desk.put("desk.contact", "p2", secret="t")
    found = failure(desk, verb(update(contact, secret=lit("s"))))
    assert found.message == "There is already a contact with the same `secret`."
    assert found.row_name == "contact p2"


def test_the_columns_to_be_masked_are_marked() -> None:
    desk = Desk()
    (change,) = changes(desk, verb(create("desk.contact", name=lit("Ann"), secret=lit("s"))))
    assert change.sensitive == {"secret"}


# --------------------------------------------------------------------------------------------- assign, move, delete


def test_assign_changes_the_owner() -> None:
    desk = Desk()
    row, team = desk.case("c1"), desk.put("core.team", "t1", name="Tier 1")
    owner = e.Convert(t.OWNER, False, by_key("core.team", name=lit("Tier 1")))
    (change,) = changes(desk, on_case(s.Assign(place(3), THIS, owner)), row)
    assert (change.operation, change.columns, change.after) == ("assign", ("owner",), (team,))
    assert desk.get(row, "owner") == (team,)


def test_moves_go_as_declared() -> None:
    desk = Desk()
    row = desk.case("c1", number="CAS-1")
    (change,) = changes(desk, on_case(s.Move(place(3), THIS, "resolved")), row)
    assert (change.operation, change.before, change.after) == ("move", ("open",), ("resolved",))
    found = failure(desk, on_case(s.Move(place(3), THIS, "cancelled")), row)
    assert found.code is codes.MOVE_REFUSED
    assert found.message == "The case is resolved and can not move to cancelled."
    assert found.hint == "from resolved it can move to open"
    assert found.row_name == "case CAS-1"
    end = desk.case("c2", status="cancelled")
    assert failure(desk, on_case(s.Move(place(3), THIS, "open")), end).hint == "cancelled is where it ends"


def test_delete_notes_the_whole_row() -> None:
    desk = Desk()
    row = desk.put("desk.line", (1, 2), amount=D(3), total=D(6))
    (change,) = changes(desk, verb(s.Delete(place(), local("this", LINE)), on=LINE), row)
    assert change.operation == "delete"
    assert change.columns == ("order", "position", "amount", "total", "code")
    assert change.before == (1, 2, D(3), D(6), None)
    assert change.after is None
    assert desk.keys("desk.line") == []


def test_a_row_that_others_refer_to_stays() -> None:
    desk = Desk()
    team = desk.put("core.team", "t1", name="Tier 1")
    desk.case("c1", owner=team)
    found = failure(desk, verb(s.Delete(place(), local("this", TEAM)), on=TEAM), team)
    assert found.code is codes.STILL_REFERENCED
    assert found.message == "The team can not be deleted: case rows refer to it."
    assert found.row_name == "team Tier 1"


@pytest.mark.parametrize(
    "use",
    [
        update(THIS, title=lit("x")),
        s.Delete(place(), THIS),
        give(value=TITLE),
        give(value=col(THIS, "id")),
    ],
)
def test_a_row_is_not_used_after_it_was_deleted(use: s.Step) -> None:
    desk = Desk()
    row = desk.case("c1")
    found = failure(desk, on_case(s.Delete(place(), THIS), use, outputs={"value": TEXT}), row)
    assert found.code is codes.ROW_GONE
    assert found.message == "The case c1 is no longer there."
    assert found.row == row


# ------------------------------------------------------------------------------------------------------------ create


def test_a_new_row_has_its_defaults_its_first_state_and_a_new_id() -> None:
    desk = Desk()
    run = unit()
    do = verb(create("desk.case", "made", 4, title=lit("T")), give(value=local("made", CASE)), outputs={"value": CASE})
    row = desk.bind(do).run(run)["value"]
    assert isinstance(row, RowRef)
    assert row.key == "01a20ce4-05c0-7000-8000-000000000001"
    assert desk.get(row, "title", "priority", "status", "opened_on", "opened", "done", "owner") == (
        "T",
        "normal",
        "new",
        NOW,
        date(2026, 11, 24),
        False,
        None,
    )
    (change,) = run.changes
    assert (change.operation, change.line, change.before) == ("create", 4, None)
    assert change.columns == tuple(column.name for column in BY_NAME["desk.case"].columns)
    assert change.after is not None
    assert change.after[:3] == (row.key, None, "T")


def test_a_test_may_set_the_status_and_a_row_may_name_its_key() -> None:
    desk = Desk()
    do = verb(create("desk.case", title=lit("T"), status=lit("open", STATUS), id=lit("mine", t.Id())))
    (change,) = changes(desk, do)
    assert change.key == "mine"
    assert desk.get(change.row, "status") == ("open",)


def test_columns_that_the_database_computes_are_left_to_it() -> None:
    desk = Desk()
    line = local("l", LINE)
    do = verb(
        create("desk.line", "l", order=lit(1), position=lit(2), amount=lit(D(3))),
        give(value=col(line, "total"), amount=col(line, "amount")),
        outputs={"value": t.Money(), "amount": t.Money()},
    )
    bound, run = desk.bind(do), unit()
    assert bound.run(run) == {"value": None, "amount": D("3.0000")}
    assert run.changes[0].columns == ("order", "position", "amount", "code")
    desk.store.prepare_update(BY_NAME["desk.line"], ("total",))((1, 2), [D(6)])
    found = verb(
        update(local("this", LINE), amount=lit(D(4))),
        give(value=col(local("this", LINE), "total")),
        on=LINE,
        outputs={"value": t.Money()},
    )
    run = unit()
    assert desk.bind(found).run(run, on=RowRef("desk.line", (1, 2))) == {"value": D(6)}


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"title": lit(None, TEXT)}, codes.REQUIRED_EMPTY, "`title` of the case must not be empty."),
        ({}, codes.REQUIRED_EMPTY, "`title` of the case must not be empty."),
        ({"title": lit("T"), "number": lit("CAS-1")}, codes.NOT_UNIQUE, "There is already a case with number CAS-1."),
        ({"title": lit("T"), "id": lit("c1", t.Id())}, codes.NOT_UNIQUE, "There is already a case with id c1."),
        ({"title": LONG}, codes.TEXT_DOES_NOT_FIT, "The text has 201 characters; text(200) takes at most 200."),
    ],
)
def test_rows_that_can_not_be_made(values: dict[str, e.Expression], code: Code, message: str) -> None:
    desk = Desk()
    desk.case("c1", number="CAS-1")
    found = failure(desk, verb(create("desk.case", None, 9, **values)))
    assert (found.code, found.message) == (code, message)
    assert found.place is not None
    assert found.place.line == 9
    assert found.column in ("title", "number", "id")


def test_a_row_made_again_after_it_was_deleted_can_be_used() -> None:
    desk = Desk()
    row = desk.put("desk.line", (1, 2))
    this = local("this", LINE)
    do = verb(
        s.Delete(place(), this),
        create("desk.line", "again", order=lit(1), position=lit(2), amount=lit(D(1))),
        give(value=col(local("again", LINE), "position"), amount=col(this, "amount")),
        on=LINE,
        outputs={"value": INTEGER, "amount": t.Money()},
    )
    assert desk.run(do, on=row) == {"value": 2, "amount": D("1.0000")}


# --------------------------------------------------------------------------------------------- what stores may refuse


class Refusing(MemoryStore):
    """A store that refuses every write in one way, as a database with rules of its own may."""

    def __init__(self, error: Exception) -> None:
        super().__init__(TABLES, CHOICES)
        self.error = error

    def prepare_update(self, table: Table, columns: tuple[str, ...]) -> Update:
        return self._refuse

    def prepare_delete(self, table: Table) -> Callable[[object], None]:
        return lambda key: self._refuse(key, ())

    def _refuse(self, key: object, values: Sequence[object]) -> None:
        raise self.error


def refusal(error: Exception, step: s.Step) -> Failure:
    store = Refusing(error)
    insert: Insert = store.prepare_insert(BY_NAME["desk.task"], ("subject",))
    insert("t1", ("Call",))
    with pytest.raises(Failure) as caught:
        bind(plan(verb(step, on=TASK)), store).run(unit(), on=RowRef("desk.task", "t1"))
    return caught.value


TASK_UPDATE = update(local("this", TASK), subject=lit("New"))
TASK_DELETE = s.Delete(place(), local("this", TASK))


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConstraintError("missing", "desk.task"), codes.ROW_GONE, "The task t1 is no longer there."),
        (
            ConstraintError("unique", "desk.task"),
            codes.NOT_UNIQUE,
            "There is already a task with the same key.",
        ),
        (
            ConstraintError("foreign key", "desk.task", ("owner",)),
            codes.NO_SUCH_REFERENCE,
            "What `owner` refers to is not there.",
        ),
        (
            ConstraintError("foreign key", "desk.task"),
            codes.NO_SUCH_REFERENCE,
            "It refers to a row that is not there.",
        ),
        (
            ConstraintError("required", "desk.task", ("subject",)),
            codes.REQUIRED_EMPTY,
            "`subject` of the task is empty.",
        ),
        (ConstraintError("required", "desk.task"), codes.REQUIRED_EMPTY, "A required column of the task is empty."),
        (
            ConstraintError("check", "desk.task"),
            codes.CHECK_REFUSED,
            "The database has a check that refuses this task.",
        ),
    ],
)
def test_refusals_become_failures_of_the_language(error: Exception, code: Code, message: str) -> None:
    found = refusal(error, TASK_UPDATE)
    assert (found.code, found.message, found.row) == (code, message, RowRef("desk.task", "t1"))


def test_a_store_need_not_know_who_refers_to_a_row() -> None:
    found = refusal(ConstraintError("referenced", "desk.task"), TASK_DELETE)
    assert found.message == "The task can not be deleted: other rows refer to it."


def test_trouble_of_the_store_is_no_failure_of_the_language() -> None:
    attempt = s.Attempt(place(), (TASK_UPDATE,), ())
    store = Refusing(StoreError("E0801", "The database is locked."))
    store.prepare_insert(BY_NAME["desk.task"], ("subject",))("t1", ("Call",))
    with pytest.raises(StoreError):
        bind(plan(verb(attempt, on=TASK)), store).run(unit(), on=RowRef("desk.task", "t1"))


class Unreadable(MemoryStore):
    """A store that can not read a row any more once it has been asked for its key."""

    def __init__(self, error: Exception) -> None:
        super().__init__(TABLES, CHOICES)
        self.error = error

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        def read(key: object) -> Sequence[object] | None:
            if "number" in columns:
                raise self.error
            return real(key)

        real = super().prepare_read(table, columns)
        return read


@pytest.mark.parametrize("error", [StoreError("E0801", "gone"), StoredValueError("desk.case", "c1", "number", "b''")])
def test_a_row_that_can_not_be_named_goes_by_its_primary_key(error: Exception) -> None:
    desk = Desk(Unreadable(error))
    row = desk.case("c1", number="CAS-1")
    found = failure(desk, on_case(s.Fail(place(), lit("no"))), row)
    assert (found.message, found.row_name) == ("no", "case c1")


def test_a_stored_value_that_does_not_conform_is_told_when_its_row_is_read() -> None:
    desk = Desk(Unreadable(StoredValueError("desk.case", "c1", "number", "b''")))
    row = desk.case("c1")
    found = failure(desk, on_case(give(value=col(THIS, "number")), outputs={"value": TEXT}), row)
    assert (found.code, found.column) == (codes.STORED_VALUE, "number")


class Emptied(MemoryStore):
    """A store whose rows have lost every value."""

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        return lambda key: [None] * len(columns)


def test_a_required_column_without_a_value_is_a_data_failure() -> None:
    desk = Desk(Emptied(TABLES, CHOICES))
    condition = compare(number(col(THIS, "score")), "=", number(col(THIS, "score")))
    do = on_case(s.Require(place(), condition, None, ""), give(value=TITLE), outputs={"value": TEXT})
    found = failure(desk, do, RowRef("desk.case", "c1"))
    assert found.code is codes.STORED_VALUE
    assert "nothing stored in `title`" in found.message
