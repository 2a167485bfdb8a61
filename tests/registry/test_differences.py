"""How versions differ, in words."""

from __future__ import annotations

import pytest

from actionlang.registry.differences import differences
from tests.registry.board import SCRIPT, changed, drafts

LONG = """
table note < number integer required key; text text(200) required; seen boolean required default false >

action Tidy (limit integer) returns (count integer) requires board.tidy <
  require (limit > 0) else "At least one.";
  stage "Look" <
    for each old in note where (old.number < limit) <
      if (old.seen) < delete old >
      else < update old set seen = true >
    >
  >
  attempt < create note set number = 0, text = "tidied" > else < fail "no" >
  return count: count(note)
>
"""


def said(old: str, new: str, script: str = LONG, verb: str = "Tidy") -> str:
    """The difference that an edit makes, as the command shows it."""
    after = changed(old, new, script) if old else new
    before, later = (drafts(each, verb)[0].plan.steps for each in (script, after))
    found = differences(before, later)
    lines = []
    for section in found.sections:
        lines += [section.title, *(f"  {line.sign} {'  ' * line.depth}{line.text}" for line in section.lines)]
    return "\n".join([*lines, *(f"! {finding.code.id}" for finding in found.noticed)])


CASES = {
    "nothing but places": ("\naction Tidy", "\n# A comment.\n\naction Tidy", ""),
    "a step that was changed": (
        'else "At least one."',
        'else "One at least."',
        """
steps
  - require (limit > 0) else "At least one."
  + require (limit > 0) else "One at least."
""",
    ),
    "a step deep inside, under the lines that it stands in": (
        "update old set seen = true",
        'update old set seen = true, text = "seen"',
        """
effects
  + updates note (text)
steps
    stage "Look"
      for each old in note where (old.number < limit)
        else
  -       update old set seen = true
  +       update old set seen = true, text = "seen"
! effect-widened
""",
    ),
    "a new step": (
        '  stage "Look" <',
        '  create note set number = limit, text = "began";\n  stage "Look" <',
        """
steps
  + create note set number = limit, text = "began"
""",
    ),
    "a step that is gone, with those in it": (
        '  attempt < create note set number = 0, text = "tidied" > else < fail "no" >\n',
        "",
        """
effects
  - creates note
privileges
  - create note
steps
  - attempt
  -   create note set number = 0, text = "tidied"
  - else
  -   fail "no"
""",
    ),
    "a condition above the same steps": (
        "if (old.seen) <",
        'if (old.text != "keep") <',
        """
effects
  - reads note (seen)
  + reads note (text)
steps
    stage "Look"
      for each old in note where (old.number < limit)
  -     if (old.seen)
  +     if (old.text != "keep")
""",
    ),
    "a contract": (
        "(limit integer) returns (count integer) requires board.tidy",
        "(limit integer, why text(20)) returns (count integer) requires board.tidy requires board.clean",
        """
contract
  + takes why text(20)
  + requires board.clean
! parameter-added-required
! privilege-added
""",
    ),
    "a column": (
        "text text(200) required;",
        "text text(200) required unique; due date;",
        """
table note
  - text text(200) required
  + text text(200) required unique
  + due date
""",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_said(case: str) -> None:
    old, new, wanted = CASES[case]
    assert said(old, new) == wanted.strip("\n")


def test_what_a_verb_performs_is_compared_too() -> None:
    wanted = """
steps of board.Note, which it performs
  - create note as made set number = count(note) + 1, text = text
  + create note as made set number = count(note) + 1, text = "{text}!!"
"""
    assert said("text = text;", 'text = "{text}!!";', SCRIPT, "Often") == wanted.strip("\n")


def test_the_same_plan_does_not_differ() -> None:
    plan = drafts(LONG, "Tidy")[0].plan.steps
    assert differences(plan, plan).sections == ()
