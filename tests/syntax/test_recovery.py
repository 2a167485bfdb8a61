"""Many errors of one file, each told once. In cases/*.act the expected ones stand as comments on the lines that cause them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actionlang.diagnostics.source import Source
from actionlang.syntax import ast
from actionlang.syntax.parser import MAXIMUM_ERRORS, parse, parse_query, parse_steps
from tests.syntax.reading import HERE, chunks, faults, outline, problems

EXPECTED = re.compile(r"# ([EW]\d{4}: .+?)(?= # [EW]\d{4}|\s*$)", re.MULTILINE)
FILES = sorted((HERE / "cases").glob("*.act"))
SCRIPTS = [(file, line, text) for file in FILES for line, text in chunks(file)]


@pytest.mark.parametrize(("file", "first", "text"), SCRIPTS, ids=[f"{file.stem}:{line}" for file, line, _ in SCRIPTS])
def test_each_error_is_told_once(file: Path, first: int, text: str) -> None:
    source = Source(file.name, text)
    expected = [
        (first + number, found[1]) for number, line in enumerate(text.split("\n")) for found in EXPECTED.finditer(line)
    ]
    told = []
    for diagnostic in parse(source).diagnostics:
        assert diagnostic.primary is not None
        line = source.position(diagnostic.primary.span.start).line
        told.append((first + line - 1, *problems([diagnostic])))
    assert told == expected
    assert len(expected) > 0


def test_what_is_right_is_in_the_tree() -> None:
    text = "action A < updat x; stop; fail > acton B < > action C < stop >\ntable D < a text; b 5; c text >"
    first, broken, third, table = parse(Source("", text)).module.declarations
    assert isinstance(first, ast.Action)
    assert outline(first.body) == "Block([BrokenStatement(), Stop(), BrokenStatement()])"
    assert isinstance(broken, ast.BrokenDeclaration)
    assert text[broken.start : broken.end].startswith("acton")
    assert isinstance(third, ast.Action)
    assert isinstance(table, ast.Table)
    assert [type(item).__name__ for item in table.items] == ["Column", "BrokenDeclaration", "Column"]


def test_documentation_stays_with_its_declaration_after_an_error() -> None:
    (*_, verb) = parse(Source("", "## One.\nacton A < >\n\n## Two.\naction B < >\n")).module.declarations
    assert isinstance(verb, ast.Action)
    assert verb.doc == "Two."


def test_errors_have_an_end() -> None:
    assert len(faults("action A < fail; >\n" * 1000)) == MAXIMUM_ERRORS


def test_errors_come_in_the_order_of_the_script() -> None:
    text = "action A < fail; let x = 'a'; fail; let y = \"\\q\"; fail >\n" * 3
    starts = [found.primary.span.start for found in parse(Source("", text)).diagnostics if found.primary]
    assert starts == sorted(starts)
    assert len(starts) == 6


UNFINISHED = [
    "action A <",
    "action A < stop",
    "action A < if (a",
    'action A < fail "a {b',
    'action A < fail """a\n',
    "action A on",
    "import m",
    "table t < a",
    "action A < stop # why\n",
]


@pytest.mark.parametrize("text", UNFINISHED)
def test_a_script_that_only_ends_too_early(text: str) -> None:
    parsed = parse(Source("", text))
    assert parsed.unfinished
    assert len(parsed.diagnostics) == 1


@pytest.mark.parametrize("text", ["", "action A < >", "acton A <", 'action A < fail "a', "action A < fail; let x = (1"])
def test_or_is_finished_or_wrong(text: str) -> None:
    assert not parse(Source("", text)).unfinished


def test_statements_and_queries_alone() -> None:
    assert problems(parse_steps(Source("", "updat x; stop; let = 5")).diagnostics) == [
        "E0101: `updat` does not fit here.",
        "E0101: `=` does not fit here.",
    ]
    assert parse_steps(Source("", "stop; if (a) <")).unfinished
    assert parse_query(Source("", "a +")).unfinished
    wrong = parse_query(Source("", "a + * b"))
    assert wrong.query is None
    assert problems(wrong.diagnostics) == ["E0101: `*` does not fit here."]
