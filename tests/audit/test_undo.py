"""Undoing a run: what it changed is as before, or nothing happens and the reason is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.audit.undo_script import undo_script
from actionlang.audit.undoing import VERB, plan_undo, undone_by
from actionlang.compile.loose_action import compile_action
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.formatting.formatter import format_source
from actionlang.runtime.plans import Plan
from actionlang.runtime.row_names import RowNames
from tests.audit.office import Office, plan, schema

CASES = 'SELECT number, title, priority, status, firm, pin, amount FROM "case" ORDER BY number'
TASKS = "SELECT id, subject, regarding, note FROM task ORDER BY id"


def _script(office: Office, run: str) -> str:
    record = office.database.log.run(run)
    names = RowNames(schema())
    undoing = plan_undo(office.database, schema(), record, names.name)
    return format_source(Source("undo.act", undo_script(undoing, schema(), names.name)))


def _compiled(script: str) -> Plan:
    return Plan.of(compile_action(script, VERB, schema().tables, schema().choices))


def undo(office: Office, run: str) -> str:
    """Undo a run; gives the id of the run that did it."""
    done = _compiled(_script(office, run)).run(office.database, arguments={"run": run})
    assert done.run is not None
    return done.run


def _refused(office: Office, run: str) -> list[tuple[str, str]]:
    before = _all(office)
    with pytest.raises(ActionLangError) as caught:
        undo(office, run)
    assert _all(office) == before
    return [(each.code.id, each.message) for each in caught.value.diagnostics]


def _all(office: Office) -> list[Any]:
    return [office.query(CASES), office.query(TASKS), office.query("SELECT id, name FROM firm ORDER BY id")]


def test_a_run_and_its_undoing_leave_all_as_it_was(office: Office) -> None:
    office.run("Found", name="Acme")
    office.run("Open", number="C-1", firm="Acme", title='He said "{no}"\n\\ twice')
    before = _all(office)
    run = office.run("Escalate", on="C-1", reason="x")
    after = _all(office)
    first = undo(office, run)
    assert _all(office) == before
    assert undone_by(office.database, run) == first
    # An undo is a run like any other.
    second = undo(office, first)
    assert _all(office) == after
    third = undo(office, second)
    assert _all(office) == before
    records = [office.database.log.run(each) for each in (first, second, third)]
    assert [(record.verb, record.arguments) for record in records] == [
        (VERB, {"run": run}),
        (VERB, {"run": first}),
        (VERB, {"run": second}),
    ]


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("Rename", {"title": "Another"}), ("Reprice", {"amount": "12.3400"}), ("Finish", {})],
)
def test_each_kind_of_change_is_undone(sqlite_office: Office, verb: str, arguments: dict[str, object]) -> None:
    office = sqlite_office
    office.run("Open", number="C-1")
    before = _all(office)
    undo(office, office.run(verb, on="C-1", **arguments))
    assert _all(office) == before


@given(title=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_set_back(sqlite_office: Office, title: str) -> None:
    office = sqlite_office
    number = str(len(office.query(CASES)))
    office.run("Open", number=number, title=title)
    before = _all(office)
    undo(office, office.run("Rename", on=f"case {number}", title=f"{title}!"))
    assert _all(office) == before


def test_a_row_that_was_deleted_is_made_again_under_its_key(office: Office) -> None:
    office.run("Found", name="Acme")
    office.run("Open", number="C-1", firm="Acme")
    office.run("Note", on="C-1", text="a")
    run = office.run("Escalate", on="C-1", reason="x")
    before = _all(office)
    first = undo(office, run)
    assert len(office.query(TASKS)) == 1
    undo(office, first)
    assert _all(office) == before


def test_a_later_run_stands_in_the_way(office: Office) -> None:
    office.run("Open", number="C-1")
    run = office.run("Rename", on="C-1", title="B")
    later = office.run("Rename", on="C-1", title="C")
    with pytest.raises(ActionLangError) as caught:
        undo(office, run)
    (told,) = caught.value.diagnostics
    assert told.code.id == "E0982"
    assert "was changed by a later run: Rename" in told.message
    assert (told.hint, told.notes) == (f"undo that one first: actionlang log undo {later}", (f"it was run {later}",))
    undo(office, later)
    assert _refused(office, run)[0][0] == "E0982"


def test_what_is_undone_already_is_told(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="C-1")
    run = office.run("Rename", on="C-1", title="B")
    first = undo(office, run)
    assert _refused(office, run) == [("E0988", f"Run {run} was undone already, by run {first}.")]


def test_who_changed_a_row_without_a_verb_stands_in_the_way(office: Office) -> None:
    office.run("Open", number="C-1")
    run = office.run("Rename", on="C-1", title="B")
    office.tamper("""UPDATE "case" SET title = 'by hand'""")
    ((code, message),) = _refused(office, run)
    assert code == "E0983"
    assert message.endswith("is not as the run left it: title was B and is by hand.")
    office.tamper("""DELETE FROM "case" """)
    ((code, message),) = _refused(office, run)
    assert (code, message.split(" ", 2)[2]) == ("E0983", "is gone, though no run deleted it.")


def test_the_script_itself_sees_what_was_changed_after_it_was_proposed(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="C-1")
    run = office.run("Rename", on="C-1", title="B")
    plan = _compiled(_script(office, run))
    office.run("Rename", on="C-1", title="C")
    with pytest.raises(ActionLangError, match="is not as the run left it"):
        plan.run(office.database, arguments={"run": run})


def test_sensitive_values_are_in_no_record(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="C-1", pin="1234")
    run = office.run("Pin", on="C-1", pin="5678")
    ((code, message),) = _refused(office, run)
    assert code == "E0984"
    assert message.startswith("What pin of case ")
    assert message.endswith(" was is in no record: the column is sensitive.")


def test_a_row_with_a_sensitive_key_is_in_no_record(sqlite_office: Office) -> None:
    run = sqlite_office.run("Hand", code="1234", color="red")
    assert _refused(sqlite_office, run) == [
        ("E0984", f"Which badge run {run} changed is in no record: its key is sensitive.")
    ]


def test_a_status_moves_back_only_where_that_is_declared(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="C-1")
    finished = office.run("Finish", on="C-1")
    undo(office, finished)
    dismissed = office.run("Dismiss", on="C-1")
    ((code, message),) = _refused(office, dismissed)
    assert code == "E0985"
    assert message.endswith("can not move from dropped back to open.")


def test_a_row_that_others_refer_to_stays(office: Office) -> None:
    run = office.run("Open", number="C-1")
    office.run("Note", on="C-1", text="a")
    ((code, message),) = _refused(office, run)
    assert code == "E0987"
    assert "would be deleted, and task " in message


def test_a_row_that_a_value_names_has_to_be_there(office: Office) -> None:
    office.run("Found", name="Acme")
    office.run("Open", number="C-1", firm="Acme")
    run = office.run("Leave", on="C-1")
    office.tamper("DELETE FROM firm")
    ((code, message),) = _refused(office, run)
    assert code == "E0983"
    assert message.startswith("What firm of case ")
    assert " was is not there any more: firm " in message


def test_runs_on_many_rows_are_not_undone(office: Office) -> None:
    for number in range(3):
        office.run("Open", number=f"C-{number}")
    many = plan("Touch").run_many(office.database).runs[0]
    assert _refused(office, many)[0] == (
        "E0986",
        f"Run {many} was one of 3 rows; only runs on one row, with at most 200 changes, are undone.",
    )


def test_there_may_be_nothing_to_undo(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="C-1")
    nothing = office.run("Nothing")
    assert _refused(office, nothing) == [("E0988", f"Run {nothing} changed nothing.")]
    office.run("Finish", on="C-1")
    with pytest.raises(ActionLangError):
        office.run("Escalate", on="C-1", reason="x")
    (failed,) = office.database.log.runs(outcome="failed")
    assert _refused(office, failed.id) == [("E0988", f"Run {failed.id} ended as failed, so nothing of it was kept.")]


def test_the_proposal_is_a_script_to_be_read(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="C-1")
    run = office.run("Rename", on="C-1", title="B")
    ((case,),) = office.query('SELECT id FROM "case"')
    script = _script(office, run)
    assert script.splitlines()[1:] == [
        "action Undo(run text) <",
        f'  let case_1 = case(id: id "{case}");',
        '  require (case_1.title = "B")',
        f'    else "case {case} is not as the run left it.";',
        "",
        '  update case_1 set title = "A case";',
        ">",
    ]


def test_a_name_that_a_terminal_would_obey_is_shown(sqlite_office: Office) -> None:
    office = sqlite_office
    office.run("Open", number="a\x1b[31m\r\nb")
    record = office.database.log.run(office.run("Rename", on="a\x1b[31m\r\nb", title="B"))
    names = RowNames(schema())
    names.read(office.database, [row.row for row in plan_undo(office.database, schema(), record, names.name).rows])
    undoing = plan_undo(office.database, schema(), record, names.name)
    script = undo_script(undoing, schema(), names.name)
    assert "\n  # case a<U+001B>[31m<U+000D> b\n" in script
    assert "\x1b" not in script
    _compiled(script)
