"""Pieces of Python as text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

import attrs

from actionlang.clients.prose import printable

INDENT = "    "
LONGEST = 88


def docstring(text: str, depth: int) -> list[str]:
    """The lines of a docstring at a depth of indentation."""
    # A backslash escapes only what was escaped here, and three quotes end nothing.
    safe = "".join(printable(text)).replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    if safe.endswith('"') and not safe.endswith('\\"\\"\\"'):
        safe = f'{safe[:-1]}\\"'
    lines = [line.rstrip() for line in safe.split("\n")]
    pad = INDENT * depth
    if len(lines) == 1:
        return [f'{pad}"""{lines[0]}"""']
    return [f'{pad}"""{lines[0]}', *(f"{pad}{line}".rstrip() for line in lines[1:]), f'{pad}"""']


def comment(text: str) -> list[str]:
    """The lines of a comment."""
    return [f"# {line}".rstrip() for line in "".join(printable(text)).split("\n")]


def string(text: str) -> str:
    """A text as Python writes it, with double quotes where that needs no escapes."""
    written = repr(text)
    return f'"{written[1:-1]}"' if written[0] == "'" and '"' not in written and "\\" not in written else written


def bracketed(head: str, items: Iterable[str], tail: str, depth: int) -> list[str]:
    """`head(` with an item a line, and `)tail`; all in one line where there is none."""
    listed, pad = list(items), INDENT * depth
    if not listed:
        return [f"{pad}{head}{tail}"]
    return [f"{pad}{head}", *(f"{pad}{INDENT}{item}," for item in listed), f"{pad}{tail}"]


def mapping(pairs: Iterable[tuple[str, str]], depth: int) -> str:
    """A mapping of texts to expressions: in one line, or in several where that would be long; then the lines but the first are at
    a depth of indentation."""
    listed = [f"{string(name)}: {value}" for name, value in pairs]
    line = "{" + ", ".join(listed) + "}"
    return line if len(line) <= LONGEST else "\n".join(bracketed("{", listed, "}", depth)).lstrip()


@attrs.frozen
class Imported:
    """A name that comes from a module; where it is another's, the module is imported whole, and called so."""

    module: str
    whole: bool = False


def module_text(doc: str, blocks: Iterable[str], known: Mapping[str, Imported], behind: str = "") -> str:
    """A module made of blocks. It imports what they mention of the known names; `behind` comes behind the imports."""
    body = "\n\n\n".join(blocks)
    mentioned = {node.id for node in ast.walk(ast.parse(f"{behind}\n{body}")) if isinstance(node, ast.Name)}
    imports = _imports({name: each for name, each in known.items() if name in mentioned})
    parts = [f'"""{doc}"""\n\nfrom __future__ import annotations', *imports, *([behind] if behind else [])]
    return "\n\n".join(parts) + f"\n\n\n{body}\n"


def _imports(wanted: Mapping[str, Imported]) -> Iterable[str]:
    """Import statements in three groups: the standard library, others, the package's own."""
    modules = sorted({each.module for each in wanted.values()})
    for group in range(3):
        chosen = [module for module in modules if _group(module) == group]
        lines = [
            _whole(name, each.module) for name, each in sorted(wanted.items()) if each.whole and each.module in chosen
        ]
        for module in chosen:
            names = sorted(name for name, each in wanted.items() if each == Imported(module))
            line = f"from {module} import {', '.join(names)}"
            if names:
                lines += [line] if len(line) <= LONGEST else bracketed(f"from {module} import (", names, ")", 0)
        if lines:
            yield "\n".join(lines)


def _group(module: str) -> int:
    return 2 if module.startswith(".") else 1 if module == "attrs" else 0


def _whole(name: str, module: str) -> str:
    if module.startswith("."):
        return f"from . import {module[1:]} as {name}"
    return f"import {module}" if name == module else f"import {module} as {name}"
