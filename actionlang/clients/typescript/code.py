"""Pieces of TypeScript as text."""

from __future__ import annotations

import json
import re

from actionlang.clients.prose import printable

INDENT = "  "
PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def comment(text: str, depth: int = 0, *, deprecated: str | None = None) -> list[str]:
    """The lines of a comment for documentation at a depth of indentation; that something is deprecated stands last."""
    lines = _safe_lines(text)
    if deprecated is not None:
        lines += ["", f"@deprecated {' '.join(_safe_lines(deprecated))}"]
    pad = INDENT * depth
    if len(lines) == 1:
        return [f"{pad}/** {lines[0]} */"]
    return [f"{pad}/**", *(f"{pad} * {line}".rstrip() for line in lines), f"{pad} */"]


def _safe_lines(text: str) -> list[str]:
    # What closes a comment is parted; a tag (`@ts-ignore`, `@internal`) would be one of ours.
    parted = "".join(printable(text)).replace("*/", "*\\/").strip()
    return [re.sub(r"^([\s*/]*)@", r"\1\\@", line.rstrip()) for line in parted.split("\n")]


def string(text: str) -> str:
    """A text as TypeScript writes it; what can not be seen is written by its number."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in written)


def member(name: str) -> str:
    """A name as an object's literal has it."""
    if name == "__proto__":
        return '["__proto__"]'  # Without the brackets it would set the object's prototype.
    return name if PLAIN.fullmatch(name) else string(name)


def block(head: str, lines: list[str], tail: str = "}") -> list[str]:
    """Lines between a head and a tail, further in."""
    return [head, *(f"{INDENT}{line}" if line else "" for line in lines), tail]
