"""The module of a TypeScript client that has the client: a method a verb, and the rows that can be read."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.clients.contract import is_function, is_keyed, is_on_each
from actionlang.clients.prose import verb_prose
from actionlang.clients.typescript.code import INDENT, block, comment, member, string
from actionlang.clients.typescript.names import property_names
from actionlang.clients.typescript.types import TypeScriptTypes
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Verb

IMPORTS = """\
import * as m from "./model.js";
import { type ActionOptions, type CallOptions, type ClientOptions, Rows, Transport } from "./transport.js";
import * as v from "./values.js";"""


def client(types: TypeScriptTypes) -> str:
    """The module's text."""
    namespace = string(types.contract.names.namespace)
    lines = ["readonly #transport: Transport;", "", *_constructor(namespace)]
    for table in types.contract.tables:
        lines += ["", *_rows(types, table)]
    for verb in types.contract.verbs:
        lines += ["", *_method(types, verb)]
    return "\n".join([IMPORTS, "", "/** Calls the verbs. */", *block("export class Client {", lines)]) + "\n"


def _constructor(namespace: str) -> list[str]:
    return block("constructor(options: ClientOptions) {", [f"this.#transport = new Transport(options, {namespace});"])


def _rows(types: TypeScriptTypes, table: str) -> Iterator[str]:
    row, name = types.names.row(table), types.names.any(table)
    entity_set = string(types.contract.names.entity_set(table))
    yield from comment(f"Rows of {table}.", 0)
    read = f"(data) => new m.{row}(v.asObject(data))"
    yield from block(
        f"get {types.names.rows(table)}(): Rows<m.{name}, m.{row}> {{",
        [f"return new Rows(this.#transport, {entity_set}, {read});"],
    )


def _method(types: TypeScriptTypes, verb: Verb) -> Iterator[str]:
    names = property_names(verb.inputs)
    prose = verb_prose(verb, lambda each: names[each.name])
    yield from comment(prose, deprecated=verb.deprecation)
    gives = f"m.{types.names.result(verb.name)}" if verb.outputs else "void"
    if is_on_each(verb) and verb.outputs:
        gives = f"readonly {gives}[]"
    yield f"async {types.names.method(verb.name)}("
    yield from (f"{INDENT}{each}," for each in _parameters(types, verb))
    yield from block(f"): Promise<{gives}> {{", [*_body(types, verb, names)])


def _parameters(types: TypeScriptTypes, verb: Verb) -> Iterator[str]:
    if verb.binding is not None:
        row = f"m.{types.names.any(verb.binding.table)}"
        yield f"on: readonly {row}[]" if verb.binding.each else f"on: {row}"
    must = any(not each.optional and each.default is None for each in verb.inputs)
    yield f"args: m.{types.names.arguments(verb.name)}{'' if must else ' = {}'}"
    yield f"options: {_options(verb)} = {{}}"


def _options(verb: Verb) -> str:
    if is_function(verb):
        return "CallOptions"
    if not is_on_each(verb):
        return "ActionOptions"
    left_out = '"expected"' if is_keyed(verb) else '"expected" | "key"'
    return f"Omit<ActionOptions, {left_out}>"


def _body(types: TypeScriptTypes, verb: Verb, names: dict[str, str]) -> Iterator[str]:
    given: list[str] = []
    for each in verb.inputs:
        value = f"args.{names[each.name]}"
        both = each.optional and each.default is not None
        sender = types.sender(each.type)
        sent = f"v.nullable({sender})({value})" if both else f"{sender}({value})"
        given.append(f"{member(WireNames.property(each.name))}: {sent},")
    verb_name = string(types.contract.names.verb(verb.name))
    on = "null"
    if verb.binding is not None:
        entity_set = string(types.contract.names.entity_set(verb.binding.table))
        on = f"{{ entitySet: {entity_set}, rows: on }}" if verb.binding.each else "on"
    yield from block("const given = {", given, "};") if given else ["const given = {};"]
    keyed = "" if is_function(verb) or is_keyed(verb) else ", false"
    call = f"await this.#transport.{'ask' if is_function(verb) else 'act'}({verb_name}, {on}, given, options{keyed})"
    if not verb.outputs:
        yield f"{call};"
    elif is_on_each(verb):
        yield f'return v.read({call}, "value", v.asList(m.read{types.names.result(verb.name)}));'
    else:
        yield f"return m.read{types.names.result(verb.name)}({call});"
