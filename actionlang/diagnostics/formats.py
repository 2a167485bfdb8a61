"""Diagnostics as programs read them: JSON, SARIF 2.1.0, and the commands of GitHub's workflows.

The JSON is one object: `diagnostics`, a list, and the numbers of `errors` and `warnings`. A diagnostic is

    {"code": "E0301", "title": "value that may be empty", "severity": "error", "message": "...",
     "place": {"file": "verbs/escalate.act", "line": 12, "column": 7, "end_line": 12, "end_column": 18,
               "message": ""},
     "secondary": [a place each], "hint": "..." or null, "notes": ["..."]}

`place` is null where there is none. Lines and columns begin at 1, columns count Unicode code points, and the
end is just behind the last character of the place.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote

from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label, Severity
from actionlang.diagnostics.pages import error_page, plain

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Json = dict[str, Any]


def to_object(diagnostic: Diagnostic) -> Json:
    """One diagnostic as the object described at the top of this module."""
    return {
        "code": diagnostic.code.id,
        "title": diagnostic.code.title,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "place": _place(diagnostic.primary) if diagnostic.primary else None,
        "secondary": [_place(label) for label in diagnostic.secondary],
        "hint": diagnostic.hint,
        "notes": list(diagnostic.notes),
    }


def to_json(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics as the JSON text described at the top of this module."""
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    whole = {
        "diagnostics": [to_object(diagnostic) for diagnostic in diagnostics],
        "errors": errors,
        "warnings": len(diagnostics) - errors,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _place(label: Label) -> Json:
    start, end = label.source.position(label.span.start), label.source.position(label.span.end)
    return {
        "file": label.source.name,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "message": label.message,
    }


# ---------------------------------------------------------------------------------------------------- SARIF


def to_sarif(diagnostics: Sequence[Diagnostic], version: str) -> str:
    """All diagnostics as a SARIF 2.1.0 log of one run of ActionLang `version`."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics}, key=lambda code: code.id)
    run = {
        "tool": {"driver": {"name": "ActionLang", "version": version, "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes) for diagnostic in diagnostics],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: Code) -> Json:
    page = error_page(code)
    return {
        "id": code.id,
        "name": "".join(word.capitalize() for word in code.title.replace(",", "").split()),
        "shortDescription": {"text": f"{code.title[0].upper()}{code.title[1:]}."},
        "help": {"text": plain(page), "markdown": page},
        "defaultConfiguration": {"level": code.severity.value},
    }


def _result(diagnostic: Diagnostic, codes: list[Code]) -> Json:
    result: Json = {
        "ruleId": diagnostic.code.id,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity.value,
        "message": {"text": _whole_message(diagnostic)},
        "locations": [_location(diagnostic.primary)] if diagnostic.primary else [],
    }
    if diagnostic.secondary:
        related = [{"id": number, **_location(label)} for number, label in enumerate(diagnostic.secondary, start=1)]
        result["relatedLocations"] = related
    return result


def _location(label: Label) -> Json:
    place = _place(label)
    location: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(label.source.name)},
            "region": {
                "startLine": place["line"],
                "startColumn": place["column"],
                "endLine": place["end_line"],
                "endColumn": place["end_column"],
            },
        }
    }
    if label.message:
        location["message"] = {"text": label.message}
    return location


def _uri(name: str) -> str:
    """A file's name as a URI: relative names stay relative."""
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        if path.is_absolute():
            return path.as_uri()
    return quote(name)


# --------------------------------------------------------------------------------------------------- GitHub


def to_github(diagnostics: Sequence[Diagnostic]) -> str:
    """One workflow command a line: `::error file=...,line=...,col=...,title=...::message`."""
    return "\n".join(_annotation(diagnostic) for diagnostic in diagnostics)


def _annotation(diagnostic: Diagnostic) -> str:
    title = {"title": f"{diagnostic.code.id}: {diagnostic.code.title}"}
    if diagnostic.primary:
        place = _place(diagnostic.primary)
        where = {
            "file": place["file"],
            "line": place["line"],
            "col": place["column"],
            "endLine": place["end_line"],
        }
        properties = {**where, "endColumn": place["end_column"], **title}
    else:
        properties = title
    settings = ",".join(f"{name}={_escaped_property(str(value))}" for name, value in properties.items())
    return f"::{diagnostic.severity.value} {settings}::{_escaped(_whole_message(diagnostic))}"


def _whole_message(diagnostic: Diagnostic) -> str:
    """The message with hint and notes, for readers that have no room of their own for these."""
    parts = [diagnostic.message, *([diagnostic.hint] if diagnostic.hint else []), *diagnostic.notes]
    return "\n".join(parts)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
