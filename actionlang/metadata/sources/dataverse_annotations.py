"""What annotations say of a type, property or operation.

The terms are those of the OData vocabularies `Org.OData.Core.V1` and `OData.Community.Keys.V1`. That Dataverse means
"read-only" by both `Computed` and `Permissions` is in its documentation ("Web API properties").
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from actionlang.metadata.sources.dataverse_model import Csdl
from actionlang.metadata.sources.dataverse_xml import Element

CORE = "Org.OData.Core.V1."
KEYS = "OData.Community.Keys.V1.AlternateKeys"
READ_ONLY = "Org.OData.Core.V1.PermissionType/Read"


@attrs.frozen
class Notes:
    """What annotations say: a description, whether only the server sets a value, whether it is set once, whether a parameter
    may be left out, and alternate keys (property names)."""

    doc: str = ""
    readonly: bool = False
    immutable: bool = False
    optional: bool = False
    keys: tuple[tuple[str, ...], ...] = ()


NOTHING = Notes()


def notes_of(csdl: Csdl, annotations: Iterable[Element], target: str = "") -> Notes:
    """What is said of something: by the annotations in it, and by those elsewhere whose target it is."""
    found = [*annotations, *csdl.targeted.get(target, ())]
    if not found:
        return NOTHING
    terms = {csdl.full(each.attributes.get("Term", "")): each for each in reversed(found)}
    texts = [_text(terms[CORE + word]) for word in ("Description", "LongDescription") if CORE + word in terms]
    permissions = terms.get(f"{CORE}Permissions")
    return Notes(
        "\n".join(dict.fromkeys(text for text in texts if text)),
        _holds(terms.get(f"{CORE}Computed")) or (permissions is not None and _members(permissions) == READ_ONLY),
        _holds(terms.get(f"{CORE}Immutable")),
        f"{CORE}OptionalParameter" in terms,
        tuple(dict.fromkeys(keys)) if (keys := _keys(terms.get(KEYS))) else (),
    )


def _text(annotation: Element) -> str:
    inner = next(annotation.all("String"), None)
    return annotation.attributes.get("String", "" if inner is None else inner.text).strip()


def _holds(annotation: Element | None) -> bool:
    """Whether a term that is true or false is there and true; one without a value is true."""
    if annotation is None:
        return False
    inner = next(annotation.all("Bool"), None)
    return annotation.attributes.get("Bool", "true" if inner is None else inner.text.strip()) == "true"


def _members(annotation: Element) -> str:
    inner = next(annotation.all("EnumMember"), None)
    return annotation.attributes.get("EnumMember", "" if inner is None else inner.text).strip()


def _keys(annotation: Element | None) -> list[tuple[str, ...]]:
    """Each record of a collection of keys names its properties by path."""
    if annotation is None:
        return []
    found = []
    for record in (record for collection in annotation.all("Collection") for record in collection.all("Record")):
        paths = tuple(
            value.attributes["PropertyPath"] for value in _within(record) if "PropertyPath" in value.attributes
        )
        if paths:
            found.append(paths)
    return found


def _within(element: Element) -> Iterable[Element]:
    for child in element.children:
        yield child
        yield from _within(child)
