"""The table of host functions is what the prelude declares and what the engine implements."""

from __future__ import annotations

from pathlib import Path

from actionlang.diagnostics.source import Source
from actionlang.engine.functions.registry import FUNCTIONS
from actionlang.metadata import types as t
from actionlang.plan.host_functions import host_functions
from actionlang.syntax import ast
from actionlang.syntax.parser import parse

PRELUDE = Path(__file__).parents[2] / "stdlib" / "prelude.act"


def type_text(node: ast.TypeExpression) -> str:
    """A type as the prelude writes it."""
    if isinstance(node, ast.ListType):
        return f"list of {type_text(node.item)}"
    assert isinstance(node, ast.TypeName)
    assert not node.sizes
    return str(node.name)


def declared() -> dict[tuple[str, str], str]:
    """The prelude's functions: name and parameters' types, with the result's."""
    found = {}
    for each in parse(Source("prelude.act", PRELUDE.read_text("utf-8"))).module.declarations:
        assert isinstance(each, ast.Action), each
        (result,) = each.returns
        parameters = ",".join(type_text(parameter.type) for parameter in each.parameters)
        found[each.name.text, parameters] = type_text(result.type)
    return found


def test_it_is_what_the_prelude_declares() -> None:
    assert {name: str(found.result) for name, found in host_functions().items()} == declared()


def test_it_is_what_the_engine_implements() -> None:
    assert set(FUNCTIONS) == set(host_functions())


def test_parameters_are_those_of_the_overload() -> None:
    for (_, overload), signature in host_functions().items():
        assert ",".join(map(str, signature.parameters)) == overload


def test_an_example() -> None:
    assert host_functions()["round", "decimal,integer"].result == t.Decimal()
