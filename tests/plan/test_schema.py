"""The published JSON Schema of plans."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

import actionlang.plan.schema as module
from actionlang.plan import expressions, shape, steps
from actionlang.plan.codec import encode
from actionlang.plan.plan import StepPlan
from actionlang.plan.schema import WORDS, plan_schema, schema_text
from tests.golden import compare_file
from tests.plan.samples import ESCALATE_PLAN
from tests.strategies.plans import plans

FILE = Path(module.__file__).parent / "actionlang.plan-1.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(plan_schema())


def test_the_published_file_is_the_schema() -> None:
    """UPDATE_GOLDEN=1 writes the file anew. A plan that was valid must stay valid: what changes here otherwise is a new format."""
    compare_file(FILE, schema_text())


def test_the_package_carries_it() -> None:
    assert resources.files("actionlang.plan").joinpath(FILE.name).read_text("utf-8") == schema_text()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(plan_schema())


def test_everything_a_plan_consists_of_has_a_definition() -> None:
    definitions = plan_schema()["$defs"]
    for family, base in (("expression", expressions.Expression), ("step", steps.Step)):
        for cls in base.__subclasses__():
            never_in_a_file = cls.__module__ == "actionlang.plan.guards"
            assert (f"{family}.{shape.tag_of(cls)}" not in definitions) == never_in_a_file
    references = set()

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            references.update([node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else [])
            for each in node.values():
                collect(each)
        elif isinstance(node, list):
            for each in node:
                collect(each)

    collect(plan_schema())
    assert references == set(definitions)


@given(plans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_plans_follow_it(plan: StepPlan) -> None:
    VALIDATOR.validate(json.loads(encode(plan)))


WRONG: dict[str, Any] = {
    "another format": lambda d: d.update(format="actionlang.plan/2"),
    "no hash": lambda d: d.pop("hash"),
    "a short hash": lambda d: d.update(hash="sha256:12"),
    "an unknown member": lambda d: d.update(extra=1),
    "no entry": lambda d: d.pop("entry"),
    "another kind": lambda d: d["verbs"][0].update(kind="macro"),
    "an unknown step": lambda d: d["verbs"][0]["steps"][0].update(step="explode"),
    "half a place": lambda d: d["verbs"][0]["steps"][0].update(place=[1, 2]),
    "an unknown type": lambda d: d["verbs"][0]["steps"][0]["condition"].update(type="boolena"),
    "a condition of a number": lambda d: d["verbs"][0]["steps"][0].update(condition=1),
    "an unknown sign": lambda d: d["verbs"][0]["steps"][0]["condition"].update(operator="<>"),
    "an optional column type": lambda d: d["tables"][0]["columns"][0].update(type="id?"),
    "two defaults": lambda d: d["tables"][3]["columns"][3].update(default={"value": 1, "function": "now"}),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_what_does_not_follow_it(change: Any) -> None:
    data = json.loads(encode(ESCALATE_PLAN))
    VALIDATOR.validate(data)
    change(data)
    assert not VALIDATOR.is_valid(data)


def test_lists_of_words_belong_to_members() -> None:
    for cls, name in WORDS:
        assert name in {field.name for field in attrs.fields(cls)}
