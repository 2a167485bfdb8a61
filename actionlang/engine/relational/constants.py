"""What is the same for all targets, worked out once, by the interpreter: so it means what it always means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.store import Store
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Effects, Parameter, StepPlan, Verb
from actionlang.plan.walk import nodes

NOWHERE = s.Place(1, 1, 1, 1)
VALUE = "value"


class Evaluator(Protocol):
    """Works out what does not depend on a target."""

    def value(self, node: e.Expression, known: Mapping[str, object]) -> object:
        """An expression, given the locals in it. Raises NotRelational where the interpreter has to tell why there is none."""

    def first(self, query: e.Query, known: Mapping[str, object]) -> object:
        """The first row of a query, or None."""


class OnStore:
    """Works it out on a store, which is as the run finds it."""

    def __init__(self, plan: StepPlan, store: Store, unit: Unit) -> None:
        self._plan = plan
        self._store = store
        self._unit = unit

    def value(self, node: e.Expression, known: Mapping[str, object]) -> object:
        """See `Evaluator`."""
        if isinstance(node.type, t.Outputs):
            raise NotRelational("what a performed verb returned is used as a whole")
        return self._run((s.Return(NOWHERE, ((VALUE, node),)),), node.type, known)

    def first(self, query: e.Query, known: Mapping[str, object]) -> object:
        """See `Evaluator`."""
        row = t.Row((query.table,))
        find = s.Find(NOWHERE, query, True, None)
        return self._run((find, s.Return(NOWHERE, ((VALUE, e.Local(row, True, query.row)),))), row, known)

    def _run(self, steps: tuple[s.Step, ...], type_: t.Type, known: Mapping[str, object]) -> object:
        types: dict[str, t.Type] = {}
        for node in nodes(steps):
            if isinstance(node, e.Local) and node.name in known:
                types.setdefault(node.name, node.type)
        inputs = tuple(Parameter(name, found, optional=True) for name, found in types.items())
        output = Parameter(VALUE, type_, optional=True)
        entry = Verb(" input", "action", None, inputs, (output,), (), False, False, None, "", Effects(), steps, "", 1)
        plan = attrs.evolve(self._plan, entry=entry.name, verbs=(*self._called(steps), entry))
        unit = Unit(self._unit.now, self._unit.zone, self._unit.caller, self._unit.new_id)
        try:
            return bind(plan, self._store).run(unit, {name: known[name] for name in types})[VALUE]
        except Failure as failure:
            raise NotRelational(
                f"a value that is the same for all rows can not be worked out: {failure.message}"
            ) from None
        except (AttributeError, TypeError):
            # The flow has shown that it is not empty, but here it is worked out for ways that no row goes, too.
            raise NotRelational("a value that is empty is read on a way on which it is not") from None

    def _called(self, steps: tuple[s.Step, ...]) -> list[Verb]:
        """The verbs that are called in steps, and those that they call: no others have to be bound."""
        verbs = {verb.name: verb for verb in self._plan.verbs}
        found = {node.verb for node in nodes(steps) if isinstance(node, e.CallVerb)}
        return [
            verbs[name] for name in sorted(found | {each for name in found for each in verbs[name].effects.performs})
        ]


class Unknown:
    """Nothing is known yet: SQL is only to be shown. Each value is a name; `told` says what it stands for."""

    def __init__(self) -> None:
        self.names: dict[e.Expression, str] = {}
        self.told: dict[str, str] = {}

    def name(self, node: e.Expression, stem: str | None, text: str) -> str:
        """The name of a value."""
        known = self.names.get(node)
        if known is None:
            known = stem or f"value_{len(self.names) + 1}"
            while known in self.told:
                known += "_"
            self.names[node] = known
            self.told[known] = text
        return known
