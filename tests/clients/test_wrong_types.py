"""Clients pass the strictest type check, and calls with wrong types do not: each tells exactly what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.clients.made import mypy, python_package, typescript_package
from tests.clients.node_tools import tsc

pytestmark = pytest.mark.process

PYTHON_HEAD = """\
from datetime import date, datetime, timedelta
from decimal import Decimal

import desk
from desk import AsyncClient, AsyncStarted, CaseByNumber, CaseRef, Client, CountSlowlyResult, Pending, Priority, SampleRef
from desk import Started, TaskRef

client = Client("http://localhost")
sample = SampleRef(1)
"""

PYTHON_RIGHT = """\
client.escalate(CaseByNumber("CAS-1"), reason="It burns", level=3, key="k", expected='W/"1"', dry_run=True)
ticket: TaskRef = client.escalate(CaseByNumber("CAS-1"), reason="It burns").ticket
made: SampleRef = client.take_sample(code="S", price=Decimal("1.5"), weight=2, grade=Priority.HIGH, parent=sample).made
price: Decimal | None = client.price_of(sample).price
above: tuple[Priority, ...] = client.samples_of(grade=Priority.LOW).above
for case in client.cases.list(where="priority eq 3"):
    client.escalate(case, reason=case.title or "")
started: Started[CountSlowlyResult] = client.count_slowly(sample, step=2, key="k", expected='W/"1"')
count: int = started.wait(timeout=2.5).count
outcome = client.count_slowly_started(started.id).outcome()
left: float | int = outcome.retry_after if isinstance(outcome, Pending) else outcome.count
kept: list[Started[object]] = [started]
client.count_slowly_dry_run(sample, pause=timedelta(hours=1))


async def same(other: AsyncClient) -> int:
    started: AsyncStarted[CountSlowlyResult] = await other.count_slowly(sample)
    await other.count_slowly_dry_run(sample)
    await other.count_slowly_started(started.id).cancel()
    return (await started.wait()).count


"""

# Each call, and what mypy says of it.
PYTHON_WRONG = {
    "client.escalate(sample, reason='x')": 'Argument 1 to "escalate" of "Client" has incompatible type "SampleRef"; '
    'expected "CaseRef | CaseByNumber"  [arg-type]',
    "client.escalate(CaseByNumber('CAS-1'))": 'Missing named argument "reason" for "escalate" of "Client"  [call-arg]',
    "client.escalate(CaseByNumber('CAS-1'), 'x')": 'Too many positional arguments for "escalate" of "Client"  [call-arg]',
    "client.escalate(CaseByNumber('CAS-1'), reason=1)": 'Argument "reason" to "escalate" of "Client" has incompatible type '
    '"int"; expected "str"  [arg-type]',
    "client.escalate(CaseByNumber('CAS-1'), reasons='x')": 'Unexpected keyword argument "reasons" for "escalate" of "Client"; '
    'did you mean "reason"?  [call-arg]',
    "client.take_sample(code='S', price=1.5)": 'Argument "price" to "take_sample" of "Client" has incompatible type "float"; '
    'expected "Decimal | int | None"  [arg-type]',
    "client.take_sample(code='S', grade=3)": 'Argument "grade" to "take_sample" of "Client" has incompatible type "int"; '
    'expected "Priority | None"  [arg-type]',
    "client.take_sample(code='S', made_at='2026-01-01')": 'Argument "made_at" to "take_sample" of "Client" has incompatible type '
    '"str"; expected "datetime | None"  [arg-type]',
    "client.grade_all(samples=sample, grade=Priority.LOW)": 'Argument "samples" to "grade_all" of "Client" has incompatible type '
    '"SampleRef"; expected "Sequence[SampleRef | SampleByCode]"  [arg-type]',
    "touched = client.touch(sample)": '"touch" of "Client" does not return a value (it only ever returns None)  '
    "[func-returns-value]",
    "client.samples_of(grade=Priority.LOW).sum": '"SamplesOfResult" has no attribute "sum"  [attr-defined]',
    "client.price_of(sample, key='k')": 'Unexpected keyword argument "key" for "price_of" of "Client"  [call-arg]',
    "client.count_slowly(CaseByNumber('CAS-1'))": 'Argument 1 to "count_slowly" of "Client" has incompatible type '
    '"CaseByNumber"; expected "SampleRef | SampleByCode"  [arg-type]',
    "client.count_slowly(sample, step='2')": 'Argument "step" to "count_slowly" of "Client" has incompatible type "str"; '
    'expected "int | None"  [arg-type]',
    "client.count_slowly(sample, dry_run=True)": 'Unexpected keyword argument "dry_run" for "count_slowly" of "Client"  [call-arg]',
    "client.count_slowly(sample).count": '"Started[CountSlowlyResult]" has no attribute "count"  [attr-defined]',
    "client.count_slowly(sample).outcome().count": 'Item "Pending" of "CountSlowlyResult | Pending" has no attribute "count"  '
    "[union-attr]",
    "client.count_slowly(sample).wait(timeout='2')": 'Argument "timeout" to "wait" of "Started" has incompatible type "str"; '
    'expected "float | None"  [arg-type]',
    "client.count_slowly_started(7)": 'Argument 1 to "count_slowly_started" of "Client" has incompatible type "int"; expected "str"'
    "  [arg-type]",
    "client.count_up_started('a')": '"Client" has no attribute "count_up_started"; maybe "count_slowly_started"?  '
    "[attr-defined]",
    "client.hidden(sample)": '"Client" has no attribute "hidden"  [attr-defined]',
    "client.cases.get(sample)": 'Argument 1 to "get" of "Rows" has incompatible type "SampleRef"; expected '
    '"CaseRef | CaseByNumber"  [arg-type]',
    "CaseByNumber(7)": 'Argument 1 to "CaseByNumber" has incompatible type "int"; expected "str"  [arg-type]',
}


def test_mypy_takes_what_is_right_and_tells_what_is_wrong(tmp_path: Path) -> None:
    package = python_package(tmp_path / "desk")
    calls = tmp_path / "calls.py"
    lines = [*PYTHON_HEAD.splitlines(), *PYTHON_RIGHT.splitlines()]
    first = len(lines) + 1
    calls.write_text("\n".join([*lines, *PYTHON_WRONG]) + "\n")
    told = mypy(calls, *sorted(package.glob("*.py")))
    assert [each.partition(": note:")[0] for each in told if ": note:" not in each] == [
        f"calls.py:{line}: error: {message}" for line, message in enumerate(PYTHON_WRONG.values(), first)
    ]


TYPESCRIPT_RIGHT = """\
import { CaseByNumber, Client, Priority, SampleRef, Started, TaskRef } from "./index.js";
import type { CountSlowlyResult, Decimal } from "./index.js";

const client = new Client({ url: "http://localhost" });
const sample = new SampleRef(1n);

await client.escalate(new CaseByNumber("CAS-1"), { reason: "It burns", level: 3 }, { key: "k", dryRun: true });
export const ticket: TaskRef = (await client.escalate(new CaseByNumber("CAS-1"), { reason: "It burns" })).ticket;
const made: SampleRef = (await client.takeSample({ code: "S", price: "1.5", grade: Priority.high, parent: sample })).made;
export const price: Decimal | null = (await client.priceOf(made)).price;
export const above: readonly Priority[] = (await client.samplesOf({ grade: Priority.low })).above;
await client.takeSample({ code: "S", madeAt: new Date(), madeOn: "2026-11-24", wait: "PT90M", count: 2n ** 60n, note: null });
for await (const each of client.cases.list({ where: "priority eq 3" })) {
  await client.escalate(each, { reason: each.title ?? "" }, { signal: AbortSignal.timeout(100) });
}
export const started: Started<CountSlowlyResult> = await client.countSlowly(sample, { step: 2 }, { key: "k" });
export const count: bigint = (await started.wait({ timeout: 100, signal: AbortSignal.timeout(100) })).count;
const outcome = await client.countSlowlyStarted(started.id).outcome();
export const left: number | bigint = outcome.done ? outcome.returned.count : outcome.retryAfter;
export const kept: Started<object>[] = [started];
export const nothing: void = await client.countSlowlyDryRun(sample, { pause: "PT1H" });
"""

TYPESCRIPT_WRONG = {
    'client.escalate(sample, { reason: "x" });': "TS2345: Argument of type 'SampleRef' is not assignable to parameter of type "
    "'AnyCase'.",
    'client.escalate(new CaseByNumber("CAS-1"), {});': "TS2345: Argument of type '{}' is not assignable to parameter of type "
    "'EscalateArguments'.",
    'client.escalate(new CaseByNumber("CAS-1"), { reason: 1 });': "TS2322: Type 'number' is not assignable to type 'string'.",
    'client.escalate(new CaseByNumber("CAS-1"), { reason: "x", reasons: "y" });': "TS2561: Object literal may only specify known "
    "properties, but 'reasons' does not exist in type 'EscalateArguments'. Did you mean to write 'reason'?",
    'client.takeSample({ code: "S", price: 1.5 });': "TS2322: Type 'number' is not assignable to type '`${number}`'.",
    'client.takeSample({ code: "S", price: "much" });': "TS2322: Type '\"much\"' is not assignable to type '`${number}`'.",
    'client.takeSample({ code: "S", grade: 7 });': "TS2322: Type '7' is not assignable to type 'Priority'.",
    'client.takeSample({ code: "S", madeOn: "tomorrow" });': "TS2322: Type '\"tomorrow\"' is not assignable to type "
    "'`${number}-${number}-${number}`'.",
    'client.takeSample({ code: "S", count: undefined });': "TS2379: Argument of type '{ code: string; count: undefined; }' is not "
    "assignable to parameter of type 'TakeSampleArguments' with 'exactOptionalPropertyTypes: true'. Consider adding 'undefined' to "
    "the types of the target's properties.",
    "client.gradeAll({ samples: sample, grade: Priority.low });": "TS2740: Type 'SampleRef' is missing the following properties "
    "from type 'readonly AnySample[]': length, concat, join, slice, and 20 more.",
    "(await client.touch(sample)).made;": "TS2339: Property 'made' does not exist on type 'void'.",
    "(await client.samplesOf({ grade: Priority.low })).sum;": "TS2339: Property 'sum' does not exist on type 'SamplesOfResult'.",
    'client.priceOf(sample, {}, { key: "k" });': "TS2353: Object literal may only specify known properties, and 'key' does not "
    "exist in type 'CallOptions'.",
    'client.countSlowly(new CaseByNumber("CAS-1"));': "TS2345: Argument of type 'CaseByNumber' is not assignable to parameter of "
    "type 'AnySample'.",
    'client.countSlowly(sample, { step: "2" });': "TS2322: Type 'string' is not assignable to type 'Integer | undefined'.",
    "client.countSlowly(sample, {}, { dryRun: true });": "TS2322: Type 'true' is not assignable to type 'undefined'.",
    "(await client.countSlowly(sample)).count;": "TS2339: Property 'count' does not exist on type 'Started<CountSlowlyResult>'.",
    "(await started.outcome()).returned;": "TS2339: Property 'returned' does not exist on type "
    "'StartedOutcome<CountSlowlyResult>'.",
    'started.wait({ timeout: "2" });': "TS2322: Type 'string' is not assignable to type 'number'.",
    "client.countSlowlyStarted(7);": "TS2345: Argument of type 'number' is not assignable to parameter of type 'string'.",
    'client.countUpStarted("a");': "TS2339: Property 'countUpStarted' does not exist on type 'Client'.",
    "client.hidden(sample);": "TS2339: Property 'hidden' does not exist on type 'Client'.",
    "client.cases.get(sample);": "TS2345: Argument of type 'SampleRef' is not assignable to parameter of type 'AnyCase'.",
    "new CaseByNumber(7);": "TS2345: Argument of type 'number' is not assignable to parameter of type 'string'.",
}


def test_tsc_takes_what_is_right_and_tells_what_is_wrong(tmp_path: Path) -> None:
    package = typescript_package(tmp_path / "desk")
    calls = package / "src" / "calls.ts"
    first = len(TYPESCRIPT_RIGHT.splitlines()) + 1
    calls.write_text(TYPESCRIPT_RIGHT + "\n".join(TYPESCRIPT_WRONG) + "\n")
    told = [line for line in tsc(package, "--noEmit") if not line.startswith(" ")]
    assert [re.sub(r",\d+\): error ", "): ", line) for line in told] == [
        f"src/calls.ts({line}): {message}" for line, message in enumerate(TYPESCRIPT_WRONG.values(), first)
    ]
