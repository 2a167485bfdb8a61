"""Which verbs of a plan run with the caller's rights, and which as the system: those that say so, and all that they perform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from actionlang.metadata.types import Outputs
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import BASES, mentions

AS_SYSTEM = " as system"
"""Behind the name of a verb that the plan has a second time, because one verb performs it as the system and another does not."""


@attrs.frozen
class SystemVerbs:
    """The two kinds of a plan's verbs. `callers` run with the caller's rights; `own` run as the system, by the names they have in
    the restricted plan."""

    callers: tuple[Verb, ...]
    own: Mapping[str, Verb]

    @staticmethod
    def of(plan: StepPlan) -> SystemVerbs:
        """Those of a plan."""
        verbs = {verb.name: verb for verb in plan.verbs}
        callers: dict[str, Verb] = {}
        system: dict[str, Verb] = {}
        pending = [(plan.entry, False)]
        while pending:
            name, inside = pending.pop()
            verb = verbs[name]
            inside = inside or verb.system
            found = system if inside else callers
            if name not in found:
                found[name] = verb
                pending += [(other, inside) for other in mentions(verb).verbs]
        names = {name: name + AS_SYSTEM for name in system if name in callers}
        own = {names.get(name, name): _renamed(verb, names) for name, verb in system.items()}
        return SystemVerbs(tuple(callers[name] for name in sorted(callers)), own)


def _renamed(verb: Verb, names: Mapping[str, str]) -> Verb:
    """A verb that performs others by other names."""
    if not names:
        return verb
    return attrs.evolve(verb, name=names.get(verb.name, verb.name), steps=_mapped(verb.steps, names))


def _mapped(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, tuple):
        return tuple(_mapped(each, names) for each in node)
    if isinstance(node, Outputs):
        return Outputs(names.get(node.verb, node.verb))
    if not isinstance(node, BASES):
        return node
    changed = {}
    for field in attrs.fields(type(node)):
        value = getattr(node, field.name)
        mapped = names.get(value, value) if field.name == "verb" else _mapped(value, names)
        if mapped is not value:
            changed[field.name] = mapped
    return attrs.evolve(node, **changed) if changed else node
