"""What a module's dependants see of it, as bytes: its names, tables, choices, and contracts and effects of its verbs, but none
of their steps. A module that is checked again and comes to the same bytes changes nothing for those that import it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import attrs

from actionlang.check.hung import Hook
from actionlang.check.names import Found, HostFunction, Names, Universe
from actionlang.check.program import CheckedModule
from actionlang.diagnostics.diagnostic import Severity
from actionlang.diagnostics.source import Source
from actionlang.metadata.tables import Choice, Table
from actionlang.plan.decoding import decode_node
from actionlang.plan.encoding import encode_node
from actionlang.plan.plan import Effects, Parameter, Verb


def interface_of(module: CheckedModule) -> bytes | None:
    """A module's interface; None when it has errors that leave something in it unknown."""
    verbs = [attrs.evolve(verb, steps=(), line=0) for verb in module.verbs.values()]
    parts = {
        "tables": module.tables.values(),
        "choices": module.choices.values(),
        "verbs": verbs,
        "hooks": [attrs.evolve(hook.verb, steps=(), line=0) for hook in module.hooks],
        "functions": [_as_verb(function) for several in module.functions.values() for function in several],
    }
    names = module.names
    head = {
        "names": [names.tables, names.choices, names.verbs, sorted(names.functions)],
        "hooks": [(hook.time, hook.event, hook.target, hook.columns) for hook in module.hooks],
        "overrides": module.overrides,
    }
    lists = ",".join(f'"{name}":[{",".join(map(encode_node, nodes))}]' for name, nodes in parts.items())
    data = f'{{"head":{json.dumps(head, ensure_ascii=False)},{lists}}}'.encode()
    wrong = any(found.severity is Severity.ERROR for found in module.diagnostics)
    return None if wrong and b"unknown" in data else data


def restored(data: bytes, name: str, source: Source, imports: Iterable[CheckedModule]) -> CheckedModule:
    """The module of an interface, good for checking others that import it. `imports` are those that it imports itself, in
    their order.

    Raises Mismatch, ValueError or LookupError when the bytes are no interface.
    """
    content = json.loads(data)
    head = content["head"]
    tables = _by_name(decode_node(Table, each) for each in content["tables"])
    choices = _by_name(decode_node(Choice, each) for each in content["choices"])
    verbs = _by_name(decode_node(Verb, each) for each in content["verbs"])
    functions: dict[str, tuple[HostFunction, ...]] = {}
    for each in content["functions"]:
        function = _as_function(decode_node(Verb, each))
        functions[function.name] = (*functions.get(function.name, ()), function)
    universe = Universe()
    for module in imports:
        universe.include(module.universe)
    universe.include(Universe(tables, choices, verbs, functions))
    hooks = tuple(
        Hook(time, event, target, tuple(columns), decode_node(Verb, verb))
        for (time, event, target, columns), verb in zip(head["hooks"], content["hooks"], strict=True)
    )
    return CheckedModule(
        name, source, _names(head, name), universe, tables, choices, verbs, functions, (), hooks, head["overrides"], ()
    )


def _by_name(nodes: Iterable[Any]) -> dict[str, Any]:
    return {node.name: node for node in nodes}


def _names(head: dict[str, Any], module: str) -> Names:
    """A module's names. Those of its own imports are left out: nobody who imports it can say `a.b.c`."""
    tables, choices, verbs, functions = head["names"]
    return Names(_found(tables), _found(choices), _found(verbs), frozenset(functions), module=module)


def _found(names: dict[str, list[str]]) -> Found:
    return {name: tuple(full) for name, full in names.items()}


def _as_verb(function: HostFunction) -> Verb:
    """A function of the host as the extern function that declares it."""
    output = Parameter("result", function.result, function.optional)
    kind = "extern function"
    return Verb(
        function.name,
        kind,
        None,
        function.parameters,
        (output,),
        (),
        False,
        False,
        None,
        function.doc,
        Effects(),
        (),
        "",
        0,
    )


def _as_function(verb: Verb) -> HostFunction:
    (output,) = verb.outputs
    return HostFunction(verb.name, verb.inputs, output.type, output.optional, verb.doc)
