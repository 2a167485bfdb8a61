"""JSON Schemas of choices and of rows by which they are named: definitions that values of verbs and columns refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.server.catalog import Catalog
from actionlang.server.odata.wire import key_name
from actionlang.server.value_schemas import SHARED, Schema, accepted, sent

DEEPEST_KEY = 8
"""Keys that are lookups lead to rows whose keys may be lookups; further than this nothing is said of them."""

UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
BEFORE = r"(?:(?:https?://[A-Za-z0-9.:-]+)?/(?:api/data/v[0-9]{1,3}\.[0-9]{1,3}/)?)?"
LONGEST_KEY = 200


class Definitions:
    """The definitions of one catalog that were asked for, in `made`, by name. `root` is where they are found (`#/$defs/`). A name
    with a dot is of what is given: `case.given` is a row as a request names it, `case.reference` as an answer does."""

    def __init__(self, catalog: Catalog, root: str) -> None:
        self.catalog = catalog
        self.made: dict[str, Schema] = {}
        self._root = root

    def named(self, name: str, make: Callable[[], Schema]) -> Schema:
        """A reference to a definition, which is made when it is first asked for."""
        if name not in self.made:
            self.made[name] = {}  # A row may lead to its own table.
            self.made[name] = make()
        return {"$ref": f"{self._root}{name}"}

    def value_sent(self, type_: t.Type) -> Schema:
        """A value of a simple type as it is sent."""
        return self._shared(sent(type_))

    def value_given(self, type_: t.Type) -> Schema:
        """A value of a simple type as it is accepted."""
        return self._shared(accepted(type_))

    def _shared(self, schema: Schema) -> Schema:
        name = next((name for name, known in SHARED.items() if known is schema), None)
        return schema if name is None else self.named(name, lambda: schema)

    # ------------------------------------------------------------------------------------------------------------- choices

    def choice_sent(self, name: str) -> Schema:
        """A member as it is sent: its number, or its name where it has none."""
        choice = self.catalog.choices[name]
        return self.named(self.catalog.names.enum(name), lambda: _described(_sent(choice), choice))

    def choice_given(self, name: str) -> Schema:
        """A member as it is accepted: by number, name or label."""
        choice = self.catalog.choices[name]
        return self.named(f"{self.catalog.names.enum(name)}.given", lambda: _described(_given(choice), choice))

    def choices_sent(self, name: str) -> Schema:
        """Any number of members: their numbers or names by comma."""
        choice = self.catalog.choices[name]
        one = "|".join(str(_value(choice, member.name)) for member in choice.members)
        return _described({"type": "string", "pattern": f"^(?:(?:{one})(?:,(?:{one}))*)?$"}, choice)

    def choices_given(self, name: str) -> Schema:
        """Any number of members: an array, or a text as it is sent."""
        return {"anyOf": [self.choices_sent(name), {"type": "array", "items": self.choice_given(name)}]}

    # ---------------------------------------------------------------------------------------------------------------- rows

    def row_sent(self, tables: Iterable[str]) -> Schema:
        """A row that a verb returns: its type, its address, its key."""
        return one_of([self._named_row(table, "reference", self._row_sent) for table in tables])

    def row_given(self, tables: Iterable[str]) -> Schema:
        """A row as arguments name it: a key, an object with one, or an object with its address."""
        return one_of([self._named_row(table, "given", self._row_given) for table in tables])

    def address(self, tables: Iterable[str]) -> Schema:
        """The address of a row: `cases(number='CAS-1')`."""
        return one_of([self._named_row(table, "address", self._address) for table in tables])

    def key_sent(self, table: str, deep: int = 0) -> Schema:
        """The primary key of a table as a value; an array where it has several columns."""
        columns = self.catalog.tables[table].primary
        if len(columns) == 1:
            return self._key_part_sent(columns[0], deep)
        return {"type": "array", "prefixItems": [self._key_part_sent(column, deep) for column in columns]}

    def _key_part_sent(self, column: Column, deep: int = 0) -> Schema:
        type_ = column.type
        if isinstance(type_, t.Row):
            return one_of([self.key_sent(table, deep + 1) for table in type_.tables]) if deep < DEEPEST_KEY else {}
        return self.choice_sent(type_.name) if isinstance(type_, t.Choice) else self.value_sent(type_)

    def _key_part_given(self, column: Column) -> Schema:
        """A value of a key: where it is a lookup, the key of that row if this has one column, or an object that names it."""
        type_ = column.type
        if not isinstance(type_, t.Row):
            return self.choice_given(type_.name) if isinstance(type_, t.Choice) else self.value_given(type_)
        if len(self.catalog.tables[type_.tables[0]].primary) > 1:
            return self.row_given(type_.tables)
        return self._key_part_given(self.catalog.tables[type_.tables[0]].primary[0])

    def _named_row(self, table: str, kind: str, make: Callable[[Table], Schema]) -> Schema:
        known = self.catalog.tables[table]
        return self.named(f"{self.catalog.names.entity_type(table)}.{kind}", lambda: make(known))

    def _row_sent(self, table: Table) -> Schema:
        keys = {key_name(column): self._key_part_sent(column) for column in table.primary}
        about = {"@odata.type": {"type": "string"}, "@odata.id": {"type": "string", "description": "Its address."}}
        title = f"A row of {table.short_name}, by its key"
        return {"type": "object", "title": title, "properties": {**about, **keys}, "required": [*keys]}

    def _row_given(self, table: Table) -> Schema:
        ways: list[Schema] = []
        for key in _keys(table):
            parts = {key_name(column): self._key_part_given(column) for column in key}
            if len(key) == 1 and not isinstance(key[0].type, t.Row):
                ways += parts.values()
            ways.append(self._object_with(table, parts, primary=key == table.primary))
        about = {"@odata.id": self.address([table.name])}
        ways.append({"type": "object", "properties": about, "required": ["@odata.id"]})
        title = f"A row of {table.short_name}: a key of it, or its address"
        return {"title": title, "anyOf": ways}

    def _object_with(self, table: Table, parts: Schema, *, primary: bool) -> Schema:
        """An object with the values of a key. Whole rows are taken too, where they have the primary key."""
        names = self.catalog.names
        kind = names.qualified(names.entity_type(table.name))
        about = {"@odata.type": {"enum": [f"#{kind}", kind]}}
        closed = {} if primary else {"additionalProperties": False}
        without_address = {
            "not": {"anyOf": [{"required": ["@odata.id"]}, {"required": ["@id"]}, {"required": ["@type"]}]}
        }
        schema = {"type": "object", "properties": {**about, **parts}, "required": [*parts]}
        return schema | (without_address if primary else closed)

    def _address(self, table: Table) -> Schema:
        name = self.catalog.names.entity_set(table.name)
        about = f"The address of a row of {table.short_name}."
        return {
            "type": "string",
            "description": about,
            "pattern": f"^{BEFORE}{name}\\((?:{key_pattern(table, self.catalog)})\\)$",
        }


def key_pattern(table: Table, catalog: Catalog) -> str:
    """A pattern of what stands in the parentheses of a row's address."""
    ways = [_literal(_scalar(table.primary[0], catalog))] if len(table.primary) == 1 else []
    for key in _keys(table):
        ways.append(",".join(f"{key_name(column)}={_literal(_scalar(column, catalog))}" for column in key))
    return "|".join(ways)


def _scalar(column: Column, catalog: Catalog) -> t.Type:
    """The type of a value of a key: where that is a lookup, of the key that it leads to."""
    type_: t.Type = column.type
    for _ in range(DEEPEST_KEY):
        if not isinstance(type_, t.Row):
            break
        type_ = catalog.tables[type_.tables[0]].primary[0].type
    return type_


def one_of(schemas: list[Schema]) -> Schema:
    """Any of several schemas; the only one as it is."""
    different = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    return different[0] if len(different) == 1 else {"anyOf": different}


def _keys(table: Table) -> list[tuple[Column, ...]]:
    """The primary key, then the others."""
    others = [tuple(table.by_name[name] for name in key) for key in table.keys]
    return list(dict.fromkeys((table.primary, *others)))


def _literal(type_: t.Type) -> str:
    """A pattern of the values of a key in an address."""
    if isinstance(type_, t.Id):
        return UUID
    if isinstance(type_, t.Integer):
        return "-?[0-9]{1,18}"
    if isinstance(type_, t.Text):
        longest = min(type_.length or LONGEST_KEY, LONGEST_KEY)
        return f"'(?:[^'/?#%\"\\\\\\u0000-\\u001f]|''){{1,{longest}}}'"
    return "[^'/?#%()\\u0000-\\u001f]+"


def _value(choice: Choice, name: str) -> int | str:
    number = choice.by_name[name].number
    return name if number is None else number


def _sent(choice: Choice) -> Schema:
    kind = "integer" if choice.numbered else "string"
    return {"type": kind, "enum": [_value(choice, member.name) for member in choice.members]}


def _given(choice: Choice) -> Schema:
    names = [member.name for member in choice.members]
    labels = [member.label for member in choice.members if member.label is not None]
    numbers = [member.number for member in choice.members if member.number is not None]
    return {"enum": list(dict.fromkeys([*names, *numbers, *labels]))}


def _described(schema: Schema, choice: Choice) -> Schema:
    members = ", ".join(_told(choice, member.name) for member in choice.members)
    about = f"{choice.doc}\n\n{members}." if choice.doc else f"{members}."
    return schema | {"title": choice.name.rpartition(".")[2], "description": about}


def _told(choice: Choice, name: str) -> str:
    member = choice.by_name[name]
    number = f"{member.number}: " if member.number is not None else ""
    return f"{number}{member.name}" + (f" ({member.label})" if member.label and member.label != name else "")
