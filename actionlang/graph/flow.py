"""The steps of a verb as a flow: from its start with the parameters, through branches, loops and attempts, to where it ends or
fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from actionlang.graph.picture import Edge, EdgeKind, Group, GroupKind, Node, NodeKind, Picture
from actionlang.graph.wording import bound_words, query_lines, step_words, verb_words
from actionlang.plan import steps as s
from actionlang.plan.describe import type_text
from actionlang.plan.expression_text import expression_text, short
from actionlang.plan.plan import StepPlan, Verb

EXTERN = "extern"


@attrs.frozen
class _Way:
    """An arrow that does not know yet where it leads."""

    source: str
    label: str = ""
    kind: EdgeKind = "next"


def flow_of(plan: StepPlan, verb: Verb | None = None) -> Picture:
    """The picture of a plan's verb, or of another verb in the plan."""
    verb = verb or plan.verb
    flow = _Flow({each.name: each for each in plan.verbs})
    title, lines = verb_words(verb)
    start = flow.node("start", title, lines, None, hint=" ".join(verb.doc.split()))
    if verb.kind.startswith(EXTERN):
        host = flow.node("step", "Done by the host", ("its steps are not in the plan",), None)
        flow.join([_Way(start)], host)
        ways = [_Way(host)]
    else:
        ways = flow.steps(verb.steps, [_Way(start)], None)
    if ways:
        flow.join(ways, flow.node("end", "End", (), None))
    return Picture(
        f"{title} {bound_words(verb)}".rstrip(),
        _described(verb, flow),
        tuple(flow.nodes),
        tuple(flow.edges),
        tuple(flow.groups),
    )


def _described(verb: Verb, flow: _Flow) -> str:
    steps = sum(node.kind not in ("start", "end", "fail") for node in flow.nodes)
    fails = sum(node.kind == "fail" for node in flow.nodes)
    outputs = ", ".join(f"{output.name} ({type_text(output.type)})" for output in verb.outputs)
    parts = [
        " ".join(verb.doc.split()),
        f"The flow has {steps} step{'' if steps == 1 else 's'}"
        + (f" and can fail in {fails} place{'' if fails == 1 else 's'}." if fails else "."),
        f"It returns {outputs}." if outputs else "",
    ]
    return " ".join(part for part in parts if part)


class _Flow:
    """A flow being put together. A step is joined to the ways that lead to it and gives those that lead on."""

    def __init__(self, verbs: Mapping[str, Verb]) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.groups: list[Group] = []
        self._verbs = verbs
        self._failing: list[list[_Way]] = []

    def node(
        self,
        kind: NodeKind,
        title: str,
        lines: Sequence[str],
        group: str | None,
        *,
        verb: str | None = None,
        hint: str = "",
    ) -> str:
        """Add a box; gives its key."""
        key = f"n{len(self.nodes) + 1}"
        self.nodes.append(Node(key, kind, title, tuple(lines), group, verb=verb, hint=hint))
        return key

    def join(self, ways: Iterable[_Way], target: str) -> None:
        """Let ways lead to a box."""
        self.edges += [Edge(way.source, target, way.label, way.kind) for way in ways]

    def steps(self, steps: Iterable[s.Step], ways: list[_Way], group: str | None) -> list[_Way]:
        """Steps one after another; gives the ways that lead on behind the last."""
        for step in steps:
            ways = self._step(step, ways, group)
        return ways

    def _step(self, step: s.Step, ways: list[_Way], group: str | None) -> list[_Way]:
        match step:
            case s.Stage():
                return self.steps(step.body, ways, self._group("stage", step.title, group))
            case s.If():
                return self._if(step, ways, group)
            case s.ForEachRow() | s.ForEachItem():
                return self._loop(step, ways, group)
            case s.Attempt():
                return self._attempt(step, ways, group)
            case s.Expect():
                return self._expect(step, ways, group)
            case s.Require():
                return self._require(step, ways, group)
            case s.Find():
                return self._find(step, ways, group)
            case s.Fail():
                self._fails(ways, expression_text(step.message), group)
                return []
            case s.Stop() | s.Return():
                self.join(ways, self.node("end", *step_words(step), group))
                return []
            case s.Perform():
                doc = " ".join(self._verbs[step.verb].doc.split())
                key = self.node("perform", *step_words(step), group, verb=step.verb, hint=doc)
            case s.Unavailable():
                key = self.node("unavailable", *step_words(step), group)
            case _:
                started = step.verb if isinstance(step, s.Start) else None
                key = self.node("step", *step_words(step), group, verb=started)
        self.join(ways, key)
        return [_Way(key)]

    def _group(self, kind: GroupKind, title: str, parent: str | None) -> str:
        key = f"g{len(self.groups) + 1}"
        self.groups.append(Group(key, kind, title, parent))
        return key

    def _fails(self, ways: Iterable[_Way], message: str, group: str | None) -> None:
        """An exit in failure; inside an attempt it leads on to what is done instead."""
        key = self.node("fail", "Fails", (message,), group)
        self.join(ways, key)
        if self._failing:
            self._failing[-1].append(_Way(key, "", "failure"))

    def _if(self, step: s.If, ways: list[_Way], group: str | None) -> list[_Way]:
        ends: list[_Way] = []
        for branch in step.branches:
            key = self.node("decision", "If", (expression_text(branch.condition),), group)
            self.join(ways, key)
            ends += self.steps(branch.body, [_Way(key, "yes")], group)
            ways = [_Way(key, "no")]
        return ends + self.steps(step.otherwise, ways, group)

    def _loop(self, step: s.ForEachRow | s.ForEachItem, ways: list[_Way], group: str | None) -> list[_Way]:
        if isinstance(step, s.ForEachRow):
            row, lines = step.query.row, (f"in {short(step.query.table)}", *query_lines(step.query))
        else:
            row, lines = step.item, (f"in {expression_text(step.items)}",)
        key = self.node("loop", f"For each {row}", lines, group)
        self.join(ways, key)
        body = self.steps(step.body, [_Way(key, "each")], self._group("loop", "", group))
        back = [way for way in body if way.kind != "below"]
        self.join((attrs.evolve(way, kind="again", label=way.label or "next") for way in back), key)
        return [_Way(key, "when done", "done" if back else "next"), *(_Way(way.source, "", "below") for way in body)]

    def _attempt(self, step: s.Attempt, ways: list[_Way], group: str | None) -> list[_Way]:
        key = self.node("attempt", "Attempt", ("whatever fails in it is undone",), group)
        self.join(ways, key)
        failing = [_Way(key, "if it fails", "failure")]
        self._failing.append(failing)
        ends = self.steps(step.body, [_Way(key, "try")], self._group("attempt", "", group))
        self._failing.pop()
        inside = self._group("attempt", "", group) if step.otherwise else group
        return ends + self.steps(step.otherwise, failing, inside)

    def _expect(self, step: s.Expect, ways: list[_Way], group: str | None) -> list[_Way]:
        """In a test: what must fail. The test goes on where it has."""
        lines = () if step.message is None else (expression_text(step.message),)
        key = self.node("attempt", "This must fail", lines, group)
        self.join(ways, key)
        failing = [_Way(key, "when it has failed", "failure")]
        self._failing.append(failing)
        self.steps(step.body, [_Way(key)], self._group("attempt", "", group))
        self._failing.pop()
        return failing

    def _require(self, step: s.Require, ways: list[_Way], group: str | None) -> list[_Way]:
        key = self.node("decision", "Require", (expression_text(step.condition),), group)
        self.join(ways, key)
        message = step.text if step.message is None else expression_text(step.message)
        self._fails([_Way(key, "otherwise", "failure")], message, group)
        return [_Way(key)]

    def _find(self, step: s.Find, ways: list[_Way], group: str | None) -> list[_Way]:
        key = self.node("step", *step_words(step), group)
        self.join(ways, key)
        if not step.optional:
            message = "there is no such row" if step.message is None else expression_text(step.message)
            self._fails([_Way(key, "none found", "failure")], message, group)
        return [_Way(key)]
