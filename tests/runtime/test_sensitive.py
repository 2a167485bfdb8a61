"""Sensitive values: in the database, in outputs, and nowhere else: not in the log, not in what is told of a failure."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.schema import Schema
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Binding, Parameter, Verb
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed
from tests.plan.samples import ID, INTEGER, MONEY, TEXT, at, column, literal, local, plan_of, template, text, verb
from tests.runtime.desk import Desk, dump

PATIENT = t.Row(("clinic.patient",))
SECRETS = ("4711-insured", "hunter22", "98765.4321", "Room 101", "swordfish")

CLINIC = (
    Table(
        "clinic.patient",
        "patient",
        (
            column("insurance", TEXT, primary=True, sensitive=True),
            column("code", t.Text(8), key=True, sensitive=True),
            column("debt", MONEY, sensitive=True),
            column("small", t.Decimal(3, 1), sensitive=True),
            column("bed", t.Text(20), unique=True, sensitive=True),
            column("friend", PATIENT, sensitive=True),
            column("note", TEXT),
        ),
        (("code",),),
        (("bed",),),
    ),
    Table("clinic.visit", "visit", (column("id", ID, primary=True), column("patient", PATIENT, required=True))),
)
THE_PATIENT = local("patient", PATIENT)
ON_PATIENT = Binding("clinic.patient", "patient")
BY_NAME = {table.name: table for table in CLINIC}


def filled(name: str) -> e.Expression:
    """A column's value, known to be there."""
    found = BY_NAME["clinic.patient"].by_name[name]
    value = e.Column(found.type, found.optional, THE_PATIENT, name)
    return e.Otherwise(found.type, False, value, literal(found.type, {TEXT: "", MONEY: Decimal(0)}.get(found.type, "")))


def ready(entry: Verb, *others: Verb) -> Plan:
    return Plan.of(plan_of(entry, *others, tables=CLINIC, choices=()))


def on_patient(*steps: s.Step, **more: object) -> Plan:
    return ready(verb("Treat", *steps, binding=ON_PATIENT, **more))


@pytest.fixture
def clinic(desk: Desk) -> Desk:
    """Two patients."""
    desk.database.tables.create(Schema.of(CLINIC))
    insert = "INSERT INTO patient (insurance, code, debt, small, bed, note) VALUES (?, ?, ?, ?, ?, ?)"
    desk.execute(insert, "4711-insured", "hunter22", 987654321, 5, "Room 101", "fine")
    desk.execute(insert, "other", "other", 0, 0, "Room 102", "fine")
    return desk


def log_of(desk: Desk) -> str:
    """All that the audit tables hold."""
    return "\n".join(line for line in dump(desk.path) if line.startswith('INSERT INTO "actionlang_'))


def assert_nothing_told(desk: Desk, error: ActionLangError) -> None:
    told = [str(error), *(str(each) for each in error.diagnostics)]
    if isinstance(error, RunFailed) and error.failure is not None:
        told += [str(error.failure), str(error.failure.notes())]
    for secret in SECRETS:
        assert secret not in "\n".join(told)
        assert secret not in log_of(desk)


def test_sensitive_arguments_columns_and_keys_are_masked_in_the_log(clinic: Desk) -> None:
    plan = on_patient(
        s.Update(at(2), THE_PATIENT, (("bed", local("bed", TEXT)), ("note", text("moved")), ("friend", THE_PATIENT))),
        s.Create(at(3), "clinic.visit", None, (("patient", THE_PATIENT),)),
        s.Return(at(4), (("debt", filled("debt")),)),
        inputs=(Parameter("bed", TEXT, sensitive=True), Parameter("why", TEXT)),
        outputs=(Parameter("debt", MONEY, sensitive=True),),
    )
    result = plan.run(clinic.database, on="hunter22", bed="swordfish", why="because", caller="someone")
    assert result["debt"] == Decimal("98765.4321")
    assert clinic.query("SELECT bed FROM patient WHERE code = 'hunter22'") == [("swordfish",)]
    assert result.run is not None
    record = clinic.database.log.run(result.run)
    assert record.arguments == {"bed": "***", "why": "because"}
    assert record.key == "***"
    assert record.changes is not None
    assert record.changes[0].key == "***"
    assert record.changes[0].before == {"bed": "***", "note": "fine", "friend": "***"}
    assert record.changes[0].after == {"bed": "***", "note": "moved", "friend": "***"}
    assert result.changes[0].sensitive == {"bed", "friend"}
    created = record.changes[1].after
    assert created is not None
    assert created["patient"] == "***"
    for secret in SECRETS:
        assert secret not in log_of(clinic)


def test_deleted_rows_are_masked(clinic: Desk) -> None:
    plan = on_patient(s.Delete(at(2), THE_PATIENT))
    plan.run(clinic.database, on="hunter22")
    for secret in SECRETS:
        assert secret not in log_of(clinic)


LARGE = e.Arithmetic(
    t.Decimal(), False, "*", e.Convert(t.Decimal(), False, filled("debt")), literal(t.Decimal(), Decimal(10**12))
)
FAILING = {
    "a script's own message": s.Fail(
        at(2), template("no ", filled("code"), ", ", filled("debt"), " ", local("pin", TEXT))
    ),
    "a row in a text": s.Fail(at(2), template("no ", THE_PATIENT)),
    "a value that does not fit": s.Update(at(2), THE_PATIENT, (("debt", LARGE),)),
    "a text that does not fit": s.Update(at(2), THE_PATIENT, (("code", template(filled("bed"), local("pin", TEXT))),)),
    "a unique value": s.Update(at(2), THE_PATIENT, (("bed", text("Room 102")),)),
    "a key of no row": s.Let(
        at(2), "other", e.RowByKey(PATIENT, False, "clinic.patient", ("code",), (local("pin", TEXT),))
    ),
    "a primary key of no row": s.Let(
        at(2), "other", e.RowByKey(PATIENT, False, "clinic.patient", ("insurance",), (local("pin", TEXT),))
    ),
}


@pytest.mark.parametrize("step", FAILING.values(), ids=FAILING)
def test_failures_tell_no_sensitive_value(clinic: Desk, step: s.Step) -> None:
    plan = on_patient(step, inputs=(Parameter("pin", TEXT, sensitive=True),))
    with pytest.raises(RunFailed) as caught:
        plan.run(clinic.database, on="hunter22", pin="swordfish")
    assert_nothing_told(clinic, caught.value)
    assert caught.value.recorded


def test_a_script_s_message_keeps_what_is_not_sensitive(clinic: Desk) -> None:
    step = s.Fail(at(2), template("pin ", local("pin", INTEGER), " of 15, ", local("list", t.ListOf(TEXT)), " and 5"))
    inputs = (Parameter("pin", INTEGER, sensitive=True), Parameter("list", t.ListOf(TEXT), sensitive=True))
    plan = ready(verb("Tell", step, inputs=inputs))
    with pytest.raises(RunFailed) as caught:
        plan.run(clinic.database, pin=5, list=["swordfish", "hunter22"])
    assert caught.value.diagnostics[0].message == "pin *** of 15, ***, *** and ***"
    record = clinic.database.log.run(caught.value.run)
    assert (record.message, record.arguments) == (caught.value.diagnostics[0].message, {"pin": "***", "list": "***"})


def test_a_value_seen_before_a_row_was_deleted_or_changed_is_known(clinic: Desk) -> None:
    steps = (
        s.Let(at(2), "code", filled("code")),
        s.Update(at(3), THE_PATIENT, (("code", text("new")),)),
        s.Fail(at(4), template("it was ", local("code", t.Text(8)))),
    )
    with pytest.raises(RunFailed) as caught:
        on_patient(*steps).run(clinic.database, on="hunter22")
    assert caught.value.diagnostics[0].message == "it was ***"


def test_a_stored_value_that_does_not_conform_is_not_shown(clinic: Desk) -> None:
    clinic.execute("UPDATE patient SET debt = 'swordfish' WHERE code = 'hunter22'")
    plan = on_patient(s.Let(at(2), "debt", filled("debt")))
    with pytest.raises(RunFailed) as caught:
        plan.run(clinic.database, on="hunter22")
    assert caught.value.diagnostics[0].code.id == "E0715"
    assert_nothing_told(clinic, caught.value)


REFUSED: dict[str, dict[str, object]] = {
    "a row": {"on": "swordfish", "pin": 1},
    "an argument": {"on": "hunter22", "pin": "swordfish"},
    "another row": {"on": "hunter22", "pin": 1, "who": "swordfish"},
}


@pytest.mark.parametrize("asked", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_not_repeated(clinic: Desk, asked: dict[str, object]) -> None:
    plan = on_patient(
        s.Stop(at(2)), inputs=(Parameter("pin", INTEGER, sensitive=True), Parameter("who", PATIENT, optional=True))
    )
    with pytest.raises(ActionLangError) as caught:
        plan.run(clinic.database, **asked)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code.id == "E0907"
    assert_nothing_told(clinic, caught.value)


def test_a_performed_verb_s_sensitive_value_that_does_not_fit_is_not_told(clinic: Desk) -> None:
    inner = verb("Inner", s.Stop(at(9)), inputs=(Parameter("pin", t.Text(3), sensitive=True),))
    amount = e.Arithmetic(
        t.Decimal(), False, "*", literal(t.Decimal(), Decimal(7)), literal(t.Decimal(), Decimal(10**15))
    )
    paid = verb("Paid", s.Stop(at(9)), inputs=(Parameter("sum", MONEY, sensitive=True),))
    for target, name, value, type_ in (
        (inner, "pin", template("sword", "fish"), "text(3)"),
        (paid, "sum", amount, "money"),
    ):
        outer = verb("Outer", s.Perform(at(2), target.name, None, ((name, value),), None))
        with pytest.raises(RunFailed) as caught:
            ready(outer, target).run(clinic.database)
        assert caught.value.diagnostics[0].message == f"The value does not fit {type_}."
