"""A syntax as a railroad diagram: whoever follows the track has written something right."""

from __future__ import annotations

import io

import railroad

from website.syntax import NOTHING, Either, Named, Perhaps, Repeated, Sequence, Syntax, Word

WIDEST = 520
"""Tracks that are longer go on in a row below."""

STYLE = """
svg { background: #fbfcfc; }
path { stroke: #3c5a60; stroke-width: 2; fill: none; }
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; text-anchor: middle; fill: #12343b; }
rect { stroke: #3c5a60; stroke-width: 1.5; fill: #e3f3ef; }
g.terminal rect { fill: #fff1d9; }
@media (prefers-color-scheme: dark) {
  svg { background: #1a2326; }
  path, rect { stroke: #9fb8bd; }
  text { fill: #e6eeee; }
  rect { fill: #21423f; }
  g.terminal rect { fill: #4a3a1c; }
}
"""
"""Colours where the picture stands alone; as a part of a page it takes those of website/theme."""


def drawn(syntax: Syntax) -> str:
    """The diagram as SVG with a style of its own."""
    parts = syntax.parts if isinstance(syntax, Sequence) else (syntax,)
    rows: list[list[railroad.DiagramItem]] = [[]]
    for part in parts:
        item = _item(part)
        if rows[-1] and sum(each.width for each in rows[-1]) + item.width > WIDEST:
            rows.append([])
        rows[-1].append(item)
    tracks = [railroad.Sequence(*row) for row in rows]
    diagram = railroad.Diagram(railroad.Stack(*tracks) if len(tracks) > 1 else tracks[0], type="complex")
    text = io.StringIO()
    diagram.writeStandalone(text.write, STYLE)
    return text.getvalue().strip() + "\n"


def _item(syntax: Syntax) -> railroad.DiagramItem:
    match syntax:
        case Word(text):
            return railroad.Terminal(text)
        case Named(name):
            return railroad.NonTerminal(name, href=f"#{name}")
        case Sequence(parts):
            return railroad.Sequence(*map(_item, parts))
        case Either(ways):
            return railroad.Choice(0, *map(_item, ways))
        case Perhaps(Repeated(part, between)):
            return railroad.Optional(railroad.OneOrMore(_item(part), None if between == NOTHING else _item(between)))
        case Perhaps(part):
            return railroad.Optional(_item(part))
        case Repeated(part, between):
            return railroad.OneOrMore(_item(part), None if between == NOTHING else _item(between))
