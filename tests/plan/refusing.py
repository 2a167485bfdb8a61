"""What a plan is refused with."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan.plan import StepPlan
from actionlang.plan.verify import verify


def refusal(plan: StepPlan) -> str:
    """Code and message that a plan is refused with."""
    with pytest.raises(ActionLangError) as caught:
        verify(plan)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.hint == "Compile the verb again from its script."
    return f"{diagnostic.code.id}: {diagnostic.message}"
