"""JSON Schemas (2020-12) of what goes over the wire: a verb's inputs and outputs, and the rows of a table.

They describe OData's JSON as `server.odata` reads and writes it; descriptions are those of the scripts (`##`). Each is made
once for a catalog, so what is given out is shared and must not be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Default, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb
from actionlang.server.catalog import Catalog
from actionlang.server.row_schemas import Definitions, one_of
from actionlang.server.value_schemas import Schema, constant, nullable

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IN_DEFINITIONS = "#/$defs/"
ANNOTATION = r"^[^@]*@(?:odata|OData|Microsoft)\."
"""What a body may say of its values beside them; it is left alone."""

CONTEXT: Schema = {"@odata.context": {"type": "string"}}


def input_schema(verb: Verb, catalog: Catalog) -> Schema:
    """What a call's arguments must be, on its own (with `$defs`): an object with a member a parameter."""
    return _once(catalog, f"input {verb.name}", lambda schemas: schemas.inputs(verb))


def output_schema(verb: Verb, catalog: Catalog) -> Schema:
    """What comes back from a call, on its own (with `$defs`): an object with a member an output."""
    return _once(catalog, f"output {verb.name}", lambda schemas: schemas.outputs(verb))


def row_schema(table: Table, catalog: Catalog) -> Schema:
    """What is read of a row, on its own (with `$defs`): an object with a member a column."""
    return _once(catalog, f"row {table.name}", lambda schemas: schemas.row(table))


_made: WeakKeyDictionary[Catalog, dict[str, Schema]] = WeakKeyDictionary()
"""Schemas of catalogs that are in use. Two threads may make the same one; it is the same."""


def _once(catalog: Catalog, name: str, make: Callable[[Schemas], Schema]) -> Schema:
    known = _made.setdefault(catalog, {})
    if name not in known:
        schemas = Schemas(catalog)
        schema = {"$schema": DIALECT, **make(schemas)}
        known[name] = schema | ({"$defs": schemas.definitions.made} if schemas.definitions.made else {})
    return known[name]


class Schemas:
    """Makes the schemas of one catalog. `root` is where the definitions are found that they refer to; those that were referred to
    are in `definitions.made`."""

    def __init__(self, catalog: Catalog, root: str = IN_DEFINITIONS) -> None:
        self.catalog = catalog
        self.definitions = Definitions(catalog, root)

    # ------------------------------------------------------------------------------------------------------------- objects

    def inputs(self, verb: Verb) -> Schema:
        """The body of a call. A row may also be given by its address, behind `@odata.bind`, as Dataverse's clients do."""
        properties: Schema = {}
        required: list[str] = []
        either: list[Schema] = []
        for each in verb.inputs:
            name = WireNames.property(each.name)
            properties[name] = self.given(each)
            needed = not each.optional and each.default is None
            row = each.type.item if isinstance(each.type, t.ListOf) else each.type
            if isinstance(row, t.Row):
                bound = f"{name}@odata.bind"
                address = self.definitions.address(row.tables)
                properties[bound] = address if row is each.type else {"type": "array", "items": address}
                both: Schema = {"required": [name, bound]}
                either.append({"oneOf": [{"required": [name]}, {"required": [bound]}]} if needed else {"not": both})
            elif needed:
                required.append(name)
        schema: Schema = {"type": "object", "title": f"What {verb.short_name} takes", "properties": properties}
        schema |= {"required": required} if required else {}
        schema |= {"allOf": either} if either else {}
        return schema | {"patternProperties": {ANNOTATION: True}, "additionalProperties": False}

    def outputs(self, verb: Verb) -> Schema:
        """The answer to a call."""
        values = {
            WireNames.property(each.name): described(self.received(each.type, each.optional), each)
            for each in verb.outputs
        }
        schema = {"type": "object", "title": f"What {verb.short_name} returns", "properties": CONTEXT | values}
        return schema | ({"required": [*values]} if values else {})

    def row(self, table: Table) -> Schema:
        """A row that is read."""
        etag: Schema = {"@odata.etag": {"type": "string", "description": "The version of the row, for If-Match."}}
        columns = {name: schema for column in table.columns for name, schema in self._of_column(table, column)}
        schema = {"type": "object", "title": table.label or table.short_name, "properties": CONTEXT | etag | columns}
        return schema | ({"description": table.doc} if table.doc else {})

    def row_of(self, table: Table) -> Schema:
        """A row that is read, by reference."""
        return self.definitions.named(self.catalog.names.entity_type(table.name), lambda: self.row(table))

    def _of_column(self, table: Table, column: Column) -> Iterator[tuple[str, Schema]]:
        about: Schema = {"description": column.doc} if column.doc else {}
        name = WireNames.property(column.name)
        if not isinstance(column.type, t.Row):
            yield name, self.received(column.type, column.optional) | about
            return
        targets = column.type.tables
        keys = one_of([self.definitions.key_sent(target) for target in targets])
        yield WireNames.key_property(column.name), (nullable(keys) if column.optional else keys) | about
        for target in targets:
            several = len(targets) > 1
            there = self.catalog.names.navigation(column.name, target, table.by_name) if several else name
            yield there, {"anyOf": [self.row_of(self.catalog.tables[target]), {"type": "null"}]}

    # -------------------------------------------------------------------------------------------------------------- values

    def given(self, parameter: Parameter) -> Schema:
        """An argument, as it is accepted."""
        schema = self.accepted(parameter.type)
        if parameter.sensitive and schema.get("type") == "string" and "format" not in schema:
            schema = schema | {"format": "password"}
        schema = described(nullable(schema) if parameter.optional else schema, parameter)
        return schema | self._default(parameter)

    def accepted(self, type_: t.Type) -> Schema:
        """A value, not null, as it is accepted."""
        if isinstance(type_, t.ListOf):
            return {"type": "array", "items": self.accepted(type_.item)}
        if isinstance(type_, t.Choice):
            return self.definitions.choice_given(type_.name)
        if isinstance(type_, t.Choices):
            return self.definitions.choices_given(type_.name)
        if isinstance(type_, t.Row):
            return self.definitions.row_given(type_.tables)
        return self.definitions.value_given(type_)

    def received(self, type_: t.Type, optional: bool) -> Schema:
        """A value as it is sent."""
        schema = self._sent(type_)
        return nullable(schema) if optional else schema

    def _sent(self, type_: t.Type) -> Schema:
        if isinstance(type_, t.ListOf):
            return {"type": "array", "items": self._sent(type_.item)}
        if isinstance(type_, t.Choice):
            return self.definitions.choice_sent(type_.name)
        if isinstance(type_, t.Choices):
            return self.definitions.choices_sent(type_.name)
        if isinstance(type_, t.Row):
            return self.definitions.row_sent(type_.tables)
        return self.definitions.value_sent(type_)

    def _default(self, parameter: Parameter) -> Schema:
        default: Default | None = parameter.default
        if default is None or default.function is not None or default.value is None:
            return {}
        return {"default": self.constant(parameter.type, default.value)}

    def constant(self, type_: t.Type, value: object) -> Any:
        """A constant of a plan, such as a default, as it is on the wire."""
        if isinstance(type_, t.Choice | t.Choices):
            members = self.catalog.choices[type_.name].by_name
            names = value if isinstance(value, tuple) else (value,)
            # The choice may have lost a member since the verb was activated.
            told = [
                members[name].number if name in members and members[name].number is not None else name for name in names
            ]
            return ",".join(map(str, told)) if isinstance(type_, t.Choices) else told[0]
        return constant(value)


def described(schema: Schema, parameter: Parameter) -> Schema:
    """A schema with what is known of the parameter that it is of."""
    told = [parameter.doc]
    if parameter.default is not None and parameter.default.function is not None:
        told.append(f"Where it is left out: {parameter.default.function}().")
    if parameter.deprecation is not None:
        told.append(f"Deprecated: {parameter.deprecation}")
    about: Schema = {"description": "\n\n".join(filter(None, told))} if any(told) else {}
    return schema | about | ({"deprecated": True} if parameter.deprecated is not None else {})
