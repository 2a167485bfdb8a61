"""A picture as SVG: Graphviz draws it, and here it gets what a page needs: a title and a description for those who can not see
it, dark colours for dark screens, plain links, and no ids that would clash with those of another picture on the same page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

import attrs

from actionlang.graph.dot import to_dot
from actionlang.graph.fitting import whole_text
from actionlang.graph.layout import draw_svg
from actionlang.graph.linking import Link, no_link
from actionlang.graph.palette import DARK
from actionlang.graph.picture import Picture

SPACE = "http://www.w3.org/2000/svg"
LINKS = "http://www.w3.org/1999/xlink"
SHAPES = ("polygon", "path", "ellipse", "polyline", "rect")
OF_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write."""


@attrs.frozen
class Wanted:
    """How an SVG is to be used. `name` begins its ids; with `styled` it has its dark colours in it, else the page around it must
    have those of `style_sheet`."""

    name: str = "picture"
    styled: bool = True


def to_svg(pictures: Sequence[Picture], links: Sequence[Link] = (), wanted: Sequence[Wanted] = ()) -> list[str]:
    """Each picture as the text of an SVG file, without the XML declaration; `links` and `wanted` are one for each, if given.

    Raises ActionLangError when there is no Graphviz, or when it can not draw one of them.
    """
    leads = links or [no_link] * len(pictures)
    ways = wanted or [Wanted()] * len(pictures)
    drawn = draw_svg([to_dot(picture, link) for picture, link in zip(pictures, leads, strict=True)])
    return [_finished(text, picture, way) for text, picture, way in zip(drawn, pictures, ways, strict=True)]


def style_sheet() -> str:
    """The dark colours of all parts, as CSS."""
    rules = [
        f".al-paper{{fill:{DARK.paper}}}",
        f".al-ink{{fill:{DARK.text}}}",
        f".al-soft{{fill:{DARK.soft}}}",
        f".al-frame{{fill:{DARK.frame_fill};stroke:{DARK.frame}}}",
        f".al-rim{{stroke:{DARK.frame}}}",
        *(
            f".al-{kind}{{fill:{colors.fill}}}.al-{kind},.al-{kind}-line{{stroke:{colors.line}}}"
            for kind, colors in DARK.nodes.items()
        ),
        *(
            f".al-{kind}-arrow{{stroke:{color}}}.al-{kind}-head{{fill:{color};stroke:{color}}}"
            for kind, color in DARK.edges.items()
        ),
    ]
    links = ".al-picture a:hover text,.al-picture a:focus text{text-decoration:underline}"
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}{links}"


def _finished(text: bytes, picture: Picture, wanted: Wanted) -> str:
    root = ET.fromstring(text)  # noqa: S314 - Graphviz has just written it
    told = {node.key: whole_text(node) for node in picture.nodes}
    for parent in root.iter():
        _without_clutter(parent)
    for group in root.iter(_tag("g")):
        _painted(group, told)
    _headed(root, picture, wanted)
    ET.register_namespace("", SPACE)
    return ET.tostring(root, encoding="unicode") + "\n"


def _tag(name: str) -> str:
    return f"{{{SPACE}}}{name}"


def _without_clutter(element: ET.Element) -> None:
    """Take away ids, and what stands around a box that leads nowhere; make links plain."""
    element.attrib.pop("id", None)
    element.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    for child in list(element):
        link = child.find(_tag("a")) if child.tag == _tag("g") and len(child) == 1 else None
        if link is None:
            continue
        target = link.attrib.get(f"{{{LINKS}}}href")
        at = list(element).index(child)
        element.remove(child)
        if target is None:
            for number, inside in enumerate(list(link)):
                element.insert(at + number, inside)
        else:
            link.attrib.clear()
            link.set("href", target)
            element.insert(at, link)


def _painted(group: ET.Element, told: dict[str, str]) -> None:
    """Name the parts of a box, an arrow or a frame, so that style sheets find them; give a box its whole text to point at."""
    what, _, kind = group.get("class", "").partition(" ")
    title = group.find(_tag("title"))
    if title is not None:
        text = told.get(title.text or "") if what == "node" else None
        if text is None:
            group.remove(title)
        else:
            title.text = OF_XML.sub("\ufffd", text)
    for part in _parts(group):
        name = part.tag.removeprefix(f"{{{SPACE}}}")
        if name == "text":
            part.set("class", "al-ink" if what == "node" else "al-soft")
        elif name in SHAPES:
            part.set("class", _class(what, kind, filled=part.get("fill", "none") != "none"))


def _parts(group: ET.Element) -> Iterator[ET.Element]:
    for child in group:
        if child.tag == _tag("a"):
            yield from child
        elif child.tag != _tag("g"):
            yield child


def _class(what: str, kind: str, *, filled: bool) -> str:
    if what == "node":
        return f"al-{kind}" if filled else f"al-{kind}-line"
    if what == "edge":
        return f"al-{kind}-head" if filled else f"al-{kind}-arrow"
    if what == "cluster":
        return "al-frame" if filled else "al-rim"
    return "al-paper"


def _headed(root: ET.Element, picture: Picture, wanted: Wanted) -> None:
    """Title, description and colours at the head."""
    linked = root.find(f".//{_tag('a')}") is not None
    root.set("class", "al-picture")
    # What is an image has nothing inside that could be gone to.
    root.set("role", "group" if linked else "img")
    root.set("aria-labelledby", f"{wanted.name}-title")
    root.set("aria-describedby", f"{wanted.name}-told")
    style = [("style", None, style_sheet())] if wanted.styled else []
    heads = [
        ("title", f"{wanted.name}-title", picture.title),
        ("desc", f"{wanted.name}-told", picture.description),
        *style,
    ]
    for number, (name, key, text) in enumerate(heads):
        head = ET.Element(_tag(name), {} if key is None else {"id": key})
        head.text = OF_XML.sub("\ufffd", text)
        root.insert(number, head)
