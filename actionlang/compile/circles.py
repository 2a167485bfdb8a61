"""Verbs of a whole program in the order in which they perform each other, hooks and overrides included. Where they go round in a
circle none of them would ever end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actionlang.check.hung import TableHooks
from actionlang.check.names import short
from actionlang.check.program import CheckedModule
from actionlang.compile.places import line_of, place_of
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plan.walk import nodes
from actionlang.plan.woven import is_hook


def in_order_of_calls(
    verbs: Mapping[str, Verb], hooks: TableHooks, modules: Mapping[str, CheckedModule]
) -> list[str] | Diagnostic:
    """The names of verbs, each behind those that it performs, calls or, through hooks, sets off; or the complaint of a circle."""
    calls = {name: sorted(_called(verb, hooks)) for name, verb in verbs.items()}
    done: dict[str, None] = {}
    for start in verbs:
        path = [start]
        while path:
            waiting = next((name for name in calls[path[-1]] if name not in done), None)
            if waiting is None:
                done[path.pop()] = None
            elif waiting in path:
                return _complaint(path[path.index(waiting) :], verbs, hooks, modules)
            else:
                path.append(waiting)
    return list(done)


def _called(verb: Verb, hooks: TableHooks) -> set[str]:
    own = {node.verb for node in nodes(verb.steps) if isinstance(node, s.Perform | e.CallVerb)}
    return own | hooks.set_off_in(verb.steps)


def _complaint(
    circle: Sequence[str], verbs: Mapping[str, Verb], hooks: TableHooks, modules: Mapping[str, CheckedModule]
) -> Diagnostic:
    """That verbs set each other off without end, beginning at a hook or override, which is where the circle can be cut."""
    begin = next((at for at, name in enumerate(circle) if is_hook(name)), 0)
    circle = [*circle[begin:], *circle[:begin]]
    links = list(zip(circle, [*circle[1:], circle[0]], strict=True))
    words = [f"{short(one)} {_verb(other)} {short(other)}" for one, other in links]
    if len(circle) == 1:
        message = f"{short(circle[0])} {_verb(circle[0])} itself, so it might never end."
    else:
        message = f"These set each other off without end: {', '.join(words)}."
    labels = [_where(verbs[one], other, word, hooks, modules) for (one, other), word in zip(links, words, strict=True)]
    hint = "A verb always ends: leave out the step that closes the circle, or name the columns that the hook is on."
    return Diagnostic(codes.ENDLESS_HOOKS, message, labels[-1], tuple(labels[:-1]), hint)


def _verb(name: str) -> str:
    return "sets off" if is_hook(name) else "performs"


def _where(verb: Verb, other: str, words: str, hooks: TableHooks, modules: Mapping[str, CheckedModule]) -> Label:
    """The step of a verb that performs another one or sets it off."""
    for node in nodes(verb.steps):
        if isinstance(node, s.Step) and (
            (isinstance(node, s.Perform) and node.verb == other)
            or any(hook.verb.name == other for hook in hooks.set_off_by(node))
        ):
            return place_of(verb, node.place, modules, words)
    return line_of(verb, modules, words)
