"""What generated programs have found, as scripts: each once came to something else on one of the engines."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.conformance.scripts import compiled
from tests.engines.call import Call, Outcome, Row
from tests.engines.registry import ENGINES, ONE_ROW_ONLY, REFERENCE, engine

TABLES = """
table note < title text(20); weight float; day date required default today(); above note hierarchy; tag label; grade integer required default 0; made text(5) readonly >
table label < name text(12) key; code text(6) unique >
"""
FIRST, SECOND = ("00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002")
ROWS = (
    Row("example.note", {"id": FIRST, "title": "\x01", "day": date(2026, 11, 24), "grade": 3}),
    Row("example.note", {"id": SECOND, "day": date(2026, 11, 24), "grade": 5}),
    Row("example.label", {"id": FIRST, "name": "one", "code": "A"}),
)
FOUND = {
    "a required column, read through a lookup that is empty, stored": "action It on note < update note set grade = note.above.grade otherwise 7 >",
    "a required column, read through a lookup that is empty, compared": (
        "action It on note returns (it boolean) < return it: note.above.grade = 0 >"
    ),
    "a required column, read through a lookup that is empty, given back": (
        "action It on note returns (it integer) < return it: note.above.grade otherwise 7 >"
    ),
    "a text with the character that marked ids": r'action It on note returns (it boolean) < return it: (note.title in ("\u{1}", "a")) >',
    "two values that are taken": 'action It on note < create label set name = "one", code = "A" >',
    "two values that are taken, in an update": (
        'action It on note < create label as other set name = "two", code = "B"; update other set code = "A", name = "one" >'
    ),
    "the opposite of zero, stored": "action It on note < update note set weight = -to_float(0) >",
    "a product that is a zero below zero, stored": "action It on note < update note set weight = to_float(0) * to_float(-2) >",
    "an output that fails for what a new row begins with": (
        "action It on note returns (it decimal) < create note as other; return it: 10 / other.grade >"
    ),
    "an output made of a new row's id and of the target's columns": (
        'action It on note returns (it integer) < create label as other set name = note.title otherwise "two"; '
        "return it: note.above.grade otherwise (max(found.grade from note as found where (found.tag = other)) otherwise 2) >"
    ),
    "a way that no row goes, on which an empty lookup of a row named by key is read": (
        f'action It on note < if (note.grade > 7) < perform Up() on note(id "{FIRST}") > > '
        "action Up on note < require (note.above is not empty); update note.above set grade = note.above.grade + 1 >"
    ),
    "a function of the script whose argument is a call of it": (
        "function Share (of decimal) returns (it decimal) < return it: of + (average(one.grade from note as one) otherwise 2) > "
        "action It on note < update note set grade = round(Share(of: Share(of: note.grade))) >"
    ),
    "a let that fails for what a new row begins with, and is not used": (
        "action It on note < create note as other; let share = 10 / other.grade >"
    ),
    "a list that fails, asked whether an empty value is in it": (
        'action It on note returns (it boolean) < let nothing = note.above.title; return it: nothing in (pad_right("a", 2, "bc"),) >'
    ),
    "a list that fails for the row behind the item that is found": (
        "action It on note returns (it boolean) < return it: 1 in (1, 10 / (note.grade - 3)) >"
    ),
    "two updates, the first with a function that attempts something and fails": (
        "function Low (of integer) returns (it integer) < attempt < require (of < 0) > else < > return it: of > "
        "action It on note < update note set grade = Low(of: note.grade + 1); update note set weight = to_float(2) >"
    ),
    "an update of a row with a readonly column, with a function that attempts something and fails": (
        "function Low (of integer) returns (it integer) < attempt < require (of < 0) > else < > return it: of > "
        "action It on note returns (it text optional) < update note set grade = Low(of: note.grade + 1); return it: note.made >"
    ),
    "a list that fails, in a condition": (
        'action It on note < require (not (empty in (pad_right("a", note.grade, "bc"),))) >'
    ),
}


@pytest.mark.parametrize("name", [name for name in ENGINES if name != REFERENCE])
@pytest.mark.parametrize("script", FOUND.values(), ids=FOUND)
def test_found(script: str, name: str) -> None:
    checked = compiled(TABLES + script)
    plan = checked.plan("It")
    schema = checked.schema_for(plan)
    for call in (Call(plan, schema, ROWS, on=FIRST), Call(plan, schema, ROWS, on_each=())):
        if call.on_each is None or name not in ONE_ROW_ONLY:
            assert text_of(engine(name).run(call)) == text_of(engine(REFERENCE).run(call))


def text_of(outcome: Outcome) -> str:
    """What every engine shows of an outcome, as text: there a zero below zero is no zero."""
    told = (outcome.rows, outcome.outputs, outcome.changes, outcome.code, outcome.message)
    return json.dumps(told, sort_keys=True, indent=1)
