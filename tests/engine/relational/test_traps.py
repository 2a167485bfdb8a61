"""A set run means the runs one after another: each way in which one target's run may see what another's wrote."""

from __future__ import annotations

import attrs
import pytest

from tests.engine.relational.deals import DEALS, ROWS, STEPS, both, call, deal
from tests.engine.relational.many import Engines
from tests.engines.call import Row
from tests.engines.database import DatabaseEngine

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
    "a deleted row is referred to until a later target's turn": "action Do on step < if (step.name = \"s5\") < delete step > else < if (step.name = \"s6\") < find optional memo as it where (it.about is not empty); if (it is not empty) < update it set about = empty > > > >",
    "reading after writing by another name": "action Do on deal < update deal set score = 7; let p = deal.parent; if (p is not empty) < update deal set title = \"{p.score}\" > >",
    "rows that were just made": "action Do on deal < create step set deal = deal, name = \"new\"; update deal set score = count(step where step.deal = deal) >",
    "a failure at one row": "action Do on deal < update deal set score = quotient(10, deal.score - 3) >",
    "a guard at one row": "action Do on deal < update deal set score = 0; require (deal.amount is not empty) else \"{deal.number} has no amount\" >",
    "an overflow at one row": "action Do on deal < update deal set score = deal.score * 3_000_000_000_000_000_000 >",
    "a text too long at one row": "action Do on deal < if (deal.firm is not empty) < update deal set title = \"{deal.firm.name}{deal.title}{repeat(deal.title, 10)}\" > >",
    "an impossible move at one row": "action Do on step < move step to done >",
    "a required value left empty": "action Do on deal < create step set name = left(deal.title, 2), deal = deal; if (deal.score = 4) < fail \"no {deal.number}\" > >",
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


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_why_a_row_fails_is_found_at_its_turn(engines: Engines, database: str) -> None:
    """The first one to take the name fails for another reason, which frees it for the next one."""
    script = 'action Do on deal < create firm set name = "taken"; require (deal.score != 1) else "the first" >'
    engine = engines.on(database)
    wanted = engine.on_all(call(script), "interpreter", per_row=True)
    assert engine.result is not None
    told = [each.diagnostic for each in engine.result.failures]
    assert [each.code.id for each in told] == ["E0701", "E0711", "E0711", "E0711"]
    assert engine.on_all(call(script), "auto", per_row=True) == wanted
    assert [each.diagnostic for each in engine.result.failures] == told
    once = script.replace('"taken"', "deal.number")
    wanted = engine.on_all(call(once), "interpreter", per_row=True)
    assert engine.on_all(call(once), "auto", per_row=True) == wanted
    assert engine.result.reason == "a row that fails has a new firm that the database might have refused before"


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


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_row_is_referred_to_when_it_is_deleted(engines: Engines, database: str) -> None:
    script = "action Do on step < delete step; for each it in memo < update it set about = empty > >"
    asked = attrs.evolve(call(script), on=STEPS[5])
    place = engines.place(database)
    wanted = DatabaseEngine("interpreter", place).run(asked)
    assert wanted.code == "E0713"
    assert DatabaseEngine("relational", place).run(asked) == wanted
