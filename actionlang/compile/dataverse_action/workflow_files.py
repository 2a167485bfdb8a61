"""Files that hold a process action: `NAME.xaml` with `NAME.xaml.data.xml` beside it, or a row of table workflow as XML."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from actionlang.compile.dataverse_action import model as m
from actionlang.compile.dataverse_action.activities import ActivityReader
from actionlang.compile.dataverse_action.documents import (
    Document,
    Node,
    parse_document,
    place_of,
    problem,
    read_document,
)
from actionlang.diagnostics.catalogue.dataverse_action import NO_ACTION

ACTION = "3"
CATEGORIES = {
    "0": "a workflow",
    "1": "a dialog",
    "2": "a business rule",
    "4": "a business process flow",
    "5": "a cloud flow",
}
GUID_BEHIND = re.compile(r"-[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")
BESIDE = ".data.xml"
NO_TABLE = ("", "none")


def read_workflow(path: Path, name: str) -> m.Workflow:
    """The process action in a file that is shown under `name`.

    Raises ActionLangError when a file is missing or no XML, or holds something that is no process action.
    """
    if path.name.endswith(BESIDE):
        path, name = path.with_name(path.name.removesuffix(BESIDE)), name.removesuffix(BESIDE)
    document = read_document(path, name)
    if document.root.name == "Entity":
        facts = _facts_of_row(document.root)
        _be_action(facts, document)
        return _workflow(_inside(document, name), facts, name)
    beside = path.with_name(f"{path.name}{BESIDE}")
    if beside.exists():
        described = read_document(beside, f"{name}{BESIDE}")
        facts = _facts_beside(described.root)
        _be_action(facts, described)
    else:
        facts = {"name": GUID_BEHIND.sub("", path.name.removesuffix(".xaml"))}
    return _workflow(attrs.evolve(document, prefix=name), facts, name)


def _workflow(document: Document, facts: dict[str, str], name: str) -> m.Workflow:
    root = document.root
    body = root.child("Workflow") if root.name == "Activity" else None
    if body is None:
        hint = "Export the solution that the action is in; the action is Workflows/NAME-GUID.xaml there."
        raise problem(NO_ACTION, f"{name} holds no workflow.", place_of(document, root), hint)
    reader = ActivityReader(document)
    arguments = tuple(_arguments(root, reader))
    own = [argument for argument, is_target in arguments if not is_target]
    target = next((argument.entity for argument, is_target in arguments if is_target), None)
    if not arguments and "category" not in facts:
        message = f"Nothing says that {name} is a process action: it has no arguments, and there is no {name}.data.xml."
        hint = "Put the .data.xml that was exported with it beside it."
        raise problem(NO_ACTION, message, place_of(document, root), hint)
    table = target if target is not None else facts.get("primaryentity", "")
    return m.Workflow(
        name=facts.get("name", ""),
        unique_name=facts.get("uniquename", ""),
        description=facts.get("description", ""),
        table=None if table in NO_TABLE else table,
        as_owner=facts.get("runas") == "0",
        transacted=facts.get("istransacted", "1").lower() not in ("0", "false"),
        active=facts.get("statecode", "1") == "1",
        arguments=tuple(own),
        activities=reader.read(body.children),
        file=name,
    )


def _arguments(root: Node, reader: ActivityReader) -> list[tuple[m.Argument, bool]]:
    """The arguments, each with whether it is the row that the action is on."""
    members = root.child("Members")
    found: list[tuple[m.Argument, bool]] = []
    for node in members.named("Property") if members else ():
        described = node.child("Property.Attributes")
        if described is None:
            continue
        values = {part.name: part.attributes.get("Value", "") for part in described.children}
        type_text = node.attributes.get("Type", "")
        inside = type_text.partition("(")[2].removesuffix(")")
        argument = m.Argument(
            name=node.attributes.get("Name", ""),
            type=inside.rpartition(":")[2],
            output=values.get("ArgumentDirectionAttribute", "") == "Output" or type_text.startswith("OutArgument"),
            required=values.get("ArgumentRequiredAttribute", "") == "True",
            description=" ".join(values.get("ArgumentDescriptionAttribute", "").split()),
            entity=values.get("ArgumentEntityAttribute", ""),
            place=reader.place(node),
        )
        if any(argument.name == known.name for known, _ in found):
            message = f"{reader.document.source.name} has two arguments named {argument.name}."
            raise problem(NO_ACTION, message, place_of(reader.document, node))
        found.append((argument, values.get("ArgumentTargetAttribute") == "True"))
    return found


def _facts_beside(root: Node) -> dict[str, str]:
    """What the `.data.xml` says, by names in small letters."""
    facts = {child.name.lower(): child.text.strip() for child in root.children if not child.children}
    facts |= {"name": root.attributes.get("Name", "")} if root.attributes.get("Name") else {}
    for described in root.within("Description"):
        facts["description"] = described.attributes.get("description", "") or described.text.strip()
    return facts


def _facts_of_row(root: Node) -> dict[str, str]:
    """The columns of a row of table workflow, as XrmMockup and the SDK's serializer write it."""
    facts: dict[str, str] = {}
    for attributes in root.named("Attributes"):
        for pair in attributes.children:
            key, value = pair.child("key"), pair.child("value")
            if key is not None and value is not None:
                inner = value.child("Value")
                facts[key.text] = (value.text if inner is None else inner.text).strip()
    return facts


def _inside(document: Document, name: str) -> Document:
    """The XAML in the row."""
    for attributes in document.root.named("Attributes"):
        for pair in attributes.children:
            key, value = pair.child("key"), pair.child("value")
            if key is not None and key.text == "xaml" and value is not None and value.text.strip():
                return parse_document(value.text, f"the XAML in {name}", f"the XAML in {name}")
    raise problem(NO_ACTION, f"{name} holds no XAML.", place_of(document, document.root))


def _be_action(facts: dict[str, str], document: Document) -> None:
    """Raises ActionLangError unless the category is that of process actions."""
    category = facts.get("category", "")
    if category == ACTION:
        return
    node = next(document.root.within("Category"), document.root)
    what = CATEGORIES.get(category, "no process")
    message = f"{document.source.name} describes {what} (category {category or 'not given'}), not a process action (category 3)."
    hint = "Only process actions are taken over: they have arguments, and are called by name."
    raise problem(NO_ACTION, message, place_of(document, node), hint)
