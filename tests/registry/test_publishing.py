"""Activation, rollback and deactivation, as far as they are about plans: what becomes active, what goes with it, what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.contracts.rule import SOURCE, Comparison, Finding, Rule
from actionlang.diagnostics.diagnostic import ActionLangError, Code
from actionlang.registry.history import history, version_of_hash, versions_of
from actionlang.registry.publishing import Order, deactivate, publish
from actionlang.registry.settlement import ASKED
from actionlang.registry.versions import version
from actionlang.runtime.database import Database
from tests.registry.board import (
    BY_ADA,
    LOUD,
    SCRIPT,
    activate,
    active,
    ask,
    back,
    board,
    changed,
    drafts,
    moves,
    numbers,
    out,
    refusal,
)

NEEDY = changed("Note (text text(200))", "Note (text text(200), more integer)", SCRIPT).replace(
    "perform Note(", "perform Note(more: 1, "
)
"""Notes need one more thing, which those who perform them give."""


def test_all_verbs_become_active_at_once(database: Database) -> None:
    published = activate(database)
    assert moves(published) == dict.fromkeys(("Clear", "Note", "Often", "Twice"), (None, 1, ASKED))
    assert published.new == {"board.Clear", "board.Note", "board.Often", "board.Twice"}
    assert active(database) == {"Clear": 1, "Note": 1, "Often": 1, "Twice": 1}
    entry = published.entry
    assert entry is not None
    assert (entry.number, entry.kind, entry.who, entry.why) == (1, "activate", "ada", "because")


def test_what_is_active_as_it_is_gets_no_new_version(database: Database) -> None:
    activate(database)
    again = activate(database)
    assert again.entry is None
    assert again.moves == ()
    assert [(head.verb, head.number) for head in again.unchanged] == [
        ("board.Clear", 1),
        ("board.Note", 1),
        ("board.Often", 1),
        ("board.Twice", 1),
    ]
    assert ask(database, "SELECT generation FROM actionlang_registry") == [(1,)]


def test_verbs_that_perform_a_changed_one_change_with_it(desk: Database) -> None:
    activate(desk)
    published = activate(desk, LOUD, "Note")
    assert moves(published) == {"Note": (1, 2, ASKED), "Twice": (1, 2, "Note"), "Often": (1, 2, "Note")}
    assert activate(desk, LOUD).entry is None, "linked anew is what compiling would have made"


def test_a_performer_keeps_the_steps_that_were_activated(desk: Database) -> None:
    activate(desk)
    both = changed('"{text}!")', '"{text}?!")', LOUD)
    activate(desk, both, "Note")
    twice = version(desk, "Twice").plan.steps
    drafted = next(draft.plan.steps for draft in drafts(both, "Twice"))
    before = next(draft.plan.steps for draft in drafts(SCRIPT, "Twice"))
    assert twice.verb.steps == before.verb.steps != drafted.verb.steps
    note = next(verb for verb in twice.verbs if verb.short_name == "Note")
    assert note == drafts(both, "Note")[0].plan.verb


def test_an_active_verb_that_an_activated_one_performs_goes_with_it(desk: Database) -> None:
    activate(desk)
    both = changed('"{text}!")', '"{text}?!")', LOUD)
    published = activate(desk, both, "Twice")
    assert moves(published) == {"Twice": (1, 2, ASKED), "Note": (1, 2, "Twice"), "Often": (1, 2, "Twice")}


def test_a_performed_verb_that_is_not_active_does_not_become_so(desk: Database) -> None:
    assert moves(activate(desk, SCRIPT, "Twice")) == {"Twice": (None, 1, ASKED)}
    assert moves(activate(desk, LOUD, "Twice")) == {"Twice": (1, 2, ASKED)}


def test_a_private_verb_changes_in_all_that_perform_it(desk: Database) -> None:
    script = SCRIPT + "action Inner (text text(9)) private < create note set number = 1, text = text >\n"
    script += 'action One < perform Inner(text: "a") >\naction Two < perform Inner(text: "b") >\n'
    activate(desk, script)
    louder = script.replace("number = 1, text = text", 'number = 2, text = "{text}!"')
    assert moves(activate(desk, louder, "One")) == {"One": (1, 2, ASKED), "Two": (1, 2, "Inner")}


def test_a_change_that_breaks_an_active_performer_is_refused(database: Database) -> None:
    activate(database)
    before = ask(database, "SELECT * FROM actionlang_active ORDER BY verb")
    with pytest.raises(ActionLangError) as caught:
        activate(database, NEEDY, "Note")
    told = refusal(caught.value)
    assert told.code.id == "E0923"
    assert told.message.startswith("board.Often, which is active, performs board.Note and could not run any more: ")
    assert "needs the argument more" in told.message
    assert ask(database, "SELECT * FROM actionlang_active ORDER BY verb") == before
    assert ask(database, "SELECT generation FROM actionlang_registry") == [(1,)]


def test_a_change_that_breaks_callers_is_refused_unless_it_is_allowed(database: Database) -> None:
    activate(database)
    with pytest.raises(ActionLangError) as caught:
        activate(database, NEEDY)
    told = refusal(caught.value)
    assert told.code.id == "E0924"
    assert told.message.startswith("Callers of board.Note would break: ")
    assert "--allow parameter-added-required --why TEXT" in (told.hint or "")
    order = Order("bob", "all callers give it", ("output-removed", "parameter-added-required"))
    published = activate(database, NEEDY, order=order)
    assert [finding.code.id for finding in published.noticed] == ["parameter-added-required"]
    (event, *_) = history(database, "Note")
    assert (event.entry.who, event.entry.why, event.entry.allowed) == (
        "bob",
        "all callers give it",
        ("parameter-added-required",),
    )


def test_only_the_rules_that_count_are_told(desk: Database) -> None:
    activate(desk)
    assert activate(desk, NEEDY, order=Order("bob", rules=())).entry is not None


def test_a_verb_whose_tables_are_not_there_is_refused(database: Database) -> None:
    with pytest.raises(ActionLangError) as caught:
        activate(
            database, "table pin < number integer required key >\naction Pin < create pin set number = 1 >", name="pins"
        )
    assert refusal(caught.value).code.id == "E0806"
    assert ask(database, "SELECT count(*) FROM actionlang_version") == [(0,)]


def test_a_database_without_a_registry_is_told(url: str) -> None:
    with board(url, registry=False) as database, pytest.raises(ActionLangError) as caught:
        activate(database)
    assert refusal(caught.value).code.id == "E0920"


def test_a_dry_run_keeps_nothing(database: Database) -> None:
    activate(database)
    published = publish(database, drafts(LOUD), BY_ADA, dry_run=True)
    assert set(moves(published)) == {"Note", "Twice", "Often"}
    assert published.dry_run
    assert active(database) == {"Clear": 1, "Note": 1, "Often": 1, "Twice": 1}
    assert ask(database, "SELECT count(*) FROM actionlang_version") == [(4,)]


def test_an_earlier_version_comes_back_as_it_was(database: Database) -> None:
    activate(database)
    first = version(database, "Note").plan.hash
    activate(database, LOUD)
    published = back(database, "Note", 1)
    assert moves(published) == {"Note": (2, 1, ASKED), "Twice": (2, 1, "Note"), "Often": (2, 1, "Note")}
    assert published.new == frozenset()
    assert version(database, "Note").plan.hash == first
    assert numbers(database, "Note") == [("activate", 1), ("activate", 2), ("rollback", 1)]


def test_what_a_version_performs_stays_in_it_when_it_comes_back(desk: Database) -> None:
    activate(desk)
    activate(desk, changed('"{text}!")', '"{text}?!")', LOUD))
    published = back(desk, "Twice", 1)
    assert moves(published) == {"Twice": (2, 1, ASKED), "Often": (2, 3, "Twice")}
    assert published.apart == (("board.Twice", "board.Note"),)
    often = version(desk, "Often").plan.steps
    inside = {verb.short_name: verb for verb in often.verbs}
    assert inside["Note"] == version(desk, "Note").plan.verb, "it performs the active one"
    assert inside["Twice"].steps == version(desk, "Twice").plan.verb.steps


def test_what_is_active_as_it_is_takes_along_what_it_performs(desk: Database) -> None:
    activate(desk)
    activate(desk, LOUD)
    back(desk, "Twice", 1)
    published = activate(desk, SCRIPT, "Twice")
    assert moves(published) == {"Note": (2, 1, "Twice"), "Often": (2, 1, "Note")}
    assert [head.verb for head in published.unchanged] == ["board.Twice"]


def test_going_back_is_compared_with_what_callers_have(desk: Database) -> None:
    activate(desk)
    activate(desk, NEEDY, order=Order("bob", "needed", ("parameter-added-required",)))
    with pytest.raises(ActionLangError) as caught:
        back(desk, "Note", 1)
    told = refusal(caught.value)
    assert (told.code.id, told.notes) == ("E0923", ("nothing was rolled back",))
    assert told.hint == "roll back board.Often first, to a version that fits, or deactivate it"
    assert active(desk)["Note"] == 2
    out(desk, "Often")
    out(desk, "Twice")
    needed = drafts(changed("more integer", "more text(5)", NEEDY.replace("more: 1", 'more: "1"')), "Note")
    publish(desk, needed, Order("bob", "text", ("parameter-type-changed",)))
    with pytest.raises(ActionLangError) as caught:
        back(desk, "Note", 2)
    told = refusal(caught.value)
    assert (told.code.id, told.notes) == ("E0924", ("nothing was rolled back",))


def test_the_same_steps_again_are_the_same_version_again(desk: Database) -> None:
    activate(desk)
    activate(desk, LOUD)
    again = activate(desk)
    assert moves(again)["Note"] == (2, 1, ASKED)
    assert again.new == frozenset()


@pytest.mark.parametrize(
    ("verb", "number", "code"), [("Note", 2, "E0926"), ("Nothing", 1, "E0921"), ("Note", 0, "E0926")]
)
def test_a_version_that_is_not_there_is_told(desk: Database, verb: str, number: int, code: str) -> None:
    activate(desk)
    with pytest.raises(ActionLangError) as caught:
        back(desk, verb, number)
    assert refusal(caught.value).code.id == code


def test_a_verb_taken_out_of_use_can_come_back(database: Database) -> None:
    activate(database)
    published = out(database, "Note")
    assert moves(published) == {"Note": (1, None, ASKED)}
    assert published.apart == (("board.Often", "board.Note"), ("board.Twice", "board.Note"))
    assert "Note" not in active(database)
    with pytest.raises(ActionLangError) as caught:
        deactivate(database, "Note", BY_ADA)
    assert refusal(caught.value).code.id == "E0921"
    assert refusal(caught.value).message.startswith("board.Note is not active: ada deactivated it on ")
    assert moves(back(database, "Note", 1)) == {"Note": (None, 1, ASKED)}
    assert numbers(database, "Note") == [("activate", 1), ("deactivate", None), ("rollback", 1)]


def test_one_name_of_two_verbs_is_told(desk: Database) -> None:
    activate(desk)
    activate(desk, SCRIPT, "Note", name="other")
    with pytest.raises(ActionLangError) as caught:
        out(desk, "Note")
    assert refusal(caught.value).code.id == "E0906"
    assert "board.Note, other.Note" in refusal(caught.value).message
    assert moves(out(desk, "other.Note")) == {"other.Note": (1, None, ASKED)}


def test_a_plan_leads_to_its_version(database: Database) -> None:
    activate(database)
    activate(database, LOUD, "Note")
    hashes = [drafts(script, "Note")[0].plan.hash for script in (SCRIPT, LOUD)]
    found = versions_of(database, [*hashes, "sha256:0"])
    assert {plan_hash: (head.verb, head.number) for plan_hash, head in found.items()} == {
        hashes[0]: ("board.Note", 1),
        hashes[1]: ("board.Note", 2),
    }
    assert version_of_hash(database, "sha256:0") is None


def test_a_version_keeps_the_script_it_was_made_from(desk: Database) -> None:
    activate(desk)
    activate(desk, LOUD, "Note")
    assert version(desk, "Note", 1).scripts == {"board.act": SCRIPT}
    assert version(desk, "Note", 2).scripts == {"board.act": LOUD}
    assert ask(desk, "SELECT count(*) FROM actionlang_script") == [(2,)]


def test_a_stored_plan_that_was_tampered_with_is_refused(database: Database) -> None:
    activate(database)
    with database.connection() as connection, connection.begin():
        for (name,) in connection.exec_driver_sql(_triggers(database)).fetchall():
            on = "" if database.dialect.name == "sqlite" else " ON actionlang_version"
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
        connection.exec_driver_sql("UPDATE actionlang_version SET plan = replace(plan, 'number', 'nombre')")
    with pytest.raises(ActionLangError) as caught:
        version(database, "Note")
    assert refusal(caught.value).code.id == "E0928"
    assert refusal(caught.value).message.startswith("Version 1 of board.Note in the registry can not be read: ")


def _triggers(database: Database) -> str:
    if database.dialect.name == "sqlite":
        return "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'actionlang_version'"
    return "SELECT tgname FROM pg_trigger WHERE tgrelid = 'actionlang_version'::regclass AND NOT tgisinternal"


def test_whoever_was_quicker_is_taken_into_account(database: Database) -> None:
    activate(database)
    others = iter(["{text}?"])

    def meanwhile(_: Comparison) -> Iterator[Finding]:
        """Another operator activates between the decision and its writing."""
        for text in others:
            activate(database, changed("text = text;", f'text = "{text}";'))
        return iter(())

    rule = Rule(Code("for-a-test", "a test"), SOURCE, "Nothing.", meanwhile)
    published = activate(database, LOUD, "Note", order=Order("bob", rules=(rule,)))
    assert moves(published) == {"Note": (2, 3, ASKED), "Twice": (2, 3, "Note"), "Often": (2, 3, "Note")}
    assert active(database) == {"Clear": 1, "Note": 3, "Often": 3, "Twice": 3}
