"""A picture as DOT, the language of Graphviz: https://graphviz.org/doc/info/lang.html.

Labels are HTML-like (https://graphviz.org/doc/info/shapes.html#html), so that headlines can be bold; they are escaped as XML.
All else stands in quotes. The flow keeps to one line from top to bottom, with the failures beside what they come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

import attrs

from actionlang.graph.fitting import Box, box_of, fitted, whole_text
from actionlang.graph.linking import Link, no_link
from actionlang.graph.palette import LIGHT
from actionlang.graph.picture import Edge, EdgeKind, Group, GroupKind, Node, NodeKind, Picture

FONT = "DejaVu Sans,Helvetica,Arial,sans-serif"
SIZE, SMALL = 11, 10


@attrs.frozen
class Shape:
    """How boxes of a kind look. `lines_left` puts what stands below the headline at the left."""

    shape: str
    style: str
    lines_left: bool = True


BOX = Shape("box", "filled")
SHAPES: dict[NodeKind, Shape] = {
    "start": Shape("box", "filled,rounded"),
    "end": Shape("box", "filled,rounded"),
    "fail": Shape("box", "filled,rounded"),
    "decision": Shape("hexagon", "filled", lines_left=False),
    "loop": Shape("hexagon", "filled", lines_left=False),
    "attempt": Shape("hexagon", "filled", lines_left=False),
    "unavailable": Shape("box", "filled,dashed"),
    "table": Shape("cylinder", "filled", lines_left=False),
    "verb": Shape("box", "filled,rounded", lines_left=False),
    "function": Shape("box", "filled,rounded", lines_left=False),
    "state": Shape("box", "filled,rounded", lines_left=False),
}
FRAMES: dict[GroupKind, str] = {"stage": "filled,rounded", "module": "filled,rounded"}
LINES: dict[EdgeKind, str] = {"failure": "dashed", "reads": "dashed", "below": "invis"}
WEIGHTS: dict[EdgeKind, int] = {"next": 8, "below": 8, "done": 0}
"""How much arrows want to be short and straight; 1 where nothing is said. What comes after a loop stands below its body, and the
arrow that leads there goes around."""

POINTED = "0.02,0.04"
"""The margin inside shapes whose sides take enough room as they are."""

THICK = "2.2"
BACKSLASH = "\\"

PERFORM_BORDERS = 2
"""A box that stands for another verb has a double border."""


def to_dot(picture: Picture, link: Link = no_link) -> str:
    """The text of a picture, ending in a line end; the same for the same picture. Colours are those for light paper; `class`
    says what each part is, for style sheets."""
    return "\n".join(_lines(picture, link)) + "\n"


def _lines(picture: Picture, link: Link) -> Iterator[str]:
    yield "digraph picture {"
    yield (
        "  graph ["
        + _attributes(
            bgcolor=LIGHT.paper,
            rankdir="LR" if picture.sideways else "TB",
            fontname=FONT,
            fontsize=SIZE,
            fontcolor=LIGHT.soft,
            label=picture.heading,
            labelloc="t",
            labeljust="l",
            nodesep="0.3",
            ranksep="1.2" if picture.sideways else "0.35",
            pad="0.2",
        )
        + "];"
    )
    yield f"  node [{_attributes(fontname=FONT, fontsize=SIZE, fontcolor=LIGHT.text, margin='0.14,0.08', height='0.3')}];"
    yield f"  edge [{_attributes(fontname=FONT, fontsize=SMALL, fontcolor=LIGHT.soft, arrowsize='0.7')}];"
    yield from _inside(picture, None, "  ", link)
    tables = [node.key for node in picture.nodes if node.kind == "table"]
    if tables:
        yield f"  {{ rank=sink; {'; '.join(tables)} }}"
    for edge in picture.edges:
        yield f"  {_arrow(edge)};"
    yield "}"


def _inside(picture: Picture, parent: str | None, indent: str, link: Link) -> Iterator[str]:
    beside = {node.key: node for node in picture.nodes if node.kind == "fail"}
    for node in picture.nodes:
        if node.group == parent:
            yield f"{indent}{node.key} [label={_label(node)} {_look(node, link)}];"
    for edge in picture.edges:
        if edge.kind == "failure" and edge.target in beside and beside[edge.target].group == parent:
            yield f"{indent}{{ rank=same; {edge.source}; {edge.target} }}"
    for group in picture.groups:
        if group.parent == parent:
            yield f"{indent}subgraph cluster_{group.key} {{"
            yield f"{indent}  {_frame(group)};"
            yield from _inside(picture, group.key, f"{indent}  ", link)
            yield f"{indent}}}"


def _arrow(edge: Edge) -> str:
    """An arrow. One that leads back is laid out as if it led on, so that what is done later stands below."""
    back = edge.kind == "again"
    source, target = (edge.target, edge.source) if back else (edge.source, edge.target)
    more: dict[str, str] = {"class": edge.kind}
    if edge.label:
        more["label"] = _breaks(edge.label, indent="  ")
    if back:
        more["dir"] = "back"
    if edge.kind == "performs":
        more["penwidth"] = THICK
    if edge.kind in WEIGHTS:
        more["weight"] = str(WEIGHTS[edge.kind])
    look = _attributes(color=LIGHT.edges[edge.kind], style=LINES.get(edge.kind, "solid"), **more)
    return f"{source} -> {target} [{look}]"


def _frame(group: Group) -> str:
    return (
        "graph ["
        + _attributes(
            label=_breaks(group.title),
            labeljust="l",
            style=FRAMES.get(group.kind, "rounded,dashed"),
            color=LIGHT.frame,
            fillcolor=LIGHT.frame_fill,
            fontsize=SMALL,
            margin=10,
            **{"class": group.kind},
        )
        + "]"
    )


def _look(node: Node, link: Link) -> str:
    shape, colors = SHAPES.get(node.kind, BOX), LIGHT.nodes[node.kind]
    target = link(node)
    more = {} if target is None else {"URL": target}
    if shape.shape == "hexagon":
        more["margin"] = POINTED
    if node.kind == "perform":
        more["peripheries"] = str(PERFORM_BORDERS)
    return _attributes(
        shape=shape.shape,
        style=shape.style,
        fillcolor=colors.fill,
        color=colors.line,
        tooltip=whole_text(node),
        **{"class": node.kind},
        **more,
    )


def _label(node: Node) -> str:
    """An HTML-like label: a bold headline, the lines below."""
    box: Box = box_of(node)
    end = '<BR ALIGN="LEFT"/>' if SHAPES.get(node.kind, BOX).lines_left and box.lines else "<BR/>"
    parts = [f"<B>{_text(line)}</B>" for line in box.title] + [_text(line) for line in box.lines]
    return f"<{end.join(parts)}{end if 'LEFT' in end else ''}>"


def _text(line: str) -> str:
    """A line as XML. Graphviz reads escapes of its own even there, so a backslash is doubled."""
    return escape(line, {BACKSLASH: BACKSLASH * 2})


def _breaks(text: str, indent: str = "") -> str:
    return "\n".join(f"{indent}{line}{indent}" for line in fitted(text))


def _attributes(**values: str | int) -> str:
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in values.items())


def _quoted(text: str) -> str:
    """A text in quotes. A backslash is doubled, for labels read escapes of their own; line ends become theirs."""
    inner = text.replace(BACKSLASH, BACKSLASH * 2).replace('"', '\\"').replace("\n", "\\n").replace("\r", "")
    return f'"{inner}"'
