"""Letting Graphviz lay pictures out and draw them: that of the library pygraphviz, which brings Graphviz along, else the program
`dot` of the machine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Sequence
from importlib.util import find_spec

from actionlang.diagnostics.catalogue.project import MISSING_EXTRA, NO_PICTURE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

LIBRARY, PROGRAM = "pygraphviz", "dot"
SECONDS = 120
"""How long Graphviz may take for a picture. A hundred steps take less than one; thousands of arrows that cross take very long."""

POINTS = 72
"""Dots per inch of an SVG, whose unit is the point."""

SHARP = 144
"""Dots per inch of a PNG, so that its text stays sharp when it is looked at closely; fewer where it would be too large."""

MOST_PIXELS = 40_000_000
PROBES = tuple(f'digraph {{ a [shape=plain label="{text}"] }}' for text in ("a" + "\u0301" * 8, "a" * 9))
"""Two texts of nine characters. Accents take no room of their own, unless each is drawn as the box for what a font lacks."""
WISH = re.compile(r"^ *\{ rank=.*\n", re.MULTILINE)
SIZE = re.compile(rb'<svg width="([0-9.]+)pt" height="([0-9.]+)pt"')


def draw_svg(texts: Sequence[str]) -> list[bytes]:
    """Each DOT text as SVG.

    Raises ActionLangError when there is no Graphviz, or when it can not draw one of them.
    """
    return _draw([(text, POINTS) for text in texts], "svg")


def draw_png(texts: Sequence[str]) -> list[bytes]:
    """Each DOT text as PNG. Raises as `draw_svg` does, and where there is no font to draw text with."""
    *drawn, accents, letters = draw_svg([*texts, *PROBES])
    if _size(accents) == _size(letters):
        message = "There is no font on this machine, so that the picture would have boxes for letters."
        hint = (
            "install one (fonts-dejavu-core, say), or write .svg, which is shown with the fonts of whoever looks at it"
        )
        raise ActionLangError(Diagnostic(NO_PICTURE, message, hint=hint))
    return _draw([(text, _dots(svg)) for text, svg in zip(texts, drawn, strict=True)], "png")


def _dots(svg: bytes) -> int:
    """How many dots per inch a picture may have."""
    wide, high = _size(svg)
    return max(1, min(SHARP, int(POINTS * (MOST_PIXELS / (wide * high)) ** 0.5)))


def _size(svg: bytes) -> tuple[float, float]:
    """Width and height of a picture in points, none of them below one."""
    found = SIZE.search(svg)
    assert found, svg[:500]
    return max(1.0, float(found[1])), max(1.0, float(found[2]))


def _draw(texts: Sequence[tuple[str, int]], form: str) -> list[bytes]:
    """Each text drawn with its dots per inch. Where Graphviz fails on one (its own checks give up on some pictures with hundreds
    of arrows), that one is drawn without the wishes for boxes side by side."""
    try:
        return _drawn(texts, form)
    except ActionLangError as error:
        if error.diagnostics[0].code is not NO_PICTURE:
            raise
        if len(texts) > 1:
            return [drawn for each in texts for drawn in _draw([each], form)]
        plain = [(WISH.sub("", text), dots) for text, dots in texts]
        if plain == list(texts):
            raise
        return _drawn(plain, form)


def _drawn(texts: Sequence[tuple[str, int]], form: str) -> list[bytes]:
    if not texts:
        return []
    if find_spec(LIBRARY) is not None:
        # -P: a file of the current folder is not to stand in for a module.
        command = [sys.executable, "-P", "-m", "actionlang.graph.graphviz_process", form]
        answer = _run(command, json.dumps(texts).encode(), SECONDS + len(texts))
        return [b64decode(drawn) for drawn in json.loads(answer)]
    program = shutil.which(PROGRAM)
    if program is None:
        message = f"This needs {LIBRARY}, which is not installed."
        hint = "pip install 'actionlang[graph]', or install Graphviz; .mmd and .dot need neither"
        raise ActionLangError(Diagnostic(MISSING_EXTRA, message, hint=hint))
    return [_run([program, f"-T{form}", f"-Gdpi={dots}"], text.encode(), SECONDS) for text, dots in texts]


def _run(command: Sequence[str], given: bytes, seconds: int) -> bytes:
    """What a process makes of its input. What it says besides (of fonts, mostly) is only told when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - its own interpreter, or Graphviz
            command, input=given, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise _refused(f"Graphviz needs more than {seconds} seconds for this picture.") from None
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _refused(f"Graphviz can not draw this picture: {said[-1] if said else f'status {done.returncode}'}.")
    return done.stdout


def _refused(message: str) -> ActionLangError:
    hint = "write .mmd or .dot instead, which are text, and let another program draw it"
    return ActionLangError(Diagnostic(NO_PICTURE, message, hint=hint))
