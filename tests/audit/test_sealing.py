"""Sealing: each record once, whoever seals, in whatever order runs commit."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa

from actionlang.audit import sealing
from actionlang.audit.digests import record_digest
from actionlang.audit.links import NOTHING_BEFORE
from actionlang.audit.sealing import Sealed, Sealer
from actionlang.audit.verifying import verify
from actionlang.cli import recording
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.audit import RUNS
from actionlang.runtime.database import Database
from tests.audit.office import Office, plan


def test_each_record_is_sealed_once(office: Office) -> None:
    assert Sealer(office.database).seal() == Sealed(0, 0, None)
    office.run("Open", number="C-1")
    office.run("Escalate", on="C-1", reason="x")
    first = Sealer(office.database).seal()
    assert (first.runs, first.links) == (2, 1)
    assert Sealer(office.database).seal() == Sealed(0, 0, first.head)
    office.run("Finish", on="C-1")
    assert Sealer(office.database).seal(thorough=False).runs == 1
    found = verify(office.database)
    assert (found.links, found.runs, found.unsealed, found.problems, found.late) == (2, 3, (), (), ())


def test_runs_that_failed_are_sealed_too(office: Office) -> None:
    office.run("Open", number="C-1")
    office.run("Finish", on="C-1")
    with pytest.raises(ActionLangError):
        office.run("Escalate", on="C-1", reason="x")
    assert Sealer(office.database).seal().runs == 3
    assert verify(office.database).problems == ()


def test_many_runs_are_sealed_in_links_of_a_certain_size(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_IN_A_LINK", 4)
    for number in range(10):
        office.run("Open", number=f"C-{number}")
    sealed = Sealer(office.database).seal()
    assert (sealed.runs, sealed.links) == (10, 3)
    assert office.query("SELECT number, runs FROM actionlang_seal ORDER BY number") == [(1, 4), (2, 4), (3, 2)]
    assert verify(office.database).problems == ()


def test_a_run_that_commits_behind_later_ones_is_not_missed(postgres_office: Office) -> None:
    office = postgres_office
    engine = office.database.engine
    with engine.connect() as slow, slow.begin():
        late = plan("Open").run(slow, arguments={"number": "C-1"}).run
        office.run("Open", number="C-2")
        assert Sealer(office.database).seal().runs == 1
    assert verify(office.database).unsealed == (late,)
    assert Sealer(office.database).seal(thorough=False).runs == 1
    assert verify(office.database).problems == ()


def test_any_number_of_sealers_may_work_at_once(office: Office) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(office.run, "Open", number=f"C-{number}") for number in range(24)]
        seals = [pool.submit(Sealer(office.database).seal) for _ in range(8)]
        assert len({run.result() for run in runs}) == 24
        sealed = sum(seal.result().runs for seal in seals)
    assert sealed + Sealer(office.database).seal().runs == 24
    found = verify(office.database)
    assert (found.runs, found.problems) == (24, ())


def test_a_database_without_the_chain_says_so(tmp_path: object) -> None:
    with Database.connect(f"sqlite:///{tmp_path}/new.db", create=True) as database:
        database.tables.create(plan("Nothing").schema)
        assert not Sealer(database).is_possible
        for ask in (Sealer(database).seal, lambda: verify(database)):
            with pytest.raises(ActionLangError) as caught:
                ask()
            (told,) = caught.value.diagnostics
            assert (told.code.id, told.hint) == ("E0806", "make it with actionlang registry init")


def test_the_chain_is_what_its_description_says(office: Office) -> None:
    """Worked out anew by hand, with nothing but the rows as another program reads them."""
    office.run("Open", number="C-1", title="Grüße 🖨️", pin="1")
    run = office.run("Escalate", on="C-1", reason='"quoted" \\ and\nmore')
    Sealer(office.database).seal()
    with office.database.connection() as connection:
        rows = {
            table: [dict(row) for row in connection.execute(sa.text(f"SELECT * FROM actionlang_{table}")).mappings()]
            for table in ("run", "change", "step", "event", "seal", "sealed")
        }
    of_run = {
        table: [
            {name: value for name, value in sorted(row.items()) if value is not None and name not in LEFT_OUT}
            for row in sorted(rows[table], key=lambda row: row["sequence"])
            if row["run"] == run
        ]
        for table in ("change", "event", "step")
    }
    (record,) = (row for row in rows["run"] if row["id"] == run)
    whole: dict[str, Any] = {
        "changes": of_run["change"],
        "events": of_run["event"],
        "run": {name: value for name, value in sorted(record.items()) if value is not None},
        "steps": of_run["step"],
    }
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    digest = sha256(text.encode()).hexdigest()
    assert record_digest(whole["run"], whole["changes"], whole["steps"], whole["events"]) == digest
    sealed = {row["run"]: row["digest"] for row in rows["sealed"]}
    assert sealed[run] == digest
    (link,) = rows["seal"]
    listed = "".join(f"{run} {digest}\n" for run, digest in sorted(sealed.items()))
    assert link["digest"] == sha256(listed.encode()).hexdigest()
    lines = [
        "actionlang.seal/1",
        "1",
        "runs",
        NOTHING_BEFORE,
        link["sealed"],
        "2",
        min(sealed),
        max(sealed),
        link["digest"],
    ]
    assert link["hash"] == sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


LEFT_OUT = ("run", "position", "dispatched")


def test_runs_on_an_engine_of_the_hosts_own_are_sealed_too(sqlite_office: Office) -> None:
    engine = sa.create_engine(sqlite_office.url)
    host = Database.of(engine)
    plan("Open").run(host, arguments={"number": "C-1"})
    assert Sealer(host).seal().runs == 1
    assert verify(host).problems == ()
    engine.dispose()


def test_what_was_open_for_long_is_sealed_along_the_way(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its run began long before the last link was made; sealing quickly does not look at it."""
    monkeypatch.setattr(recording, "SECONDS", 0.001)
    monkeypatch.setattr(recording, "QUICK", 2)
    office = sqlite_office
    run = office.run("Open", number="C-1")
    Sealer(office.database).seal()
    columns = ", ".join(column.name for column in RUNS.columns if column.name != "id")
    late = f"00000000{run[8:]}"
    office.tamper(f"INSERT INTO actionlang_run (id, {columns}) SELECT '{late}', {columns} FROM actionlang_run")
    assert Sealer(office.database).seal(thorough=False).runs == 0
    with recording.sealing(office.database, all_along=True):
        found = (office.query(f"SELECT seal FROM actionlang_sealed WHERE run = '{late}'") for _ in range(20_000))
        assert next(filter(None, found), None) == [(2,)]
