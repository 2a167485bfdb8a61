"""Whatever is activated, rolled back and taken out of use, in whatever order: an active verb is one thing, wherever it runs."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.history import history
from actionlang.registry.publishing import Published
from actionlang.registry.store import active_heads, heads_of, load_plan
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.registry.board import activate, active, ask, back, board, out, refusal

VERBS = ("Low", "Middle", "High")
SCRIPT = """
table note < number integer required key; text text(200) required >
action Low (text text(9)) < create note set number = 1, text = "{text}L0" >
action Middle (text text(9)) < perform Low(text: "M0") >
action High (text text(9)) < perform Middle(text: "H0"); perform Low(text: text) >
"""

edits = st.tuples(*[st.integers(0, 2)] * len(VERBS))
activations = st.tuples(st.just("activate"), st.sets(st.sampled_from(VERBS), min_size=1), edits)
rollbacks = st.tuples(st.just("rollback"), st.sampled_from(VERBS), st.integers(1, 4))
deactivations = st.tuples(st.just("deactivate"), st.sampled_from(VERBS), st.none())
sequences = st.lists(st.one_of(activations, activations, rollbacks, deactivations), min_size=1, max_size=8)


def edited(levels: tuple[int, ...]) -> str:
    """The script with each verb as it is at a level."""
    script = SCRIPT
    for verb, level in zip(VERBS, levels, strict=True):
        script = script.replace(f"{verb[0]}0", f"{verb[0]}{level}")
    return script


def attempt(database: Database, what: str, first: object, second: object) -> Published | None:
    """Do one thing; None where it is refused, for want of such a version or such an active verb."""
    try:
        if what == "activate":
            assert isinstance(first, set)
            assert isinstance(second, tuple)
            return activate(database, edited(second), *sorted(first))
        if what == "rollback":
            assert isinstance(second, int)
            return back(database, str(first), second)
        return out(database, str(first))
    except ActionLangError as error:
        assert refusal(error).code.id in ("E0921", "E0926")
        return None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequences)
def test_an_active_verb_is_one_thing(sequence: list[tuple[str, object, object]]) -> None:
    as_it_was: set[str] = set()
    with board("sqlite://") as database:
        done = 0
        for what, first, second in sequence:
            published = attempt(database, what, first, second)
            if published is not None:
                done += published.entry is not None
                moved = {move.verb.removeprefix("board.") for move in published.moves}
                as_it_was -= moved | (first if isinstance(first, set) else set())
                as_it_was |= {str(first)} if what == "rollback" else set()
            assert ask(database, "SELECT generation FROM actionlang_registry") == [(done,)]
            see_that_history_tells_it(database)
            see_that_verbs_are_one_thing(database, as_it_was)


def see_that_history_tells_it(database: Database) -> None:
    """What the history tells, from its beginning, comes to what is active; versions are counted without gaps."""
    told: dict[str, int] = {}
    for event in reversed(history(database)):
        name = event.move.verb.removeprefix("board.")
        assert told.get(name) == event.move.before
        told.pop(name, None)
        if event.move.after is not None:
            told[name] = event.move.after
    assert told == active(database)
    with database.connection() as connection:
        for verb in VERBS:
            heads = heads_of(connection, f"board.{verb}")
            assert [head.number for head in heads] == list(range(1, len(heads) + 1))


def see_that_verbs_are_one_thing(database: Database, as_it_was: set[str]) -> None:
    """Each active plan has the other active verbs as these are, unless it was rolled back to how it was itself."""
    with database.connection() as connection:
        plans: dict[str, Plan] = {name: load_plan(connection, head) for name, head in active_heads(connection).items()}
    for name, plan in plans.items():
        if name.removeprefix("board.") not in as_it_was:
            for verb in plan.steps.verbs:
                assert verb.name not in plans or verb == plans[verb.name].verb, (name, verb.name)
