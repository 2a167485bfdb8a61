"""Arguments as people type them, `level=3 reason="Printer on fire"`, as the data that a run reads.

Text is taken as it stands, and what it means follows from the parameter's type. Lists are given as a JSON array or by naming the
parameter several times; rows by a key, with their table before it if need be, or as a JSON object of key columns; JSON
data as JSON. Nothing behind the `=` is empty, but for a text, where it is a text without characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.plan.describe import type_text
from actionlang.plan.plan import Parameter, Verb

LONGEST_SHOWN = 60

EXAMPLES: dict[type[t.Type], str] = {
    t.Text: '"some words"',
    t.Integer: "42",
    t.Decimal: "12.50",
    t.Money: "12.50",
    t.Float: "0.1",
    t.Boolean: "true",
    t.Date: "2026-11-24",
    t.DateTime: "2026-11-24T09:30:00Z",
    t.Duration: '"90 minutes"',
    t.Id: "01931f3e-8a00-7000-8000-000000000001",
    t.Json: """'{"color": "red"}'""",
}


def read_arguments(typed: Sequence[str], verb: Verb, schema: Schema) -> dict[str, object]:
    """The data for a verb's parameters, checked as far as that is possible without a database.

    Raises ActionLangError with a diagnostic for each argument that is wrong, unknown or missing: what the parameter takes, with
    an example.
    """
    parameters = {parameter.name: parameter for parameter in verb.inputs}
    problems: list[Diagnostic] = []
    given: dict[str, list[str]] = {}
    for word in typed:
        name, sign, text = word.partition("=")
        if not sign:
            hint = f"for example {_example(verb.inputs[0], schema)}" if verb.inputs else f"{verb.short_name} takes none"
            problems.append(_problem(f"Arguments are written name=value, not {_shown(word)}.", hint))
        elif name not in parameters:
            problems.append(_unknown(name, verb))
        else:
            given.setdefault(name, []).append(text)
    read: dict[str, object] = {}
    for name, texts in given.items():
        try:
            read[name] = _data(texts, parameters[name], schema)
        except ValueError as error:
            problems.append(_wrong(parameters[name], texts, error, schema))
    # A misspelt name is told once, not also as the one that is missing.
    meant = {close for word in typed for close in _meant(word.partition("=")[0], parameters)}
    problems += [_missing(parameter, verb, schema) for parameter in verb.inputs if _is_missing(parameter, given, meant)]
    if problems:
        raise ActionLangError(*problems)
    return read


def read_row(text: str) -> object:
    """What stands for a row: a key, or a JSON object of a key's columns."""
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _data(texts: list[str], parameter: Parameter, schema: Schema) -> object:
    """What was typed for a parameter. Raises ValueError, with what it takes as its text."""
    type_ = parameter.type
    if isinstance(type_, t.ListOf):
        data: object = _items(texts, type_, schema)
    elif len(texts) > 1:
        raise ValueError("one value")
    elif texts[0] == "" and not isinstance(type_, t.Text):
        data = None
    else:
        data = _item(texts[0], type_)
    value = from_json(data, type_, schema, _unread_row)
    if value is None and not parameter.optional:
        raise ValueError("a value")
    return data


def _items(texts: list[str], type_: t.ListOf, schema: Schema) -> list[object]:
    if len(texts) == 1 and texts[0].startswith("["):
        found = _json(texts[0])
        assert isinstance(found, list)
        return found
    items = [_item(text, type_.item) for text in texts if text]
    for item in items:
        try:
            from_json(item, type_.item, schema, _unread_row)
        except ValueError as error:
            raise ValueError(f"a list, each item of it {error}") from None
    return items


def _item(text: str, type_: t.Type) -> object:
    if isinstance(type_, t.Json):
        return _json(text)
    return read_row(text) if isinstance(type_, t.Row) else text


def _json(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("JSON data") from None
    return found


def _unread_row(tables: tuple[str, ...], data: object) -> RowRef:
    """Stands in for a row until there is a database to find it in."""
    if not isinstance(data, str | int | dict | list):
        raise ValueError(f"a {' or a '.join(name.rpartition('.')[2] for name in tables)}, by its key")
    return RowRef(tables[0], data)


# ------------------------------------------------------------------------------------------------------------ complaints


def _is_missing(parameter: Parameter, *given: Iterable[str]) -> bool:
    needed = not parameter.optional and parameter.default is None
    return needed and not any(parameter.name in names for names in given)


def _meant(name: str, parameters: Iterable[str]) -> list[str]:
    """The parameter that a name nearly is, if any."""
    return get_close_matches(name, list(parameters), n=1)


def _missing(parameter: Parameter, verb: Verb, schema: Schema) -> Diagnostic:
    message = f"{verb.short_name} needs `{parameter.name}`, a value of type {type_text(parameter.type)}."
    return _problem(message, f"for example {_example(parameter, schema)}")


def _unknown(name: str, verb: Verb) -> Diagnostic:
    known = [parameter.name for parameter in verb.inputs]
    close = _meant(name, known)
    takes = f"it takes {', '.join(known)}" if known else "it takes no arguments"
    hint = f"Did you mean {close[0]}?" if close else takes
    return _problem(f"{verb.short_name} has no parameter `{name}`.", hint)


def _wrong(parameter: Parameter, texts: list[str], error: ValueError, schema: Schema) -> Diagnostic:
    shown = "what was given" if parameter.sensitive else _shown(" ".join(texts))
    message = f"`{parameter.name}` takes {error}, not {shown}."
    return _problem(message, f"for example {_example(parameter, schema)}")


def _problem(message: str, hint: str) -> Diagnostic:
    return Diagnostic(WRONG_ARGUMENT, message, hint=hint)


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= LONGEST_SHOWN else f'"{text[: LONGEST_SHOWN - 3]}..."'


def _example(parameter: Parameter, schema: Schema) -> str:
    """How a parameter may be given, as one would type it."""
    if isinstance(parameter.type, t.ListOf):
        example = _example_of(parameter.type.item, schema)
        return f"{parameter.name}={example} {parameter.name}={example}"
    return f"{parameter.name}={_example_of(parameter.type, schema)}"


def _example_of(type_: t.Type, schema: Schema) -> str:
    if isinstance(type_, t.Choice):
        return schema.choices[type_.name].members[0].name
    if isinstance(type_, t.Choices):
        return ",".join(member.name for member in schema.choices[type_.name].members[:2])
    if isinstance(type_, t.Row):
        table = schema.tables[type_.tables[0]]
        key = " ".join(table.keys[0]).upper() if table.keys else "ID"
        return f'"{table.short_name} {key}"' if len(type_.tables) > 1 else f'"{key}"'
    return EXAMPLES.get(type(type_), "VALUE")
