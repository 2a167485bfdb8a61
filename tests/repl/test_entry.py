"""What an entry is, and whether there is more to come."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.source import Source
from actionlang.repl.entry import Kind, read_entry
from actionlang.repl.splitting import split_entries

STDLIB = Path(__file__).parents[2] / "stdlib"
QUERY, STATEMENTS, DECLARATIONS = Kind.QUERY, Kind.STATEMENTS, Kind.DECLARATIONS


@pytest.mark.parametrize(
    ("text", "kind", "complete"),
    [
        ("", Kind.NOTHING, True),
        ("  # a comment", Kind.NOTHING, True),
        ("## what follows is documented", Kind.NOTHING, False),
        (":help", Kind.COMMAND, True),
        (":load (a", Kind.COMMAND, True),
        ("case", QUERY, True),
        ("case;", QUERY, True),
        ("case where (case.status = open) order by case.due limit 3", QUERY, True),
        ("case where (case.status = open", QUERY, False),
        ("case where", QUERY, False),
        ("1 < 2", QUERY, True),
        ("(1 +", QUERY, False),
        ("1 +", QUERY, False),
        ("c.", QUERY, False),
        ("start + 1", QUERY, True),
        ("'text'", QUERY, True),
        ("foo bar", QUERY, True),
        ("let x = 1", STATEMENTS, True),
        ("let x = 1;", STATEMENTS, True),
        ("let x =", STATEMENTS, False),
        ("update", STATEMENTS, False),
        ("update c set", STATEMENTS, False),
        ('create case set number = "1",', STATEMENTS, False),
        ("if (a) < let x = 1 >", STATEMENTS, True),
        ("if (a) <", STATEMENTS, False),
        ("attempt < stop >", STATEMENTS, False),
        ("attempt < stop > else < stop >", STATEMENTS, True),
        ("let x = (1 + 2;", STATEMENTS, True),
        ('fail "never closed', STATEMENTS, True),
        ('fail "', STATEMENTS, True),
        ('fail "{c.title', STATEMENTS, False),
        ('fail """many', STATEMENTS, False),
        ('fail """many\nlines"""', STATEMENTS, True),
        ("import helpdesk", DECLARATIONS, True),
        ("import helpdesk;", DECLARATIONS, True),
        ("import", QUERY, True),
        ("action X on case (a text", DECLARATIONS, False),
        ("action X on case (a text)", DECLARATIONS, False),
        ("action X < update )", DECLARATIONS, True),
        ("table t < name text", DECLARATIONS, False),
        ("table t < name text >", DECLARATIONS, True),
        ('test "x" <', DECLARATIONS, False),
        ("test = 3", QUERY, True),
        (")", QUERY, True),
    ],
)
def test_an_entry_is_complete_when_nothing_is_open(text: str, kind: Kind, complete: bool) -> None:
    entry = read_entry(Source("<input>", text))
    assert (entry.kind, entry.complete) == (kind, complete)


@pytest.mark.parametrize(
    "text", ["case", "let x = 1", "import helpdesk", "c.title;", "1 < 2", 'perform Go(a: "b") on c']
)
def test_what_is_complete_and_right_has_no_complaints(text: str) -> None:
    assert not read_entry(Source("<input>", text)).diagnostics


@settings(deadline=None)
@given(st.text(alphabet='abc "<>{}().;:=,\\n#`1', max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    read_entry(Source("<input>", text))


@settings(deadline=None)
@given(st.data())
def test_the_beginning_of_a_right_script_is_never_refused_in_its_middle(data: st.DataObject) -> None:
    """Whoever types a declaration that is right sees no error before it is whole."""
    text = 'action Raise on case (why text) requires a.b < update case set x = "{why}"; if (a = 1) < stop > else < fail "no" > >'
    cut = data.draw(
        st.sampled_from([at for at, character in enumerate(text) if character == " " and at > len("action Raise")])
    )
    entry = read_entry(Source("<input>", text[:cut]))
    assert not entry.complete


LINES = """import helpdesk

create case as c set number = "1"
  , title = "x";
if (c.a = 1) <
  stop
>
else < stop >
case
where (case.status = open)
:tables
c.
"""


def test_a_text_of_many_lines_is_split_where_entries_are_complete() -> None:
    entries = list(split_entries(LINES.splitlines(keepends=True), "<stdin>"))
    assert [(entry.kind, entry.source.text.strip()) for entry in entries if entry.kind is not Kind.NOTHING] == [
        (DECLARATIONS, "import helpdesk\n;"),
        (STATEMENTS, 'create case as c set number = "1"\n  , title = "x";'),
        (STATEMENTS, "if (c.a = 1) <\n  stop\n>\nelse < stop >"),
        (QUERY, "case\nwhere (case.status = open)"),
        (Kind.COMMAND, ":tables"),
        (QUERY, "c."),
    ]
    assert [entry.complete for entry in entries][-1] is False


def test_places_in_an_entry_are_those_of_the_whole_text() -> None:
    *_, last = split_entries(LINES.splitlines(keepends=True), "<stdin>")
    (diagnostic,) = last.diagnostics
    assert diagnostic.primary is not None
    assert last.source.position(diagnostic.primary.span.start).line == 12


@pytest.mark.parametrize("path", sorted(STDLIB.glob("*.act")), ids=lambda path: path.stem)
def test_a_script_is_split_into_its_declarations(path: Path) -> None:
    text = path.read_text("utf-8")
    entries = list(split_entries(text.splitlines(keepends=True), path.name))
    assert {entry.kind for entry in entries} <= {DECLARATIONS, Kind.NOTHING}
    assert not any(entry.diagnostics for entry in entries)
    assert "".join(entry.source.text.lstrip("\n") for entry in entries).split() == text.split()
