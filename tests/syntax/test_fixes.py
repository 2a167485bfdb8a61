"""Fixes of the parser, whatever is wrong with a script: they can be made, and what is safe to make is no new mistake."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.mended import mended, mended_lines
from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse
from tests.syntax.reading import HERE

SCRIPTS = [file.read_text("utf-8") for file in sorted((HERE / "newcomers").glob("*.act"))]
PIECES = [re.findall(r"\w+|[^\w\s]|\s+", script) for script in SCRIPTS]
FOREIGN = """
    // /* */ -- == <> && || += := ! ? % { } [ ] ( ) < > ; , . : ' " ` “ ” ≥ select insert where from like between not in elif
    try catch then for while f" 10,000 24.11.2026 and or IF Action set update order by limit
""".split()

slips = st.tuples(
    st.floats(0, 1), st.sampled_from(["in", "out", "instead"]), st.sampled_from(["\n", "\u00a0", *FOREIGN])
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PIECES), st.lists(slips, min_size=1, max_size=6))
def test_they_can_be_made(pieces: list[str], made: list[tuple[float, str, str]]) -> None:
    left = list(pieces)
    for place, kind, piece in made:
        at = int(place * len(left))
        left[at : at + (kind != "in")] = [] if kind == "out" else [piece]
    source = Source("script.act", "".join(left))
    for diagnostic in parse(source).diagnostics:
        for fix in diagnostic.fixes:
            spans = sorted((edit.span.start, edit.span.end) for edit in fix.edits)
            assert fix.title.strip()
            assert all(0 <= start <= end <= len(source.text) for start, end in spans)
            assert all(one[1] <= other[0] for one, other in pairwise(spans))
            assert mended(source.text, fix.edits) != source.text
            assert all(line.strip() for line in mended_lines(source, fix.edits))


def test_lines_that_a_fix_leaves_empty_are_not_shown() -> None:
    (found,) = parse(Source("script.act", "action A <\n  stop\u00a0\n>\n")).diagnostics
    assert mended_lines(Source("script.act", "action A <\n  stop\u00a0\n>\n"), found.fixes[0].edits) == ["stop"]


def test_places_far_apart_are_not_shown_together() -> None:
    source = Source("script.act", "action A {\n  let a = 1;\n  let b = 2;\n}\n")
    (found,) = parse(source).diagnostics
    assert mended_lines(source, found.fixes[0].edits) == ["action A <"]
    assert mended(source.text, found.fixes[0].edits) == "action A <\n  let a = 1;\n  let b = 2;\n>\n"
