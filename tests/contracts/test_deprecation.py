"""What was deprecated until a day may go when that day has passed, and not before."""

from __future__ import annotations

import datetime as dt

from actionlang.compile.link import Linker
from actionlang.plan.codec import decode, encode
from actionlang.plan.plan import Verb
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.contracts.comparing import contracts, loaded, told

LAST_DAY = dt.date(2026, 6, 30)
THE_DAY_AFTER = dt.date(2026, 7, 1)
WITH = """\
table visitor < name text(80) required key; note text >

action Meet on visitor (note text optional deprecated "Say why." until date "2026-06-30", why text optional) <
  update visitor set note = why otherwise note
>
"""
WITHOUT = """\
table visitor < name text(80) required key; note text >

action Meet on visitor (why text optional) <
  update visitor set note = why
>
"""


def test_a_parameter_goes_when_its_day_has_passed() -> None:
    gone = "parameter-removed: Meet no longer takes note, and refuses callers who give it. It was to be kept until 2026-06-30."
    assert told(WITH, WITHOUT, LAST_DAY) == [gone]
    assert told(WITH, WITHOUT, THE_DAY_AFTER) == []


def test_one_without_a_day_does_not_go() -> None:
    without_day = WITH.replace(' until date "2026-06-30"', "")
    assert told(without_day, WITHOUT, dt.date.max) == [
        "parameter-removed: Meet no longer takes note, and refuses callers who give it."
    ]


def test_a_verb_goes_when_its_day_has_passed() -> None:
    verb = 'action Meet on visitor deprecated "Perform Greet." until date "2026-06-30" < stop >\n'
    other = "action Greet on visitor < stop >\n"
    table = "table visitor < name text(80) required key >\n\n"
    (gone,) = told(table + verb + other, table + other, LAST_DAY)
    assert gone.startswith("verb-removed: Meet is gone, and ")
    assert gone.endswith(" It was to be kept until 2026-06-30.")
    assert told(table + verb + other, table + other, THE_DAY_AFTER) == []


def test_deprecating_and_naming_a_day_is_no_change_of_the_contract() -> None:
    plain = WITH.replace(' deprecated "Say why." until date "2026-06-30"', "")
    assert told(plain, WITH) == []
    assert told(WITH, plain) == []


# ------------------------------------------------------------------------------------------------------------- in plans


def verb(text: str) -> Verb:
    return contracts(text).verbs["example.Meet"]


def plan(text: str) -> Plan:
    module = loaded(text).checked["example"]
    return Plan.of(Linker(loaded(text).checked).plan(module.verbs["example.Meet"]))


def test_plans_carry_it_and_others_are_what_they_were() -> None:
    (note, why) = verb(WITH).inputs
    assert (note.deprecated, note.until, note.deprecation) == (
        "Say why.",
        "2026-06-30",
        "Say why. It is kept until 2026-06-30.",
    )
    assert (why.deprecated, why.until, why.deprecation) == (None, None, None)
    data = encode(plan(WITH).steps)
    assert decode(data).verb.inputs[0] == note
    assert b'"until":"2026-06-30"' in data
    assert b"deprecated" not in encode(plan(WITHOUT).steps)
    assert b"until" not in encode(plan(WITHOUT).steps)


def test_calls_are_told() -> None:
    with Database.connect("sqlite://") as database:
        meet = plan(WITH)
        database.tables.create(meet.schema)
        with database.connection() as connection, connection.begin():
            connection.exec_driver_sql(
                "INSERT INTO visitor VALUES ('00000000-0000-7000-8000-000000000001', 'Ada', NULL)"
            )
        assert meet.run(database, on="Ada", note="x").warnings == (
            "note of example.Meet is deprecated: Say why. It is kept until 2026-06-30.",
        )
        assert meet.run(database, on="Ada", arguments={"note": None}).warnings != ()
        assert meet.run(database, on="Ada", why="y").warnings == ()
        old = plan(
            WITHOUT.replace(
                "action Meet on visitor (why text optional)",
                'action Meet on visitor (why text optional) deprecated "Greet."',
            )
        )
        assert old.run(database, on="Ada").warnings == ("example.Meet is deprecated: Greet.",)
        assert plan(WITHOUT).run(database, on="Ada", why="z").warnings == ()
