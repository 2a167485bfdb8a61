"""The module of a TypeScript client that has the client: a method a verb, and the rows that can be read."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.clients.contract import is_function, is_keyed, is_on_each, is_started
from actionlang.clients.prose import verb_prose
from actionlang.clients.typescript.code import INDENT, block, comment, member, string
from actionlang.clients.typescript.names import property_names
from actionlang.clients.typescript.types import TypeScriptTypes
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Verb

IMPORTS = """\
import * as m from "./model.js";
import { Started } from "./started.js";
import { type ActionOptions, type CallOptions, type ClientOptions, Rows, type StartOptions, Transport } from "./transport.js";
import * as v from "./values.js";"""


def client(types: TypeScriptTypes) -> str:
    """The module's text."""
    namespace = string(types.contract.names.namespace)
    lines = ["readonly #transport: Transport;", "", *_constructor(namespace)]
    for table in types.contract.tables:
        lines += ["", *_rows(types, table)]
    for verb in types.contract.verbs:
        lines += ["", *(_start if is_started(verb) else _method)(types, verb)]
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
    yield from (f"{INDENT}{each}," for each in _parameters(types, verb, _options(verb)))
    yield from block(f"): Promise<{gives}> {{", [*_body(types, verb, names)])


def _start(types: TypeScriptTypes, verb: Verb) -> Iterator[str]:
    """Methods that start a background action, that see what would come of that, and that find again what was started."""
    name, names = types.names.method(verb.name), property_names(verb.inputs)
    started, read = "Started<void>", "v.asNothing"
    if verb.outputs:
        result = types.names.result(verb.name)
        started, read = f"Started<m.{result}>", f"m.read{result}"
    call = f"{string(types.contract.names.verb(verb.name))}, {_on(types, verb)}, given"
    give = f"return new Started({{}}, this.#transport, {read});"

    yield from comment(verb_prose(verb, lambda each: names[each.name]), deprecated=verb.deprecation)
    yield f"async {name}("
    yield from (f"{INDENT}{each}," for each in _parameters(types, verb, "StartOptions"))
    body = [*_given(types, verb, names), give.format(f"await this.#transport.start({call}, options)")]
    yield from block(f"): Promise<{started}> {{", body)
    yield ""
    yield from comment(f"See whether `{name}` could be started so, and start nothing.", deprecated=verb.deprecation)
    yield f"async {types.names.dry_run(verb.name)}("
    yield from (f"{INDENT}{each}," for each in _parameters(types, verb, 'Omit<StartOptions, "key">'))
    body = [*_given(types, verb, names), f"await this.#transport.act({call}, {{ ...options, dryRun: true }});"]
    yield from block("): Promise<void> {", body)
    yield ""
    yield from comment(f"What `{name}` has started, by its id.")
    yield from block(f"{types.names.started(verb.name)}(run: string): {started} {{", [give.format("run")])


def _parameters(types: TypeScriptTypes, verb: Verb, options: str) -> Iterator[str]:
    if verb.binding is not None:
        row = f"m.{types.names.any(verb.binding.table)}"
        yield f"on: readonly {row}[]" if verb.binding.each else f"on: {row}"
    must = any(not each.optional and each.default is None for each in verb.inputs)
    yield f"args: m.{types.names.arguments(verb.name)}{'' if must else ' = {}'}"
    yield f"options: {options} = {{}}"


def _options(verb: Verb) -> str:
    if is_function(verb):
        return "CallOptions"
    if not is_on_each(verb):
        return "ActionOptions"
    left_out = '"expected"' if is_keyed(verb) else '"expected" | "key"'
    return f"Omit<ActionOptions, {left_out}>"


def _given(types: TypeScriptTypes, verb: Verb, names: dict[str, str]) -> list[str]:
    """What is sent for the arguments."""
    given: list[str] = []
    for each in verb.inputs:
        value = f"args.{names[each.name]}"
        both = each.optional and each.default is not None
        sender = types.sender(each.type)
        sent = f"v.nullable({sender})({value})" if both else f"{sender}({value})"
        given.append(f"{member(WireNames.property(each.name))}: {sent},")
    return block("const given = {", given, "};") if given else ["const given = {};"]


def _on(types: TypeScriptTypes, verb: Verb) -> str:
    """What a verb is called on."""
    if verb.binding is None:
        return "null"
    entity_set = string(types.contract.names.entity_set(verb.binding.table))
    return f"{{ entitySet: {entity_set}, rows: on }}" if verb.binding.each else "on"


def _body(types: TypeScriptTypes, verb: Verb, names: dict[str, str]) -> Iterator[str]:
    yield from _given(types, verb, names)
    verb_name, on = string(types.contract.names.verb(verb.name)), _on(types, verb)
    keyed = "" if is_function(verb) or is_keyed(verb) else ", false"
    call = f"await this.#transport.{'ask' if is_function(verb) else 'act'}({verb_name}, {on}, given, options{keyed})"
    if not verb.outputs:
        yield f"{call};"
    elif is_on_each(verb):
        yield f'return v.read({call}, "value", v.asList(m.read{types.names.result(verb.name)}));'
    else:
        yield f"return m.read{types.names.result(verb.name)}({call});"
