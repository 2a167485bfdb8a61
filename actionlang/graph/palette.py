"""Colours of boxes and arrows, by light and by dark. Text stands out from its box by 7:1 at least (WCAG 2.2, level AAA)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.graph.picture import EdgeKind, NodeKind


@attrs.frozen
class Colors:
    """What a box or an arrow is painted with."""

    fill: str
    line: str


@attrs.frozen
class Palette:
    """All colours of a picture."""

    paper: str
    text: str
    soft: str
    frame: str
    frame_fill: str
    nodes: Mapping[NodeKind, Colors]
    edges: Mapping[EdgeKind, str]


LIGHT = Palette(
    paper="#ffffff",
    text="#1f2328",
    soft="#59636e",
    frame="#8c959f",
    frame_fill="#f6f8fa",
    nodes={
        "start": Colors("#dafbe1", "#1a7f37"),
        "step": Colors("#ffffff", "#59636e"),
        "decision": Colors("#fff8c5", "#9a6700"),
        "loop": Colors("#fbefff", "#8250df"),
        "attempt": Colors("#fff1e5", "#bc4c00"),
        "perform": Colors("#ddf4ff", "#0969da"),
        "fail": Colors("#ffebe9", "#cf222e"),
        "end": Colors("#dafbe1", "#1a7f37"),
        "unavailable": Colors("#eaeef2", "#59636e"),
        "verb": Colors("#ddf4ff", "#0969da"),
        "function": Colors("#fbefff", "#8250df"),
        "table": Colors("#fff8c5", "#9a6700"),
        "state": Colors("#ffffff", "#59636e"),
    },
    edges={
        "next": "#59636e",
        "again": "#8250df",
        "done": "#59636e",
        "failure": "#cf222e",
        "reads": "#59636e",
        "writes": "#9a6700",
        "performs": "#0969da",
        "starts": "#0969da",
        "below": "#ffffff",
    },
)

DARK = Palette(
    paper="#0d1117",
    text="#f0f6fc",
    soft="#b1bac4",
    frame="#6e7681",
    frame_fill="#151b23",
    nodes={
        "start": Colors("#12361f", "#3fb950"),
        "step": Colors("#212830", "#9198a1"),
        "decision": Colors("#3b2d0a", "#d29922"),
        "loop": Colors("#31214b", "#ab7df8"),
        "attempt": Colors("#412410", "#f0883e"),
        "perform": Colors("#10305a", "#4493f8"),
        "fail": Colors("#4b1518", "#f85149"),
        "end": Colors("#12361f", "#3fb950"),
        "unavailable": Colors("#262c36", "#9198a1"),
        "verb": Colors("#10305a", "#4493f8"),
        "function": Colors("#31214b", "#ab7df8"),
        "table": Colors("#3b2d0a", "#d29922"),
        "state": Colors("#212830", "#9198a1"),
    },
    edges={
        "next": "#9198a1",
        "again": "#ab7df8",
        "done": "#9198a1",
        "failure": "#f85149",
        "reads": "#9198a1",
        "writes": "#d29922",
        "performs": "#4493f8",
        "starts": "#4493f8",
        "below": "#0d1117",
    },
)
