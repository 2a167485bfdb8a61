"""What hooks and overrides make of a program's verbs."""

from __future__ import annotations

import pytest

from actionlang.check.program import CheckedModule
from actionlang.compile.link import Linker
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan.describe import describe
from actionlang.plan.plan import StepPlan
from actionlang.plan.verify import verify
from actionlang.plan.woven import is_hook, layer_name, written_name
from actionlang.testing.cases import Case, Suite
from actionlang.testing.running import Runner
from tests.check.checking import loader_with

CANCEL = "override action Cancel on case (reason text(400)) requires support.cancel"


def linked(layers: tuple[str, ...] = (), **scripts: str) -> Linker:
    """Some scripts as one program."""
    loader = loader_with(**{name: f"import helpdesk; {text}" for name, text in scripts.items()})
    assert [found.message for found in loader.program().diagnostics if not found.code.is_lint] == []
    return Linker(loader.checked, layers)


def told(linker: Linker) -> list[str]:
    return [f"{found.code.id}: {found.message}" for found in linker.problems]


def plan(linker: Linker, verb: str) -> StepPlan:
    """The plan of a verb, which the verifier lets pass."""
    found = linker.plan(linker.verbs[verb])
    verify(found)
    return found


def run_tests(linker: Linker, module: CheckedModule) -> list[str]:
    """Why tests of a module failed."""
    outcomes = [Runner().run(Case(linker.plan(test), Suite())) for test in module.tests]
    return [outcome.diagnostic.message for outcome in outcomes if outcome.diagnostic is not None]


# ------------------------------------------------------------------------------------------------------------ overrides


def test_a_verb_has_the_steps_source_and_line_of_what_overrides_it() -> None:
    linker = linked(acme=f"\n{CANCEL} < inherited(reason: reason) >")
    found = plan(linker, "helpdesk.Cancel").verb
    assert (found.kind, found.source, found.line) == ("action", "acme.act", 2)
    assert "helpdesk.Cancel@helpdesk" in found.effects.performs
    below = linker.verbs["helpdesk.Cancel@helpdesk"]
    assert (below.source, below.kind) == ("stdlib/helpdesk.act", "action")
    assert below.steps == loader_with().checked["helpdesk"].verbs["helpdesk.Cancel"].steps


def test_what_is_not_inherited_is_not_in_the_plan() -> None:
    linker = linked(acme=f"{CANCEL} < update case set escalation_reason = reason >")
    assert [verb.name for verb in plan(linker, "helpdesk.Cancel").verbs] == ["helpdesk.Cancel"]


def test_effects_are_those_of_the_override_for_everybody_who_performs_it() -> None:
    acme = f'{CANCEL} < delete account("X"); require (reason != "") > action Give on case < perform helpdesk.Cancel(reason: "x") on case >'
    linker = linked(acme=acme)
    assert linker.verbs["acme.Give"].effects.deletes == ("parties.account",)
    assert plan(linker, "acme.Give").verb.effects == linker.verbs["acme.Give"].effects


def test_the_contract_is_kept() -> None:
    linker = linked(
        acme='override action Cancel on case (reason text(400), loudly boolean default false) requires own.right as system < require (loudly and reason != "") >'
    )
    found = linker.verbs["helpdesk.Cancel"]
    original = loader_with().checked["helpdesk"].verbs["helpdesk.Cancel"]
    assert found.requires == (*original.requires, "own.right")
    assert found.system
    assert found.doc == original.doc
    assert [each.name for each in found.inputs] == ["reason", "loudly"]


def test_an_override_may_perform_what_is_private_to_its_module() -> None:
    linker = linked(acme=f"action Inner private < stop > {CANCEL} < perform Inner(); inherited(reason: reason) >")
    assert "acme.Inner" in [verb.name for verb in plan(linker, "helpdesk.Cancel").verbs]


def test_verbs_of_one_short_name_are_overridden_side_by_side() -> None:
    acme = f"import scheduling; {CANCEL.replace('Cancel', 'helpdesk.Cancel', 1)} < fail reason > override action scheduling.Cancel on appointment (reason text(200)) < fail reason >"
    linker = linked(acme=acme)
    assert linker.verbs["helpdesk.Cancel"].source == linker.verbs["scheduling.Cancel"].source == "acme.act"


def test_layers_as_declared_and_why() -> None:
    one, two = (
        f'{CANCEL} < inherited(reason: "one"); require (reason != "") >',
        f'{CANCEL} < inherited(reason: "two"); require (reason != "") >',
    )
    for order in (("one", "two"), ("two", "one")):
        linker = linked(order, one=one, two=two)
        assert [(each.module, each.why) for each in linker.layers("helpdesk.Cancel")] == [
            ("helpdesk", "the original"),
            (order[0], "overrides what helpdesk wrote"),
            (order[1], f"stands behind {order[0]} in layers of actionlang.toml"),
        ]
        assert plan(linker, "helpdesk.Cancel").verb.source == f"{order[1]}.act"
        assert set(linker.verbs["helpdesk.Cancel"].effects.performs) >= {
            f"helpdesk.Cancel@{order[0]}",
            "helpdesk.Cancel@helpdesk",
        }
    with pytest.raises(ActionLangError) as caught:
        linked(one=one, two=two).needed()
    (found,) = caught.value.diagnostics
    assert (found.code.id, found.message) == (
        "E0525",
        "one and two both override helpdesk.Cancel; nothing says which is above.",
    )
    assert (
        found.hint
        == 'Write layers = ["one", "two"] in actionlang.toml: the last one wins. Or import one from the other.'
    )


def test_a_verb_that_nobody_overrides_has_no_layers() -> None:
    assert linked(acme="action A < stop >").layers("helpdesk.Cancel") == ()


def test_a_circle_through_an_override_names_each_step() -> None:
    acme = f"{CANCEL} < perform Log(what: reason) on case > action Log on case (what text(400)) < perform Cancel(reason: what) on case >"
    assert told(linked(acme=acme)) == [
        "E0524: These set each other off without end: Cancel performs Log, Log performs Cancel."
    ]


# ---------------------------------------------------------------------------------------------------------------- hooks


def test_the_order_does_not_depend_on_how_scripts_are_loaded() -> None:
    hooks = {
        name: f'on after create of case < perform Annotate(regarding: case.number, body: "{name}") >'
        for name in ("a", "b", "c")
    }
    verb = 'action Make < create case set number = "1", title = "x" >'
    plans = {
        describe(plan(linked(**{name: {**hooks, "a": f"{hooks['a']} {verb}"}[name] for name in names}), "a.Make"))  # type: ignore[arg-type]
        for names in (("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a"))
    }
    assert len(plans) == 1
    (text,) = plans
    assert text.index("a.after create") < text.index("b.after create") < text.index("c.after create")


def test_a_row_without_a_name_gets_one_that_no_script_has() -> None:
    linker = linked(
        acme='action Make < create task set subject = "x", regarding = case("1"), due = today(); create task set subject = "y", regarding = case("1"), due = today() > on after create of task < update task set subject = "z" >'
    )
    text = describe(plan(linker, "acme.Make"))
    assert "as hooked task set" in text
    assert "set off after create of task on hooked task 2" in text


def test_verbs_without_hooks_and_overrides_are_what_they_were_checked_as() -> None:
    loader = loader_with()
    linker = Linker(loader.checked)
    for name in standard_modules():
        for verb in loader.checked[name].verbs.values():
            assert linker.verbs[verb.name] is verb


def test_a_module_that_was_right_by_itself_stays_so_where_it_needs_no_more_than_holds() -> None:
    acme = 'action Touch on case returns (day date optional) < require (case.due is not empty); update case set title = "x"; return day: case.due >'
    alone = linked(acme=acme)
    hooked = linked(acme=acme, other="on after update of case (title) < update case set due = empty >")
    assert told(hooked) == []
    assert "the row" not in describe(plan(hooked, "acme.Touch"))
    assert plan(alone, "acme.Touch").verb.steps != plan(hooked, "acme.Touch").verb.steps


@pytest.mark.parametrize(
    ("steps", "hook"),
    [
        (
            'require (case.due is not empty); update case set title = "x"; let _d = case.due + 1 days',
            "on after update of case (title) < update case set due = empty >",
        ),
        (
            'require (case.due is not empty); update case set title = "{case.due}"',
            "on before update of case (title) < update case set due = empty >",
        ),
        (
            'require (case.due is not empty); create note set regarding = "x", body = "y"; let _d = case.due + 1 days',
            "on after create of note < for each c in case < update c set due = empty > >",
        ),
        (
            'require (case.due is not empty); delete note(id "00000000-0000-7000-8000-000000000001"); let _d = case.due + 1 days',
            "on after delete of note < for each c in case < update c set due = empty > >",
        ),
        (
            'require (case.due is not empty); assign case to team("x"); let _d = case.due + 1 days',
            "on before assign of case < update case set due = empty >",
        ),
        (
            "require (case.due is not empty); move case to open; let _d = case.due + 1 days",
            "on after move of case < update case set due = empty >",
        ),
        (
            'require (case.due is not empty); for each n in note < let _d = case.due + 1 days; update n set body = "x" >',
            "on after update of note < for each c in case < update c set due = empty > >",
        ),
        (
            'require (case.due is not empty); perform Resolve(resolution: "x") on case; let _d = case.due + 1 days',
            "on after move of case < update case set due = empty >",
        ),
        (
            'require (case.due is not empty); perform Annotate(regarding: "x", body: "y"); let _d = case.due + 1 days',
            "on before perform of Annotate < for each c in case < update c set due = empty > >",
        ),
    ],
)
def test_what_a_verb_relies_on_and_a_hook_of_another_module_takes_away(steps: str, hook: str) -> None:
    verb = f"action Touch on case < {steps} >"
    assert told(linked(acme=verb)) == []
    found = told(linked(acme=verb, other=hook))
    assert [each[:17] for each in found] == ["E0526: With the h"]
    assert "case.due may be empty" in found[0]


def test_tests_see_the_hooks_of_their_program() -> None:
    script = 'import helpdesk; test "x" < create case as c set number = "1", title = "x"; require (c.escalation_reason = "hooked") >'
    other = 'import helpdesk; on after create of case < update case set escalation_reason = "hooked" >'
    loader = loader_with(acme=script)
    assert run_tests(Linker(loader.checked), loader.checked["acme"]) == ['c.escalation_reason = "hooked"']
    loader = loader_with(acme=script, other=other)
    assert run_tests(Linker(loader.checked), loader.checked["acme"]) == []


# ---------------------------------------------------------------------------------------------------------------- names


def test_names_of_layers_and_hooks() -> None:
    assert layer_name("helpdesk.Cancel", "verbs.acme.base") == "helpdesk.Cancel@verbs/acme/base"
    assert written_name("helpdesk.Cancel@verbs/acme/base") == "helpdesk.Cancel"
    assert written_name("helpdesk.Cancel") == "helpdesk.Cancel"
    assert is_hook("verbs.acme.after create of case 2")
    assert not is_hook("verbs.acme.after")
