"""Annotations of the vocabulary `ActionLang.V1`, by which the server of ActionLang says in a `$metadata` document for what CSDL
has no words (`docs/reference/http.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from actionlang.metadata.sources.dataverse_model import Csdl, EntityType, EnumType, Operation
from actionlang.metadata.sources.dataverse_xml import Element

OWN = "ActionLang.V1."


def said_of(csdl: Csdl, annotations: Iterable[Element]) -> Mapping[str, Element]:
    """Our annotations by term, without the vocabulary's name."""
    found: dict[str, Element] = {}
    for each in annotations:
        term = csdl.full(each.attributes.get("Term", ""))
        if term.startswith(OWN):
            found.setdefault(term[len(OWN) :], each)
    return found


def text_of(said: Mapping[str, Element], term: str) -> str | None:
    """The text of an annotation."""
    return said[term].attributes.get("String") if term in said else None


def texts_of(said: Mapping[str, Element], term: str) -> tuple[str, ...]:
    """The texts of an annotation that has several."""
    if term not in said:
        return ()
    return tuple(text.text for collection in said[term].all("Collection") for text in collection.all("String"))


def holds(said: Mapping[str, Element], term: str) -> bool:
    """Whether an annotation is there and true."""
    return term in said and said[term].attributes.get("Bool", "true") == "true"


def own_name(csdl: Csdl, what: EntityType | EnumType | Operation) -> str | None:
    """The full name that a table, choice or verb has where it comes from."""
    return text_of(said_of(csdl, what.annotations), "Name")
