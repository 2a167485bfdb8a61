"""Plans as files: the same bytes for the same plan, the same plan from its bytes, and one clear refusal for all else."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.metadata import types as t
from actionlang.plan import codec
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.codec import decode, encode, plan_hash
from actionlang.plan.encoding import MAXIMUM_DEPTH
from actionlang.plan.plan import Parameter, StepPlan
from tests.plan.samples import (
    BOOLEAN,
    ESCALATE_PLAN,
    INTEGER,
    TEXT,
    at,
    literal,
    plan_of,
    text,
    verb,
    whole,
)
from tests.strategies.plans import plans

GOLDEN = Path(__file__).parent.parent / "golden" / "plan" / "escalate.plan.json"


def refusal(data: bytes) -> str:
    """Code and message that bytes are refused with."""
    with pytest.raises(ActionLangError) as caught:
        decode(data)
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.code.id}: {diagnostic.message}"


def altered(**members: Any) -> bytes:
    """The sample's bytes with other members at the top."""
    return json.dumps({**json.loads(encode(ESCALATE_PLAN)), **members}).encode()


def changed(change: Any) -> bytes:
    """The sample's bytes after a change of its JSON, with the hash it had."""
    data = json.loads(encode(ESCALATE_PLAN))
    change(data)
    return json.dumps(data).encode()


# ------------------------------------------------------------------------------------------------------------- writing


def test_golden_file() -> None:
    assert encode(ESCALATE_PLAN) == GOLDEN.read_bytes()


def test_the_golden_file_is_the_plan() -> None:
    assert decode(GOLDEN.read_bytes()) == ESCALATE_PLAN


def test_the_bytes_depend_on_no_hash_seed() -> None:
    program = (
        "import sys; from tests.plan.samples import ESCALATE_PLAN; from actionlang.plan.codec import encode;"
        "sys.stdout.buffer.write(encode(ESCALATE_PLAN))"
    )
    root = Path(__file__).parent.parent.parent
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", program], cwd=root, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        assert made.stdout == GOLDEN.read_bytes()


def test_the_hash_is_that_of_the_other_lines() -> None:
    lines = encode(ESCALATE_PLAN).splitlines(keepends=True)
    rest = b"".join(line for line in lines if not line.startswith(b'"hash":'))
    assert plan_hash(ESCALATE_PLAN) == "sha256:" + hashlib.sha256(rest).hexdigest()
    assert f'"hash":"{plan_hash(ESCALATE_PLAN)}",\n'.encode() in lines


def test_each_step_and_column_has_a_line_of_its_own() -> None:
    lines = encode(ESCALATE_PLAN).decode().splitlines()
    assert sum(line.lstrip().startswith('{"step":') for line in lines) == 10
    columns = sum(len(table.columns) for table in ESCALATE_PLAN.tables)
    assert sum('"stored":' in line and "columns" not in line for line in lines) == columns


def test_another_plan_has_another_hash() -> None:
    other = attrs.evolve(ESCALATE_PLAN, verbs=tuple(attrs.evolve(each, doc="Other") for each in ESCALATE_PLAN.verbs))
    assert plan_hash(other) != plan_hash(ESCALATE_PLAN)


@given(plans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_round_trip(plan: StepPlan) -> None:
    data = encode(plan)
    assert decode(data) == plan
    assert encode(decode(data)) == data


def test_layout_does_not_matter_when_a_plan_is_read() -> None:
    data = json.loads(encode(ESCALATE_PLAN))
    assert decode(json.dumps(data, indent=4, sort_keys=True).replace("\n", "\r\n").encode()) == ESCALATE_PLAN


def of_values(*constants: tuple[t.Type, object]) -> StepPlan:
    """A plan that holds constants."""
    steps = [s.Let(at(number), f"value{number}", literal(*each)) for number, each in enumerate(constants, 1)]
    return plan_of(verb("Hold", *steps))


@pytest.mark.parametrize(
    ("type_", "value", "spelling"),
    [
        (TEXT, 'a "b" \\ Größe 🎉 \n\x01', '"a \\"b\\" \\\\ Größe 🎉 \\n\\u0001"'),
        (TEXT, "", '""'),
        (INTEGER, 2**53 - 1, "9007199254740991"),
        (INTEGER, 2**53, '"9007199254740992"'),
        (INTEGER, -(2**63), '"-9223372036854775808"'),
        (INTEGER, 0, "0"),
        (t.Decimal(), Decimal("1.50"), '"1.50"'),
        (t.Decimal(), Decimal("1E+3"), '"1000"'),
        (t.Decimal(10, 2), Decimal("-0.01"), '"-0.01"'),
        (t.Money(), Decimal("922337203685477.5807"), '"922337203685477.5807"'),
        (t.Float(), 0.1, '"0.1"'),
        (t.Float(), 1e300, '"1e+300"'),
        (BOOLEAN, False, "false"),
        (t.Date(), date(2026, 11, 24), '"2026-11-24"'),
        (t.DateTime(), datetime(2026, 11, 24, 9, 30, tzinfo=UTC), '"2026-11-24T09:30:00Z"'),
        (t.DateTime(), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), '"2026-01-02T03:04:05.000006Z"'),
        (t.Duration(), timedelta(days=2), "172800000000"),
        (t.Duration(), timedelta(microseconds=-1), "-1"),
        (t.Duration(), timedelta(days=999_999), '"86399913600000000"'),
        (t.Id(), "01234567-89ab-7def-8123-456789abcdef", '"01234567-89ab-7def-8123-456789abcdef"'),
        (t.Choices("helpdesk.Tag"), ("billing", "hardware"), '["billing","hardware"]'),
        (t.ListOf(INTEGER), (1, 2**60), '[1,"1152921504606846976"]'),
    ],
)
def test_each_value_has_one_spelling(type_: t.Type, value: object, spelling: str) -> None:
    plan = of_values((type_, value))
    assert f'"value":{spelling}}}' in encode(plan).decode()
    (step,) = decode(encode(plan)).verb.steps
    assert isinstance(step, s.Let)
    assert isinstance(step.value, e.Literal)
    assert step.value.value == value
    assert type(step.value.value) is type(value)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (INTEGER, True),
        (INTEGER, Decimal(1)),
        (TEXT, 1),
        (t.Decimal(), 1),
        (t.Decimal(), Decimal("NaN")),
        (t.Float(), float("inf")),
        (t.Date(), datetime(2026, 1, 1, tzinfo=UTC)),
        (t.DateTime(), datetime(2026, 1, 1)),
        (t.ListOf(INTEGER), (1, None)),
        (t.Json(), "{}"),
    ],
)
def test_a_constant_of_another_type_is_not_written(type_: t.Type, value: object) -> None:
    with pytest.raises(ValueError, match="constant|number|UTC|empty"):
        encode(of_values((type_, value)))


@pytest.mark.parametrize("name", ["Order Details", "Who?", "a|b", "100%", "%3F", "list of text", " x "])
def test_names_of_any_signs(name: str) -> None:
    row = t.Row((f"m.{name}", "m.other"))
    plan = plan_of(verb("Hold"), tables=())
    for optional in (False, True):
        parameter = Parameter("row", t.ListOf(row), optional)
        named = attrs.evolve(plan, verbs=(attrs.evolve(plan.verb, inputs=(parameter,)),))
        assert decode(encode(named)) == named


def nested(depth: int) -> StepPlan:
    """A plan with one expression this deep."""
    value: e.Expression = whole(1)
    for _ in range(depth):
        value = e.Negate(INTEGER, False, value)
    return plan_of(verb("Deep", s.Let(at(1), "deep", value)))


def test_the_deepest_plan_comes_back() -> None:
    plan = nested(MAXIMUM_DEPTH - 6)
    assert decode(encode(plan)) == plan


@pytest.mark.parametrize("depth", [MAXIMUM_DEPTH, 20_000])
def test_a_deeper_plan_is_not_written(depth: int) -> None:
    with pytest.raises(ActionLangError) as caught:
        encode(nested(depth))
    assert str(caught.value) == f"E0605: The plan of helpdesk.Deep is nested more than {MAXIMUM_DEPTH} levels deep."


# ------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "E0601: This is not a plan: line 1, column 1 is not JSON (Expecting value)."),
        (b"\xff\xfe", "E0601: This is not a plan: it is not UTF-8 text."),
        (
            b"{",
            "E0601: This is not a plan: line 1, column 2 is not JSON (Expecting property name enclosed in double quotes).",
        ),
        (b'{"a": NaN}', "E0601: This is not a plan: NaN is no number."),
        (b'{"a": 1, "a": 2}', "E0601: This is not a plan: the member 'a' stands twice in one object."),
        (b"[]", "E0603: This is not a plan: it does not state its format."),
        (b"{}", "E0603: This is not a plan: it does not state its format."),
        (
            b'{"format": "actionlang.plan/2"}',
            "E0603: The plan's format is actionlang.plan/2; this version reads actionlang.plan/1.",
        ),
        (b'{"format": 1}', "E0603: The plan's format is another one; this version reads actionlang.plan/1."),
        (
            b'{"format": "actionlang.plan/1"}',
            "E0604: The plan does not follow its schema at $: the member hash is missing.",
        ),
        (
            b'{"format": "actionlang.plan/1", "hash": 1}',
            "E0604: The plan does not follow its schema at $: the hash is not text.",
        ),
        (
            b'{"format": "actionlang.plan/1", "hash": "sha256:"}',
            "E0604: The plan does not follow its schema at $: the member entry is missing.",
        ),
        (
            b'{"format": "actionlang.plan/1", "hash": "sha256:", "entry": "a.B"}',
            "E0606: The plan of a.B was altered: its content has another hash than the one it states.",
        ),
        (
            b'{"format": "actionlang.plan/1", "hash": "sha256:", "entry": "\\ud800"}',
            "E0604: The plan has half of a surrogate pair in a text, which UTF-8 can not hold.",
        ),
    ],
)
def test_what_is_no_plan_is_refused(data: bytes, expected: str) -> None:
    assert refusal(data) == expected


def test_a_number_of_too_many_digits() -> None:
    assert refusal(b'{"a": ' + b"9" * 5000 + b"}").startswith("E0601: This is not a plan: ")


def test_a_huge_plan_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MAXIMUM_BYTES", 10)
    assert refusal(encode(ESCALATE_PLAN)).startswith("E0602: The plan has ")


@pytest.mark.parametrize("depth", [MAXIMUM_DEPTH + 1, 900, 100_000])
@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_deep_plan_is_refused(depth: int, start: bytes, end: bytes) -> None:
    data = start * depth + b"1" + end * depth
    assert refusal(data) == f"E0605: The plan is nested more than {MAXIMUM_DEPTH} levels deep."


def test_an_altered_plan_is_refused() -> None:
    data = encode(ESCALATE_PLAN).replace(b"Only an open case", b"Only an OPEN case")
    assert refusal(data).startswith("E0606: The plan of helpdesk.Escalate was altered")


def first_step(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["verbs"][0]["steps"][0]
    return found


MALFORMED: list[tuple[Any, str]] = [
    (lambda d: d.update(extra=1), "$: the member 'extra' is unknown"),
    (lambda d: d.update(entry=1), "$.entry: text is wanted here, not 1"),
    (lambda d: d.update(verbs={}), "$.verbs: a list is wanted here, not an object"),
    (lambda d: d["verbs"].append(None), "$.verbs[2]: an object is wanted here, not null"),
    (lambda d: d["verbs"][0].pop("name"), "$.verbs[0]: the member name is missing"),
    (lambda d: d["verbs"][0].update(line="1"), "$.verbs[0].line: a whole number is wanted here, not '1'"),
    (lambda d: d["verbs"][0].update(line=True), "$.verbs[0].line: a whole number is wanted here, not true"),
    (lambda d: d["verbs"][0].update(line=1.0), "$.verbs[0].line: a whole number is wanted here, not 1.0"),
    (lambda d: d["verbs"][0].update(system=1), "$.verbs[0].system: true or false is wanted here, not 1"),
    (lambda d: first_step(d).update(step="explode"), "$.verbs[0].steps[0].step: 'explode' is no step of a plan"),
    (lambda d: first_step(d).update(step=[]), "$.verbs[0].steps[0].step: a list is no step of a plan"),
    (lambda d: first_step(d).pop("step"), "$.verbs[0].steps[0].step: null is no step of a plan"),
    (lambda d: d["verbs"][0].update(steps=[[]]), "$.verbs[0].steps[0]: an object is wanted here, not a list"),
    (
        lambda d: first_step(d).update(place=[1, 2, 3]),
        "$.verbs[0].steps[0].place: a list of 4 is wanted here, not a list",
    ),
    (
        lambda d: first_step(d).update(place=[1, 2, "x" * 99, 4]),
        "$.verbs[0].steps[0].place[2]: a whole number is wanted here, not '" + "x" * 56 + "...",
    ),
    (
        lambda d: first_step(d)["condition"].update(type="boolena"),
        "$.verbs[0].steps[0].condition.type: 'boolena' is no type",
    ),
    (
        lambda d: first_step(d)["condition"].update(type="text(007)"),
        "$.verbs[0].steps[0].condition.type: 'text(007)' is no type",
    ),
    (
        lambda d: first_step(d)["condition"].update(type="list of " * 10 + "text"),
        "$.verbs[0].steps[0].condition.type: 'list of list of list of list of list of list of list of ... is no type",
    ),
    (
        lambda d: first_step(d)["message"].update(value=None),
        "$.verbs[0].steps[0].message.value: an empty constant has no value",
    ),
    (
        lambda d: first_step(d)["message"].update(value=5),
        "$.verbs[0].steps[0].message.value: 5 is no constant of type text",
    ),
    (
        lambda d: d["tables"][3]["columns"][3].update(default={"value": "normal", "function": "now"}),
        "$.tables[3].columns[3].default: a default has either a value or a function",
    ),
    (
        lambda d: d["tables"][3]["columns"][3].update(default={"function": 1}),
        "$.tables[3].columns[3].default: text is wanted here, not 1",
    ),
    (
        lambda d: d["tables"][3]["columns"][3].update(default="normal"),
        "$.tables[3].columns[3].default: a default has either a value or a function",
    ),
    (
        lambda d: d["tables"][3]["columns"][0].update(type="id?"),
        "$.tables[3].columns[0].type: a type without ? is wanted here, not 'id?'",
    ),
    (
        lambda d: d["tables"][3]["columns"][6].update(default={"value": "x"}),
        "$.tables[3].columns[6].default: there are no constants of type row helpdesk.account|helpdesk.contact",
    ),
    (
        lambda d: d["verbs"][0]["steps"][2]["values"][0].append(1),
        "$.verbs[0].steps[2].values[0]: a list of 2 is wanted here, not a list",
    ),
    (
        lambda d: d["verbs"][0]["steps"][2]["values"][0][1]["parts"].append(7),
        "$.verbs[0].steps[2].values[0][1].parts[2]: an object is wanted here, not 7",
    ),
]


@pytest.mark.parametrize(("change", "expected"), MALFORMED, ids=[expected[:60] for _, expected in MALFORMED])
def test_what_does_not_follow_the_schema_is_refused_with_its_place(change: Any, expected: str) -> None:
    assert refusal(changed(change)) == f"E0604: The plan does not follow its schema at {expected}."


@pytest.mark.parametrize(
    ("type_", "spelling"),
    [
        ("integer", "5"),
        ("integer", 1.5),
        ("integer", True),
        ("integer", "1" * 100),
        ("integer", "9007199254740993.0"),
        ("decimal", 5),
        ("decimal", "05"),
        ("decimal", "1e5"),
        ("decimal", "NaN"),
        ("decimal", "1" * 100),
        ("float", "0.10"),
        ("float", "inf"),
        ("boolean", "true"),
        ("boolean", 1),
        ("date", "20261124"),
        ("date", "2026-02-30"),
        ("datetime", "2026-11-24T09:30:00"),
        ("datetime", "2026-11-24T09:30:00+01:00"),
        ("datetime", "2026-11-24 09:30:00Z"),
        ("duration", "172800000000"),
        ("duration", "9" * 60),
        ("id", "01234567-89AB-7DEF-8123-456789ABCDEF"),
        ("id", "x"),
        ("choices helpdesk.Tag", "billing"),
        ("choices helpdesk.Tag", ["billing", None]),
        ("list of integer", [1, "2"]),
        ("empty", 1),
        ("json", "{}"),
    ],
)
def test_other_spellings_of_values_are_refused(type_: str, spelling: object) -> None:
    data = changed(lambda d: first_step(d)["message"].update(type=type_, value=spelling))
    assert refusal(data).startswith("E0604: The plan does not follow its schema at $.verbs[0].steps[0].message.value: ")


def test_what_is_left_out_may_stand_there_too() -> None:
    data = changed(lambda d: d["verbs"][0].update(system=False, private=False))
    assert decode(data) == ESCALATE_PLAN


def test_a_message_of_a_plan_says_what_to_do() -> None:
    with pytest.raises(ActionLangError) as caught:
        decode(altered(entry="helpdesk.Other"))
    assert caught.value.diagnostics[0].hint == "Compile the verb again from its script."


def test_text_parts_of_templates_stay_texts() -> None:
    plan = plan_of(verb("Say", s.Fail(at(1), e.Template(TEXT, False, ("a", text("b"), "")))))
    assert decode(encode(plan)) == plan
