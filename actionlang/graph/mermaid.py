"""A picture as Mermaid text, which GitHub, GitLab, Azure DevOps and many wikis draw by themselves.

Syntax: https://mermaid.js.org/syntax/flowchart.html. Labels stand in quotes; every sign that Mermaid, Markdown or HTML would read
something into is written as its entity code (`#35;`), so that no label can end early or be taken for a keyword.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from actionlang.graph.fitting import box_of, fitted
from actionlang.graph.linking import Link, no_link
from actionlang.graph.palette import LIGHT
from actionlang.graph.picture import EdgeKind, NodeKind, Picture

SHAPES: dict[NodeKind, tuple[str, str]] = {
    "start": ("([", "])"),
    "end": ("([", "])"),
    "fail": ("([", "])"),
    "decision": ("{{", "}}"),
    "loop": ("{{", "}}"),
    "attempt": ("{{", "}}"),
    "perform": ("[[", "]]"),
    "table": ("[(", ")]"),
    "function": ("(", ")"),
    "verb": ("(", ")"),
    "state": ("(", ")"),
}
ARROWS: dict[EdgeKind, str] = {"failure": "-.->", "reads": "-.->", "performs": "==>", "below": "~~~"}
PLAIN = frozenset(" .,?!'/=():")
"""Signs that mean nothing inside quotes."""

READ = str.maketrans({"#": "", "`": "'", ";": ".", "{": "(", "}": ")", "<": "(", ">": ")"})
"""What stands for signs that mean something even outside of labels, where there are no entity codes."""

LONGEST_HEADING = 60
"""Cells of a frame's heading: Mermaid leaves room for one line."""

BACKSLASH = "\\"

LATIN = 0xFF
"""Signs of the languages that Mermaid reads are all up to here."""


def to_mermaid(picture: Picture, link: Link = no_link) -> str:
    """The text of a picture, ending in a line end; the same for the same picture."""
    return "\n".join(_lines(picture, link)) + "\n"


def _lines(picture: Picture, link: Link) -> Iterator[str]:
    yield "---"
    yield f"title: {json.dumps(_title(picture.heading), ensure_ascii=False)}"
    # Lines are broken here already; Mermaid would break them again, at 200 pixels.
    yield "config: {flowchart: {wrappingWidth: 500}}"
    yield "---"
    yield f"flowchart {'LR' if picture.sideways else 'TD'}"
    yield f"  accTitle: {_told(picture.title)}"
    yield f"  accDescr: {_told(picture.description)}"
    yield from _group(picture, None, "  ")
    for edge in picture.edges:
        arrow = ARROWS.get(edge.kind, "-->")
        label = f"|{_label(fitted(edge.label))}|" if edge.label else ""
        yield f"  {edge.source} {arrow}{label} {edge.target}"
    for node in picture.nodes:
        target = link(node)
        if target is not None:
            yield f"  click {node.key} href {json.dumps(_address(target))}"
    yield from _styles(picture)


def _group(picture: Picture, parent: str | None, indent: str) -> Iterator[str]:
    """The boxes in a frame, or outside of all of them, then the frames in it."""
    for node in picture.nodes:
        if node.group == parent:
            opening, closing = SHAPES.get(node.kind, ("[", "]"))
            box = box_of(node)
            below = "<br/>".join(map(_escaped, box.lines))
            text = f"<b>{'<br/>'.join(map(_escaped, box.title))}</b>{f'<br/>{below}' if below else ''}"
            yield f'{indent}{node.key}{opening}"{text}"{closing}:::{_class(node.kind)}'
    for group in picture.groups:
        if group.parent == parent:
            inside = list(_group(picture, group.key, f"{indent}  "))
            if inside:
                heading = fitted(group.title, LONGEST_HEADING, most=1) if group.title else (" ",)
                yield f"{indent}subgraph {group.key}[{_label(heading)}]"
                yield from inside
                yield f"{indent}end"


def _class(kind: NodeKind) -> str:
    """A class's name; `end` alone would close a frame."""
    return f"{kind}Box"


def _styles(picture: Picture) -> Iterator[str]:
    """Boxes have their own colours for text too, and so are read in light and in dark pages."""
    for kind in sorted({node.kind for node in picture.nodes}):
        colors = LIGHT.nodes[kind]
        yield f"  classDef {_class(kind)} fill:{colors.fill},stroke:{colors.line},color:{LIGHT.text}"


def _label(lines: tuple[str, ...]) -> str:
    return f'"{"<br/>".join(map(_escaped, lines))}"'


def _escaped(line: str) -> str:
    """A line in which only letters, digits and harmless signs stand for themselves; no line begins like a list or a heading."""
    return "".join(
        character if _harmless(character) and (index or character.isalpha()) else _code(character)
        for index, character in enumerate(line)
    )


def _code(character: str) -> str:
    """An entity code. Mermaid reads a backslash and an `n` as a line end, however they are written: a space of no width
    parts them."""
    return f"#{ord(character)};{'#8203;' if character == BACKSLASH else ''}"


def _harmless(character: str) -> bool:
    return character in PLAIN or character.isalnum() or ord(character) > LATIN


def _title(text: str) -> str:
    return " ".join(fitted(text, width=200, most=1))


def _told(text: str) -> str:
    """A text for those who can not see the picture: on one line, which is all that its statement takes, and in letters only."""
    plain = " ".join(fitted(text, width=1000, most=1))
    return plain.translate(READ).replace("%%", "%").strip() or "-"


def _address(target: str) -> str:
    """An address as it stands in quotes."""
    return target.replace('"', "%22").replace("\n", "").replace(" ", "%20")
