"""A set run means the runs one after another: each way in which one target's run may see what another's wrote."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
import pytest

from actionlang.engine.store import RowRef
from actionlang.plan.plan import StepPlan
from tests.conformance.scripts import Script, compiled
from tests.engine.relational.many import Engines
from tests.engines.call import Call, Row
from tests.engines.database import DatabaseEngine

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

action Mention on step <
  create note set regarding = "x", body = "y"; create notification set recipient = team("Tier 2"), text = "z"
>
"""

IDS = [f"00000000-0000-7000-8000-0000000000{n:02x}" for n in range(40)]
FIRMS, DEALS, STEPS = IDS[:3], IDS[10:15], IDS[20:27]
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
)  # fmt: skip


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    made = Engines()
    yield made
    made.close()


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


SETS = {
    "own columns": "action Do on deal < update deal set score = deal.score + 1, title = \"{deal.number}: {deal.title}\" >",
    "nothing changes": "action Do on deal < update deal set title = deal.title, score = deal.score >",
    "some change": "action Do on deal < update deal set score = 3, amount = (deal.amount otherwise 0) >",
    "a move": "action Do on deal < move deal to won >",
    "a branch": """action Do on deal returns (what text optional) <
        if (deal.amount is empty) < update deal set title = "no amount"; return what: "none" >
        else if (deal.amount otherwise 0 > 5) < update deal set amount = (deal.amount otherwise 0) / 3; >
        update deal set score = 0; return what: deal.title >""",
    "stop": "action Do on deal < if (deal.score < 3) < stop > update deal set title = \"late\"; move deal to lost >",
    "an owner": "action Do on deal < assign deal to team(\"Tier 2\") >",
    "a lookup's column": "action Do on deal < if (deal.firm is not empty) < update deal set title = deal.firm.name > >",
    "a new row": """action Do on deal returns (made step) <
        create step as made set deal = deal, name = "for {deal.number}", cost = deal.amount;
        return made: made >""",
    "new rows and their changes": """action Do on deal returns (made step) <
        create step as made set deal = deal, name = "for {deal.number}", firm = deal.firm;
        update made set name = "two", cost = 1; move made to done; return made: made >""",
    "rows that refer to new ones": """action Do on deal < if (deal.score > 1) <
        create firm as made set name = "F {deal.number}"; create step set firm = made, deal = deal, name = "s";
        update deal set title = "has one" > >""",
    "tied rows": """action Do on deal returns (n integer) <
        let n = count(step where step.deal = deal and step.state = open);
        for each one in step where (one.deal = deal and one.state = open) < update one set cost = (one.cost otherwise 0) + 1; move one to done >
        return n: n >""",
    "a loop that creates": """action Do on deal <
        create firm as made set name = "F {deal.number}";
        for each one in step where (one.deal = deal) order by one.cost descending < create notification set recipient = user("ada@example.com"), text = "{one.name} of {deal.number}" >
        update deal set score = 9 >""",
    "loops in loops": """action Do on deal <
        for each one in step where (one.deal = deal) <
          create firm as made set name = "{one.name} {deal.number}", open = deal.score;
          for each other in user where (other.active) < create note set regarding = "{one.name}", body = other.name, author = other >
          update made set open = 2 > >""",
    "an aggregate of others": "action Do on deal < update deal set score = count(firm where firm.open > 0), amount = sum(step.cost from step where step.deal = deal) >",
    "the first of several": """action Do on deal <
        find optional step as one where (one.deal = deal) order by one.cost descending;
        if (one is not empty) < update deal set title = one.name > >""",
    "a performed verb": """action Note on deal (text text(20)) returns (length integer) < update deal set title = text; return length: length(text) >
        action Do on deal < perform Note(text: "n{deal.number}") on deal as r; update deal set score = r.length >""",
    "a function of the script": """function Worth(d deal) returns (worth money) < if (d.amount is empty) < return worth: 1 > return worth: d.amount otherwise 0 >
        action Do on deal < update deal set amount = Worth(d: deal) >""",
    "deleted rows": "action Do on deal < for each one in step where (one.deal = deal) < delete one > >",
    "a tree": "action Do on deal < if (deal.firm is not empty and deal.firm under firm(\"ACME\")) < update deal set score = 8 > >",
    "a function that writes nothing": "function Do on deal returns (text text) < return text: \"{deal.title} {deal.amount otherwise 0}\" >",
    "single rows, one each": """action Do on step < if (step.firm is not empty and step.state = done) < update step.firm set open = step.firm.open + 5 > >""",
}  # fmt: skip

TRAPS = {
    "two targets share a lookup that is updated": "action Do on deal < if (deal.firm is not empty) < update deal.firm set open = deal.firm.open + 1 > >",
    "a shared row gets different values": "action Do on deal < if (deal.firm is not empty) < update deal.firm set open = deal.score > >",
    "the parent is read": "action Do on deal < update deal set score = deal.score + 10; if (deal.parent is not empty) < update deal set title = \"{deal.parent.score}\" > >",
    "the parent is read before": "action Do on deal < let above = deal.parent; if (above is not empty) < update deal set title = above.title > >",
    "the parent is written": "action Do on deal < if (deal.parent is not empty) < update deal.parent set title = deal.title > >",
    "a count over a table that is created into": "action Do on deal < create step set name = \"{count(step)}\" >",
    "a count of what others create": "action Do on deal < let n = count(step where step.firm = deal.firm); create step set firm = deal.firm, name = \"{n}\" >",
    "a unique swap": "action Do on deal < update deal set rank = 3 - (deal.rank otherwise 9) >",
    "a unique value twice": "action Do on deal < create firm set name = \"same\" >",
    "a move that depends on another target": "action Do on deal < require (deal.parent is empty or deal.parent.state = won); move deal to won >",
    "a sum over what is written": "action Do on deal < update deal set amount = sum(d.amount from deal as d) >",
    "a find over what is written": "action Do on deal < find deal as best order by best.score descending; update deal set score = best.score + 1 >",
    "a guard on what another target wrote": "action Do on deal < require (not exists(deal as d where d.title = \"taken\")); if (deal.score = 3) < update deal set title = \"taken\" > >",
    "one row for all": "action Do on deal < update firm(\"ACME\") set open = firm(\"ACME\").open + deal.score >",
    "a row named by a key that another creates": "action Do on deal < if (deal.score = 1) < create firm set name = \"new\" > else < update deal set firm = firm(\"new\") > >",
    "the tie is written": "action Do on deal < for each one in step where (one.deal = deal) < update one set deal = deal.parent > >",
    "tied rows that are targets": "action Do on deal < for each one in deal where (one.parent = deal) < update one set score = deal.score > >",
    "a loop's turns see each other": "action Do on deal < for each one in step where (one.deal = deal) < update one set name = \"{count(step as s where s.name = one.name)}\" > >",
    "a row outside of the loop": "action Do on deal < for each one in step where (one.deal = deal) < update deal set score = deal.score + 1 > >",
    "deleted rows refer to each other": "action Do on deal < for each one in step where (one.deal = deal) < delete one > delete deal >",
    "reading after writing by another name": "action Do on deal < update deal set score = 7; let p = deal.parent; if (p is not empty) < update deal set title = \"{p.score}\" > >",
    "rows that were just made": "action Do on deal < create step set deal = deal, name = \"new\"; update deal set score = count(step where step.deal = deal) >",
    "a failure at one row": "action Do on deal < update deal set score = quotient(10, deal.score - 3) >",
    "a guard at one row": "action Do on deal < update deal set score = 0; require (deal.amount is not empty) else \"{deal.number} has no amount\" >",
    "an overflow at one row": "action Do on deal < update deal set score = deal.score * 3_000_000_000_000_000_000 >",
    "a text too long at one row": "action Do on deal < if (deal.firm is not empty) < update deal set title = \"{deal.firm.name}{deal.title}{repeat(deal.title, 10)}\" > >",
    "an impossible move at one row": "action Do on step < move step to done >",
    "a required value left empty": "action Do on deal < create step set name = left(deal.title, 2), deal = deal; if (deal.score = 4) < fail \"no {deal.number}\" > >",
    "an attempt": "action Do on deal < attempt < update deal set score = 5; require (deal.amount is not empty) > else < update deal set title = failure.message > >",
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", SETS)
def test_a_set(engines: Engines, database: str, name: str) -> None:
    result, _ = both(engines, database, SETS[name])
    assert result.engine == "relational", (result.reason, result.place)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", TRAPS)
def test_a_trap(engines: Engines, database: str, name: str) -> None:
    result, _ = both(engines, database, TRAPS[name])
    assert result is None or (result.engine == "interpreter" and result.reason)


PARTLY = {
    "a guard": TRAPS["a guard at one row"],
    "a failure": TRAPS["a failure at one row"],
    "a move": TRAPS["an impossible move at one row"],
    "all fail": 'action Do on deal < fail "no" >',
    "in a loop": 'action Do on deal < for each one in step where (one.deal = deal) < require (one.state = open) else "{one.name} is done"; update one set cost = 7 > update deal set score = 0 >',
    "shared rows": "action Do on deal < require (deal.score > 2); if (deal.firm is not empty) < update deal.firm set open = deal.score > >",
    "new rows": 'action Do on deal returns (made step) < require (deal.amount is not empty); create step as made set name = deal.title, deal = deal; return made: made >',
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", PARTLY)
def test_rows_that_fail_are_left_out(engines: Engines, database: str, name: str) -> None:
    engine = engines.on(database)
    wanted = engine.on_all(call(PARTLY[name]), "interpreter", per_row=True)
    told = engine.result
    found = engine.on_all(call(PARTLY[name]), "auto", per_row=True)
    assert found == wanted
    assert told is not None
    assert engine.result is not None
    assert [(each.row, each.diagnostic) for each in engine.result.failures] == [
        (each.row, each.diagnostic) for each in told.failures
    ]
    assert told.failures
    if name not in ("a failure", "all fail"):
        assert engine.result.engine == "relational", engine.result.reason


ONE_ROW = {
    "a row goes by two names": 'action Do on deal < update deal set score = 7; let p = deal.parent; if (p is not empty) < update deal set title = "{p.score}" > >',
    "a query asks for what was written": 'action Do on deal < update deal set score = 7; update deal set title = "{count(deal as d where d.score = 7)}" >',
    "a query asks for what was created": 'action Do on deal < create step set name = "x"; update deal set title = "{count(step)}" >',
    "a query asks for what was deleted": 'action Do on deal < for each one in step where (one.deal = deal) < delete one > update deal set score = count(step) >',
    "a loop goes through the row itself": "action Do on deal < update deal set score = 7; for each one in deal where (one.parent = deal) < update one set amount = one.score + 1 > >",
    "what a loop wrote is read": "action Do on deal < for each one in deal where (one.parent = deal) < update one set score = 9 > update deal set title = \"{deal.score}\" >",
    "two names are written": "action Do on deal < update deal set score = 7; let p = deal.parent; if (p is not empty) < update p set score = p.score + 1 > >",
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", ONE_ROW)
def test_a_run_sees_its_own_writes(engines: Engines, database: str, name: str) -> None:
    own_parent = tuple(
        Row(row.table, dict(row.values, parent=deal(4))) if row.values["id"] == DEALS[4] else row for row in ROWS
    )
    asked = attrs.evolve(call(ONE_ROW[name]), rows=own_parent, on="D4")
    place = engines.place(database)
    wanted = DatabaseEngine("interpreter", place).run(asked)
    assert DatabaseEngine("relational", place).run(asked) == wanted
    assert wanted.code is None
