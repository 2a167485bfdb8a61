"""A verb taken apart for the background: a part that asks for it, and one for each of its units (see `plan.units`).

Each part is a verb of its own, with the name of the whole, which runs as one unit. What earlier parts have bound comes in as
arguments, what later ones need goes out as outputs, so that between two parts nothing has to be kept but values. A part is made
from a plan that was verified, and not verified again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import attrs

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter, StepPlan, Verb
from actionlang.plan.secrets import Secrets
from actionlang.plan.units import Statement, nested, units_of
from actionlang.plan.walk import mapped as replaced
from actionlang.plan.walk import nodes
from actionlang.runtime.plans import Plan

ENDED, UNTIL, RETURNED = ":ended", ":until", "="
"""Outputs of a part that no name in a script can have: whether the verb ended in it, when to go on, and, by its name behind the
sign, each output of the verb."""

BOOLEAN = t.Boolean()


@attrs.frozen(eq=False)
class Parts:
    """The parts of a plan: each a plan, whose hash is the whole's with a mark behind it."""

    plan: Plan

    @cached_property
    def asking(self) -> Plan:
        """What sees that a call is right: it does nothing more."""
        return self._part(attrs.evolve(self.plan.verb, outputs=(), steps=()), "asked")

    @cached_property
    def units(self) -> tuple[Plan, ...]:
        """One part a unit, in their order."""
        verb = self.plan.verb
        if verb.kind != "background":
            return (Plan(self.plan.steps, f"{self.plan.hash}#1"),)
        units = units_of(verb, {each.name: each for each in self.plan.steps.verbs})
        verbs = list(_TakenApart(self.plan.steps).verbs(units))
        if not units or isinstance(units[-1][-1].step, s.Wait):
            # It ends, with nothing left to do, when the time has passed; one without statements ends at once.
            verbs.append(attrs.evolve(verb, binding=None, inputs=(), outputs=(), steps=()))
        return tuple(self._part(each, str(number)) for number, each in enumerate(verbs, 1))

    def _part(self, verb: Verb, mark: str) -> Plan:
        steps = self.plan.steps
        # What the host implements is no part's to do: it is asked for as an action that does nothing.
        verb = attrs.evolve(verb, kind="action", deprecated=None)
        verbs = tuple(verb if each.name == steps.entry else each for each in steps.verbs)
        return Plan(attrs.evolve(steps, verbs=verbs), f"{self.plan.hash}#{mark}")


class _TakenApart:
    """A background action while it is taken apart."""

    def __init__(self, plan: StepPlan) -> None:
        self._verb = plan.verb
        self._verbs = {verb.name: verb for verb in plan.verbs}
        self._secrets = Secrets(plan.verb, self._verbs, {table.name: table for table in plan.tables})
        self._known = {each.name: attrs.evolve(each, default=None, doc="") for each in plan.verb.inputs}
        self._results: set[str] = set()
        self._may_be_gone = False

    def verbs(self, units: Sequence[Sequence[Statement]]) -> Iterator[Verb]:
        """The verb that each unit is."""
        used = [_names_in([each.step for each in unit]) for unit in units]
        for number, unit in enumerate(units):
            later = frozenset[str]().union(*used[number + 1 :])
            yield self._unit(unit, used[number], later)

    def _unit(self, unit: Sequence[Statement], used: frozenset[str], later: frozenset[str]) -> Verb:
        verb, binding = self._verb, self._verb.binding
        bound = [each for statement in unit for each in self._bound(statement.step)]
        anew = {_result_of(parameter.name) for parameter, _ in bound}
        results = {node.result for each in unit for node in nodes(each.step) if isinstance(node, s.Perform)}
        earlier = self._results - results
        self._results |= {name for name in anew if name in results}
        inputs = tuple(
            known
            for name, known in self._known.items()
            if _result_of(name) not in anew and (name in used or _result_of(name) in used)
        )
        self._known |= {parameter.name: parameter for parameter, _ in bound}
        returned = [each for each in bound if each[0].name in later or _result_of(each[0].name) in later]
        statements = [attrs.evolve(each, step=_part_of_unit(each.step, earlier)) for each in unit]
        if isinstance(unit[-1].step, s.Wait):
            wait = statements.pop().step
            assert isinstance(wait, s.Wait)
            returned.append((Parameter(UNTIL, wait.until.type), wait.until))
        last = s.Return(unit[-1].step.place, tuple((parameter.name, value) for parameter, value in returned))
        # Where the verb ends before, nothing is bound.
        outputs = [attrs.evolve(parameter, optional=True) for parameter, _ in returned]
        if any(isinstance(node, s.Return | s.Stop) for each in unit for node in nodes(each.step)):
            outputs += [Parameter(ENDED, BOOLEAN, True)]
            outputs += [
                attrs.evolve(each, name=f"{RETURNED}{each.name}", optional=True, doc="") for each in verb.outputs
            ]
        if binding is not None and self._may_be_gone:
            # That it is there is not asked for any more: a unit that uses it is given it as it is given others.
            if binding.row in used:
                inputs = (*inputs, Parameter(binding.row, t.Row((binding.table,))))
            binding = None
        self._may_be_gone |= any(self._may_delete_row(node) for each in unit for node in nodes(each.step))
        return attrs.evolve(
            verb,
            binding=binding,
            inputs=inputs,
            outputs=tuple(outputs),
            steps=nested(statements, last if _goes_on([each.step for each in statements]) else None),
        )

    def _may_delete_row(self, node: object) -> bool:
        """Whether a step may delete the row that the verb is on."""
        table = None if self._verb.binding is None else self._verb.binding.table
        if isinstance(node, s.Perform):
            verb = self._verbs[node.verb]
            return verb.kind == "extern action" or table in verb.effects.deletes
        return isinstance(node, s.Delete) and isinstance(node.row.type, t.Row) and table in node.row.type.tables

    def _bound(self, step: s.Step) -> list[tuple[Parameter, e.Expression]]:
        """What a statement binds for those behind it, each with the value that it has at the unit's end."""
        match step:
            case s.Create(table=table, row=str(name)):
                return [_local(name, t.Row((table,)), optional=False)]
            case s.Find(query=query, optional=optional):
                return [_local(query.row, t.Row((query.table,)), optional=optional)]
            case s.Let(name=name, value=value):
                parameter, local = _local(name, value.type, optional=value.optional)
                return [(attrs.evolve(parameter, sensitive=self._secrets.tells(value)), local)]
            case s.Perform(verb=verb, result=str(result)):
                local = e.Local(t.Outputs(verb), False, result)
                return [
                    (
                        attrs.evolve(each, name=f"{result}.{each.name}", doc=""),
                        e.OutputOf(each.type, each.optional, local, each.name),
                    )
                    for each in self._verbs[verb].outputs
                ]
            case _:
                return []


def _local(name: str, type_: t.Type, *, optional: bool) -> tuple[Parameter, e.Expression]:
    return Parameter(name, type_, optional), e.Local(type_, optional, name)


def _part_of_unit(step: s.Step, earlier: AbstractSet[str]) -> s.Step:
    """A step as it stands in its unit: one that ends the verb says so, and what verbs returned in earlier units is read from
    where that is kept: `earlier` are their names."""
    ended = (ENDED, e.Literal(BOOLEAN, False, True))

    def rule(node: object) -> object:
        if isinstance(node, s.Return):
            values = ((f"{RETURNED}{name}", replaced(value, rule)) for name, value in node.values)
            return attrs.evolve(node, values=(*values, ended))
        if isinstance(node, s.Stop):
            return s.Return(node.place, (ended,))
        if isinstance(node, e.OutputOf) and isinstance(node.result, e.Local) and node.result.name in earlier:
            return e.Local(node.type, node.optional, f"{node.result.name}.{node.output}")
        return None

    made: s.Step = replaced(step, rule)
    return made


def _goes_on(steps: Sequence[s.Step]) -> bool:
    """Whether a way leads behind the last of some steps."""
    match steps[-1] if steps else None:
        case s.Return() | s.Stop() | s.Fail():
            return False
        case s.If(branches=branches, otherwise=otherwise):
            return any(_goes_on(each.body) for each in branches) or _goes_on(otherwise)
        case s.Attempt(body=body, otherwise=otherwise):
            return _goes_on(body) or _goes_on(otherwise)
        case _:
            return True


def _names_in(steps: Sequence[s.Step]) -> frozenset[str]:
    return frozenset(node.name for node in nodes(tuple(steps)) if isinstance(node, e.Local))


def _result_of(name: str) -> str:
    """The result that an output of a performed verb is of; the name itself where it is that of nothing of the kind."""
    return name.partition(".")[0]


def kept_for_later(verb: Verb) -> tuple[Parameter, ...]:
    """The outputs of a unit that later ones need."""
    return tuple(
        each for each in verb.outputs if each.name not in (ENDED, UNTIL) and not each.name.startswith(RETURNED)
    )
