"""Scripts to draw, and the pictures of their verbs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from actionlang.compile.compiled import Compiled, compile_scripts, compile_standard
from actionlang.compile.selection import select
from actionlang.graph.flow import flow_of
from actionlang.graph.picture import Edge, Node, Picture
from actionlang.plan.codec import decode
from actionlang.plan.plan import StepPlan

HOSTILE = r"""
choice kind < `class`; `"quoted"`; `a]b`; `<script>alert(1)</script>` >
table `end` "graph TD; A-->B" < `subgraph` text(90); `1. x` text(90); status < `style` -> `click`; `click` > >
table `<img src=x onerror=alert(1)>` < `&amp; "x" 'y'` text(20); e kind >
## <script>alert("doc")</script> **bold** [x](javascript:alert(1)) `code` & more
action `end` on `end` (`"a" ] }} >` text default "]\"); click n1 call alert()") returns (`<out>` text) <
  stage "\"]) end ;; %% comment -- \n new line \\ #35; `md` *x* _y_ 日本語 العربية 😀" <
    require (`end`.`subgraph` is not empty) else "1. no\n2. <b>{`end`.`1. x` otherwise "e"}</b>";
    update `end` set `subgraph` = "- list\\l \\N \\G", `1. x` = "===";
    move `end` to `click`
  >
  perform `graph`(x: `"a" ] }} >`);
  return `<out>`: "done </text></svg> ]]> --> &#x3c;"
>
action `graph` (x text) < create `<img src=x onerror=alert(1)>` set `&amp; "x" 'y'` = x, e = `<script>alert(1)</script>` >
"""
"""Names and texts that mean something to Mermaid, DOT, XML or HTML."""


def plans_of(folder: Path, text: str) -> dict[str, StepPlan]:
    """The plans of a script's verbs, by their names."""
    script = folder / "desk.act"
    script.write_text(text, "utf-8")
    compiled = compile_scripts(select([script]), cached=False).needed()
    return {verb.short_name: decode(compiled.plan(verb)) for verb in compiled.verbs}


@cache
def _standard() -> Compiled:
    return compile_standard(cached=False).needed()


def standard_plan(name: str) -> StepPlan:
    """The plan of a verb of the standard library, by its full name."""
    (verb,) = [each for each in _standard().verbs if each.name == name]
    return decode(_standard().plan(verb))


def flow(folder: Path, text: str, verb: str = "Do") -> Picture:
    """The picture of a verb in a script."""
    return flow_of(plans_of(folder, text)[verb])


def node(picture: Picture, title: str) -> Node:
    """The box with a headline."""
    (found,) = [each for each in picture.nodes if each.title == title]
    return found


def edges(picture: Picture) -> list[tuple[str, str, str]]:
    """The arrows that are drawn, between headlines, with their labels."""
    titles = {each.key: each.title for each in picture.nodes}
    return [(titles[each.source], each.label, titles[each.target]) for each in drawn(picture)]


def drawn(picture: Picture) -> list[Edge]:
    """The arrows that are drawn."""
    return [each for each in picture.edges if each.kind != "below"]
