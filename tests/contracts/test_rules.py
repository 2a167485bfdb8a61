"""What the pages of rules do not show: how findings are worded, and where the line is."""

from __future__ import annotations

import attrs
import pytest

from actionlang.contracts.comparing import compare
from tests.contracts.comparing import contracts, told

HEAD = "import helpdesk;\n\n"


def codes(old: str, new: str) -> list[str]:
    return [each.partition(":")[0] for each in told(HEAD + old, HEAD + new)]


def test_findings_come_by_verb_then_in_the_order_of_the_rules() -> None:
    old = 'action B (x text) < require (x != "") >\n\naction A (x text) < require (x != "") >\n'
    new = 'action B (y text) < require (y != "") >\n\naction A (z text) < require (z != "") >\n'
    assert told(HEAD + old, HEAD + new) == [
        "parameter-removed: A no longer takes x, and refuses callers who give it.",
        "parameter-added-required: A needs z, which callers do not give.",
        "parameter-removed: B no longer takes x, and refuses callers who give it.",
        "parameter-added-required: B needs y, which callers do not give.",
    ]


def test_what_performed_verbs_require_is_needed_unless_they_are_performed_as_the_system() -> None:
    inner = "action B < perform C() >\n\naction C private requires x.y < stop >\n"
    more = inner.replace("requires x.y", "requires x.y requires x.z")
    needed = "Who calls {} needs the privilege x.z now, and may not have that."
    assert told(HEAD + f"action A < perform B() >\n\n{inner}", HEAD + f"action A < perform B() >\n\n{more}") == [
        f"privilege-added: {needed.format('A')}",
        f"privilege-added: {needed.format('B')}",
    ]
    assert told(
        HEAD + f"action A as system < perform B() >\n\n{inner}", HEAD + f"action A as system < perform B() >\n\n{more}"
    ) == [f"privilege-added: {needed.format('B')}"]


def test_what_is_no_background_action_any_more_is_not_told_of_expressions() -> None:
    (finding,) = compare(contracts("background action A < wait 1 day >\n"), contracts("action A < stop >\n"))
    assert finding.message == "A was a background action, and is an action now."
    assert str(finding.hint).startswith("An action has come to its end when its caller is answered. Keep A ")


def test_a_verb_that_was_private_is_nobodys_business() -> None:
    private = "action A private < stop >\n\naction B < perform A() >\n"
    assert codes(private, "action B < stop >\n") == []
    assert codes(private, private.replace("private ", "")) == []


def test_a_verb_that_was_moved_is_told_with_its_new_name() -> None:
    before = contracts(HEAD + "action A < stop >\n")
    after = contracts(HEAD + "action A < stop >\n")
    moved = attrs.evolve(after.verbs["example.A"], name="other.A")
    (finding,) = compare(before, attrs.evolve(after, entries=("other.A",), verbs={"other.A": moved}))
    assert finding.hint == "Is it other.A now? Keep example.A, and let it perform that one."


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("action A < stop >", "background action A < stop >", ["verb-kind-changed"]),
        ("action A < stop >", "extern action A;", []),
        ("function A returns (x integer) < return x: 1 >", "function A returns (x integer, y integer) < return x: 1, y: 2 >", ["function-value-lost"]),
        ("action A returns (x integer) < return x: 1 >", "action A returns (x integer, y integer) < return x: 1, y: 2 >", []),
        ("action A on case < stop >", "action A on task < stop >", ["binding-changed", "privilege-added"]),
        ("action A on case < stop >", "action A < stop >", ["binding-changed"]),
        ("action A < stop >", "action A on case < stop >", ["binding-changed", "privilege-added"]),
    ],
)  # fmt: skip
def test_verbs(old: str, new: str, found: list[str]) -> None:
    assert codes(old, new) == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("x integer default 1", "x integer optional", ["parameter-default-changed"]),
        ("x integer optional", "x integer optional default 1", ["parameter-default-changed"]),
        ("x integer optional", "x integer default 1", ["parameter-narrowed", "parameter-default-changed"]),
        ("x integer", "x integer default 1", []),
        ("x integer", "x integer optional", []),
        ("x integer default 1", "x integer", ["parameter-made-required"]),
        ("x decimal(5,2) default 1.50", "x decimal(5,2) default 1.5", []),
        ("x datetime default now()", "x datetime default now()", []),
        ("x integer", "x integer, y integer optional, z integer default 1", []),
        ("x integer", "y integer optional, x integer", ["parameter-order-changed"]),
        ("x integer, y integer optional", "x integer, z integer optional, y integer optional", ["parameter-order-changed"]),
        ("x integer, y integer optional", "y integer optional", ["parameter-removed"]),
        ("x account", "x account | contact", []),
        ("x account | contact", "x contact", ["parameter-narrowed"]),
        ("x account | contact", "x contact | account", []),
        ("x list of text(5)", "x list of text", []),
        ("x list of text", "x list of text(5)", ["parameter-narrowed"]),
        ("x owner", "x user", ["parameter-narrowed"]),
        ("x text sensitive", "x text", ["sensitive-removed"]),
        ("x text", "x text sensitive", []),
    ],
)  # fmt: skip
def test_parameters(old: str, new: str, found: list[str]) -> None:
    def script(parameters: str) -> str:
        names = [each.split()[0] for each in parameters.split(", ")]
        return f"extern action A ({', '.join(parameters.split(', '))});\n" if names else ""

    assert codes(script(old), script(new)) == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("requires a.b", "", []),
        ("", "requires a.b requires c.d", ["privilege-added"]),
        ("as system", "as system", []),
        ("", "as system", []),
        ("as system", "", ["system-removed"]),
    ],
)
def test_rights(old: str, new: str, found: list[str]) -> None:
    script = "action A on case {} < update case set priority = high >\n"
    assert codes(script.format(old), script.format(new)) == found


def test_what_a_verb_with_its_own_rights_does_needs_no_right_of_its_callers() -> None:
    script = "action A on case as system < update case set priority = high{} >\n"
    assert codes(script.format(""), script.format("; create task set subject = case.title")) == ["effect-widened"]
    script = script.replace(" as system", "")
    more = script.format("; create task set subject = case.title")
    assert told(HEAD + script.format(""), HEAD + more) == [
        "privilege-added: Who calls A needs the privilege create task now, and may not have that.",
        "effect-widened: A does more than before: it creates task.",
    ]


def test_states_that_performed_verbs_move_to_count() -> None:
    inner = "action Inner on case private < move case to {} >\n\naction A on case < perform Inner() on case >\n"
    assert told(HEAD + inner.format("resolved"), HEAD + inner.format("cancelled")) == [
        "status-target-changed: A moved rows of case to resolved, and moves them to cancelled now."
    ]
    both = "action A on case < if (case.priority = high) < move case to cancelled > else < move case to resolved > >\n"
    one = "action A on case < if (case.priority = high) < stop > else < move case to resolved > >\n"
    assert told(HEAD + both, HEAD + one) == [
        "status-target-changed: A moved rows of case to cancelled or resolved, and moves them to resolved now."
    ]
    none = "action A on case < update case set priority = high >\n"
    assert "status-target-changed: A moved rows of case to resolved, and moves them to no state at all now." in told(
        HEAD + one, HEAD + none
    )


def test_an_event_has_what_it_has_wherever_it_is_emitted() -> None:
    emits = "action A (x integer) < emit Done(x: x, y: 1) >\n\naction B (x integer) < emit Done(x: x{}) >\n"
    assert codes(emits.format(", y: 2"), emits.format("")) == ["event-member-removed"]
    assert codes(emits.format(""), emits.format(", y: 2")) == []
    optional = "action A (x integer optional) < emit Done(x: x) >\n"
    filled = "action A (x integer) < emit Done(x: x) >\n"
    assert codes(filled, optional) == ["event-member-changed"]
    assert [each for each in codes(optional, filled) if each.startswith("event")] == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("a = 1; b = 2", "a = 1; b = 2; c = 3", []),
        ("a = 1; b = 2", "b = 2; a = 1", []),
        ("a; b", "a = 1; b = 2", ["choice-member-renumbered", "choice-member-renumbered"]),
        ("a = 1; b = 2", 'a = 1 "A"; b = 2', []),
        ("a = 1; b = 2", "a = 1; c = 3", ["choice-member-removed"]),
    ],
)
def test_choices(old: str, new: str, found: list[str]) -> None:
    script = "choice Mood < {} >\n\naction A (mood Mood) < require (mood = a) >\n"
    assert codes(script.format(old), script.format(new)) == found


def test_an_output_of_a_choice_with_a_new_member() -> None:
    script = "choice Mood < a; b{} >\n\naction A returns (mood Mood) < return mood: a >\n"
    assert told(script.format(""), script.format("; c")) == [
        "output-widened: The output mood of A may be c now, which callers do not know."
    ]


def test_a_state_that_is_gone_is_told_once() -> None:
    script = 'table order < number text(20) required key; status < {} > >\n\naction A on order < require (order.number != "") >\n'
    old, new = script.format("placed -> paid; paid -> sent; sent"), script.format("placed -> paid; paid")
    (gone,) = told(old, new)
    assert gone.startswith("choice-member-removed: The state sent of order.status is gone: who gives it is refused")


def test_a_primary_key_of_another_type() -> None:
    script = "table order < number {} primary >\n\naction A on order < stop >\n"
    assert codes(script.format("text(20)"), script.format("text(30)")) == ["row-key-changed"]
    assert codes(script.format("text(20)"), script.format("text(20)")) == []
    wider = "table order < number text({}) required key >\n\naction A on order < stop >\n"
    assert codes(wider.format(20), wider.format(30)) == []
    assert codes(wider.format(30), wider.format(20)) == ["row-key-changed"]
