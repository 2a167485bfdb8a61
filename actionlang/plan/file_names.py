"""Names of files for verbs and tables, whose own names may have any sign that a database allows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

UNSAFE = re.compile(r"[^A-Za-z0-9_.-]|^\.|\.\.+")
LONGEST = 100


def file_names(names: Iterable[str]) -> dict[str, str]:
    """A name of a file, without suffix, for each name: the name itself where any system can have a file of that name, else what
    can be kept of it and a part of its hash. No two differ in case only. The same for the same names."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names):
        plain = UNSAFE.sub("_", name)[:LONGEST]
        if plain != name or plain.lower() in taken:
            plain = f"{plain}-{sha256(name.encode()).hexdigest()[:8]}"
        taken.add(plain.lower())
        found[name] = plain
    return found
