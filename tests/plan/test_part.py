"""A verb that another performs, as a plan of its own: the same as if it had been compiled by itself."""

from __future__ import annotations

import pytest

from actionlang.plan.part import part_of
from actionlang.plan.verify import verify
from tests.conformance.scripts import compiled

SCRIPT = compiled("""
choice Colour < red = 1; green = 2 >
choice Size < small = 1; large = 2 >
table shop < name text(20) required; colour Colour >
table thing < name text(20) required; size Size; shop shop >
table other < name text(20) required >

action Buy on thing (name text(20)) <
  update thing set name = name;
  if (thing.shop is not empty) < perform Paint(colour: red) on thing.shop >
  create other set name = Named(thing: thing)
>
action Paint on shop (colour Colour) < update shop set colour = colour >
function Named(thing thing) returns (name text(20)) < return name: thing.name >
""")


@pytest.mark.parametrize("verb", ["Buy", "Paint", "Named"])
def test_it_is_what_would_have_been_compiled(verb: str) -> None:
    whole = SCRIPT.plan("Buy")
    part = part_of(whole, f"example.{verb}")
    verify(part)
    assert part == SCRIPT.plan(verb)
