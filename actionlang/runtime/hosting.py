"""What a host adds to the runs on its database: what is hung on them, who may do what, how closely they are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from actionlang.access.policy import Policy
    from actionlang.plan.plan import StepPlan
    from actionlang.plugins.plugins import Plugins


class VerbInUse(Protocol):
    """A verified plan and its hash."""

    @property
    def steps(self) -> StepPlan: ...
    @property
    def hash(self) -> str: ...


FindVerb = Callable[[str], VerbInUse | None]
"""Finds the plan of a verb by its name, as it is now; None where there is none."""


@attrs.frozen(eq=False)
class Hosting:
    """What a host adds to runs, the same for every run on a database. `plugins` are called when verbs run, and implement those
    that are extern; `policy` holds runs to the rights of their callers, without one whoever calls may do everything; `trace`
    records each step with the time it took."""

    plugins: Plugins | None = None
    policy: Policy | None = None
    trace: bool = False


PLAIN = Hosting()
"""Nothing is added."""
