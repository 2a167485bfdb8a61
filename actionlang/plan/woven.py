"""Names of what stands in a plan without having been written there: layers of an overridden verb, hooks, the rows they are on.

Callers name a verb, `helpdesk.Escalate`, and get the steps of its topmost layer. The layers below go by the same name with the
module that wrote them behind it: `helpdesk.Escalate@helpdesk` is what the library wrote. A hook goes by the module that declares
it and by what it is on: `acme.after create of case`.
"""

from __future__ import annotations

import re

from actionlang.plan import steps as s

INHERITED = "inherited"
"""Stands for the layer below, where an override is checked and nobody knows yet which one that is."""

HOOK = re.compile(r"(before|after) (create|update|delete|assign|move|perform) of ")
HOOKED_ROW = "hooked "
"""How the names of rows begin that only hooks need: no script has such a name unless it takes pains to."""


def layer_name(verb: str, module: str) -> str:
    """The full name of a layer of a verb: the verb's full name and the module that wrote it. It has no more dots than the verb's,
    so that what stands behind the last dot is its short name."""
    return f"{verb}@{module.replace('.', '/')}"


def written_name(name: str) -> str:
    """The full name by which callers know a verb, of a layer of it or of itself."""
    module, dot, short = name.rpartition(".")
    return f"{module}{dot}{short.partition('@')[0]}" if "@" in short else name


def hook_name(module: str, time: str, event: str, target: str, number: int) -> str:
    """The full name of a module's hook on a table or verb; `number` tells hooks apart that are on the same, from 1."""
    again = "" if number == 1 else f" {number}"
    return f"{module}.{time} {event} of {target.rpartition('.')[2]}{again}"


def is_hook(name: str) -> bool:
    """Whether a verb is a hook."""
    return HOOK.match(name.rpartition(".")[2]) is not None


def hooked_row(table: str, number: int) -> str:
    """The name of a row that has none in its script, and that a hook is on; `number` tells rows of a verb apart, from 1."""
    again = "" if number == 1 else f" {number}"
    return f"{HOOKED_ROW}{table.rpartition('.')[2]}{again}"


def is_woven_in(step: s.Step) -> bool:
    """Whether a step stands in a verb only because a hook was hung there."""
    if isinstance(step, s.Perform):
        return is_hook(step.verb)
    return isinstance(step, s.Let) and step.name.startswith(HOOKED_ROW)
