"""What was found out about each module of a project, and when that still holds.

A module's diagnostics follow from its text and from what it sees of its imports. So a record keeps the hash of the text, and for
each import the hash of its interface; as long as all of these are the same, so are the diagnostics. An edit of a verb's steps
changes the module's own text and nothing else; one of a table changes the interface, and those who import it are checked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import attrs

from actionlang.diagnostics.source import Source


@attrs.frozen
class ImportRecord:
    """An import that was found: the name of its module, how the script says it, and the hash of the interface."""

    name: str
    target: str
    is_path: bool
    interface: str


@attrs.frozen
class ModuleRecord:
    """A module: its name, the hash of its text and of its source's name, its imports in their order, the hash of its interface
    and the interface, its diagnostics as data, and whether it `hangs` hooks or overrides on others."""

    name: str
    text: str
    imports: tuple[ImportRecord, ...]
    interface: str
    diagnostics: tuple[list[Any], ...]
    hangs: bool
    data: bytes = attrs.field(repr=False)


Records = Mapping[str, ModuleRecord]
"""By the names of the modules."""


def hash_of_source(source: Source) -> str:
    """What a record knows a text by: it is another one when its file is called differently, as diagnostics say that name."""
    return sha256(f"{source.name}\0{source.text}".encode("utf-8", "surrogatepass")).hexdigest()


def hash_of_interface(data: bytes, imports: Iterable[str]) -> str:
    """What an interface is known by. Those of the imports are in it: whoever sees a module's tables sees theirs through them."""
    digest = sha256(data)
    for interface in imports:
        digest.update(interface.encode())
    return digest.hexdigest()


def to_entry(records: Iterable[ModuleRecord], start: int) -> tuple[list[Any], bytes]:
    """Records as JSON data, and the interfaces as bytes, which will stand behind `start` others."""
    data: list[Any] = []
    blob = bytearray()
    for record in records:
        imports = [attrs.astuple(each) for each in record.imports]
        place = [start + len(blob), len(record.data)]
        data.append(
            [record.name, record.text, imports, record.interface, list(record.diagnostics), record.hangs, place]
        )
        blob += record.data
    return data, bytes(blob)


def from_entry(data: Iterable[list[Any]], blob: bytes) -> dict[str, ModuleRecord]:
    """The records of such data, without those whose bytes are damaged."""
    found: dict[str, ModuleRecord] = {}
    for name, text, imports, interface, diagnostics, hangs, (start, length) in data:
        piece = blob[start : start + length]
        made = tuple(ImportRecord(*each) for each in imports)
        if hash_of_interface(piece, (each.interface for each in made)) == interface:
            found[name] = ModuleRecord(name, text, made, interface, tuple(diagnostics), hangs, piece)
    return found
