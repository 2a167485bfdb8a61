"""The module of a TypeScript client that has its classes: choices, what names rows, rows that were read, what verbs take and
return."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.clients.contract import is_plain, keys_of, wire_name
from actionlang.clients.prose import parameter_prose
from actionlang.clients.typescript.code import INDENT, block, comment, member, string
from actionlang.clients.typescript.names import key_names, property_names, row_names
from actionlang.clients.typescript.types import TypeScriptTypes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb


def model(types: TypeScriptTypes) -> str:
    """The module's text."""
    contract = types.contract
    blocks = [['import * as v from "./values.js";']]
    blocks += [_choice(types, choice) for choice in contract.choices.values()]
    for table in contract.tables.values():
        blocks.append(_reference(types, table))
        blocks += [_key(types, table, key) for key in keys_of(table)]
        blocks.append(_alias(types, table))
    blocks += [_row(types, table) for table in contract.tables.values()]
    for verb in contract.verbs:
        blocks.append(_arguments(types, verb))
        if verb.outputs:
            blocks.append(_result(types, verb))
    return "\n\n".join("\n".join(each) for each in blocks) + "\n"


def _choice(types: TypeScriptTypes, choice: Choice) -> list[str]:
    name = types.names.choice(choice.name)
    members: list[str] = []
    for each in choice.members:
        members += comment(each.label, 0) if each.label else []
        members.append(f"{member(each.name)}: {each.number if choice.numbered else string(each.name)},")
    told = comment(choice.doc or f"{choice.name}.", 0)
    kind = f"export type {name} = (typeof {name})[keyof typeof {name}];"
    return [*told, *block(f"export const {name} = {{", members, "} as const;"), *told, kind]


# ---------------------------------------------------------------------------------------------------------- naming rows


def _reference(types: TypeScriptTypes, table: Table) -> list[str]:
    name, columns = types.names.ref(table.name), table.primary
    lines = [*_naming(types, table, columns, primary=True), ""]
    parts = ", ".join(_read(types, each) for each in columns)
    lines += [
        "/** A row that an answer names. */",
        *block(
            f"static fromWire(this: void, answer: unknown): {name} {{",
            ["const data = v.asObject(answer);", f"return new {name}({parts});"],
        ),
    ]
    if len(columns) == 1 and is_plain(columns[0], types.contract.tables):
        lines += [
            "",
            "/** The row that has this key. */",
            *block(
                f"static ofKey(this: void, key: unknown): {name} {{",
                [f"return new {name}({_reader(types, columns[0])}(key));"],
            ),
        ]
    told = comment(f"A row of {table.name} by its primary key.", 0)
    return [*told, *block(f"export class {name} extends v.Row {{", lines)]


def _key(types: TypeScriptTypes, table: Table, key: tuple[str, ...]) -> list[str]:
    columns = tuple(table.by_name[name] for name in key)
    told = comment(f"A row of {table.name} by {' and '.join(key)}.", 0)
    return [
        *told,
        *block(f"export class {types.names.key(table.name, key)} extends v.Row {{", [*_naming(types, table, columns)]),
    ]


def _naming(
    types: TypeScriptTypes, table: Table, columns: tuple[Column, ...], *, primary: bool = False
) -> Iterator[str]:
    """The body of a class of what names rows, up to its constructor."""
    names = key_names(columns)
    entity_set = types.contract.names.entity_set(table.name)
    yield f"override readonly [v.entitySet] = {string(entity_set)};"
    yield ""
    yield "constructor("
    for column in columns:
        type_ = types.got(column.type) if is_plain(column, types.contract.tables) else "v.Json"
        wide = "v.Integer" if isinstance(column.type, t.Integer) else type_
        yield f"{INDENT}readonly {names[column.name]}: {wide},"
    yield ") {"
    yield f"{INDENT}super();"
    yield "}"
    yield ""
    parts = [f"{wire_name(each)}=" + _key_literal(types, each, f"this.{names[each.name]}") for each in columns]
    if primary and len(columns) == 1:
        parts = [_key_literal(types, columns[0], f"this.{names[columns[0].name]}")]
    yield "override get [v.address](): string {"
    yield f"{INDENT}return `{entity_set}({','.join(parts)})`;"
    yield "}"


def _key_literal(types: TypeScriptTypes, column: Column, value: str) -> str:
    """A column of a key as an address has it, inside of a template."""
    type_ = column.type
    while isinstance(type_, t.Row) and is_plain(column, types.contract.tables):
        (column,) = types.contract.tables[type_.tables[0]].primary
        value, type_ = f"{value}.{key_names([column])[column.name]}", column.type
    sender = "v.json" if isinstance(type_, t.Row) else types.sender(type_)
    return f"${{v.key({sender}({value}))}}"


def _alias(types: TypeScriptTypes, table: Table) -> list[str]:
    classes = [types.names.ref(table.name), *(types.names.key(table.name, key) for key in keys_of(table))]
    return [
        *comment(f"What names a row of {table.name}.", 0),
        f"export type {types.names.any(table.name)} = {' | '.join(classes)};",
    ]


def _read(types: TypeScriptTypes, column: Column) -> str:
    """What reads a column of a key."""
    return f"v.read(data, {string(wire_name(column))}, {_reader(types, column)})"


def _reader(types: TypeScriptTypes, column: Column) -> str:
    """What reads a column: a lookup out of the key of the row that it leads to."""
    if not isinstance(column.type, t.Row):
        return types.reader(column.type)
    if not is_plain(column, types.contract.tables):
        return "v.asJson"
    return f"{types.names.ref(column.type.tables[0])}.ofKey"


# ------------------------------------------------------------------------------------------------- rows that were read


def _row(types: TypeScriptTypes, table: Table) -> list[str]:
    name, reference = types.names.row(table.name), types.names.ref(table.name)
    readable = [each for each in table.columns if not each.primary and is_plain(each, types.contract.tables)]
    names = row_names(table)
    lines: list[str] = []
    for column in readable:
        lines += comment(column.doc, 0) if column.doc else []
        lines.append(f"readonly {names[column.name]}: {types.got(column.type)} | null;")
    lines += ["/** The version that was read, for `expected`. */", "readonly etag: string | null;", ""]
    body = [f"super({', '.join(_read(types, each) for each in table.primary)});"]
    body += [f"this.{names[each.name]} = {_column(types, each)};" for each in readable]
    body.append('this.etag = v.readOptional(data, "@odata.etag", v.asText);')
    lines += block("constructor(data: v.Data) {", body)
    told = comment(table.doc or f"A row of {table.name} that was read.", 0)
    return [*told, *block(f"export class {name} extends {reference} {{", lines)]


def _column(types: TypeScriptTypes, column: Column) -> str:
    wire = string(wire_name(column))
    if isinstance(column.type, t.Row) and len(column.type.tables) > 1:
        kinds = types.by_type(column.type, "ofKey")
        return f"v.readLookup<{types.got(column.type)}>(data, {wire}, {kinds})"
    return f"v.readOptional(data, {wire}, {_reader(types, column)})"


# ------------------------------------------------------------------------------------------------ arguments and results


def _arguments(types: TypeScriptTypes, verb: Verb) -> list[str]:
    names = property_names(verb.inputs)
    name = types.names.arguments(verb.name)
    told = comment(f"What {verb.name} takes.", 0)
    if not verb.inputs:
        return [*told, f"export type {name} = Readonly<Record<string, never>>;"]
    lines: list[str] = []
    for each in verb.inputs:
        lines += comment(said, 0) if (said := parameter_prose(each)) else []
        lines += [f"readonly {names[each.name]}{_given(types, each)};"]
    return [*told, *block(f"export interface {name} {{", lines)]


def _given(types: TypeScriptTypes, parameter: Parameter) -> str:
    if parameter.optional:
        return f"?: {types.sent(parameter.type)} | null"
    return f"{'?' if parameter.default is not None else ''}: {types.sent(parameter.type)}"


def _result(types: TypeScriptTypes, verb: Verb) -> list[str]:
    names, name = property_names(verb.outputs), types.names.result(verb.name)
    lines: list[str] = []
    reads: list[str] = []
    for each in verb.outputs:
        lines += comment(each.doc, 0) if each.doc else []
        lines.append(f"readonly {names[each.name]}: {types.got(each.type)}{' | null' if each.optional else ''};")
        how = "readOptional" if each.optional else "read"
        wire = string(WireNames.property(each.name))
        reads.append(f"{member(names[each.name])}: v.{how}(data, {wire}, {types.reader(each.type)}),")
    return [
        *comment(f"What {verb.name} returns.", 0),
        *block(f"export interface {name} {{", lines),
        "",
        f"/** Read what {verb.short_name} returned out of an answer. */" if verb.short_name.isidentifier() else "",
        *block(
            f"export function read{name}(answer: unknown): {name} {{",
            ["const data = v.asObject(answer);", *block("return {", reads, "};")],
        ),
    ]
