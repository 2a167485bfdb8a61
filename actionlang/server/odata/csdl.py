"""`$metadata`: the tables, choices and verbs of a catalog as a document of OData's Common Schema Definition Language (4.01)."""

from __future__ import annotations

from collections.abc import Collection

from actionlang.durable.kept_values import told_outputs
from actionlang.metadata import types as t
from actionlang.metadata.default_text import write_default
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb
from actionlang.server.background_runs import KIND as BACKGROUND
from actionlang.server.odata import csdl_model as m
from actionlang.server.odata.csdl_types import key_use, said_of, type_use, underlying
from actionlang.server.odata.prepared import TARGETS
from actionlang.server.odata.properties import Properties
from actionlang.server.odata.surface import Surface

READ_ONLY = m.EnumValue(f"{m.CORE}.PermissionType", "Read")


def document_of(surface: Surface, verbs: Collection[str]) -> m.Document:
    """The document of a catalog, with those of its verbs (full names) that whoever asks may know of."""
    return _Making(surface).document(sorted(verbs))


class _Making:
    """One document being made."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.catalog = surface.catalog
        self.names = surface.catalog.names
        self.wire = surface.wire

    def document(self, verbs: list[str]) -> m.Document:
        """All of it."""
        catalog = self.catalog
        contracts = [catalog.verbs[name].plan.verb for name in verbs if name in catalog.verbs]
        return m.Document(
            self.names.namespace,
            tuple(self.entity(table) for table in catalog.tables.values()),
            tuple(self.enum(choice) for choice in catalog.choices.values()),
            tuple(self.response(verb) for verb in contracts if verb.outputs),
            tuple(self.operation(verb) for verb in contracts),
            tuple(self.set_of(table) for table in catalog.tables.values()),
        )

    # --------------------------------------------------------------------------------------------------------- tables

    def entity(self, table: Table) -> m.EntityType:
        """A table's entity type."""
        properties = self.surface.properties[table.name]
        navigations = tuple(
            m.Navigation(
                each.name,
                m.TypeUse(
                    self.wire.type_name(each.table), nullable=each.column.optional or len(_tables(each.column)) > 1
                ),
                self.constraint(each.column, each.table),
            )
            for each in properties.navigations.values()
        )
        said = [*own("Name", table.name), *own("Label", table.label), *described(table.doc)]
        keys = self.paths([key for key in table.keys if key != tuple(each.name for each in table.primary)], properties)
        if keys.sets:
            said.append(m.Annotation(m.KEYS, keys))
        uniques = self.paths(table.uniques, properties)
        if uniques.sets:
            said.append(m.Annotation(f"{m.OWN}.Unique", uniques))
        return m.EntityType(
            self.names.entity_type(table.name),
            tuple(properties.names[column.name] for column in table.primary),
            tuple(self.property(column, properties) for column in table.columns),
            navigations,
            tuple(said),
        )

    def constraint(self, column: Column, target: str) -> tuple[str, str] | None:
        """What holds the key of the row that a lookup leads to, and the key that it is; None where that is of several columns."""
        primary = self.surface.table(target).primary
        if len(primary) != 1:
            return None
        return self.names.key_property(column.name), self.surface.properties[target].names[primary[0].name]

    @staticmethod
    def paths(sets: Collection[tuple[str, ...]], properties: Properties) -> m.Paths:
        """Sets of columns as sets of properties."""
        return m.Paths(tuple(tuple(properties.names[name] for name in names) for names in sets))

    def property(self, column: Column, properties: Properties) -> m.Property:
        """The property that holds a column's value, or the key of the row that it leads to."""
        if isinstance(column.type, t.Row):
            use = key_use(column.type, self.wire, nullable=column.optional)
            said = list(own("Type", str(column.type)))
        else:
            use = type_use(column.type, self.wire, nullable=column.optional)
            said = list(said_of(column.type))
        if column.readonly:
            said.append(m.Annotation(f"{m.CORE}.Permissions", READ_ONLY))
        flags = {"Sensitive": column.sensitive, "Hierarchy": column.hierarchy}
        said += [m.Annotation(f"{m.OWN}.{name}", True) for name, holds in flags.items() if holds]
        if column.default is not None:
            said += own("Default", write_default(column.type, column.default))
        if column.moves is not None:
            moves = tuple(
                f"{WireNames.property(each.state)}:{','.join(map(WireNames.property, each.targets))}"
                for each in column.moves
            )
            said.append(m.Annotation(f"{m.OWN}.Moves", moves))
        said += described(column.doc)
        return m.Property(properties.names[column.name], use, tuple(said))

    def set_of(self, table: Table) -> m.EntitySet:
        """A table's entity set."""
        bindings = tuple(
            (each.name, self.names.entity_set(each.table))
            for each in self.surface.properties[table.name].navigations.values()
        )
        return m.EntitySet(self.names.entity_set(table.name), self.wire.type_name(table.name), bindings)

    def enum(self, choice: Choice) -> m.EnumType:
        """A choice's enumeration. Members without numbers are counted, which is said."""
        members = tuple(
            m.Member(
                WireNames.property(member.name),
                at if member.number is None else member.number,
                tuple(own("Label", member.label)),
            )
            for at, member in enumerate(choice.members)
        )
        said = [*own("Name", choice.name), *described(choice.doc)]
        if not choice.numbered:
            said.append(m.Annotation(f"{m.OWN}.Unnumbered", True))
        kind = underlying(choice) if choice.numbered else "Edm.Int32"
        return m.EnumType(self.names.enum(choice.name), kind, members, tuple(said))

    # ---------------------------------------------------------------------------------------------------------- verbs

    def operation(self, verb: Verb) -> m.Operation:
        """A verb as an action or a function."""
        parameters: list[m.Property] = []
        binding = verb.binding
        if binding is not None:
            use = m.TypeUse(self.wire.type_name(binding.table), collection=binding.each, nullable=False)
            parameters.append(m.Property("entityset" if binding.each else "entity", use))
            if binding.each:
                # The rows are named in the body: see `odata.prepared`.
                parameters.append(m.Property(TARGETS, use))
        parameters += [self.parameter(each) for each in verb.inputs]
        said = [*own("Name", verb.name), *described(verb.doc)]
        if verb.deprecation is not None:
            said.append(m.Annotation(f"{m.OWN}.Deprecated", verb.deprecation))
        if verb.kind == BACKGROUND:
            said.append(m.Annotation(f"{m.OWN}.Background", True))
        returns = None
        if verb.outputs:
            response = self.names.qualified(self.names.response(verb.name))
            many = binding is not None and binding.each
            returns = m.TypeUse(response, collection=many, nullable=False)
        kind = "Function" if verb.kind.endswith("function") else "Action"
        return m.Operation(
            kind, self.names.verb(verb.name), binding is not None, tuple(parameters), returns, tuple(said)
        )

    def parameter(self, each: Parameter) -> m.Property:
        """An input. One that may be left out says so."""
        said = [*said_of(each.type), *described(each.doc)]
        if each.optional or each.default is not None:
            said.append(m.Annotation(f"{m.CORE}.OptionalParameter", True))
        if each.default is not None:
            said += own("Default", write_default(each.type, each.default))
        if each.sensitive:
            said.append(m.Annotation(f"{m.OWN}.Sensitive", True))
        if each.deprecation is not None:
            said.append(m.Annotation(f"{m.OWN}.Deprecated", each.deprecation))
        use = type_use(each.type, self.wire, nullable=each.optional)
        return m.Property(WireNames.property(each.name), use, tuple(said))

    def response(self, verb: Verb) -> m.ComplexType:
        """What a verb returns: a value for each output. Rows are navigation properties, which stand apart: `Order` says where."""
        properties: list[m.Property] = []
        navigations: list[m.Navigation] = []
        for each in told_outputs(verb, self.catalog.tables):
            name = WireNames.property(each.name)
            said = (*said_of(each.type), *described(each.doc))
            use = type_use(each.type, self.wire, nullable=each.optional)
            inner = each.type.item if isinstance(each.type, t.ListOf) else each.type
            if isinstance(inner, t.Row):
                optional = (m.Annotation(f"{m.OWN}.Optional", True),) if each.optional else ()
                navigations.append(m.Navigation(name, use, None, (*said, *optional)))
            else:
                properties.append(m.Property(name, use, said))
        order = tuple(WireNames.property(each.name) for each in verb.outputs)
        said_of_all = (m.Annotation(f"{m.OWN}.Order", order),) if navigations and properties else ()
        return m.ComplexType(self.names.response(verb.name), tuple(properties), tuple(navigations), said_of_all)


def _tables(column: Column) -> tuple[str, ...]:
    return column.type.tables if isinstance(column.type, t.Row) else ()


def own(term: str, value: str | None) -> list[m.Annotation]:
    """What is said in words of ours; nothing where there is nothing to say."""
    return [] if value is None else [m.Annotation(f"{m.OWN}.{term}", value)]


def described(doc: str) -> list[m.Annotation]:
    """A description."""
    return [m.Annotation(f"{m.CORE}.Description", doc)] if doc else []
