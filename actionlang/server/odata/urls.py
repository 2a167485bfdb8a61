"""Addresses below the root of the service: the resource that a path names, and what stands behind the question mark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

import attrs

from actionlang.metadata.tables import Table
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.given_rows import GivenRows
from actionlang.server.odata.key_forms import key_forms
from actionlang.server.odata.segments import Segment, bad_address, segments_of
from actionlang.server.odata.wire import Wire
from actionlang.server.refusal import Refusal

__all__ = ["Address", "Query", "Segment", "address_of", "key_in", "keys_read_by", "query_of"]

SERVICE = re.compile(r"(.*?/api/data/v[0-9]{1,3}\.[0-9]{1,3})(?:/(.*))?", re.DOTALL)
MOST_OPTIONS = 100


@attrs.frozen
class Address:
    """Where a request goes: the root of the service as the caller sees it, and the parts of the path below."""

    root: str
    segments: tuple[Segment, ...]


@attrs.frozen
class Query:
    """What stands behind the question mark, decoded: options of OData by their names with the sign (`$filter`), aliases of
    parameters (`@p`), and what else there is."""

    system: Mapping[str, str]
    aliases: Mapping[str, str]
    others: Mapping[str, str]


def address_of(base: str, path: str) -> Address:
    """The address of a request, any version of the service. Raises Refusal for what is none."""
    found = SERVICE.fullmatch(path)
    if found is None:
        raise bad_address("The address is not below /api/data/vN.M.", "for instance /api/data/v9.2/")
    return Address(f"{base}{found[1]}", segments_of((found[2] or "").removesuffix("/")))


def query_of(query: str) -> Query:
    """What stands behind the question mark. Raises Refusal where an option stands there twice, or it is not in UTF-8."""
    system: dict[str, str] = {}
    aliases: dict[str, str] = {}
    others: dict[str, str] = {}
    parts = [part for part in query.split("&") if part] if query else []
    if len(parts) > MOST_OPTIONS:
        raise bad_address(f"There are more than {MOST_OPTIONS} options behind the question mark.")
    for part in parts:
        try:
            name, _, value = (unquote_plus(text, errors="strict") for text in part.partition("="))
        except UnicodeDecodeError:
            raise bad_address("What stands behind the question mark is not in UTF-8.") from None
        kind = system if name.startswith("$") else aliases if name.startswith("@") else others
        if name in kind and kind is not others:
            raise bad_address(f"{name} stands behind the question mark twice.", target=name)
        kind[name] = value
    return Query(system, aliases, others)


def keys_read_by(wire: Wire) -> GivenRows:
    """What reads keys in addresses: for whoever reads many."""
    return GivenRows(wire, value_reader)


def key_in(segment: Segment, table: Table, wire: Wire, keys: GivenRows | None = None) -> object:
    """The row that a part of a path names, as runs take it: a RowRef where it is by its primary key. Raises Refusal."""
    try:
        return (keys or keys_read_by(wire)).by_key(table, segment)
    except ValueError as error:
        message = f"What stands in the parentheses of {segment.name} is no key: it takes {error}."
        raise bad_address(message, _written(table, segment, wire)) from None
    except Refusal as refusal:
        raise attrs.evolve(refusal, hint=_written(table, segment, wire)) from None


def _written(table: Table, segment: Segment, wire: Wire) -> str:
    """How a key is written."""
    return f"for instance {' or '.join(key_forms(table, segment.name, wire))}"
