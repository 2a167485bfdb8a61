"""Examples of calls: what tests called a verb with and what came of it, kept with the version that they were tests of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.registry.tables import EXAMPLES

AT_ONCE = 500
"""Hashes that one condition lists."""


@attrs.frozen
class Example:
    """A call in the test of this title. `row` is the primary key of the row that the verb was on, `arguments` those that were
    given, `outputs` what came back: JSON data as `engine.json_form` writes it, sensitive values as `***`. `code` and `message`
    are of the failure where there are no outputs."""

    test: str
    arguments: Mapping[str, Any]
    row: Any = None
    outputs: Mapping[str, Any] | None = None
    code: str | None = None
    message: str | None = None


Examples = Mapping[str, Sequence[Example]]
"""Examples by the hash of the plan that they are of."""

NO_EXAMPLES: Examples = {}


def keep_examples(connection: sa.Connection, examples: Examples) -> None:
    """Have these stand where others of the same plans did. Nothing is done in a database that has no table for them."""
    if not examples or not sa.inspect(connection).has_table(EXAMPLES.name):
        return
    known = examples_of(connection, examples)
    changed = sorted(plan for plan, several in examples.items() if tuple(several) != known.get(plan, ()))
    for some in _portions(known.keys() & changed):
        connection.execute(sa.delete(EXAMPLES).where(EXAMPLES.c.plan_hash.in_(some)))
    rows = [
        {"plan_hash": plan, "number": number, "test": each.test, "call": _written(each)}
        for plan in changed
        for number, each in enumerate(examples[plan], 1)
    ]
    if rows:
        connection.execute(sa.insert(EXAMPLES), rows)


def examples_of(connection: sa.Connection, hashes: Iterable[str]) -> dict[str, tuple[Example, ...]]:
    """The examples of plans, in their order; none in a database that has no table for them."""
    if not sa.inspect(connection).has_table(EXAMPLES.name):
        return {}
    found: dict[str, list[Example]] = {}
    columns = (EXAMPLES.c.plan_hash, EXAMPLES.c.test, EXAMPLES.c.call)
    for some in _portions(hashes):
        of_these = sa.select(*columns).where(EXAMPLES.c.plan_hash.in_(some))
        for plan, test, call in connection.execute(of_these.order_by(EXAMPLES.c.plan_hash, EXAMPLES.c.number)):
            found.setdefault(plan, []).append(Example(test, **json.loads(call)))
    return {plan: tuple(several) for plan, several in found.items()}


def _written(example: Example) -> str:
    call = {name: value for name, value in attrs.asdict(example).items() if name != "test" and value is not None}
    return json.dumps(call, ensure_ascii=False)


def _portions(hashes: Iterable[str]) -> Iterable[list[str]]:
    wanted = sorted(set(hashes))
    return (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))
