"""Whatever stands in an editor, and wherever the cursor is, every request is answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp

from actionlang.lsp.workspace import Workspace
from actionlang.syntax.tokens import KEYWORDS, SIGNS
from tests.lsp.asking import everything_can_be_asked, opened
from tests.lsp.editor import DESK, TESTS

URI = "untitled:Untitled-1"
SCRIPTS = sorted((Path(__file__).parents[2] / "stdlib").glob("*.act"))

WORDS = st.sampled_from(
    sorted(
        {
            *KEYWORDS,
            *SIGNS,
            "case",
            "request",
            "title",
            "reason",
            "Priority",
            "high",
            "Escalate",
            "count",
            "1",
            '"x"',
            '"{',
            '}"',
            "`",
            "\n",
            "\r\n",
            "\r",
            "\u2028",
            "\N{GRINNING FACE}",
            "\ud83d",
            "\x00",
            "##",
            "2 days",
        }
    )
)
SOUP = st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=60).map(" ".join)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A good script with a part taken out, or something put in."""
    text = draw(st.sampled_from([DESK, TESTS, f"import helpdesk;\n{DESK}"]))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 40)))
    return text[:start] + draw(st.one_of(st.just(""), SOUP)) + text[end:]


places = st.builds(lsp.Position, st.integers(0, 25), st.integers(0, 60))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.one_of(SOUP, spoilt(), spoilt()), place=places)
def test_any_text_is_answered_about(text: str, place: lsp.Position) -> None:
    workspace, _ = opened(text)
    everything_can_be_asked(workspace, URI, place)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_standard_library_is_answered_about(script: Path) -> None:
    workspace = Workspace()
    workspace.open(script.as_uri(), 1, script.read_text("utf-8"))
    found = workspace.found(script.as_uri())
    assert found is not None
    for occurrence in found.module.occurrences[:: max(1, len(found.module.occurrences) // 12)]:
        everything_can_be_asked(workspace, script.as_uri(), found.module.lines.position(occurrence.start))
