"""The picture of a verb: what follows what, where it ends and where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.graph.fitting import WIDTH, box_of, fitted
from actionlang.graph.flow import flow_of
from actionlang.graph.picture import Picture
from actionlang.plan import steps as s
from actionlang.plan.walk import nodes as plan_nodes
from tests.graph.long_verb import long_verb
from tests.graph.pictures import edges, flow, node, plans_of, standard_plan

TABLE = "table ticket < title text(100) required; note text; status < new -> open; open > >\n"


def _do(steps: str, head: str = "action Do on ticket") -> str:
    return f"{TABLE}{head} <\n{steps}\n>\naction Other on ticket < update ticket set note = empty >\n"


def test_start_tells_the_parameters(tmp_path: Path) -> None:
    head = "action Do on each ticket (a text, b integer default 2, c date optional, d list of ticket)"
    start = flow(tmp_path, _do('let x = "{a}{b}";', head)).nodes[0]
    assert start.kind == "start"
    assert start.title == "Do"
    assert start.lines == ("on each ticket", "a text", "b integer default 2", "c date optional", "d list of ticket")


def test_an_if_without_an_else_goes_on_in_both_ways(tmp_path: Path) -> None:
    picture = flow(tmp_path, _do('if (ticket.note is empty) < update ticket set note = "x" > move ticket to open'))
    assert edges(picture) == [
        ("Do", "", "If"),
        ("If", "yes", "Update ticket"),
        ("Update ticket", "", "Move ticket to open"),
        ("If", "no", "Move ticket to open"),
        ("Move ticket to open", "", "End"),
    ]
    assert node(picture, "If").lines == ("ticket.note is empty",)


def test_branches_that_end_lead_nowhere(tmp_path: Path) -> None:
    picture = flow(tmp_path, _do('if (ticket.note is empty) < stop > else < fail "No." >'))
    assert edges(picture) == [("Do", "", "If"), ("If", "yes", "Stop here"), ("If", "no", "Fails")]
    assert [each.kind for each in picture.nodes] == ["start", "decision", "end", "fail"]


def test_a_requirement_fails_beside_the_flow(tmp_path: Path) -> None:
    picture = flow(tmp_path, _do('require (ticket.note is not empty) else "Note it."; move ticket to open'))
    assert ("Require", "otherwise", "Fails") in edges(picture)
    assert node(picture, "Fails").lines == ('"Note it."',)


def test_a_loop_comes_back_and_goes_on_below(tmp_path: Path) -> None:
    body = (
        'for each other in ticket where (other != ticket) limit 3 < update other set note = "x" > move ticket to open'
    )
    picture = flow(tmp_path, _do(body))
    assert edges(picture) == [
        ("Do", "", "For each other"),
        ("For each other", "each", "Update other"),
        ("Update other", "next", "For each other"),
        ("For each other", "when done", "Move ticket to open"),
        ("Move ticket to open", "", "End"),
    ]
    assert node(picture, "For each other").lines == ("in ticket", "where (other != ticket)", "limit 3")
    (below,) = [each for each in picture.edges if each.kind == "below"]
    assert (below.source, below.target) == (node(picture, "Update other").key, node(picture, "Move ticket to open").key)


def test_what_fails_in_an_attempt_leads_to_what_is_done_instead(tmp_path: Path) -> None:
    body = 'attempt < require (ticket.note is not empty) else "No."; perform Other() on ticket > else < update ticket set note = "y" >'
    picture = flow(tmp_path, _do(body))
    assert ("Fails", "", "Update ticket") in edges(picture)
    assert ("Attempt", "if it fails", "Update ticket") in edges(picture)
    assert ("Perform Other", "", "End") in edges(picture)
    assert node(picture, "Perform Other").verb == "desk.Other"


def test_stages_are_frames(tmp_path: Path) -> None:
    picture = flow(tmp_path, _do('stage "One" < stage "Two" < update ticket set note = "x" > > move ticket to open'))
    outer, inner = picture.groups
    assert (outer.title, outer.parent, inner.title, inner.parent) == ("One", None, "Two", outer.key)
    assert node(picture, "Update ticket").group == inner.key
    assert node(picture, "Move ticket to open").group is None


def test_an_extern_verb_is_done_by_the_host(tmp_path: Path) -> None:
    picture = flow(tmp_path, "extern action Do (x text) returns (y text);")
    assert edges(picture) == [("Do", "", "Done by the host"), ("Done by the host", "", "End")]


def test_every_step_of_a_long_verb_is_drawn(tmp_path: Path) -> None:
    plan = plans_of(tmp_path, long_verb())["Grow"]
    picture = flow_of(plan)
    frames = (s.Stage,)
    steps = [each for each in plan_nodes(plan.verb.steps) if isinstance(each, s.Step) and not isinstance(each, frames)]
    decisions = sum(len(each.branches) - 1 for each in steps if isinstance(each, s.If))
    fails = sum(isinstance(each, s.Require) for each in steps)
    assert len(steps) >= 100
    assert len(picture.nodes) == len(steps) + decisions + fails + 1
    _is_connected(picture)


@pytest.mark.parametrize("name", ["helpdesk.Escalate", "approval.Approve", "sales.Convert", "helpdesk.Resolve"])
def test_standard_verbs_are_connected(name: str) -> None:
    _is_connected(flow_of(standard_plan(name)))


def _is_connected(picture: Picture) -> None:
    """Every box is reached from the start, and only those lead nowhere at which a run ends."""
    reached = {picture.nodes[0].key}
    while new := {each.target for each in picture.edges if each.source in reached} - reached:
        reached |= new
    assert reached == {each.key for each in picture.nodes}
    leading = {each.source for each in picture.edges}
    assert {each.kind for each in picture.nodes if each.key not in leading} <= {"end", "fail"}


@given(st.text(max_size=400))
@settings(max_examples=200)
def test_texts_fit(text: str) -> None:
    from actionlang.diagnostics.display import DisplayLine

    lines = fitted(text)
    assert 1 <= len(lines) <= 4
    assert all(DisplayLine.of(line).starts[-1] <= WIDTH + 1 for line in lines)
    assert all(line.isprintable() or "\u200d" in line or "\u200c" in line for line in lines)


def test_a_long_text_is_cut_short_and_told_in_whole(tmp_path: Path) -> None:
    picture = flow(tmp_path, _do(f'update ticket set note = "{"many words " * 60}"'))
    box = box_of(node(picture, "Update ticket"))
    assert len(box.lines) == 4
    assert box.lines[-1].endswith("…")
