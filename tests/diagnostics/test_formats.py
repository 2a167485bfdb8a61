"""Diagnostics for programs."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from actionlang.diagnostics.catalogue import database, lints, syntax
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.formats import to_github, to_json, to_object, to_sarif
from actionlang.diagnostics.source import Source
from tests.diagnostics.building import diagnostic, label

SOURCE = Source("my verbs/a.act", 'action A <\n  let 日 = "x";\n>\n')
OTHER = Source("/srv/tables.act", "table case <>")
FOUND = Diagnostic(
    syntax.UNKNOWN_CHARACTER,
    "The character 日 has no meaning here.",
    label(SOURCE, "日", "this one"),
    (label(OTHER, "case"),),
    "Use backticks.",
    ("A note.",),
)
NOWHERE = Diagnostic(database.LOCKED, "50% of it, and: more\nof it.")

PLACE: dict[str, Any] = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9%/._~:-]+$"}},
                },
                "region": {
                    "type": "object",
                    "required": ["startLine", "startColumn", "endLine", "endColumn"],
                    "additionalProperties": {"type": "integer", "minimum": 1},
                },
            },
        },
        "message": {"type": "object", "required": ["text"]},
        "id": {"type": "integer", "minimum": 0},
    },
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs", "$schema"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "version", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id", "help", "shortDescription"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "name": {"type": "string", "pattern": "^[A-Za-z0-9-]+$"},
                                                "shortDescription": TEXT,
                                                "help": {**TEXT, "required": ["text", "markdown"]},
                                                "defaultConfiguration": {"properties": {"level": LEVEL}},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
                            "additionalProperties": False,
                            "properties": {
                                "message": TEXT,
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": LEVEL,
                                "locations": {"type": "array", "items": PLACE},
                                "relatedLocations": {"type": "array", "items": PLACE},
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_json_object() -> None:
    place = {"file": "my verbs/a.act", "line": 2, "column": 7, "end_line": 2, "end_column": 8, "message": "this one"}
    other = {"file": "/srv/tables.act", "line": 1, "column": 7, "end_line": 1, "end_column": 11, "message": ""}
    assert to_object(FOUND) == {
        "code": "E0103",
        "title": "character that has no meaning here",
        "severity": "error",
        "message": "The character 日 has no meaning here.",
        "place": place,
        "secondary": [other],
        "hint": "Use backticks.",
        "notes": ["A note."],
    }
    assert to_object(NOWHERE)["place"] is None


def test_json_counts() -> None:
    whole = json.loads(to_json([FOUND, NOWHERE, diagnostic(None, code=lints.UNUSED_NAME)]))
    assert (whole["errors"], whole["warnings"], len(whole["diagnostics"])) == (2, 1, 3)
    assert json.loads(to_json([])) == {"diagnostics": [], "errors": 0, "warnings": 0}


@pytest.mark.parametrize("found", [[], [FOUND], [NOWHERE, FOUND, NOWHERE, diagnostic(None, code=lints.UNUSED_NAME)]])
def test_sarif_has_what_the_standard_demands(found: list[Diagnostic]) -> None:
    log = json.loads(to_sarif(found, "1.2.3"))
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [one.code.id for one in found]
    assert [result["level"] for result in run["results"]] == [one.severity.value for one in found]


def test_sarif_places() -> None:
    (result,) = json.loads(to_sarif([FOUND], "1.2.3"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20verbs/a.act"
    assert place["region"] == {"startLine": 2, "startColumn": 7, "endLine": 2, "endColumn": 8}
    assert result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///srv/tables.act"
    assert result["message"]["text"] == "The character 日 has no meaning here.\nUse backticks.\nA note."


def test_github_commands() -> None:
    first, second = to_github([FOUND, NOWHERE]).split("\n")
    title = "title=E0103%3A character that has no meaning here"
    assert first == (
        f"::error file=my verbs/a.act,line=2,col=7,endLine=2,endColumn=8,{title}"
        "::The character 日 has no meaning here.%0AUse backticks.%0AA note."
    )
    assert second == "::error title=E0802%3A database locked by someone else::50%25 of it, and: more%0Aof it."


def test_github_warning() -> None:
    assert to_github([diagnostic(None, code=lints.UNUSED_NAME)]).startswith("::warning title=unused-name")
