"""The order in which a module's verbs are checked: each behind those that it performs or calls. Going round in a circle is
an error, so every verb ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from actionlang.check.body import Reporter
from actionlang.check.names import Names, short
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.syntax import ast


def in_call_order(actions: Mapping[str, ast.Action], names: Names, reporter: Reporter) -> list[str]:
    """The full names of a module's own verbs, innermost first; each circle is complained about once."""
    calls = {full: _own_calls(action, names, actions) for full, action in actions.items()}
    done: dict[str, None] = {}
    for start in actions:
        path = {start: None}
        turns = [iter(calls[start])]
        while turns:
            called = next((name for name in turns[-1] if name not in done), None)
            if called is None:
                turns.pop()
                done[path.popitem()[0]] = None
            elif called in path:
                circle = [*list(path)[list(path).index(called) :], called]
                _complain(circle, actions, reporter)
            else:
                path[called] = None
                turns.append(iter(calls[called]))
    return list(done)


def _own_calls(action: ast.Action, names: Names, own: Mapping[str, ast.Action]) -> list[str]:
    """The module's own verbs that a verb performs or calls, in the order of their names."""
    found = []
    for name in sorted(action.calls):
        fulls = names.verbs.get(name, ())
        if len(fulls) == 1 and fulls[0] in own:
            found.append(fulls[0])
    return found


def _complain(circle: Sequence[str], actions: Mapping[str, ast.Action], reporter: Reporter) -> None:
    """Say which call closes a circle: the last name stands at its beginning as well."""
    if any(actions[full].kind == "background" for full in circle):
        return  # That one is performed at all is told where it is, and started instead it closes no circle.
    caller, called = actions[circle[-2]], short(circle[-1])
    place = next((node for node in calls_in(caller) if node.text == called), caller.name)
    if len(circle) == 2:
        message = f"{called} performs itself, so it might never end."
    else:
        message = f"These verbs perform each other without end: {' performs '.join(map(short, circle))}."
    hint = "A verb always ends: go through rows with for each, or through a tree with under."
    places = tuple((actions[full].name.span, f"{short(full)} is declared here") for full in circle[:-1])
    reporter.report(codes.CYCLE_OF_VERBS, place, message, hint, places)


def calls_in(root: ast.Node) -> Iterator[ast.Qualified | ast.NameExpression]:
    """The unqualified names that are performed or called below a node, in the order of the script."""
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(reversed(node))
        elif isinstance(node, ast.Node):
            if isinstance(node, ast.Perform) and node.verb.qualifier is None:
                yield node.verb
            elif isinstance(node, ast.Call) and isinstance(node.callee, ast.NameExpression):
                yield node.callee
            stack.extend(getattr(node, field.name) for field in reversed(attrs.fields(type(node))))
