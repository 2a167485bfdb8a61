"""What is known while a plan is bound: the plan as a whole, and the names in scope in one verb."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from actionlang.engine.failure import Failure, Site
from actionlang.engine.interpreter.constants import bare, constant, fits
from actionlang.engine.interpreter.frame import FIRST_LOCAL, Evaluate, Execute, Frame
from actionlang.engine.interpreter.observer import Observer
from actionlang.engine.interpreter.rows import TableRows
from actionlang.engine.schema import Schema
from actionlang.engine.store import Store
from actionlang.engine.values import Fit, fitting
from actionlang.metadata.types import Type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb

ExpressionRule = Callable[[Any, "Scope"], Evaluate]
StepRule = Callable[[Any, "Scope"], Execute]


class Rules(NamedTuple):
    """How each class of expressions and of steps is bound, and how a verb is. `merge`, if any, splits a block into steps that
    are done as one, where nobody watches single steps; it gives nothing for a step to be bound by itself. `inline`, if any,
    binds an expression in another way than by its class, or gives nothing. `columns` are wanted of tables beside those that the
    plan itself reads; with `doubts`, what the checker has shown of a row's columns is seen to at run time, because someone else
    may have written to the row since."""

    expressions: Mapping[type, ExpressionRule]
    steps: Mapping[type, StepRule]
    verb: Callable[[Verb, PlanBinding], BoundVerb]
    merge: Callable[[tuple[s.Step, ...], Scope], Iterator[tuple[s.Step, Execute | None]]] | None = None
    inline: Callable[[e.Expression, Scope], Evaluate | None] | None = None
    columns: Mapping[str, frozenset[str]] = {}
    doubts: bool = False


class BoundVerb(NamedTuple):
    """A verb ready to run: copy `frame`, fill in unit, row and arguments, call `call`, which gives the
    outputs."""

    verb: Verb
    frame: Frame
    row: int | None
    parameters: Mapping[str, int]
    call: Callable[[Frame], tuple[object, ...]]


class PlanBinding:
    """A plan being bound to a store: what its verbs share."""

    def __init__(
        self,
        plan: StepPlan,
        store: Store,
        tables: Mapping[str, TableRows],
        observer: Observer | None,
        rules: Rules,
    ) -> None:
        self.schema = Schema.of_plan(plan)
        self.store = store
        self.tables = tables
        self.observer = observer
        self.rules = rules
        self.verbs = {verb.name: verb for verb in plan.verbs}
        self._bound: dict[str, BoundVerb] = {}

    def verb(self, name: str) -> BoundVerb:
        """A verb of the plan, bound when it is first asked for. The call graph has no cycles, so this
        ends."""
        bound = self._bound.get(name)
        if bound is None:
            bound = self._bound[name] = self.rules.verb(self.verbs[name], self)
        return bound


class ScanRow(NamedTuple):
    """A row that a query is looking at: its StoredRow is in `slot`, its columns in `positions`."""

    table: str
    slot: int
    positions: Mapping[str, int]


class Scope:
    """One verb being bound: the slot of each local in its frame, and where in the verb we are."""

    def __init__(self, plan: PlanBinding, verb: Verb) -> None:
        self.plan = plan
        self.verb = verb
        self.slots: dict[str, int] = {}
        self.scans: dict[str, ScanRow] = {}
        self.messages: list[int] = []
        self.size = FIRST_LOCAL
        self.stage: str | None = None

    def new_slot(self, name: str | None = None) -> int:
        """A place of its own in the frame, for a local if there is a name."""
        slot = self.size
        self.size += 1
        if name is not None:
            self.slots[name] = slot
        return slot

    def as_it_is(self) -> Scope:
        """The names in scope now, for what is bound later."""
        scope = Scope(self.plan, self.verb)
        scope.slots, scope.scans, scope.messages = dict(self.slots), dict(self.scans), list(self.messages)
        scope.stage = self.stage
        return scope

    @contextmanager
    def scanning(self, name: str, row: ScanRow) -> Iterator[None]:
        """While this lasts, the local `name` is the row a query is looking at."""
        self.scans[name] = row
        try:
            yield
        finally:
            del self.scans[name]

    @contextmanager
    def in_stage(self, title: str) -> Iterator[None]:
        """While this lasts, steps belong to this stage."""
        outer, self.stage = self.stage, title
        try:
            yield
        finally:
            self.stage = outer

    def scan_of(self, node: e.Expression) -> ScanRow | None:
        """The scanned row that an expression is, if it is one."""
        local = bare(node)
        return self.scans.get(local.name) if isinstance(local, e.Local) else None

    def slot_of(self, node: e.Expression) -> int | None:
        """The frame's place that an expression reads, when it is no more than a local."""
        local = bare(node)
        if isinstance(local, e.Local) and local.name not in self.scans:
            return self.slots[local.name]
        return None

    def evaluate(self, node: e.Expression) -> Evaluate:
        """An expression, bound."""
        rules = self.plan.rules
        inlined = rules.inline(node, self) if rules.inline is not None else None
        return inlined or rules.expressions[type(node)](node, self)

    def execute(self, steps: tuple[s.Step, ...]) -> Execute:
        """A block of steps, bound. A failure that leaves it knows which step it came from."""
        sites = {execute: self.site(step) for step, execute in self._bound(steps)}
        bound = tuple(sites)
        if not bound:
            return lambda frame: None

        def block(frame: Frame) -> bool | None:
            execute = bound[0]
            try:
                for execute in bound:
                    if execute(frame):
                        return True
            except Failure as failure:
                if failure.site is None:
                    failure.site = sites[execute]
                raise
            return None

        return block

    def _bound(self, steps: tuple[s.Step, ...]) -> Iterator[tuple[s.Step, Execute]]:
        """Steps and what does them. Each closure is one of its own, also that of a step that stands twice."""
        merge = self.plan.rules.merge
        if merge is None or self.plan.observer is not None:
            yield from ((step, self._observed(step)) for step in steps)
            return
        for step, execute in merge(steps, self):
            yield step, execute or self._observed(step)

    def _observed(self, step: s.Step) -> Execute:
        execute = self.plan.rules.steps[type(step)](step, self)
        if self.plan.observer is None:
            return execute
        count = self.plan.observer.step(self.verb, step)

        def observed(frame: Frame) -> bool | None:
            count()
            return execute(frame)

        return observed

    def way(self, step: s.Step, way: str, execute: Execute) -> Execute:
        """A way that a step can go, counted when someone observes."""
        if self.plan.observer is None:
            return execute
        count = self.plan.observer.branch(self.verb, step, way)

        def observed(frame: Frame) -> bool | None:
            count()
            return execute(frame)

        return observed

    def site(self, step: s.Step) -> Site:
        """Where a step stands."""
        return Site(self.verb.name, self.verb.source, step.place, self.stage)

    def fitted(self, node: e.Expression, target: Type, sensitive: bool = False) -> Evaluate:
        """An expression whose value is brought into a column's, parameter's or output's type (see
        `values.fitting`). A sensitive value that does not fit is not repeated."""
        evaluate = self.evaluate(node)
        fit = fitting(node.type, target)
        if fit is None:
            return evaluate
        if sensitive:
            fit = _discreet(fit, target)
        known = constant(node)
        if known is not None and fits(fit, known.value):
            value = None if known.value is None else fit(known.value)
            return lambda frame: value

        def fitted(frame: Frame) -> Any:
            value = evaluate(frame)
            return None if value is None else fit(value)

        return fitted


def _discreet(fit: Fit, target: Type) -> Fit:
    def fit_discreetly(value: object) -> object:
        try:
            return fit(value)
        except Failure as failure:
            failure.message = f"The value does not fit {target}."
            raise

    return fit_discreetly
