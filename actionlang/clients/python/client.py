"""The module of a Python client that has its two clients: a method a verb, and the rows that can be read."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from actionlang.clients.contract import is_function, is_keyed, is_on_each
from actionlang.clients.prose import verb_prose
from actionlang.clients.python.code import INDENT, Imported, bracketed, docstring, mapping, module_text, string
from actionlang.clients.python.names import parameter_names
from actionlang.clients.python.types import PythonTypes
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb


@attrs.frozen
class Flavor:
    """One of the two clients: what its class, its base, what reads rows and what calls are called."""

    name: str
    base: str
    rows: str
    define: str
    wait: str


FLAVORS = (
    Flavor("Client", "BaseClient", "Rows", "def", ""),
    Flavor("AsyncClient", "AsyncBaseClient", "AsyncRows", "async def", "await "),
)

OPTIONS = ("key: str | None = None", "expected: str | None = None", "dry_run: bool = False")


IMPORTS = {
    "AsyncBaseClient": Imported("._client"),
    "AsyncRows": Imported("._reading"),
    "BaseClient": Imported("._client"),
    "Call": Imported("._transport"),
    "ClassVar": Imported("typing"),
    "Collection": Imported("collections.abc"),
    "Decimal": Imported("decimal"),
    "Rows": Imported("._reading"),
    "Sequence": Imported("collections.abc"),
    "UUID": Imported("uuid"),
    "dt": Imported("datetime", whole=True),
    "sys": Imported("sys", whole=True),
    "v": Imported("._values", whole=True),
}

DEPRECATED = """\
if sys.version_info >= (3, 13):
    from warnings import deprecated
else:
    from typing_extensions import deprecated"""


def client(types: PythonTypes) -> str:
    """The module's text."""
    known = {**IMPORTS, **{name: Imported(".model") for name in types.names.classes.values()}}
    blocks = ["\n".join(_class(types, flavor)) for flavor in FLAVORS]
    is_any_deprecated = any(verb.deprecation is not None for verb in types.contract.verbs)
    return module_text("The clients: a method a verb.", blocks, known, DEPRECATED if is_any_deprecated else "")


def _class(types: PythonTypes, flavor: Flavor) -> list[str]:
    lines = [f"class {flavor.name}({flavor.base}):"]
    lines += docstring("Calls the verbs. " + ("" if flavor.wait else "Several threads may share one client."), 1)
    lines += [
        "",
        f"{INDENT}_namespace: ClassVar[str] = {string(types.contract.names.namespace)}",
        f"{INDENT}_agent: ClassVar[str] = {string(types.contract.origin)}",
    ]
    for table in types.contract.tables:
        lines += ["", *_rows(types, table, flavor)]
    for verb in types.contract.verbs:
        lines += ["", *_method(types, verb, flavor)]
    return lines


def _rows(types: PythonTypes, table: str, flavor: Flavor) -> Iterator[str]:
    row, name = types.names.row(table), types.names.any(table)
    generic = f"{flavor.rows}[{name}, {row}]"
    yield f"{INDENT}@property"
    yield f"{INDENT}def {types.names.rows(table)}(self) -> {generic}:"
    yield from docstring(f"Rows of {table}.", 2)
    entity_set = string(types.contract.names.entity_set(table))
    yield f"{INDENT * 2}return {flavor.rows}(self._transport, {entity_set}, {row}.from_wire)"


def _method(types: PythonTypes, verb: Verb, flavor: Flavor) -> Iterator[str]:
    names = parameter_names(verb)
    result = types.names.result(verb.name) if verb.outputs else "None"
    if verb.deprecation is not None:
        yield f"{INDENT}@deprecated({string(verb.deprecation)})"
    gives = f"tuple[{result}, ...]" if is_on_each(verb) and verb.outputs else result
    yield from bracketed(
        f"{flavor.define} {types.names.method(verb.name)}(", _signature(types, verb, names), f") -> {gives}:", 1
    )
    yield from docstring(verb_prose(verb, lambda each: names[each.name]), 2)
    yield from bracketed("_call = Call(", _call(types, verb, names), ")", 2)
    if verb.outputs:
        answer = f"{flavor.wait}self._transport.call(_call)"
        yield f"{INDENT * 2}return " + (
            f'v.read({answer}, "value", v.each({result}.from_wire))'
            if is_on_each(verb)
            else f"{result}.from_wire({answer})"
        )
    else:
        yield f"{INDENT * 2}{flavor.wait}self._transport.call(_call)"


def _signature(types: PythonTypes, verb: Verb, names: dict[str, str]) -> Iterator[str]:
    yield "self"
    if verb.binding is not None:
        row = types.names.any(verb.binding.table)
        yield f"{names['']}: {f'Sequence[{row}]' if verb.binding.each else row}"
        yield "/"
    options = _options(verb)
    if verb.inputs or options:
        yield "*"
    must = [each for each in verb.inputs if not (each.optional or each.default is not None)]
    for each in must:
        yield f"{names[each.name]}: {types.sent(each.type)}"
    for each in verb.inputs:
        if each not in must:
            both = each.optional and each.default is not None
            left_out = " | v.LeftOut = v.LEFT_OUT" if both else " = None"
            yield f"{names[each.name]}: {types.sent(each.type)} | None{left_out}"
    yield from options


def _options(verb: Verb) -> tuple[str, ...]:
    if is_function(verb):
        return ()
    left_out = {"expected"} if is_on_each(verb) else set()
    left_out |= set() if is_keyed(verb) else {"key"}
    return tuple(each for each in OPTIONS if each.partition(":")[0] not in left_out)


def _call(types: PythonTypes, verb: Verb, names: dict[str, str]) -> Iterator[str]:
    yield string(types.contract.names.verb(verb.name))
    yield mapping((_argument(types, each, names[each.name]) for each in verb.inputs), 3)
    if verb.binding is not None:
        entity_set = string(types.contract.names.entity_set(verb.binding.table))
        yield f"rows=({entity_set}, {names['']})" if verb.binding.each else f"row={names['']}"
    if is_function(verb):
        yield "function=True"
    elif not is_keyed(verb):
        yield "keyed=False"
    yield from (f"{name}={name}" for name in (option.partition(":")[0] for option in _options(verb)))


def _argument(types: PythonTypes, parameter: Parameter, name: str) -> tuple[str, str]:
    value = types.sending(parameter.type, name)
    both = parameter.optional and parameter.default is not None
    return WireNames.property(parameter.name), f"v.nullable({value})" if both else value
