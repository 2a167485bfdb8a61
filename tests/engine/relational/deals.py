"""Deals of firms, with steps to be done: verbs on them, run as a set and one after another."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from actionlang.engine.store import RowRef
from actionlang.plan.plan import StepPlan
from tests.conformance.scripts import Script, compiled
from tests.engine.relational.many import Engines
from tests.engines.call import Call, Row

TABLES = """
table firm <
  name    text(50) required key;
  parent  firm hierarchy;
  open    integer required default 0;
  credit  money;
>
table deal <
  number  text(20) required key;
  title   text(60) required default "none";
  rank    integer unique;
  state   < new -> open; open -> won, lost; won; lost -> open >
  firm    firm;
  parent  deal hierarchy;
  amount  money;
  score   integer required default 0;
  owner   owner;
>
table step <
  deal    deal;
  firm    firm;
  name    text(60) required;
  state   < open -> done; done >
  cost    money;
>
table memo <
  about   step;
  text    text(40);
>

action Mention on step <
  create memo set about = step;
  create note set regarding = "x", body = "y"; create notification set recipient = team("Tier 2"), text = "z"
>
"""

IDS = [f"00000000-0000-7000-8000-0000000000{n:02x}" for n in range(40)]
FIRMS, DEALS, STEPS, MEMO = IDS[:3], IDS[10:15], IDS[20:27], IDS[35]
TEAM, USER = IDS[30], IDS[31]


def firm(at: int) -> RowRef:
    return RowRef("example.firm", FIRMS[at])


def deal(at: int) -> RowRef:
    return RowRef("example.deal", DEALS[at])


STEP_VALUES: tuple[dict[str, Any], ...] = (
    {"deal": deal(0), "state": "open", "cost": Decimal(1)},
    {"deal": deal(0), "state": "done", "cost": Decimal(2), "firm": firm(0)},
    {"deal": deal(1), "state": "open"},
    {"deal": deal(3), "state": "open", "cost": Decimal("0.25")},
    {"deal": deal(3), "state": "open", "cost": Decimal("0.5"), "firm": firm(1)},
    {"state": "open", "firm": firm(0)},
    {"deal": deal(4), "state": "done", "cost": Decimal(9)},
)

ROWS = (
    Row("core.team", {"id": TEAM, "name": "Tier 2"}),
    Row("core.user", {"id": USER, "name": "Ada", "email": "ada@example.com", "active": True}),
    Row("example.firm", {"id": FIRMS[0], "name": "ACME", "open": 0, "credit": Decimal(100)}),
    Row("example.firm", {"id": FIRMS[1], "name": "B \"quoted\" \\ Ünï\n", "open": 3, "parent": firm(0)}),
    Row("example.firm", {"id": FIRMS[2], "name": "C", "open": 1, "parent": firm(1)}),
    *(
        Row("example.deal", dict(values, id=DEALS[at]))
        for at, values in enumerate(
            (
                {"number": "D0", "title": "first", "rank": 1, "state": "open", "firm": firm(0), "amount": Decimal("10.5"),
                 "score": 1, "owner": RowRef("core.team", TEAM)},
                {"number": "D1", "title": "second", "rank": 2, "state": "open", "firm": firm(0), "parent": deal(0),
                 "score": 2, "owner": RowRef("core.user", USER)},
                {"number": "D2", "title": "third", "rank": 3, "state": "open", "firm": firm(1), "parent": deal(0),
                 "amount": Decimal("-3.3333"), "score": 3},
                {"number": "D3", "title": "fourth", "state": "open", "parent": deal(2), "amount": Decimal(7), "score": 4},
                {"number": "D4", "title": "fifth", "state": "open", "firm": firm(2), "amount": Decimal(0), "score": 5},
            )
        )
    ),
    *(
        Row("example.step", dict(values, id=STEPS[at], name=f"s{at}"))
        for at, values in enumerate(STEP_VALUES)
    ),
    Row("example.memo", {"id": MEMO, "about": RowRef("example.step", STEPS[5])}),
)  # fmt: skip


@cache
def script(steps: str) -> Script:
    return compiled(f"import core;\n{TABLES}\n{steps}")


@cache
def plan_of(steps: str) -> StepPlan:
    return script(steps).plan("Do")


def call(steps: str, **arguments: Any) -> Call:
    made = script(steps)
    return Call(plan_of(steps), made.schema_for(made.plan("Mention")), ROWS, arguments=arguments)


def both(engines: Engines, database: str, steps: str, **arguments: Any) -> Any:
    """The verb on all rows, as a set if possible and one after another: the same. Gives what was done."""
    engine = engines.on(database)
    wanted = engine.on_all(call(steps, **arguments), "interpreter")
    found = engine.on_all(call(steps, **arguments), "auto")
    assert found == wanted
    return engine.result, wanted
