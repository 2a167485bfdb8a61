"""Whatever someone changes in sealed records by SQL, verifying finds it and names it."""

from __future__ import annotations

import attrs
import pytest
import sqlalchemy as sa

from actionlang.audit.links import Link
from actionlang.audit.sealing import Sealer, link_of
from actionlang.audit.tables import SEALS
from actionlang.audit.verifying import Verified, verify
from tests.audit.office import Office


def _filled(office: Office) -> list[str]:
    """Six runs in three links of the chain, two in each."""
    runs = []
    for number in range(3):
        runs.append(office.run("Open", number=f"C-{number}"))
        runs.append(office.run("Escalate", on=f"C-{number}", reason="smoke"))
        Sealer(office.database).seal()
    assert verify(office.database).problems == ()
    return runs


def _told(found: Verified) -> list[str]:
    return [problem.message for problem in found.problems]


CHANGED = {
    "a value": "UPDATE actionlang_change SET after = replace(after, 'high', 'low ') WHERE run = '{1}' AND sequence = 1",
    "who called": "UPDATE actionlang_run SET caller = '\"mallory\"' WHERE id = '{1}'",
    "how it ended": "UPDATE actionlang_run SET outcome = 'failed' WHERE id = '{1}'",
    "when it was": "UPDATE actionlang_run SET started = '2020-01-01T00:00:00.000000Z' WHERE id = '{1}'",
    "a moment that is none": "UPDATE actionlang_run SET finished = 'never' WHERE id = '{1}'",
    "a change gone": "DELETE FROM actionlang_change WHERE run = '{1}' AND sequence = 2",
    "a change more": 'INSERT INTO actionlang_change SELECT run, 99, row_table, row_key, operation, verb, line, stage, "before", '
    "\"after\" FROM actionlang_change WHERE run = '{1}' AND sequence = 1",
    "changes numbered anew": "UPDATE actionlang_change SET sequence = sequence + 100 WHERE run = '{1}'",
    "a change moved to another run": "UPDATE actionlang_change SET run = '{3}', sequence = 77 WHERE run = '{1}' AND sequence = 1",
    "a step": "UPDATE actionlang_step SET duration_us = 1 + duration_us WHERE run = '{1}' AND sequence = 1",
    "an event": "UPDATE actionlang_event SET payload = '{{}}' WHERE run = '{1}'",
    "an event gone": "DELETE FROM actionlang_event WHERE run = '{1}'",
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_record_that_was_changed_is_named(office: Office, what: str) -> None:
    runs = _filled(office)
    office.tamper(CHANGED[what].format(*runs))
    found = verify(office.database)
    assert f"The record of run {runs[1]} was changed since it was sealed." in _told(found)
    assert {problem.run for problem in found.problems} <= {runs[1], runs[3]}
    assert (found.problems[0].link, found.problems[0].run) == (1, runs[1])


BYTES = {
    "a run": "UPDATE actionlang_run SET message = x'00ff' WHERE id = '{1}'",
    "a change": "UPDATE actionlang_change SET after = x'00' WHERE run = '{1}' AND sequence = 1",
}


@pytest.mark.parametrize("what", BYTES)
def test_bytes_where_a_text_stood_blind_nobody(sqlite_office: Office, what: str) -> None:
    runs = _filled(sqlite_office)
    sqlite_office.tamper(BYTES[what].format(*runs))
    assert _told(verify(sqlite_office.database)) == [f"The record of run {runs[1]} was changed since it was sealed."]


def test_bytes_in_a_record_that_is_not_sealed_yet_stop_no_sealing(sqlite_office: Office) -> None:
    runs = _filled(sqlite_office)
    runs.append(sqlite_office.run("Open", number="C-9"))
    sqlite_office.tamper(f"UPDATE actionlang_run SET message = x'00ff' WHERE id = '{runs[-1]}'")
    assert Sealer(sqlite_office.database).seal().runs == 1
    assert verify(sqlite_office.database).problems == ()


WORDS = {
    "runs": "UPDATE actionlang_seal SET runs = 'many' WHERE number = 2",
    "a list's link": "UPDATE actionlang_sealed SET seal = 'x' WHERE run = '{3}'",
    "a list's run": "UPDATE actionlang_sealed SET run = x'ff' WHERE run = '{3}'",
}


@pytest.mark.parametrize("what", WORDS)
def test_words_where_a_number_stood_blind_nobody(sqlite_office: Office, what: str) -> None:
    runs = _filled(sqlite_office)
    sqlite_office.tamper(WORDS[what].format(*runs))
    assert {problem.link for problem in verify(sqlite_office.database).problems} & {2, "x"}


def test_what_deliverers_write_is_no_part_of_a_record(office: Office) -> None:
    runs = _filled(office)
    office.tamper(f"UPDATE actionlang_event SET dispatched = '2026-11-24T09:30:00.000000Z' WHERE run = '{runs[1]}'")
    assert verify(office.database).problems == ()


def test_a_run_that_was_deleted_is_named(office: Office) -> None:
    runs = _filled(office)
    office.tamper(*(f"DELETE FROM actionlang_{table} WHERE run = '{runs[1]}'" for table in ("change", "step", "event")))
    office.tamper(f"DELETE FROM actionlang_run WHERE id = '{runs[1]}'")
    assert _told(verify(office.database)) == [f"The record of run {runs[1]} is gone."]
    office.tamper(f"DELETE FROM actionlang_sealed WHERE run = '{runs[1]}'")
    (told,) = _told(verify(office.database))
    assert told == f"The list of runs of link 1 was changed: it sealed 2 runs, {runs[0]} to {runs[1]}."


def test_a_run_that_was_deleted_but_for_its_changes_is_named(office: Office) -> None:
    runs = _filled(office)
    office.tamper(f"DELETE FROM actionlang_run WHERE id = '{runs[0]}'")
    assert _told(verify(office.database)) == [
        f"The record of run {runs[0]} is gone.",
        f"There are changes of a run {runs[0]}, which has no record.",
        f"There are steps of a run {runs[0]}, which has no record.",
    ]


FORGED = """INSERT INTO actionlang_run (id, verb, plan_hash, row_table, row_key, arguments, requires, clock, zone, started, finished,
outcome) SELECT '01931f3e-0000-7000-8000-000000000001', verb, plan_hash, row_table, row_key, arguments, requires, clock, zone,
'2024-11-12T09:00:00.000000Z', '2024-11-12T09:00:00.100000Z', outcome FROM actionlang_run WHERE id = '{0}'"""


def test_a_run_that_was_forged_is_named_before_and_after_it_is_sealed(office: Office) -> None:
    runs = _filled(office)
    office.tamper(FORGED.format(*runs))
    (problem,) = verify(office.database).problems
    assert problem.run == "01931f3e-0000-7000-8000-000000000001"
    assert "is in no link, though it ended" in problem.message
    assert "its record was written afterwards" in problem.message
    Sealer(office.database).seal()
    found = verify(office.database)
    assert [(late.run, late.link) for late in found.late] == [("01931f3e-0000-7000-8000-000000000001", 4)]


def test_a_forged_run_put_into_a_link_is_found(office: Office) -> None:
    runs = _filled(office)
    office.tamper(
        FORGED.format(*runs),
        f"INSERT INTO actionlang_sealed (seal, run, digest) VALUES (2, '01931f3e-0000-7000-8000-000000000001', '{'0' * 64}')",
    )
    assert _told(verify(office.database)) == [
        f"The list of runs of link 2 was changed: it sealed 2 runs, {runs[2]} to {runs[3]}.",
        "The record of run 01931f3e-0000-7000-8000-000000000001 was changed since it was sealed.",
    ]


def test_a_run_whose_seal_was_removed_is_named(office: Office) -> None:
    runs = _filled(office)
    office.tamper("UPDATE actionlang_seal SET sealed = '2099-01-01T00:00:00.000000Z' WHERE number = 3")
    office.tamper(f"DELETE FROM actionlang_sealed WHERE run = '{runs[2]}'")
    told = _told(verify(office.database))
    assert f"The list of runs of link 2 was changed: it sealed 2 runs, {runs[2]} to {runs[3]}." in told
    assert any(f"Run {runs[2]} is in no link" in each for each in told)


def test_digests_worked_out_anew_do_not_fit_their_link(office: Office) -> None:
    """Who changes a record and its digest has to change the link, and the one behind it, and so on to the head."""
    runs = _filled(office)
    office.tamper(CHANGED["who called"].format(*runs))
    with office.database.connection() as connection:
        from actionlang.audit.digests import RecordReader

        digest = RecordReader(connection).digests([runs[1]])[runs[1]]
    office.tamper(f"UPDATE actionlang_sealed SET digest = '{digest}' WHERE run = '{runs[1]}'")
    assert _told(verify(office.database)) == [
        f"The list of runs of link 1 was changed: it sealed 2 runs, {runs[0]} to {runs[1]}."
    ]


def test_a_link_with_a_hash_worked_out_anew_breaks_the_chain_behind_it(office: Office) -> None:
    _filled(office)
    link = attrs.evolve(_links(office)[1], sealed="2020-01-01T00:00:00.000000Z")
    office.tamper(f"UPDATE actionlang_seal SET sealed = '{link.sealed}' WHERE number = 2")
    assert _told(verify(office.database))[0] == "Link 2 was changed: its hash is not that of what it says."
    office.tamper(f"UPDATE actionlang_seal SET hash = '{link.right_hash()}' WHERE number = 2")
    assert _told(verify(office.database)) == ["Link 3 does not follow from link 2: one of the two was changed."]


def test_links_that_were_swapped_are_found(office: Office) -> None:
    _filled(office)
    office.tamper(
        "UPDATE actionlang_seal SET number = 99 WHERE number = 1",
        "UPDATE actionlang_seal SET number = 1 WHERE number = 2",
        "UPDATE actionlang_seal SET number = 2 WHERE number = 99",
    )
    told = _told(verify(office.database))
    assert "Link 1 was changed: its hash is not that of what it says." in told
    assert "Link 2 was changed: its hash is not that of what it says." in told


def test_runs_that_were_swapped_are_found(office: Office) -> None:
    runs = _filled(office)
    office.tamper(
        f"UPDATE actionlang_run SET id = 'x' WHERE id = '{runs[0]}'",
        f"UPDATE actionlang_run SET id = '{runs[0]}' WHERE id = '{runs[2]}'",
        f"UPDATE actionlang_run SET id = '{runs[2]}' WHERE id = 'x'",
    )
    assert {problem.run for problem in verify(office.database).problems} == {runs[0], runs[2]}


def test_links_that_were_numbered_anew_are_found(office: Office) -> None:
    _filled(office)
    office.tamper("UPDATE actionlang_seal SET number = number + 10 WHERE number > 1")
    assert "The chain has a gap: links 2 to 11 are not there." in _told(verify(office.database))


def test_a_link_that_was_deleted_is_found(office: Office) -> None:
    runs = _filled(office)
    office.tamper("DELETE FROM actionlang_seal WHERE number = 2")
    found = verify(office.database)
    assert _told(found) == [
        "The chain has a gap: link 2 is not there.",
        *(f"Run {run} was sealed in link 2, which is not there." for run in runs[2:4]),
    ]


def test_an_end_that_was_cut_off_is_found_by_the_head_noted_elsewhere(office: Office) -> None:
    runs = _filled(office)
    head = verify(office.database).head
    assert head is not None
    assert verify(office.database, head).head_at == 3
    for table, column in (("change", "run"), ("step", "run"), ("event", "run"), ("run", "id"), ("sealed", "run")):
        office.tamper(f"DELETE FROM actionlang_{table} WHERE {column} IN ('{runs[4]}', '{runs[5]}')")
    office.tamper("DELETE FROM actionlang_seal WHERE number = 3")
    assert verify(office.database).problems == ()
    assert _told(verify(office.database, head)) == [
        f"No link of the chain has the hash {head}: it was cut off at its end, or made anew."
    ]


def test_a_chain_made_anew_is_found_by_the_head_noted_elsewhere(office: Office) -> None:
    runs = _filled(office)
    head = verify(office.database).head
    office.tamper(CHANGED["who called"].format(*runs), "DELETE FROM actionlang_seal", "DELETE FROM actionlang_sealed")
    Sealer(office.database).seal()
    assert verify(office.database).problems == ()
    assert len(verify(office.database, head).problems) == 1


def test_an_earlier_head_is_in_the_chain_still(office: Office) -> None:
    office.run("Open", number="C-1")
    head = Sealer(office.database).seal().head
    office.run("Open", number="C-2")
    Sealer(office.database).seal()
    found = verify(office.database, head)
    assert (found.head_at, found.links, found.problems) == (1, 2, ())


def _links(office: Office) -> list[Link]:
    with office.database.connection() as connection:
        return [link_of(row) for row in connection.execute(sa.select(SEALS).order_by(SEALS.c.number))]
