"""Queries by themselves: what SQLite and PostgreSQL are asked gives what the store in memory gives, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import RULES
from actionlang.engine.interpreter.frame import UNIT, Frame
from actionlang.engine.interpreter.needed import columns_needed
from actionlang.engine.interpreter.queries import bind_rows
from actionlang.engine.interpreter.rows import TableRows
from actionlang.engine.interpreter.scope import PlanBinding, Scope
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import Store
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Effects, StepPlan, Verb
from tests.engine.building import NOW
from tests.engine.stores import STORES
from tests.strategies.expressions import DECIMAL, DURATION, INTEGER, ORDERED, Expressions, local, row_type
from tests.strategies.rows import COUNTS, Rows, some_rows
from tests.strategies.shop import schema

PLACE = s.Place(1, 1, 1, 1)
QUERIES = 12
NAMES = ("item", "line", "account", "counter", "cell", "entry", "person")
Question = e.Query | e.Aggregate
Answer = Callable[[Frame], object]


def some_questions(rows: Rows, random: Random) -> tuple[dict[str, Any], list[Question]]:
    """Locals with the rows they are, and queries and aggregates in which these are mentioned."""
    drawn = Expressions(random, rows)
    outer: dict[str, Any] = {}
    for name in ("item", "account", "cell"):
        there = rows[row_type(name).tables[0]]
        if there:
            outer[drawn.fresh(row_type(name), word="this")] = random.choice(there).row
            outer[drawn.fresh(row_type(name), True, "perhaps")] = random.choice([None, random.choice(there).row])
    questions: list[Question] = []
    for _ in range(QUERIES):
        with drawn.block():
            made: Question
            if random.random() < 0.5:
                made = drawn.aggregate(random.choice([INTEGER, DECIMAL, DURATION, *ORDERED]), 2)  # type: ignore[assignment]
                made = made.operand if isinstance(made, e.Otherwise | e.Convert) else made  # type: ignore[assignment]
                made = made.operand if isinstance(made, e.Convert) else made  # type: ignore[assignment]
            else:
                made = _query(drawn, random)
        if isinstance(made, Question):
            questions.append(made)
    return outer, questions


def _query(drawn: Expressions, random: Random) -> e.Query:
    name = random.choice(NAMES)
    query = drawn.query(name, 2, tied=0.4)
    row = local(query.row, row_type(name))
    where = query.where
    if random.random() < 0.3:
        more = drawn.condition(1)
        where = more if where is None else e.And(t.Boolean(), False, (where, more))
    limit = e.Literal(INTEGER, False, random.randint(0, 4)) if random.random() < 0.4 else None
    return e.Query(query.table, query.row, where, drawn.ordering(row), limit)


def bound(question: Question, outer: dict[str, Any], store: Store) -> tuple[Answer, Frame]:
    """A question bound to a store, and the frame to ask it with."""
    step = s.ForEachRow(PLACE, question, ()) if isinstance(question, e.Query) else s.Let(PLACE, "answer", question)
    verb = Verb("example.Ask", "action", None, (), (), (), False, False, None, "", Effects(), (step,), "", 1)
    plan = StepPlan(verb.name, (verb,), tuple(schema().tables.values()), tuple(schema().choices.values()))
    needed = columns_needed(plan)
    tables = {table.name: TableRows(table, needed[table.name], store) for table in plan.tables}
    scope = Scope(PlanBinding(plan, store, tables, None, RULES), verb)
    slots = {name: scope.new_slot(name) for name in outer}
    answer = bind_rows(question, scope) if isinstance(question, e.Query) else scope.evaluate(question)
    frame: Frame = [None] * scope.size
    frame[UNIT] = Unit(NOW, new_id=CountedIds(NOW))
    for name, slot in slots.items():
        frame[slot] = outer[name]
    return answer, frame


def outcome(question: Question, outer: dict[str, Any], store: Store) -> object:
    """What a question gives, the second time too, or how it fails."""
    answer, frame = bound(question, outer, store)
    try:
        first = answer(frame)
        assert answer(frame) == first
    except Failure as failure:
        return failure.code.id, failure.message
    return first


class Counting:
    """A store that counts what of its queries it is asked in whole."""

    takes_queries = True

    def __init__(self, store: Any, counts: Counter[str]) -> None:
        self._store = store
        self._counts = counts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def prepare_query(self, query: e.Query, columns: tuple[str, ...], *, any_order: bool = False) -> Any:
        taken = self._store.prepare_query(query, columns, any_order=any_order)
        self._counts["queries"] += 1
        self._counts["whole queries"] += taken is not None and taken.ordered
        return taken

    def prepare_aggregate(self, node: e.Aggregate) -> Any:
        taken = self._store.prepare_aggregate(node)
        self._counts["aggregates"] += 1
        self._counts["whole aggregates"] += taken is not None
        return taken


def fill(store: Store, rows: Rows) -> None:
    for name in COUNTS:
        for known in next((found for table, found in rows.items() if table.rpartition(".")[2] == name), []):
            store.prepare_insert(known.table, tuple(known.values))(known.key, tuple(known.values.values()))


@pytest.fixture(scope="module")
def databases() -> Iterator[dict[str, tuple[Any, Counter[str]]]]:
    tables, choices = tuple(schema().tables.values()), tuple(schema().choices.values())
    with ExitStack() as stack:
        yield {name: (stack.enter_context(STORES[name](tables, choices)), Counter()) for name in ("sqlite", "postgres")}


def test_a_query_gives_the_same_rows_everywhere_and_most_are_asked_as_a_whole(
    databases: dict[str, tuple[Any, Counter[str]]],
) -> None:
    @given(st.integers(0, 2**32))
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(seed: int) -> None:
        random = Random(seed)
        rows = some_rows(random)
        outer, questions = some_questions(rows, random)
        memory = MemoryStore(schema().tables.values(), schema().choices.values())
        fill(memory, rows)
        expected = [outcome(question, outer, memory) for question in questions]
        for name, (store, counts) in databases.items():
            mark = store.savepoint()
            fill(store, rows)
            for question, wanted in zip(questions, expected, strict=True):
                assert outcome(question, outer, Counting(store, counts)) == wanted, name
            store.undo(mark)

    ask()
    for _, counts in databases.values():
        assert counts["whole queries"] > 0.5 * counts["queries"] > 0
        assert counts["whole aggregates"] > 0.5 * counts["aggregates"] > 0
