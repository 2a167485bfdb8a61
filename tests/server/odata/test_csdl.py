"""`$metadata`: what it says, and that our own importer reads the same tables, choices and contracts out of it again."""

from __future__ import annotations

from io import BufferedReader, BytesIO

import attrs
import pytest
from hypothesis import given, settings

from actionlang.access.people import PEOPLE
from actionlang.metadata import types as t
from actionlang.metadata.emit import Script
from actionlang.metadata.emit_contracts import Argument, Contract
from actionlang.metadata.sources.dataverse import Imported, read_dataverse
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb
from actionlang.runtime.plans import Plan
from actionlang.server.catalog import Catalog, catalog_of
from actionlang.server.odata.csdl import document_of
from actionlang.server.odata.csdl_json import write_json
from actionlang.server.odata.csdl_xml import NEVER_IN_XML, write_xml
from actionlang.server.odata.surface import surface_of
from tests.golden import compare
from tests.metadata.test_emit import scripts
from tests.server.world import desk, service

MODULE = "again"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """What the desk serves."""
    with desk("sqlite") as database:
        return catalog_of(service(database).snapshot())


def read_back(catalog: Catalog) -> Imported:
    """The importer's view of what is served."""
    text = write_xml(document_of(surface_of(catalog), catalog.verbs))
    return read_dataverse(BufferedReader(BytesIO(text.encode())), "metadata.xml", MODULE)


class Renamed:
    """Names as the importer gives them: all in one module but what is of `core`."""

    def __init__(self, catalog: Catalog) -> None:
        self.tables = catalog.tables

    def name(self, full: str) -> str:
        """A table's or choice's name."""
        owner, _, short = full.rpartition(".")
        if owner in self.tables:
            return f"{self.name(owner)}.{short}"
        return full if owner == "core" and full in self.tables else f"{MODULE}.{short}"

    def type(self, type_: t.Type) -> t.Type:
        """A type."""
        if isinstance(type_, t.ListOf):
            return t.ListOf(self.type(type_.item))
        if isinstance(type_, t.Row):
            return t.Row(tuple(map(self.name, type_.tables)))
        if isinstance(type_, t.Choice | t.Choices):
            return attrs.evolve(type_, name=self.name(type_.name))
        return type_

    def column(self, column: Column) -> Column:
        """A column: how it is stored is nobody's business."""
        required = column.required and not column.primary and column.moves is None
        return attrs.evolve(column, type=self.type(column.type), stored=column.name, required=required)

    def table(self, table: Table) -> Table:
        """A table."""
        made = tuple(map(self.column, table.columns))
        name = self.name(table.name)
        label = said(table.label)
        return attrs.evolve(table, name=name, stored=name.rpartition(".")[2], columns=made, label=label)

    def choice(self, choice: Choice) -> Choice:
        """A choice."""
        members = tuple(attrs.evolve(member, label=said(member.label)) for member in choice.members)
        return attrs.evolve(choice, name=self.name(choice.name), members=members)

    def contract(self, verb: Verb) -> Contract:
        """A verb as one that a host implements."""
        on = None if verb.binding is None else self.name(verb.binding.table)
        function = verb.kind == "function" and len(verb.outputs) == 1
        inputs, outputs = (tuple(map(self.argument, each)) for each in (verb.inputs, verb.outputs))
        return Contract(verb.short_name, function, on, inputs, outputs, verb.doc)

    def argument(self, each: Parameter) -> Argument:
        """An input or output."""
        return Argument(each.name, self.type(each.type), each.optional or each.default is not None, each.doc)


def said(text: str | None) -> str | None:
    """A text as XML can have it: spaces stand for characters that no document may have."""
    return text and NEVER_IN_XML.sub(" ", text)


def by_name(found: object) -> dict[str, object]:
    """Tables, choices or contracts by name."""
    return {each.name: each for each in found}  # type: ignore[attr-defined]


def test_the_desk_is_read_back(catalog: Catalog) -> None:
    imported, renamed = read_back(catalog), Renamed(catalog)
    own = [table for table in catalog.tables.values() if not table.name.startswith("core.")]
    assert by_name(imported.tables) == by_name(map(renamed.table, own))
    assert by_name(imported.choices) == by_name(map(renamed.choice, catalog.choices.values()))


def test_contracts_are_read_back(catalog: Catalog) -> None:
    renamed = Renamed(catalog)
    verbs = [active.plan.verb for active in catalog.verbs.values()]
    on_each = {verb.short_name for verb in verbs if verb.binding is not None and verb.binding.each}
    found = {each.name: attrs.evolve(each, notices=()) for each in read_back(catalog).contracts}
    # A contract has no way to say that a verb is on several rows at once.
    assert {name for name in found if name in on_each} == on_each
    expected = by_name(renamed.contract(verb) for verb in verbs if verb.short_name not in on_each)
    assert {name: each for name, each in found.items() if name not in on_each} == expected


@settings(max_examples=25, deadline=None)
@given(scripts())
def test_any_tables_and_choices_are_read_back(script: Script) -> None:
    tables = {**PEOPLE, **{table.name: table for table in script.tables}}
    choices = {choice.name: choice for choice in script.choices}
    names = WireNames.of(tables, choices)
    made = Catalog(tables, choices, {}, names, 1)
    imported, renamed = read_back(made), Renamed(made)
    if len({renamed.name(each).casefold() for each in (*tables, *choices)}) < len(tables) + len(choices):
        return
    assert by_name(imported.tables) == by_name(map(renamed.table, script.tables))
    assert by_name(imported.choices) == by_name(map(renamed.choice, choices.values()))


def test_private_verbs_and_those_left_out_are_absent(catalog: Catalog) -> None:
    text = write_xml(document_of(surface_of(catalog), {"helpdesk.Escalate"}))
    assert 'Name="Escalate"' in text
    assert "Hidden" not in text
    assert "Resolve" not in text
    assert "Hidden" not in write_xml(document_of(surface_of(catalog), catalog.verbs))


def test_background_actions_are_said_to_be_such(catalog: Catalog) -> None:
    text = write_xml(document_of(surface_of(catalog), catalog.verbs))
    operations = text.split("<Action ")
    said = [each.split('"')[1] for each in operations if 'Term="ActionLang.V1.Background" Bool="true"' in each]
    assert said == ["CountSlowly"]


def test_what_is_not_kept_of_a_background_run_may_be_empty(catalog: Catalog) -> None:
    def count(*, sensitive: bool) -> str:
        active = catalog.verbs["verbs.desk.CountSlowly"]
        outputs = tuple(attrs.evolve(each, sensitive=sensitive) for each in active.plan.verb.outputs)
        verb = attrs.evolve(active.plan.verb, outputs=outputs)
        steps = attrs.evolve(active.plan.steps, verbs=(verb,))
        served = attrs.evolve(active, plan=Plan(steps, active.plan.hash))
        text = write_xml(document_of(surface_of(attrs.evolve(catalog, verbs={served.name: served})), {served.name}))
        return text.partition('Name="CountSlowlyResponse"')[2].partition("</ComplexType>")[0]

    assert 'Name="count" Type="Edm.Int64" Nullable="false"' in count(sensitive=False)
    assert 'Name="count" Type="Edm.Int64"/>' in count(sensitive=True)


@pytest.mark.parametrize(("write", "ending"), [(write_xml, "xml"), (write_json, "json")])
def test_documents(catalog: Catalog, write, ending: str) -> None:
    shown = {"helpdesk.Escalate", "verbs.desk.samples_of", "verbs.desk.price_of", "core.Notify"}
    tables = {name: catalog.tables[name] for name in ("core.user", "core.team", "verbs.desk.sample")}
    smaller = attrs.evolve(catalog, tables=tables, choices={"helpdesk.Priority": catalog.choices["helpdesk.Priority"]})
    text = write(document_of(surface_of(smaller), shown))
    text = text.replace("><", ">\n<") if ending == "xml" else f"{text}\n"
    compare(f"server/odata/metadata.{ending}", text)
