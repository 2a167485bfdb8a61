"""What is written: the scripts of a verb of the standard library, and of one with loops and an attempt."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.engine.relational.refused import NotRelational
from tests import golden
from tests.conformance.scripts import compiled
from tests.engine.plpgsql.running import script_of

ROUNDS = """
table item <
  name   text(20) required key;
  price  decimal(9,2);
  state  < fresh -> sold; sold >
>

## Sell what can be sold, and tell how much of it.
action SellAll (least decimal default 1) returns (sold integer) <
  for each item as one in item where (one.state = fresh) order by one.name <
    attempt <
      require ((one.price otherwise 0) >= least) else "{one.name} is too cheap.";
      move one to sold;
    > else <
      update one set name = left("{one.name}: {failure.message}", 20);
    >
  >
  return sold: count(item where item.state = sold);
>
""".replace("for each item as one in item", "for each one in item")


def test_escalate() -> None:
    loader = Loader(Path.cwd())
    module = loader.load_standard("helpdesk")
    plan = Linker(loader.program().modules).plan(module.verbs["helpdesk.Escalate"])
    golden.compare("plpgsql/escalate.sql", script_of(plan, "actionlang"))


def test_loops_and_attempts() -> None:
    golden.compare("plpgsql/sell-all.sql", script_of(compiled(ROUNDS).plan("SellAll")))


def test_the_same_bytes_twice() -> None:
    assert script_of(compiled(ROUNDS).plan("SellAll")) == script_of(compiled(ROUNDS).plan("SellAll"))


def test_what_has_no_form_is_refused_with_its_place() -> None:
    plan = compiled("action Ask (base decimal) returns (cube decimal) <\n  return cube: power(base, 3)\n>").plan("Ask")
    with pytest.raises(NotRelational, match="power") as refused:
        script_of(plan)
    assert refused.value.verb == "example.Ask"
    assert refused.value.place is not None
    assert refused.value.place.line == 2


def test_who_starts_another_verb_is_left_to_the_interpreter() -> None:
    plan = compiled("action Later < stop >\naction Ask <\n  start Later();\n>").plan("Ask")
    with pytest.raises(NotRelational, match="another verb is started here") as refused:
        script_of(plan)
    assert refused.value.place is not None
    assert refused.value.place.line == 3


def test_a_name_too_long_is_refused() -> None:
    plan = compiled(f"action {'A' * 60} () < stop >").plan("A" * 60)
    with pytest.raises(NotRelational, match="longer than a name"):
        script_of(plan)
