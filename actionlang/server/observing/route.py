"""What of a request's address may stand in logs and traces: no values of rows, nothing that somebody pasted into it."""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "*"

_LONGEST_PART = 64
_MOST_PARTS = 12
_IN_PARENTHESES = re.compile(r"\((?:'[^']*'|[^()'])*\)")
_PLAIN = re.compile(rf"(?:/[A-Za-z0-9._$~@:-]{{1,{_LONGEST_PART}}}(?:\(\*\))?){{1,{_MOST_PARTS}}}", re.ASCII)
_UNTOLD = re.compile(r"[^A-Za-z0-9._$~@:-]")


def told_route(path: str, prefix: str | None) -> str:
    """The path of a request below a door's prefix, without what stands in parentheses, which are keys and arguments:
    `/api/data/v9.2/cases(*)/Escalate`. Where no door is there, nothing of it is told."""
    if prefix is None:
        return f"/{MASK}"
    decoded = unquote(path, errors="replace") if "%" in path else path
    # Nearly all addresses are such.
    plain = _IN_PARENTHESES.sub(f"({MASK})", decoded) if "(" in decoded else decoded
    if _PLAIN.fullmatch(plain):
        return plain
    shown = _without_parentheses(decoded)
    parts = shown.strip("/").split("/")
    told = [_part(each) for each in parts[:_MOST_PARTS]]
    return "/" + "/".join(told) + (f"/{MASK}" if len(parts) > _MOST_PARTS else "")


def _part(text: str) -> str:
    name, opened, _ = text.partition("(")
    if len(name) > _LONGEST_PART or _UNTOLD.search(name):
        return MASK
    return name + (f"({MASK})" if opened else "")


def _without_parentheses(path: str) -> str:
    """A path in which parentheses are empty, whatever quotes, parentheses and slashes there are inside of them."""
    kept: list[str] = []
    depth = 0
    is_quoted = False
    for letter in path:
        if depth and letter == "'":
            is_quoted = not is_quoted
        elif not is_quoted and letter == "(":
            depth += 1
            kept.append("(" if depth == 1 else "")
        elif not is_quoted and letter == ")" and depth:
            depth -= 1
            kept.append(")" if not depth else "")
        elif not depth:
            kept.append(letter)
    return "".join(kept)
