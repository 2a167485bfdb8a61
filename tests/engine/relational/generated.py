"""Generated verbs on a few cases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.plan.plan import StepPlan
from tests.engines.call import Call, Row
from tests.plan.running import ACCOUNT, CONTACT, ROWS, TEAM, USER, argument
from tests.plan.samples import CHOICES, TABLES
from tests.strategies.plans import plans

SCHEMA = Schema.of(TABLES, CHOICES)
MORE = (
    {"number": "CAS-2", "title": "A \"quoted\" one", "priority": "normal", "status": "open", "amount": Decimal("99.9999"),
     "customer": RowRef("helpdesk.account", ACCOUNT), "owner": RowRef("core.team", TEAM)},
    {"number": "CAS-3", "title": "ÄÖ\n\t\\", "priority": "high", "status": "resolved", "due": date(2024, 2, 29),
     "escalated_on": datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC), "owner": RowRef("core.user", USER)},
    {"title": "", "priority": "low", "status": "cancelled", "amount": Decimal(-1), "tags": ("billing",),
     "customer": RowRef("helpdesk.contact", CONTACT), "owner": RowRef("core.user", USER)},
)  # fmt: skip


def rows() -> tuple[Row, ...]:
    """Those of the samples, and more cases."""
    found = [Row(table, {"id": key, **values}) for table, key, values in ROWS]
    found += [
        Row("helpdesk.case", {"id": f"00000000-0000-7000-8000-0000000000{n}0", **more})
        for n, more in enumerate(MORE, 1)
    ]
    return tuple(found)


CASES = rows()


@st.composite
def calls(draw: Any) -> Call:
    """A call of a generated verb that is on a case."""
    plan: StepPlan = draw(plans().filter(lambda each: each.verb.binding is not None))
    arguments = {each.name: argument(each) for each in plan.verb.inputs}
    return Call(plan, SCHEMA, CASES, caller=RowRef("core.user", USER), arguments=arguments)
