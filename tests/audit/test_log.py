"""Reading records: choosing runs, and what became of a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actionlang.audit.rows import find_row, key_data
from actionlang.engine.store import RowRef
from actionlang.runtime.database import Database
from actionlang.runtime.log import RowEvent
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed
from tests.audit.office import Office, plan, schema
from tests.conformance.scripts import compiled
from tests.postgres import fresh_database


def _told(events: list[RowEvent]) -> list[tuple[str, str | None]]:
    return [
        (event.run.verb.rpartition(".")[2], None if event.change is None else event.change.operation)
        for event in events
    ]


def test_the_history_of_a_row_is_what_runs_did_to_it_in_order(office: Office) -> None:
    office.run("Open", number="C-1")
    office.run("Open", number="C-2")
    office.run("Escalate", on="C-1", reason="x")
    office.run("Finish", on="C-1")
    with pytest.raises(RunFailed):
        office.run("Escalate", on="C-1", reason="again")
    row = find_row(office.database, schema(), ("example.case",), "case C-1")
    assert row is not None
    log = office.database.log
    events = log.history(row.table, key_data(row, schema()))
    assert _told(events) == [("Open", "create"), ("Escalate", "update"), ("Finish", "move"), ("Escalate", None)]
    assert events[-1].run.error_code == "E0701"
    assert _told(log.history(row.table, row.key, limit=2)) == _told(events)[-2:]
    hour = timedelta(hours=1)
    assert len(log.history(row.table, row.key, since=datetime.now(UTC) - hour)) == 4
    assert log.history(row.table, row.key, since=datetime.now(UTC) + hour) == []
    assert log.history(row.table, row.key, until=datetime.now(UTC) - hour) == []


def test_a_row_that_is_gone_is_found_by_the_key_it_had(office: Office) -> None:
    office.run("Open", number="C-1")
    row = find_row(office.database, schema(), tuple(schema().tables), "C-1")
    office.run("Drop", on="C-1")
    assert find_row(office.database, schema(), tuple(schema().tables), "case C-1") == row
    assert find_row(office.database, schema(), tuple(schema().tables), "C-1") == row
    assert find_row(office.database, schema(), tuple(schema().tables), "C%") is None
    assert row is not None
    assert find_row(office.database, schema(), ("example.case",), str(row.key)) == row
    assert find_row(office.database, schema(), ("example.case",), {"number": "C-2"}) is None


def test_runs_are_chosen_by_time_and_by_who_called(office: Office) -> None:
    ada = RowRef("core.user", "01931f3e-0000-7000-8000-00000000000a")
    mine = plan("Open").run(office.database, caller=ada, arguments={"number": "C-1"}).run
    office.run("Open", number="C-2")
    log = office.database.log
    assert [run.id for run in log.runs(caller=ada.key)] == [mine]
    hour = timedelta(hours=1)
    assert log.runs(until=datetime.now(UTC) - hour) == []
    assert len(log.runs(since=datetime.now(UTC) - hour, until=datetime.now(UTC) + hour)) == 2


def test_the_last_run_has_a_name(office: Office) -> None:
    office.run("Open", number="C-1")
    last = office.run("Open", number="C-2")
    assert office.database.log.run("last").id == last


def test_runs_on_many_rows_tell_how_many_they_were(office: Office) -> None:
    for number in range(3):
        office.run("Open", number=f"C-{number}")
    plan("Touch").run_many(office.database)
    (run, *_) = office.database.log.runs()
    assert (run.table, run.key, run.targets) == ("example.case", None, 3)


def test_runs_on_a_row_are_chosen_like_runs(office: Office) -> None:
    office.run("Open", number="C-1")
    office.run("Escalate", on="C-1", reason="x")
    office.run("Finish", on="C-1")
    with pytest.raises(RunFailed):
        office.run("Escalate", on="C-1", reason="again")
    log = office.database.log
    key = log.runs(verb="Finish")[0].key

    def verbs(**choice: Any) -> list[tuple[str, bool]]:
        events = log.history("example.case", key, **choice)
        return [(event.run.verb.rpartition(".")[2], event.change is not None) for event in events]

    assert verbs(outcome="failed") == [("Escalate", False)]
    assert verbs(outcome="done") == [("Open", True), ("Escalate", True), ("Finish", True)]
    assert verbs(verb="Escalate") == [("Escalate", True), ("Escalate", False)]
    assert verbs(verb="Escalate", outcome="failed") == [("Escalate", False)]
    assert verbs(verb="example.Open") == [("Open", True)]
    assert verbs(caller="nobody") == []


def test_names_of_verbs_are_taken_exactly(office: Office) -> None:
    office.run("Open", number="C-1")
    log = office.database.log
    full = log.runs()[0].verb
    names = {"Open": 1, full: 1, "open": 0, "pen": 0, full.upper(): 0, "%": 0, "Ope_": 0}
    assert {name: len(log.runs(verb=name)) for name in names} == names


KEYS = """\
table `price list` "Prices" < `the year` integer required primary; part text(20) required primary; note text(20) >
table badge "Badge" < number integer required key; color text(10) >
action Make (number integer, part text(20)) <
  create `price list` set `the year` = number, part = part; create badge set number = number
>
action Drop (number integer, part text(20)) < delete `price list`(`the year`: number, part: part); delete badge(number) >
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("badge 7", "badge"),
        ("badge 70", "badge"),
        ("badge 700", None),
        ("7", "badge"),
        ("price list 7, Ö'1", "price list"),
        ("`price list` 7, Ö'1", "price list"),
        ("price list 70, Ö'1", "price list"),
        ("price list 7, Ö", None),
        ("price list x, Ö'1", None),
    ],
)
def test_any_key_of_a_row_that_is_gone_finds_it(url: str, text: str, found: str | None) -> None:
    script = compiled(KEYS)
    with Database.connect(url, create=True) as database:
        database.tables.create(script.schema)
        for verb in ("Make", "Drop"):
            for number in (7, 70):
                Plan.of(script.plan(verb)).run(database, number=number, part="Ö'1")
        row = find_row(database, script.schema, tuple(script.schema.tables), text)
        assert (None if row is None else row.table) == (None if found is None else f"example.{found}")
        if row is not None and found == "price list":
            assert row.key == (int(text.split()[2].strip(",")), "Ö'1")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database on each of the databases."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keys.db'}"
    else:
        with fresh_database() as found:
            yield found
