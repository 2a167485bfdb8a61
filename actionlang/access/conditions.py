"""A condition from outside, which chooses the rows that a verb is to run on, held to the rights of whoever gives it."""

from __future__ import annotations

import attrs

from actionlang.access.needs import missing, needs_of
from actionlang.access.people import PEOPLE
from actionlang.access.reach import Reach, Reached
from actionlang.access.rewriting import Rewriting
from actionlang.access.rights import PERFORM, READ, Depth, Given, Grant, Rights
from actionlang.access.rules import within
from actionlang.access.system import SystemVerbs
from actionlang.diagnostics.catalogue.access import CONDITION_OUT_OF_REACH
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.membership import BOOLEAN
from actionlang.plan.plan import Effects, Parameter, StepPlan, Verb

ASKING = Given(Grant("", PERFORM, " condition"))


def restrict_condition(plan: StepPlan, rights: Rights, condition: e.Expression | None) -> e.Expression | None:
    """The condition that a row is one that the caller may read, and that a condition holds of it, which is asked of such rows
    alone; None where all rows are meant and may be read.

    Raises ActionLangError when the condition reads more than the caller may.
    """
    binding = plan.verb.binding
    assert binding is not None
    tables = {**PEOPLE, **{table.name: table for table in plan.tables}}
    depth = rights.depth(READ, binding.table)
    asked: tuple[e.Expression, ...] = ()
    if condition is not None:
        _see_that_it_may_be_asked(plan, rights, condition)
        rewriting = Rewriting(Reach(rights), tables, SystemVerbs((), {}))
        asked = (rewriting.expression(condition, Reached({binding.row: depth})),)
        if rewriting.functions.made:
            message = "The condition reads rows that the caller may not read all of, by key or through another row."
            raise _beyond(message, f"ask about columns of the {binding.table.rpartition('.')[2]} itself")
    if depth is Depth.ALL:
        return asked[0] if asked else None
    rule = within(depth, e.Local(Row((binding.table,)), False, binding.row), tables[binding.table])
    return e.And(BOOLEAN, False, (rule, *asked)) if asked else rule


def _see_that_it_may_be_asked(plan: StepPlan, rights: Rights, condition: e.Expression) -> None:
    """See that the caller may read something of each table that the condition reads. Raises ActionLangError."""
    output = Parameter("holds", BOOLEAN)
    step = s.Return(s.Place(1, 1, 1, 1), ((output.name, condition),))
    verb = Verb(
        ASKING.grant.subject, "function", plan.verb.binding, (), (output,), (), False, False, None, "", Effects(),
        (step,), "", 1,
    )  # fmt: skip
    asking = attrs.evolve(plan, entry=verb.name, verbs=(*plan.verbs, verb))
    lacking = missing(needs_of(asking), attrs.evolve(rights, given=(*rights.given, ASKING)))
    if lacking:
        told = ", ".join(str(need) for need in lacking)
        raise _beyond(f"The condition asks for what {rights.name} may not read: missing {told}.", None)


def _beyond(message: str, hint: str | None) -> ActionLangError:
    return ActionLangError(Diagnostic(CONDITION_OUT_OF_REACH, message, hint=hint))
