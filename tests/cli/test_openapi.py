"""`actionlang openapi`: the document of a project, and of a database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.cli.inside import Command, command

__all__ = ["command"]

SCRIPT = """
table card < number integer required key; text text(20) >

## Write a card.
action Write(text text(20)) returns (card card) < create card as made set number = count(card) + 1, text = text; return card: made >

action Quietly on card private < delete card >

test "a card" < perform Write(text: "hello") >
"""


PROJECT = """
database = "sqlite:///cards.db"
[server]
public_url = "https://cards.example.com"
"""


@pytest.fixture
def run(command: Command, tmp_path: Path) -> Command:
    """Runs a command line in the project's folder."""
    (tmp_path / "actionlang.toml").write_text(PROJECT)
    (tmp_path / "cards.act").write_text(SCRIPT)
    return command


def test_the_document_of_a_project(run: Command) -> None:
    done = run("openapi")
    made = json.loads(done.out)
    OpenAPIV31SpecValidator(made).validate()
    assert made["servers"] == [{"url": "https://cards.example.com"}]
    write = made["paths"]["/api/data/v9.2/Write"]["post"]
    assert write["requestBody"]["content"]["application/json"]["examples"] == {
        "a-card": {"summary": "a card", "value": {"text": "hello"}}
    }
    assert "Quietly" not in done.out


def test_a_file_is_written_once_and_checked(run: Command, tmp_path: Path) -> None:
    assert run("openapi", "-o", "out/openapi.json").out == "1 verb in out/openapi.json.\n"
    assert run("openapi", "-o", "out/openapi.json").out == "1 verb in out/openapi.json, unchanged.\n"
    assert run("openapi", "-o", "out/openapi.json", "--check").status == 0
    (tmp_path / "cards.act").write_text(SCRIPT.replace("Write a card", "Write it"))
    done = run("openapi", "-o", "out/openapi.json", "--check")
    assert (done.status, done.out) == (1, "out/openapi.json is not what the contracts say.\n")
    told = json.loads(run("openapi", "-o", "out/openapi.json", "--json").out)
    assert told == {"file": "out/openapi.json", "verbs": 1, "written": True, "current": False}


def test_the_document_of_a_database_is_that_of_its_server(run: Command) -> None:
    for words in (("tables", "create"), ("registry", "init"), ("activate",)):
        assert run(*words).status == 0
    made = json.loads(run("openapi", "--active", "--server", "https://other.example.com").out)
    assert made["servers"] == [{"url": "https://other.example.com"}]
    assert made["info"]["version"] == "1"
    assert json.loads(run("openapi").out)["paths"] == made["paths"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--check",), 2, "--check needs the file"),
        (("--json",), 2, "The document is JSON as it is"),
        (("cards.act", "--active"), 2, "PATHS name scripts"),
        (("nosuch.act",), 2, "E0901"),
        (("--active",), 1, "E0920"),
        (("-o", "actionlang.toml/x"), 1, "can not be written"),
    ],
)
def test_what_can_not_be_done_is_said(
    run: Command, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "cards.db").touch()
    done = run("openapi", *words)
    assert told in done.error, done
    assert done.status == code
