"""Units of a background action, held to what somebody may do: each of them is a plan that can be restricted, and is verified."""

from __future__ import annotations

import pytest

from actionlang.access.restricting import restrict
from actionlang.access.rights import TABLE_WORDS, Depth, Given, Grant, Rights
from actionlang.durable.parts import Parts
from actionlang.engine.store import RowRef
from actionlang.runtime.plans import Plan
from tests.durable.bench import MODULE, script
from tests.registry.board import drafts

ANN = RowRef("core.user", "00000000-0000-7000-8000-0000000000aa")

ENDS_EARLY = """
background action Do on book (a integer) returns (x integer, y text optional) <
  if (a = 1) < return x: 1 >
  let z = a * 2;
  perform Say(text: "a") as r;
  if (z > 3) < perform Say(text: "b"); return x: r.number > else if (z > 1) < return x: 3 > else < fail "no" >
>
"""
IN_STAGES = """
background action Do (a integer) returns (x integer) <
  stage "Wait" < perform Say(text: "a") as r; wait 1 day; return x: r.number >
>
"""
ATTEMPTS = """
background action Do on book (it book optional) returns (x integer) <
  find optional mark as m where (m.number = 1);
  perform Say(text: "a") as r;
  attempt < perform Say(text: "b"); return x: 1 > else < return x: r.number >
>
"""
NOT_ALL_TABLES = """
background action Do (it book) < perform Say(text: "a"); wait 1 day; update it set pages = 1, color = red >
"""
STOPS = """
background action Do (a integer) < perform Say(text: "a"); if (a > 1) < stop > wait 1 day; stop >
"""


VERBS = {
    "ends early": ENDS_EARLY,
    "in stages": IN_STAGES,
    "attempts": ATTEMPTS,
    "not all tables": NOT_ALL_TABLES,
    "stops": STOPS,
}


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("depth", [Depth.OWN, Depth.TEAM, Depth.ALL])
def test_each_unit_can_be_restricted(name: str, depth: Depth) -> None:
    given = tuple(Given(Grant("role", word, "*", depth)) for word in TABLE_WORDS)
    (draft,) = (each for each in drafts(script(VERBS[name]), name=MODULE) if each.plan.verb.short_name == "Do")
    assert isinstance(draft.plan, Plan)
    parts = Parts(draft.plan)
    rights = Rights(ANN, "Ann", given)
    held = [restrict(part.steps, rights) is not part.steps for part in (parts.asking, *parts.units)]
    assert any(held) == (depth is not Depth.ALL)
