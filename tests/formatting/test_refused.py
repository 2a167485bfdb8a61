"""What is not formatted, and what would be too much."""

from __future__ import annotations

import tracemalloc

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source, formatter


def refused(text: str) -> list[str]:
    """The codes with which a script is refused."""
    with pytest.raises(ActionLangError) as caught:
        format_source(Source("s.act", text))
    return [diagnostic.code.id for diagnostic in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("action A < let b = c < d >", ["E0106"]),
        ('action A < fail "x', ["E0104"]),
        ("action A < stop", ["E0107"]),
        (f"action A < let b = {'(' * 10_000}1{')' * 10_000} >", ["E0109"]),
        (f"action A < let b = 1{' + 1' * 10_000} >", ["E0109"]),
        (f"action A < {'if (a) < ' * 10_000}", ["E0109"]),
    ],
)
def test_a_script_that_can_not_be_read(text: str, codes: list[str]) -> None:
    assert refused(text) == codes


@pytest.mark.parametrize("result", ["import b;\n", "import a;\n# more\n", "import a", ""])
def test_a_result_that_says_something_else(monkeypatch: pytest.MonkeyPatch, result: str) -> None:
    monkeypatch.setattr(formatter, "_laid_out", lambda *_: result)
    assert refused("import a;") == ["E0809"]


def test_types_nested_as_deep_as_the_script_is_long() -> None:
    text = f"action A(b {'list of ' * 4_000}text) < >\n"
    assert format_source(Source("s.act", text)) == f"action A(\n  b {'list of ' * 4_000}text\n) < >\n"


def test_memory_in_proportion() -> None:
    def peak(count: int) -> int:
        text = "action A <\n" + "  update a set b = c + (d * 2), e = f(g, h: 1);\n" * count + ">\n"
        tracemalloc.start()
        try:
            assert format_source(Source("s.act", text)) == text
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(1_200) < 6 * peak(300)
