"""An attempt over a set: its targets are parted by its guards, and come to the same as one after another."""

from __future__ import annotations

import attrs
import pytest

from actionlang.engine.relational.explaining import attempted, explain_set
from tests.engine.relational.deals import DEALS, ROWS, TABLES, both, call, deal, plan_of
from tests.engine.relational.many import Engines
from tests.engines.call import Row
from tests.engines.database import DatabaseEngine

SETS = {
    "a guard behind a change": "action Do on deal < attempt < update deal set score = 5; require (deal.amount is not empty) > else < update deal set title = failure.message > >",
    "a guard with a text of the row's": """action Do on deal < attempt < require (deal.amount is not empty) else "{deal.number} ({deal.state}) has none";
        update deal set score = 9 > else < update deal set title = failure.message, score = deal.score + 1 > >""",
    "several guards, of which the first counts": """action Do on deal < attempt < require (deal.score > 1) else "low"; update deal set score = deal.score * 10;
        require (deal.score < 45) else "{deal.score} is high"; move deal to won; require (deal.amount is not empty) > else < update deal set title = "{failure.message} {deal.score}" > >""",
    "always fails": 'action Do on deal < update deal set score = 1; attempt < update deal set score = 2; fail "no {deal.score}" > else < update deal set title = "{failure.message} {deal.score}" > >',
    "never fails by a guard": "action Do on deal < attempt < update deal set score = 2 > else < update deal set title = failure.message > >",
    "a refused move": "action Do on step < attempt < move step to done > else < update step set name = failure.message > >",
    "a row that is not found": """action Do on deal < attempt < find step as one where (one.deal = deal and one.cost otherwise 0 > 1); update deal set amount = one.cost >
        else < update deal set title = failure.message > >""",
    "what is known behind it": """action Do on deal < update deal set score = deal.score + 1; attempt < update deal set score = deal.score + 10; require (deal.amount is not empty) >
        else < update deal set title = "{deal.score}" > update deal set score = deal.score * 2, title = "{deal.title} {deal.score}" >""",
    "both ways write a column": """action Do on deal < attempt < update deal set amount = (deal.amount otherwise 0) + 1; require (deal.score != 3) > else < update deal set amount = 3.5 >
        update deal set amount = (deal.amount otherwise 0) / 3 >""",
    "only the other way writes a column": "action Do on deal < attempt < require (deal.score > 2); move deal to won > else < update deal set amount = 1 > update deal set score = round(deal.amount otherwise 7) >",
    "a new row that is undone": """action Do on deal returns (told text optional) < attempt < create step as one set deal = deal, name = "for {deal.number}", cost = deal.amount;
        require (deal.amount is not empty); return told: one.name > else < update deal set title = failure.message > >""",
    "ids of undone rows are taken": """action Do on deal returns (made step) < attempt < create step set deal = deal, name = "first"; require (deal.score != 2);
        create step set deal = deal, name = "second"; require (deal.score < 4) > else < create step set deal = deal, name = failure.message > create step as last set deal = deal, name = "last"; return made: last >""",
    "rows that refer to new ones": """action Do on deal < attempt < create note as made set regarding = deal.number, body = "x"; create step as one set deal = deal, name = "y"; update one set name = "z";
        move one to done; require (deal.score > 3) > else < create step set deal = deal, name = "instead" > >""",
    "within another one": """action Do on deal < attempt < update deal set score = deal.score + 100;
          attempt < update deal set score = deal.score + 1000; require (deal.score < 1104) else "inner {deal.score}" > else < update deal set title = "{failure.message} {deal.score}"; require (deal.amount is not empty) else "both" >
          require (deal.score != 1101) else "outer" > else < update deal set title = "{deal.title}: {failure.message}" > >""",
    "in the other block of another one": """action Do on deal < attempt < require (deal.score > 2) else "one" > else <
          attempt < update deal set score = 0; require (deal.amount is not empty) else "two" > else < update deal set title = failure.message >
          update deal set title = "{failure.message} {deal.title}" > >""",
    "within a loop": """action Do on deal < for each one in step where (one.deal = deal) < attempt < update one set cost = 7; move one to done; require (one.name != "s3") else "{deal.number}" >
        else < update one set name = failure.message; create note set regarding = "{one.name} again", body = "x" > > >""",
    "a loop within": """action Do on deal < attempt < require (deal.amount is not empty) else "none"; for each one in step where (one.deal = deal) < update one set cost = (one.cost otherwise 0) + 1;
          create note set regarding = one.name, body = "x" > require (deal.score > 1) else "one" > else < for each one in step where (one.deal = deal) < update one set name = failure.message > > >""",
    "loops and attempts in turns": """action Do on deal < attempt < for each one in step where (one.deal = deal) < attempt < move one to done; update one set cost = 2 > else < update one set cost = 1; create note set regarding = failure.message, body = "b" > >
          require (deal.score != 4) else "four" > else < update deal set title = failure.message > >""",
    "a performed verb": """action Check on deal (least integer) returns (score integer) < if (deal.score = 5) < return score: 50 > require (deal.score > least) else "{deal.score} is not above {least}"; update deal set score = deal.score + 1; return score: deal.score >
        action Do on deal < attempt < perform Check(least: 2) on deal as checked; update deal set amount = checked.score > else < update deal set title = failure.message > >""",
    "guards in branches": """action Do on deal returns (way text) < attempt < if (deal.amount is empty) < require (deal.score < 2) else "a" > else if (deal.score > 4) < fail "b" > else < update deal set score = 0; require (deal.firm is not empty) else "c"; return way: "in" >
          update deal set title = "through" > else < return way: failure.message > return way: "behind" >""",
    "stop within it": "action Do on deal < attempt < update deal set score = 0; if (deal.amount is empty) < stop > require (deal.firm is not empty) > else < stop > update deal set title = \"on\" >",
    "three deep": """action Do on deal < attempt < update deal set score = 10; attempt < update deal set score = 20; attempt < update deal set score = 30; require (deal.amount is not empty) else "a" >
          else < update deal set title = failure.message; require (deal.parent is empty) else "b" > update deal set amount = 1; require (deal.firm is not empty) else "c" > else < update deal set title = "{deal.title} {failure.message} {deal.score}" >
          move deal to won; require (deal.rank is empty or deal.rank != 1) else "d" > else < update deal set title = "{deal.title} {failure.message} {deal.score}" > >""",
    "a loop within one within a loop": """action Do on deal < for each one in step where (one.deal = deal) < attempt < for each u in user where (u.active) < create note as made set regarding = one.name, body = u.name; update made set body = "{deal.number}" >
          move one to done; create note set regarding = "after", body = "x" > else < for each u in user < create notification set recipient = u, text = failure.message > update one set cost = 9 > > update deal set score = 0 >""",
    "a performed verb that ends early": """action Raise on deal < if (deal.score = 2) < stop > require (deal.score != 4) else "four"; update deal set score = 100 >
        action Do on deal < attempt < perform Raise on deal; update deal set title = "ok" > else < update deal set title = failure.message > >""",
    "a new row that either way changes": """action Do on deal < create step as made set deal = deal, name = "n"; attempt < update made set name = "b", cost = 1; require (deal.amount is not empty) > else < update made set cost = 2 >
        update made set name = "{made.name}!"; if (made.cost otherwise 0 > 1) < move made to done > >""",
    "lookups": """action Do on deal < attempt < update deal set firm = firm("ACME"); assign deal to team("Tier 2"); require (deal.firm.open = deal.score - 1) > else < update deal set firm = firm("C") >
        if (deal.firm is not empty) < update deal set title = deal.firm.name > >""",
    "stages": 'action Do on deal < stage "Try" < attempt < stage "Within" < update deal set score = 0; require (deal.amount is not empty) > > else < stage "Else" < update deal set title = "x" > > > >',
    "what fails is behind a guard": "action Do on deal < attempt < require (deal.score != 3); update deal set score = quotient(60, deal.score - 3) > else < update deal set title = failure.message > >",
    "a guard that might fail is behind another one": "action Do on deal < attempt < require (deal.score != 3); require (quotient(60, deal.score - 3) > 0) > else < update deal set title = failure.message > >",
    "a function that fails where it is not needed": """function Share(of deal) returns (it integer) < attempt < require (of.score != 3); return it: 1 > else < return it: 2 > >
        action Do on deal < update deal set score = Share(of: deal) >""",
    "an argument says it": "action Do on deal (least integer default 3) < attempt < update deal set amount = 1; require (least > 5) else \"too few\" > else < update deal set title = failure.message > >",
    "a row is reached by a lookup": "action Do on deal < attempt < require (deal.score > 2); if (deal.firm is not empty) < update deal.firm set open = deal.score > > else < update deal set title = \"-\" > >",
    "deleted in the body": "action Do on deal < attempt < require (deal.score > 2); for each one in step where (one.deal = deal) < delete one > > else < update deal set title = \"kept\" > >",
    "a key of its own, behind the guards": "action Do on deal < attempt < require (deal.score > 2); create firm set name = deal.number > else < create firm set name = \"for {deal.number}\" > >",
    "a key of its own is undone, and nobody asks": "action Do on deal < attempt < create firm set name = deal.number; require (deal.score > 2) > else < update deal set title = \"-\" > >",
}  # fmt: skip

ORDERED = {
    "the body reads what an earlier target wrote": (
        'action Do on deal < attempt < require (deal.parent is empty or deal.parent.state = won); move deal to won > else < update deal set title = failure.message > >',
        "two targets reach one row",
    ),
    "the body counts what an earlier target made": (
        'action Do on deal < attempt < require (count(step) < 9) else "full"; create step set name = "new" > else < update deal set title = failure.message > >',
        "which step rows there are",
    ),
    "a value fails at a row": (
        "action Do on deal < attempt < update deal set score = quotient(60, deal.score - 3) > else < update deal set title = failure.message > >",
        "it fails on a row",
    ),
    "a value fails before a guard": (
        "action Do on deal < attempt < update deal set score = quotient(60, deal.score - 3); require (deal.score > 100) > else < update deal set title = failure.message > >",
        "it fails on a row",
    ),
    "a message fails": (
        "action Do on deal < attempt < require (deal.score != 3) else \"{quotient(60, deal.score - 3)}\" > else < update deal set title = failure.message > >",
        "it fails on a row",
    ),
    "a guard in a loop of the body": (
        'action Do on deal < attempt < for each one in step where (one.deal = deal) < require (one.state = open) else one.name; update one set cost = 7 > > else < update deal set title = failure.message > >',
        "it fails on a row",
    ),
    "a guard in a function that is called": (
        """function Half(of deal) returns (it integer) < require (of.score != 3) else "three"; return it: quotient(of.score, 2) >
        action Do on deal < attempt < if (deal.score = 3 or Half(of: deal) > 1) < update deal set score = 0 > > else < update deal set title = failure.message > >""",
        "it fails on a row",
    ),
    "a key is taken": (
        'action Do on deal < attempt < create firm set name = "one and the same" > else < update deal set title = failure.message > >',
        "the database refused it",
    ),
    "a key that is taken is undone": (
        'action Do on deal < attempt < create firm set name = "ACME"; require (deal.score > 9) else "low" > else < update deal set title = failure.message > >',
        "an attempt undoes a new firm",
    ),
    "a key that is taken is undone, and ids follow": (
        'action Do on deal returns (made step) < attempt < create firm set name = "ACME"; create step set name = "x"; require (deal.score > 9) > else < > create step as one set name = "y"; return made: one >',
        "an attempt undoes a new firm",
    ),
    "a row that is referred to is deleted": (
        "action Do on step < attempt < delete step > else < update step set name = failure.message > >",
        "the database refused it",
    ),
    "a deleted row is undone": (
        'action Do on step < attempt < delete step; fail "no" > else < update step set name = failure.message > >',
        "an attempt undoes a deleted step",
    ),
    "another name of a row is written where it fails": (
        "action Do on deal < attempt < update deal set score = 1; require (deal.amount is not empty) > else < let p = deal.parent; if (p is not empty) < update p set score = 2 > > update deal set title = \"{deal.score}\" >",
        "may",
    ),
    "two targets share what both ways write": (
        "action Do on deal < attempt < require (deal.score > 1); if (deal.firm is not empty) < update deal.firm set open = deal.score > > else < if (deal.firm is not empty) < update deal.firm set open = 0 > > >",
        "two targets reach one row",
    ),
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", SETS)
def test_parted(engines: Engines, database: str, name: str) -> None:
    result, seen = both(engines, database, SETS[name])
    assert seen.code is None, seen.message
    assert result.engine == "relational", (result.reason, result.place)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", ORDERED)
def test_left_to_the_order(engines: Engines, database: str, name: str) -> None:
    source, reason = ORDERED[name]
    result, seen = both(engines, database, source)
    assert seen.code is None, seen.message
    assert result.engine == "interpreter"
    assert reason in result.reason


PARTLY = {
    "a guard behind it": 'action Do on deal < attempt < update deal set score = 9; require (deal.firm is not empty) else "no firm" > else < update deal set title = failure.message > require (deal.amount is not empty) else "none" >',
    "the other block fails": 'action Do on deal < attempt < move deal to won; require (deal.amount is not empty) else "none" > else < require (deal.score > 2) else failure.message; update deal set title = failure.message > >',
    "ids of rows that are left out": """action Do on deal returns (made step) < attempt < create step set deal = deal, name = "a"; require (deal.score != 3) > else < update deal set title = "3" >
        require (deal.amount is not empty) else "none"; create step as one set deal = deal, name = "b"; return made: one >""",
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
    assert [each.diagnostic for each in engine.result.failures] == [each.diagnostic for each in told.failures]
    assert told.failures
    assert engine.result.engine == "relational", engine.result.reason


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("behind", ["", "update deal set amount = deal.score"])
def test_a_run_on_one_row_sees_only_what_is_kept(engines: Engines, database: str, behind: str) -> None:
    """In it the deal is known by two names, of which one is written in the body, the other one where that fails."""
    own_parent = tuple(
        Row(row.table, dict(row.values, parent=deal(4))) if row.values["id"] == DEALS[4] else row for row in ROWS
    )
    script = f"""action Do on deal < attempt < update deal set score = 7; create step set name = "x"; require (deal.amount otherwise 0 > 5) > else <
        let up = deal.parent; if (up is not empty) < update up set score = up.score + 10 > update deal set title = "{{count(step)}}" > {behind} >"""
    asked = attrs.evolve(call(script), rows=own_parent, on="D4")
    place = engines.place(database)
    wanted = DatabaseEngine("interpreter", place).run(asked)
    assert wanted.code is None
    assert DatabaseEngine("relational", place).run(asked) == wanted


def test_it_is_told_what_parts_the_rows() -> None:
    script = """action Check on deal <
      require (deal.amount is not empty)
    >
    action Do on deal <
      attempt <
        perform Check on deal;
        for each one in step where (one.deal = deal) <
          require (one.state = open)
        >
        move deal to won
      > else < attempt < update deal set score = 1 > else < > >
    >"""
    told = [attempted(each) for each in explain_set(plan_of(script), "postgres").attempts]
    first = script_line(script, "attempt <")
    parted = f"line {first} of Do: the rows are parted by the guard in line {first - 3} of Check, line {first + 5}"
    ended = f"where line {first + 3} fails, all is done one after another"
    assert told == [f"{parted}; {ended}", f"line {first + 6} of Do: it has no guard that parts the rows"]


def script_line(script: str, text: str) -> int:
    """The line in which a text stands first, in the script as it is compiled."""
    return 1 + next(
        number for number, line in enumerate(f"import core;\n{TABLES}\n{script}".splitlines()) if text in line
    )
