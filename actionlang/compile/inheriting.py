"""Steps of an override with what they inherit by its name: the checker did not know which layer is below."""

from __future__ import annotations

from typing import Any

import attrs

from actionlang.metadata.types import Outputs
from actionlang.plan.plan import Verb
from actionlang.plan.steps import Perform
from actionlang.plan.walk import BASES
from actionlang.plan.woven import INHERITED, layer_name, written_name


def with_inherited(override: Verb, below: str) -> Verb:
    """An override that performs the layer `below` where it says inherited."""
    wanted = layer_name(written_name(override.name), INHERITED)
    return attrs.evolve(override, steps=_renamed(override.steps, wanted, below))


def _renamed(node: Any, old: str, new: str) -> Any:
    """A node with another name for the verb `old` in it."""
    if isinstance(node, tuple):
        return tuple(_renamed(each, old, new) for each in node)
    if isinstance(node, Outputs):
        return Outputs(new) if node.verb == old else node
    if not isinstance(node, BASES):
        return node
    changes = {field.name: _renamed(getattr(node, field.name), old, new) for field in attrs.fields(type(node))}
    if isinstance(node, Perform) and node.verb == old:
        changes["verb"] = new
    return attrs.evolve(node, **changes)
