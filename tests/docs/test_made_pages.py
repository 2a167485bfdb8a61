"""The pages that are made from something else are up to date, and say what that says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.syntax.grammar import Reduction, parse_table
from actionlang.syntax.tokens import KEYWORD_TYPES, SIGNS
from editors.grammar_rules import rules
from website.ebnf import ebnf
from website.pages import REFERENCE, ROOT, made_pages
from website.syntax import (
    SHOWN,
    SPELLED_OUT,
    TOKENS,
    Either,
    Named,
    Perhaps,
    Repeated,
    Sequence,
    Syntax,
    Word,
    syntax_of,
    title_of,
)

PAGES = made_pages()
RULE_OF = {title_of(rule): rule for rule in SHOWN}
TERMINAL_OF = {name: terminal for terminal, name in TOKENS.items()}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_it_is_up_to_date(file: Path) -> None:
    assert file.read_text("utf-8") == PAGES[file], "run: python -m website pages"


def test_no_picture_is_left_over() -> None:
    assert set((REFERENCE / "grammar").iterdir()) <= set(PAGES)


# ------------------------------------------------------------------------------------------------------------ functions


def test_each_function_is_there_once() -> None:
    text = PAGES[REFERENCE / "prelude.md"]
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert len(headings) == len(set(headings))
    assert "### add_months" in headings
    assert len(headings) > 70


# ------------------------------------------------------------------------------------------------------ standard library


def test_each_table_and_verb_of_the_library_is_there() -> None:
    text = PAGES[REFERENCE / "standard-library.md"]
    for script in (ROOT / "stdlib").glob("*.act"):
        if script.stem == "prelude":
            continue
        section = text.split(f"\n## {script.stem}\n")[1].split("\n## ")[0]
        declared = re.findall(
            r"^(?:action|function|table|choice) +(\w+)(?![^<]*\bprivate\b)", script.read_text("utf-8"), re.MULTILINE
        )
        assert declared
        assert [name for name in declared if f"#### {name}\n" not in section] == []


def test_a_verb_is_told_with_what_it_does() -> None:
    text = PAGES[REFERENCE / "standard-library.md"]
    escalate = text.split("#### Escalate\n")[1].split("####")[0]
    assert "requires support.escalate" in escalate
    assert "update case" not in escalate
    assert "Changes `case` (" in escalate


# ------------------------------------------------------------------------------------------------------------- embedding


def test_all_that_may_be_imported_is_told() -> None:
    import actionlang

    text = PAGES[REFERENCE / "embedding.md"]
    assert [name for name in actionlang.HOMES if f"\n### {name}\n" not in text] == []
    assert "plan.run(\n    database: Database | sa.Connection,\n    /,\n    *,\n    on: object = None,\n" in text
    assert "take_turn" not in text


# --------------------------------------------------------------------------------------------------------------- grammar


def test_each_rule_is_shown_or_part_of_one() -> None:
    used: set[str] = set()
    pending = [*SHOWN, *SPELLED_OUT]
    while pending:
        rule = pending.pop()
        used.add(rule)
        pending += {symbol for way in rules()[rule] for symbol in way if symbol in rules()} - used
    assert set(rules()) - used == set()


def test_each_name_leads_somewhere() -> None:
    page = PAGES[REFERENCE / "grammar.md"]
    anchors = set(re.findall(r'<a id="([a-z-]+)">', page)) | {
        line[4:] for line in page.splitlines() if line.startswith("### ")
    }
    for rule in SHOWN:
        picture = PAGES[REFERENCE / "grammar" / f"{title_of(rule)}.svg"]
        assert set(re.findall(r'href="#([^"]+)"', picture)) <= anchors, rule


def test_what_is_written() -> None:
    assert ebnf("if", syntax_of("if")) == (
        'if = "if" "(" expression ")" block { "else" "if" "(" expression ")" block }\n     [ "else" block ] .'
    )
    assert ebnf("choice", syntax_of("choice")) == 'choice = "choice" name "<" { member ";" } [ member ] ">" .'
    assert ebnf("argument", syntax_of("argument")) == 'argument = [ name ":" ] expression .'
    assert ebnf("arguments", syntax_of("arguments")) == 'arguments = argument { "," argument } .'


DEEPEST = 12


def _terminals(syntax: Syntax, draw: st.DrawFn, depth: int, compares: bool = False) -> list[str]:
    """Something that the syntax allows, as terminals; further down with less to choose from."""
    match syntax:
        case Word(text):
            angle = {"<": "LESS", ">": "GREATER"}.get(text) if compares else None
            return [angle or KEYWORD_TYPES.get(text) or SIGNS[text]]
        case Named(name) if name in RULE_OF:
            return _terminals(syntax_of(RULE_OF[name]), draw, depth + 1, name == "operator")
        case Named("names"):
            return ["NAME"]
        case Named("qualified-name"):
            return ["NAME", "DOT", "NAME"] if draw(st.booleans()) else ["NAME"]
        case Named(name):
            return [TERMINAL_OF[name]]
        case Sequence(parts):
            return [terminal for part in parts for terminal in _terminals(part, draw, depth, compares)]
        case Either(ways):
            return _terminals(
                ways[draw(st.integers(0, len(ways) - 1)) if depth < DEEPEST else 0], draw, depth, compares
            )
        case Perhaps(part):
            return _terminals(part, draw, depth, compares) if depth < DEEPEST and draw(st.booleans()) else []
        case Repeated(part, between):
            found = _terminals(part, draw, depth, compares)
            while depth < DEEPEST and draw(st.integers(0, 3)) == 0:
                found += _terminals(between, draw, depth, compares) + _terminals(part, draw, depth, compares)
            return found


@st.composite
def written_by_the_page(draw: st.DrawFn) -> list[str]:
    return _terminals(syntax_of("module"), draw, 0)


def _accepted(terminals: list[str]) -> bool:
    """Whether the parser's own table takes these terminals as a module."""
    table = parse_table()
    states = [table.starts["module"]]
    for terminal in [*terminals, "$END"]:
        action = table.rows[states[-1]].get(terminal)
        while isinstance(action, Reduction):
            del states[len(states) - action.size :]
            goto = table.rows[states[-1]][action.origin]
            assert isinstance(goto, int)
            states.append(goto)
            action = table.rows[states[-1]].get(terminal)
        if action is None:
            return terminal == "$END" and states[-1] == table.ends["module"]
        states.append(action)
    return False


@settings(max_examples=150, deadline=None)
@given(written_by_the_page())
def test_the_parser_takes_what_the_page_allows(terminals: list[str]) -> None:
    assert _accepted(terminals), " ".join(terminals)


def test_the_parser_does_not_take_everything() -> None:
    assert _accepted(["IMPORT", "NAME", "SEMI"])
    assert not _accepted(["IMPORT", "SEMI"])
    assert not _accepted(["IMPORT", "NAME"])
