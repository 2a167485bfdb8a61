"""The rules of the step that emits an event."""

from __future__ import annotations

import pytest

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.secrets import Secrets
from tests.plan.refusing import refusal
from tests.plan.samples import BY_NAME, ON_CASE, TEXT, THE_CASE, at, of, plan_of, template, text, verb

WRONG = {
    "no module": (s.Emit(at(2), "Escalated", ()), "helpdesk.Tell, line 2, Emit: Escalated is no full name of an event"),
    "no name": (s.Emit(at(2), "helpdesk.", ()), "helpdesk.Tell, line 2, Emit: helpdesk. is no full name of an event"),
    "a value twice": (
        s.Emit(at(2), "helpdesk.Told", (("a", text("x")), ("a", text("y")))),
        "helpdesk.Tell, line 2, Emit: the values of an event has two of the name a",
    ),
    "nothing": (
        s.Emit(at(2), "helpdesk.Told", (("a", e.Literal(t.Empty(), True, None)),)),
        "helpdesk.Tell, line 2, Emit: an event carries no empty",
    ),
}


@pytest.mark.parametrize(("step", "told"), WRONG.values(), ids=WRONG)
def test_refused(step: s.Step, told: str) -> None:
    assert told in refusal(plan_of(verb("Tell", step, binding=ON_CASE)))


def test_what_is_made_of_a_secret_is_one() -> None:
    amount = of(THE_CASE, "amount")
    tell = verb(
        "Tell",
        s.Let(
            at(2), "held", template("It is ", e.Otherwise(t.Decimal(), False, amount, e.Literal(t.Decimal(), False, 0)))
        ),
        s.Let(at(3), "open", of(THE_CASE, "title")),
        binding=ON_CASE,
    )
    secrets = Secrets(tell, {}, BY_NAME)
    assert secrets.tells(amount)
    assert secrets.tells(e.Local(TEXT, False, "held"))
    assert not secrets.tells(e.Local(TEXT, False, "open"))
    assert not secrets.tells(THE_CASE)
