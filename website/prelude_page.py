"""docs/reference/prelude.md, made from stdlib/prelude.act."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from actionlang.diagnostics.source import Source
from actionlang.syntax import ast
from actionlang.syntax.parser import parse

PRELUDE = Path(__file__).parents[1] / "stdlib" / "prelude.act"
SECTION = re.compile(r"-{20,} (.+)$")

HEAD = """# Functions

Every script may call these without an import. This page is made from [stdlib/prelude.act](../../stdlib/prelude.act) by
`python -m website pages`; change that file, not this one.

"""


def page() -> str:
    """The page as it should be."""
    source = Source("prelude.act", PRELUDE.read_text("utf-8"))
    module = parse(source).module
    intro, sections = _comments(module)
    lines = [HEAD + intro + "\n"]
    functions = [declaration for declaration in module.declarations if isinstance(declaration, ast.Action)]

    def section_of(function: ast.Action) -> str:
        return [name for start, name in sections if start < function.start][-1]

    for name, members in groupby(functions, section_of):
        lines.append(f"\n## {name.capitalize()}\n")
        for function_name, overloads in groupby(members, lambda function: function.name.text):
            lines.append(f"\n### {function_name}\n")
            lines += [f"\n`{_signature(each, source)}`\n\n{_one_line(each.doc)}\n" for each in overloads]
    return "".join(lines)


def _comments(module: ast.Module) -> tuple[str, list[tuple[int, str]]]:
    """What the file says at its beginning, and its sections by where they begin."""
    intro: list[str] = []
    sections: list[tuple[int, str]] = []
    for comment in module.comments:
        found = SECTION.match(comment.text.strip())
        if found:
            sections.append((comment.start, found[1]))
        elif not sections and not comment.is_doc:
            intro.append(comment.text.strip())
    return "\n".join(intro[1:]), sections


def _signature(function: ast.Action, source: Source) -> str:
    """`left(value text, count integer) -> text`."""
    parameters = ", ".join(_words(each, source) for each in function.parameters)
    result = _words(function.returns[0], source).partition(" ")[2]
    return f"{function.name.text}({parameters}) -> {result}"


def _words(parameter: ast.Parameter, source: Source) -> str:
    return source.text[parameter.start : parameter.end]


def _one_line(doc: str) -> str:
    return " ".join(doc.split())
