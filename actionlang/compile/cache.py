"""What was found out about unchanged scripts, kept between runs: see docs/decisions/0003-check-cache.md.

An entry is a file in the user's cache folder. Its first line says what it is, with a hash of the second; the second is a JSON
object, the head; the rest are bytes that the head describes. It is data only: nothing of it is ever run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from actionlang.syntax.cache_folder import cache_folder

FORMAT = b"actionlang.check/3"
MOST_ENTRIES = 200
"""Entries kept; the one written longest ago makes room."""

MAKERS = ("compile", "lint", "check", "syntax", "plan", "metadata", "diagnostics", "grammar", "stdlib")
"""The packages whose code and data decide what is found out about a script."""


@cache
def made_by() -> str:
    """A hash of the code, grammar and standard library at work: with another one, nothing found out before counts."""
    # Not `resources.files("actionlang.grammar")`: importing a package for its place costs more than reading it.
    import actionlang

    digest = sha256()
    house = Path(actionlang.__path__[0])
    for maker in MAKERS:
        folder = house / maker
        if not folder.is_dir():  # an editable install, where these two stand at the top
            folder = house.parent / maker
        for path in _files(folder):
            digest.update(f"{path}\n{path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """The files in a folder and below it, but for what Python and tests leave there."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name not in ("__pycache__", "tests"):
                    yield from _files(Path(entry.path))
            else:
                yield Path(entry.path)


def digest_of(path: Path) -> str | None:
    """The hash of a file's bytes; None when it can not be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def entry_file(*names: str) -> Path:
    """Where the entry of something that goes by these names is kept."""
    key = sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return cache_folder() / "checks" / key


Entry = tuple[dict[str, Any], bytes]
"""A head and the bytes that it describes."""


def read_entry(file: Path) -> Entry | None:
    """The head and the bytes of an entry; None when there is none, or it is damaged or made by other code."""
    try:
        first, head, rest = file.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        return None
    if first != _first_line(head):
        return None
    found = json.loads(head)
    return (found, rest) if found.pop("made_by", None) == made_by() else None


def write_entry(file: Path, head: dict[str, Any], rest: bytes) -> None:
    """Keep an entry. Where that is not possible, it is done without."""
    line = json.dumps({**head, "made_by": made_by()}, ensure_ascii=True, separators=(",", ":")).encode()
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(b"\n".join((_first_line(line), line, rest)))
        temporary.replace(file)
        _make_room(file.parent)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _first_line(head: bytes) -> bytes:
    return FORMAT + b" " + sha256(head).hexdigest().encode()


def _make_room(folder: Path) -> None:
    entries = sorted(_written(folder), reverse=True)
    for _, path in entries[MOST_ENTRIES:]:
        Path(path).unlink(missing_ok=True)


def _written(folder: Path) -> Iterable[tuple[int, str]]:
    with os.scandir(folder) as entries:
        return [(entry.stat().st_mtime_ns, entry.path) for entry in entries]
