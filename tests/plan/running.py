"""Running any plan over the samples' tables on a few rows in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan.plan import Parameter, StepPlan
from tests.plan.samples import CHOICES, TABLES

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
USER, TEAM, ACCOUNT, CONTACT, CASE, OTHER, TASK = (f"00000000-0000-7000-8000-00000000000{n}" for n in range(1, 8))
ROWS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("core.user", USER, {"name": "Ada"}),
    ("core.team", TEAM, {"name": "Tier 2"}),
    ("helpdesk.account", ACCOUNT, {"name": "ACME", "revenue": Decimal(5)}),
    ("helpdesk.contact", CONTACT, {"name": "Bo", "employer": RowRef("helpdesk.account", ACCOUNT)}),
    (
        "helpdesk.case",
        CASE,
        {
            "number": "CAS-1",
            "title": "Printer on fire",
            "priority": "low",
            "status": "open",
            "customer": RowRef("helpdesk.contact", CONTACT),
            "amount": Decimal("12.5"),
            "due": date(2026, 11, 25),
            "owner": RowRef("core.user", USER),
        },
    ),
    (
        "helpdesk.case",
        OTHER,
        {"title": "Mouse", "priority": "high", "status": "new", "owner": RowRef("core.team", TEAM)},
    ),
    ("helpdesk.task", TASK, {"subject": "Call", "regarding": RowRef("helpdesk.case", OTHER)}),
)
ARGUMENTS: dict[t.Type, object] = {
    t.Text(): "text",
    t.Integer(): 3,
    t.Decimal(): Decimal("1.5"),
    t.Money(): Decimal(2),
    t.Boolean(): True,
    t.Date(): date(2026, 11, 24),
    t.DateTime(): NOW,
    t.Duration(): NOW - NOW,
    t.Id(): CASE,
    t.Choice("helpdesk.Priority"): "low",
    t.Choice("helpdesk.case.status"): "open",
    t.Row(("core.user",)): RowRef("core.user", USER),
}


def filled_store() -> MemoryStore:
    """A store with a few rows."""
    store = MemoryStore(TABLES, CHOICES)
    by_name = {table.name: table for table in TABLES}
    for table, key, values in ROWS:
        store.prepare_insert(by_name[table], tuple(values))(key, tuple(values.values()))
    return store


def argument(parameter: Parameter) -> object:
    """Something to call a verb with."""
    return None if parameter.optional else ARGUMENTS[parameter.type]


def run(plan: StepPlan) -> dict[str, object] | Failure:
    """A plan's outputs, or the failure it ends in."""
    bound = bind(plan, filled_store())
    unit = Unit(NOW, caller=RowRef("core.user", USER), new_id=CountedIds(NOW))
    arguments = {each.name: argument(each) for each in plan.verb.inputs}
    on = RowRef(plan.verb.binding.table, CASE) if plan.verb.binding else None
    try:
        return bound.run(unit, arguments, on)
    except Failure as failure:
        return failure
