"""The module of a Python client that has its two clients: a method a verb, and the rows that can be read."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from actionlang.clients.contract import is_function, is_keyed, is_on_each, is_started
from actionlang.clients.prose import verb_prose
from actionlang.clients.python.code import INDENT, Imported, bracketed, docstring, mapping, module_text, string
from actionlang.clients.python.names import parameter_names
from actionlang.clients.python.types import PythonTypes
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb


@attrs.frozen
class Flavor:
    """One of the two clients: what its class, its base, what reads rows, what was started and what calls are called."""

    name: str
    base: str
    rows: str
    started: str
    define: str
    wait: str


FLAVORS = (
    Flavor("Client", "BaseClient", "Rows", "Started", "def", ""),
    Flavor("AsyncClient", "AsyncBaseClient", "AsyncRows", "AsyncStarted", "async def", "await "),
)

KEY, EXPECTED, DRY_RUN = "key: str | None = None", "expected: str | None = None", "dry_run: bool = False"


IMPORTS = {
    "AsyncBaseClient": Imported("._client"),
    "AsyncRows": Imported("._reading"),
    "AsyncStarted": Imported("._started"),
    "BaseClient": Imported("._client"),
    "Call": Imported("._transport"),
    "ClassVar": Imported("typing"),
    "Collection": Imported("collections.abc"),
    "Decimal": Imported("decimal"),
    "Rows": Imported("._reading"),
    "Sequence": Imported("collections.abc"),
    "Started": Imported("._started"),
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
        lines += ["", *(_start if is_started(verb) else _method)(types, verb, flavor)]
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
    result = types.names.result(verb.name) if verb.outputs else "None"
    gives = f"tuple[{result}, ...]" if is_on_each(verb) and verb.outputs else result
    yield from _calling(types, verb, flavor, types.names.method(verb.name), _options(verb), gives)
    call = f"{flavor.wait}self._transport.call(_call)"
    if not verb.outputs:
        yield f"{INDENT * 2}{call}"
    elif is_on_each(verb):
        yield f'{INDENT * 2}return v.read({call}, "value", v.each({result}.from_wire))'
    else:
        yield f"{INDENT * 2}return {result}.from_wire({call})"


def _start(types: PythonTypes, verb: Verb, flavor: Flavor) -> Iterator[str]:
    """Methods that start a background action, that see what would come of that, and that find again what was started.

    Were a dry run an option of the first, that would give nothing at times; two overloads would have type checkers no longer say
    which argument is wrong.
    """
    name = types.names.method(verb.name)
    result, read = "None", "v.nothing"
    if verb.outputs:
        result = types.names.result(verb.name)
        read = f"{result}.from_wire"
    started = f"{flavor.started}[{result}]"
    yield from _calling(types, verb, flavor, name, (KEY, EXPECTED), started)
    yield f"{INDENT * 2}return {flavor.wait}self._start(_call, {read})"
    yield ""
    told = f"See whether `{name}` could be started so, and start nothing."
    yield from _calling(types, verb, flavor, types.names.dry_run(verb.name), (EXPECTED,), "None", told)
    yield f"{INDENT * 2}{flavor.wait}self._transport.call(_call)"
    yield ""
    yield f"{INDENT}def {types.names.started(verb.name)}(self, run: str, /) -> {started}:"
    yield from docstring(f"What `{name}` has started, by its id.", 2)
    yield f"{INDENT * 2}return {flavor.started}(run, self._transport, {read})"


def _calling(
    types: PythonTypes,
    verb: Verb,
    flavor: Flavor,
    name: str,
    options: tuple[str, ...],
    gives: str,
    told: str | None = None,
) -> Iterator[str]:
    """A method up to the call that it makes; where it is not the one that is for the verb, `told` says what it is for."""
    names = parameter_names(verb)
    if verb.deprecation is not None:
        yield f"{INDENT}@deprecated({string(verb.deprecation)})"
    yield from bracketed(f"{flavor.define} {name}(", _signature(types, verb, names, options), f") -> {gives}:", 1)
    yield from docstring(told or verb_prose(verb, lambda each: names[each.name]), 2)
    given = [f"{option}={option}" for option in (each.partition(":")[0] for each in options)]
    if is_started(verb):
        given += ["dry_run=True"] if told else ["background=True"]
    yield from bracketed("_call = Call(", [*_call(types, verb, names), *given], ")", 2)


def _signature(types: PythonTypes, verb: Verb, names: dict[str, str], options: tuple[str, ...]) -> Iterator[str]:
    yield "self"
    if verb.binding is not None:
        row = types.names.any(verb.binding.table)
        yield f"{names['']}: {f'Sequence[{row}]' if verb.binding.each else row}"
        yield "/"
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
    left_out = {EXPECTED} if is_on_each(verb) else set()
    left_out |= set() if is_keyed(verb) else {KEY}
    return tuple(each for each in (KEY, EXPECTED, DRY_RUN) if each not in left_out)


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


def _argument(types: PythonTypes, parameter: Parameter, name: str) -> tuple[str, str]:
    value = types.sending(parameter.type, name)
    both = parameter.optional and parameter.default is not None
    return WireNames.property(parameter.name), f"v.nullable({value})" if both else value
