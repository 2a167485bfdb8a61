"""The module of a Python client that has its classes: choices, what names rows, rows that were read, what verbs return."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from actionlang.clients.contract import is_plain, keys_of, wire_name
from actionlang.clients.python.code import INDENT, Imported, bracketed, docstring, mapping, module_text, string
from actionlang.clients.python.names import attribute_names, member_names, row_names
from actionlang.clients.python.types import PythonTypes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Verb

IMPORTS = {
    "ClassVar": Imported("typing"),
    "Decimal": Imported("decimal"),
    "IntEnum": Imported("enum"),
    "Mapping": Imported("collections.abc"),
    "StrEnum": Imported("enum"),
    "TypeAlias": Imported("typing"),
    "UUID": Imported("uuid"),
    "attrs": Imported("attrs", whole=True),
    "dt": Imported("datetime", whole=True),
    "v": Imported("._values", whole=True),
}


def model(types: PythonTypes) -> str:
    """The module's text."""
    contract = types.contract
    blocks = [_choice(types, choice) for choice in contract.choices.values()]
    for table in contract.tables.values():
        blocks.append(_reference(types, table))
        blocks += [_key(types, table, key) for key in keys_of(table)]
        blocks.append(_alias(types, table))
    blocks += [_row(types, table) for table in contract.tables.values()]
    blocks += [_result(types, verb) for verb in contract.verbs if verb.outputs]
    return module_text("Choices, rows and results.", ["\n".join(block) for block in blocks], IMPORTS)


def _choice(types: PythonTypes, choice: Choice) -> list[str]:
    base = "IntEnum" if choice.numbered else "StrEnum"
    names = member_names(choice)
    lines = [f"class {types.names.choice(choice.name)}({base}):", *docstring(choice.doc or f"{choice.name}.", 1), ""]
    for member in choice.members:
        value = str(member.number) if choice.numbered else string(member.name)
        lines.append(f"{INDENT}{names[member.name]} = {value}")
        if member.label:
            lines += docstring(member.label, 1)
    return lines


# ---------------------------------------------------------------------------------------------------------- naming rows


def _reference(types: PythonTypes, table: Table) -> list[str]:
    name, columns = types.names.ref(table.name), table.primary
    attributes = attribute_names(columns)
    lines = [*_naming(types, table, name, columns, "its primary key", primary=True), ""]
    parts = (f"{attributes[each.name]}={_part(types, each)}" for each in columns)
    lines += _from_wire(name, "A row that an answer names.", parts)
    if len(columns) == 1 and is_plain(columns[0], types.contract.tables):
        lines += [
            "",
            f"{INDENT}@staticmethod",
            f"{INDENT}def of_key(key: object) -> {name}:",
            *docstring("The row that has this key.", 2),
            f"{INDENT * 2}return {name}({_reader(types, columns[0])}(key))",
        ]
    return lines


def _key(types: PythonTypes, table: Table, key: tuple[str, ...]) -> list[str]:
    columns = tuple(table.by_name[name] for name in key)
    return [*_naming(types, table, types.names.key(table.name, key), columns, " and ".join(key))]


def _naming(
    types: PythonTypes, table: Table, name: str, columns: tuple[Column, ...], by: str, *, primary: bool = False
) -> Iterator[str]:
    """A class of what names rows, up to its attributes."""
    attributes = attribute_names(columns)
    wire = mapping(((wire_name(column), string(attributes[column.name])) for column in columns), 1)
    yield "@attrs.frozen"
    yield f"class {name}(v.Row):"
    yield from docstring(f"A row of {table.name} by {by}.", 1)
    yield ""
    yield f"{INDENT}wire_set = {string(types.contract.names.entity_set(table.name))}"
    yield f"{INDENT}wire_key: ClassVar[Mapping[str, str]] = {wire}"
    if primary:
        yield f"{INDENT}wire_primary = True"
    yield ""
    for column in columns:
        type_ = types.got(column.type) if is_plain(column, types.contract.tables) else "v.JSON"
        yield f"{INDENT}{attributes[column.name]}: {type_}"


def _alias(types: PythonTypes, table: Table) -> list[str]:
    named = " | ".join(types.any_of(table))
    return [f"{types.names.any(table.name)}: TypeAlias = {named}", *docstring(f"What names a row of {table.name}.", 0)]


def _part(types: PythonTypes, column: Column) -> str:
    """What reads a column of a key."""
    return f"v.read(data, {string(wire_name(column))}, {_reader(types, column)})"


def _reader(types: PythonTypes, column: Column) -> str:
    """What reads a column: a lookup out of the key of the row that it leads to."""
    if not isinstance(column.type, t.Row):
        return types.reader(column.type)
    if not is_plain(column, types.contract.tables):
        return "v.any_json"
    readers = {table: f"{types.names.ref(table)}.of_key" for table in column.type.tables}
    if len(readers) == 1:
        return readers[column.type.tables[0]]
    told = mapping(((types.contract.names.entity_type(table), reader) for table, reader in readers.items()), 3)
    return f"v.OneOf[{types.got(column.type)}]({told})"


def _from_wire(name: str, doc: str, parts: Iterable[str]) -> list[str]:
    return [
        f"{INDENT}@classmethod",
        f"{INDENT}def from_wire(cls, answer: object) -> {name}:",
        *docstring(doc, 2),
        f"{INDENT * 2}data = v.members(answer)",
        *bracketed(f"return {name}(", parts, ")", 2),
    ]


# ------------------------------------------------------------------------------------------------- rows that were read


def _row(types: PythonTypes, table: Table) -> list[str]:
    name, reference = types.names.row(table.name), types.names.ref(table.name)
    readable = [column for column in table.columns if not column.primary and is_plain(column, types.contract.tables)]
    attributes = row_names(table)
    lines = ["@attrs.frozen(kw_only=True)", f"class {name}({reference}):"]
    lines += docstring(table.doc or f"A row of {table.name} that was read.", 1)
    lines.append("")
    for column in readable:
        lines.append(f"{INDENT}{attributes[column.name]}: {types.got(column.type)} | None = None")
        if column.doc:
            lines += docstring(column.doc, 1)
    lines += [f"{INDENT}etag: str | None = None", *docstring("The version that was read, for `expected=`.", 1), ""]
    parts = [f"{attributes[each.name]}={_part(types, each)}" for each in table.primary]
    parts += [f"{attributes[each.name]}={_column(types, each)}" for each in readable]
    parts.append('etag=v.read_optional(data, "@odata.etag", v.text)')
    return [*lines, *_from_wire(name, "A row that was read.", parts)]


def _column(types: PythonTypes, column: Column) -> str:
    several = isinstance(column.type, t.Row) and len(column.type.tables) > 1
    how = "read_lookup" if several else "read_optional"
    return f"v.{how}(data, {string(wire_name(column))}, {_reader(types, column)})"


# ------------------------------------------------------------------------------------------------------------- results


def _result(types: PythonTypes, verb: Verb) -> list[str]:
    name = types.names.result(verb.name)
    attributes = attribute_names(verb.outputs)
    lines = ["@attrs.frozen", f"class {name}:", *docstring(f"What {verb.name} returns.", 1), ""]
    for output in verb.outputs:
        optional = " | None" if output.optional else ""
        lines.append(f"{INDENT}{attributes[output.name]}: {types.got(output.type)}{optional}")
        if output.doc:
            lines += docstring(output.doc, 1)
    parts = (
        f"{attributes[each.name]}=v.{'read_optional' if each.optional else 'read'}"
        f"(data, {string(WireNames.property(each.name))}, {types.reader(each.type)})"
        for each in verb.outputs
    )
    return [*lines, "", *_from_wire(name, "The outputs that an answer has.", parts)]
