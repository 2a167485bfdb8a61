"""A `$metadata` document becomes a script: all of it arrives, the script checks, verbs on it work."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.check.program import CheckedModule
from actionlang.compile.link import Linker
from actionlang.metadata.emit_contracts import Argument
from actionlang.metadata.sources.dataverse import Imported, read_dataverse
from actionlang.plan.plan import Parameter
from actionlang.testing.cases import Case, Suite
from actionlang.testing.running import Runner
from tests.check.checking import loader_with
from tests.golden import compare_file
from tests.metadata.sources.documents import DATA, DOCUMENTS, EDM, ORGANISATION, document, entity, imported, schema_of

AT = re.compile(r"#? ?Line [0-9]+, column [0-9]+: ")

ESCALATE = """
action Escalate on incident (reason text, tier text default "Tier 2") returns (call task) <
  require (incident.statecode = 0) else "Only an active case can be escalated.";
  update incident set prioritycode = 1, statecode = 0, statuscode = 4, escalatedon = now(), isescalated = true;
  assign incident to core.team(tier);
  create task as call set subject = "Call back: {incident.title otherwise reason}", regardingobjectid = incident,
    scheduledend = now() + 2 days;
  if (incident.customerid is account) < update call set subject = "Call {incident.customerid.name otherwise "back"}" >
  let spent = CalculateTotalTimeIncident(incident) otherwise 0;
  if (spent > 60) < perform Own() on incident >
  return call: call
>

action Own on incident < if (incident.ownerid is core.user) < update incident set prioritycode = 2 > >

action Raise on incident <
  assign incident to core.team("Tier 2");
  create task set subject = "Call", regardingobjectid = incident
>

test "a case is raised" <
  create core.team set name = "Tier 2";
  create account as acme;
  create incident as case set ticketnumber = "CAS-1", statecode = 0, customerid = acme;
  perform Raise() on case;
  require (case.ownerid = core.team("Tier 2"));
  require (exists(task where (task.regardingobjectid = case)))
>
"""


def read(file: Path) -> Imported:
    with file.open("rb") as opened:
        return read_dataverse(opened, file.name, "tables")


def checked(found: Imported) -> CheckedModule:
    """The script of a document, checked without a complaint."""
    module = loader_with(tables=found.text()).checked["tables"]
    assert [diagnostic.message for diagnostic in module.diagnostics] == []
    return module


def test_what_is_written() -> None:
    compare_file(DATA / "organisation.act", read(ORGANISATION).text())


@pytest.mark.parametrize("file", DOCUMENTS)
def test_all_of_it_arrives(file: Path) -> None:
    schema, found = schema_of(file), read(file)
    entities = {each.get("Name"): each for each in schema.findall(f"{EDM}EntityType")}
    bare = {name for name, each in entities.items() if not _properties(each, entities)}
    assert bare
    assert len(found.tables) == len(entities) - len(bare)
    for name in bare:
        assert any(f"{name} is abstract, and without properties" in notice.text for notice in found.notices)
    enums = [each for each in schema.findall(f"{EDM}EnumType") if each.find(f"{EDM}Member") is not None]
    assert len(found.choices) == len(enums)
    operations = [*schema.findall(f"{EDM}Action"), *schema.findall(f"{EDM}Function")]
    assert len(found.contracts) == len(operations)
    for table in found.tables:
        each = entities.get(table.short_name) or entities[table.stored]
        assert len(table.columns) >= len(_properties(each, entities)), table.name


def _properties(each: ET.Element, entities: dict[str | None, ET.Element]) -> set[str | None]:
    base = (each.get("BaseType") or "").rpartition(".")[2]
    inherited = _properties(entities[base], entities) if base else set()
    return {found.get("Name") for found in each.findall(f"{EDM}Property")} | inherited


@pytest.mark.parametrize("file", DOCUMENTS)
def test_the_script_says_the_same(file: Path) -> None:
    as_written(read(file))


def as_written(found: Imported) -> None:
    """See that the script of a document checks, and that what the checker makes of it is what was to be written."""
    module = checked(found)
    assert {table.name: table for table in found.tables} == module.tables
    assert {choice.name: choice for choice in found.choices} == module.choices
    verbs = {verb.short_name: verb for verb in module.verbs.values()}
    assert len(verbs) == len(found.contracts)
    for contract in found.contracts:
        verb = verbs[contract.name]
        assert verb.kind == f"extern {'function' if contract.function else 'action'}"
        assert (verb.binding and verb.binding.table) == contract.table
        assert [_argument(each) for each in verb.inputs] == list(contract.inputs)
        assert [_argument(each) for each in verb.outputs] == list(contract.outputs)
        assert verb.doc == contract.doc


def _argument(each: Parameter) -> Argument:
    return Argument(each.name, each.type, each.optional, each.doc)


@pytest.mark.parametrize("file", DOCUMENTS)
def test_the_script_looks_like_one_written_by_hand(file: Path) -> None:
    for line in read(file).text().splitlines():
        assert len(line) <= 120
        assert line == line.rstrip()


@pytest.mark.parametrize("file", DOCUMENTS)
def test_a_verb_on_a_case_checks_and_runs(file: Path) -> None:
    loader = loader_with(tables=read(file).text() + ESCALATE)
    module = loader.checked["tables"]
    assert [diagnostic.message for diagnostic in module.diagnostics] == []
    assert ("tables.incident", "ownerid") in module.verbs["tables.Escalate"].effects.assigns
    outcome = Runner().run(Case(Linker(loader.checked).plan(module.tests[0]), Suite()))
    assert outcome.diagnostic is None


def test_columns_follow_no_order_of_the_document() -> None:
    assert _shuffled(0) == _without_places(ORGANISATION.read_text("utf-8"))


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 2**32))
def test_the_order_of_the_document_does_not_matter(seed: int) -> None:
    assert _shuffled(seed) == _shuffled(0)


def _shuffled(seed: int) -> str:
    """The script of our document with its types and properties in another order; comments without their places."""
    root = ET.fromstring(ORGANISATION.read_bytes())
    schema = root.find(f".//{EDM}Schema")
    assert schema is not None
    if seed:
        order = random.Random(seed)
        for element in (schema, *schema.findall(f"{EDM}EntityType")):
            children = list(element)
            order.shuffle(children)
            element[:] = children
    return _without_places(ET.tostring(root, encoding="unicode"))


def _without_places(text: str) -> str:
    """The declarations, and the comments above each in an order of their own."""
    script = imported(text.encode()).text()
    script = script.replace("organisation.xml", "metadata.xml")
    parts = AT.sub("# ", script).split("\n\n")
    return "\n\n".join("\n".join(sorted(part.splitlines())) for part in parts)


def test_only_what_was_asked_for() -> None:
    found = imported(ORGANISATION.read_bytes(), "incident", "tas?")
    assert [table.short_name for table in found.tables] == ["incident", "task"]
    assert [contract.name for contract in found.contracts] == ["CalculateTotalTimeIncident", "RetrieveMultiple"]
    assert (found.left_out, found.choices) == (7, ())
    columns = {column.name: str(column.type) for column in found.tables[0].columns}
    assert columns["customerid"] == "id"
    assert columns["ownerid"] == "row core.user|core.team"
    told = [notice.text for notice in found.notices if notice.column == "customerid"]
    assert told == ["Line 118, column 9: customerid refers to account, contact, not imported."]
    checked(found)


def test_names_that_differ_only_in_letters_do_not_clash() -> None:
    found = imported(
        document(
            entity("Case", '<Property Name="A" Type="Edm.Int32"/><Property Name="a" Type="Edm.Int32"/>'), entity("case")
        )
    )
    assert [table.name for table in found.tables] == ["tables.Case", "tables.case_2"]
    assert [column.stored for column in found.tables[0].columns] == ["Caseid", "A", "a_2"]
    checked(found)


def test_a_key_is_the_whole_key_or_none() -> None:
    key = '<Key><PropertyRef Name="id"/><PropertyRef Name="second"/></Key>'
    columns = '<Property Name="id" Type="Edm.Double"/><Property Name="second" Type="Edm.Int32" Nullable="false"/>'
    found = imported(document(f'<EntityType Name="odd">{key}{columns}</EntityType>'))
    (table,) = found.tables
    assert [(column.name, column.primary, column.required) for column in table.columns] == [
        ("id", True, False),
        ("id_2", False, False),
        ("second", False, True),
    ]
    checked(found)
