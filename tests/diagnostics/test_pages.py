"""Pages as the terminal shows them."""

from __future__ import annotations

from actionlang.diagnostics.catalogue import types
from actionlang.diagnostics.pages import error_page, plain

PAGE = """# E0301: a `value` that may be empty

See **this** and [that](E0302.md), or *both*; `a * b * c` stays, and so does 2 * 3 * 4.
A name in backticks is written `` `Order Details` ``.

```act wrong
# stays as it is
if (`x` * *y*) < stop >
```
"""


def test_plain() -> None:
    assert plain(PAGE) == (
        "E0301: a value that may be empty\n"
        "\n"
        "See this and that, or both; a * b * c stays, and so does 2 * 3 * 4.\n"
        "A name in backticks is written `Order Details`.\n"
        "\n"
        "    # stays as it is\n"
        "    if (`x` * *y*) < stop >"
    )


def test_styled() -> None:
    lines = plain(PAGE, color=True).splitlines()
    assert lines[0] == "\x1b[1mE0301: a value that may be empty\x1b[0m"
    assert lines[-1] == "\x1b[1;34m    if (`x` * *y*) < stop >\x1b[0m"


def test_the_page_of_a_code() -> None:
    assert error_page(types.MAY_BE_EMPTY).startswith("# E0301: ")
