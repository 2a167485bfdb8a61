"""Verbs as tools: what a host is told of them before any is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from mcp_types import Tool

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.source import Source
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import StepPlan
from actionlang.server.catalog import Catalog, catalog_of
from actionlang.server.mcp.hints import Hints
from actionlang.server.mcp.rows import json_of
from actionlang.server.mcp.surface import Surface, tool_name
from actionlang.server.mcp.tools import tool_of
from tests.server.world import desk, service


@pytest.fixture(scope="module")
def surface() -> Iterator[Surface]:
    """All that is served of a desk."""
    with desk("sqlite") as database:
        yield Surface.of(catalog_of(service(database).snapshot()))


def tool(surface: Surface, name: str) -> Tool:
    """A verb's tool."""
    active = surface.verb(name)
    assert active is not None
    return tool_of(active, surface)


def test_what_a_tool_says(surface: Surface) -> None:
    escalate = tool(surface, "Escalate")
    assert escalate.title == "Escalate"
    assert escalate.description is not None and escalate.description.startswith("Raise an open case to a higher line")
    assert escalate.description.endswith("It is called on a row of case.")
    schema = escalate.input_schema
    assert schema["required"] == ["on", "reason"]
    assert [*schema["properties"]] == ["on", "reason", "level", "dry_run", "idempotency_key"]
    ways = schema["$defs"]["case.given"]["anyOf"]
    assert [way["description"] for way in ways] == ["Its id.", "Its number."]


def test_a_tool_on_each_row_takes_one_or_many(surface: Surface) -> None:
    count_all = tool(surface, "CountAll")
    assert count_all.description is not None
    assert count_all.description.endswith(
        "It is called on a row of sample, or on a list of them: as one unit, all or none."
    )
    one, many = count_all.input_schema["properties"]["on"]["anyOf"]
    assert many == {"type": "array", "items": one}
    assert count_all.output_schema is not None
    assert {"each", "rows", "changed"} <= count_all.output_schema["properties"].keys()
    assert count_all.output_schema["required"] == ["run", "dry_run", "replayed"]
    each = count_all.output_schema["properties"]["each"]["items"]["properties"]
    assert each["outputs"] == count_all.output_schema["properties"]["outputs"]


def test_functions_are_neither_tried_out_nor_repeated(surface: Surface) -> None:
    assert [*tool(surface, "price_of").input_schema["properties"]] == ["on"]
    assert tool(surface, "price_of").output_schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "outputs": {
                "type": "object",
                "title": "What price_of returns",
                "properties": {
                    "price": {
                        "type": ["number", "null"],
                        "format": "decimal",
                        "minimum": -922337203685477.5,
                        "maximum": 922337203685477.5,
                    }
                },
                "required": ["price"],
            }
        },
        "required": ["outputs"],
    }


def test_every_schema_is_one_and_has_plain_names(surface: Surface) -> None:
    for name in surface.tool_names.values():
        made = tool(surface, name)
        for schema in (made.input_schema, made.output_schema):
            assert schema is not None
            jsonschema.Draft202012Validator.check_schema(schema)
            assert "@" not in str(schema)
            _resolve(schema, schema)


def _resolve(part: object, whole: dict[str, object]) -> None:
    """Every reference leads somewhere."""
    if isinstance(part, list):
        for each in part:
            _resolve(each, whole)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            assert part["$ref"].removeprefix("#/$defs/") in whole["$defs"]  # type: ignore[operator]
        for each in part.values():
            _resolve(each, whole)


def test_private_verbs_are_none(surface: Surface) -> None:
    assert surface.verb("Hidden") is None
    assert "Hidden" not in surface.tool_names.values()


def test_names_are_no_longer_than_hosts_take() -> None:
    long, other = "a" * 70, "a" * 69 + "b"
    assert len(tool_name(long)) == len(tool_name(other)) == 64 and tool_name(long) != tool_name(other)
    assert tool_name("a" * 64) == "a" * 64


@pytest.mark.parametrize(
    ("steps", "hints"),
    [
        ("return got: item.note;", Hints(True, False, True, False)),
        ('update item set note = "x";', Hints(False, True, True, False)),
        ("update item set note = word;", Hints(False, True, True, False)),
        ("require (item.count > 1); update item set note = word;", Hints(False, True, True, False)),
        ('if (item.count > 1) < fail "no" > update item set note = word;', Hints(False, True, True, False)),
        ("update item set count = item.count + 1;", Hints(False, True, False, False)),
        ("update item set at = now();", Hints(False, True, False, False)),
        ("if (item.count > 1) < update item set count = 0 >", Hints(False, True, False, False)),
        ("create item set count = 1;", Hints(False, False, False, False)),
        ("delete item;", Hints(False, True, False, False)),
        ("emit Done();", Hints(False, False, False, True)),
    ],
)
def test_hints_follow_from_effects(steps: str, hints: Hints) -> None:
    kind, contract = (
        ("function", "returns (got text optional)") if steps.startswith("return") else ("action", "(word text)")
    )
    table = "table item < id id primary; count integer required default 0; note text; at datetime >"
    assert Hints.of(plan_of(f"{table} {kind} Do on item {contract} < {steps} >")) == hints


def plan_of(script: str) -> StepPlan:
    """The plan of the verb Do."""
    loader = Loader(Path.cwd())
    module = loader.load_source("shop", Source("shop.act", script), None)
    assert not [each for each in loader.program().diagnostics if each.code.id.startswith("E")], script
    linker = Linker(loader.program().modules)
    return next(linker.plan(verb) for verb in module.verbs.values() if verb.short_name == "Do")


def test_code_of_the_host_may_do_anything() -> None:
    plan = plan_of("action Do (word text) < perform Pay(word: word) > extern action Pay (word text);")
    assert Hints.of(plan) == Hints(False, True, False, True)


def test_columns_of_rows_are_called_as_parameters_are() -> None:
    columns = (Column("id", t.Integer(), "id", primary=True), Column("two words", t.Text(), "two words"))
    tables = {"one.order": Table("one.order", "order", columns)}
    surface = Surface.of(Catalog(tables, {}, {}, WireNames.of(tables, {}, ()), 1))
    told = json_of(tables["one.order"], {"id": 1, "two words": "a"}, surface)
    assert json.loads(told) == {"id": 1, "two_x0020_words": "a"}
