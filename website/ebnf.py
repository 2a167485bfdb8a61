"""A syntax in EBNF, as text: `"words"`, names, `[ may be left out ]`, `{ none, one or many }`, `( one | another )`."""

from __future__ import annotations

from website.syntax import NOTHING, Either, Named, Perhaps, Repeated, Sequence, Syntax, Word

WIDTH = 84


def ebnf(name: str, syntax: Syntax) -> str:
    """`name = ... .`, over several lines where one is too long."""
    line = f"{name} = {_text(syntax)} ."
    if len(line) <= WIDTH:
        return line
    if isinstance(syntax, Either):
        rows = [_text(way) for way in syntax.ways]
        return f"{name} = " + f"\n{' ' * len(name)} | ".join(rows) + " ."
    parts = syntax.parts if isinstance(syntax, Sequence) else (syntax,)
    return _wrapped(f"{name} = ", [*(_inside(part) for part in parts), "."])


def _text(syntax: Syntax) -> str:
    match syntax:
        case Word(text):
            return f'"{text}"'
        case Named(name):
            return name
        case Sequence(parts):
            return " ".join(_inside(part) for part in parts)
        case Either(ways):
            return " | ".join(_text(way) for way in ways)
        case Perhaps(Repeated(part, between)) if between == NOTHING:
            return f"{{ {_text(part)} }}"
        case Perhaps(part):
            return f"[ {_text(part)} ]"
        case Repeated(part, between):
            once = _inside(part)
            more = _text(part) if between == NOTHING else f"{_text(between)} {once}"
            return f"{once} {{ {more} }}"


def _inside(part: Syntax) -> str:
    """A part among others."""
    return f"( {_text(part)} )" if isinstance(part, Either) else _text(part)


def _wrapped(head: str, parts: list[str]) -> str:
    """The parts behind a head, over as many lines as they need. A part is broken only where a line can not hold it."""
    lines = [head]
    for part in parts:
        words = [part] if len(part) <= WIDTH - len(head) else part.split(" ")
        indent = " " * (len(head) + 2 * (len(words) > 1))
        if lines[-1] not in (head, "") and len(lines[-1]) + len(part) > WIDTH:
            lines.append(" " * len(head))
        for word in words:
            if len(lines[-1]) + len(word) > WIDTH and word != ".":
                lines.append(indent)
            lines[-1] += f"{word} "
    return "\n".join(line.rstrip() for line in lines)
