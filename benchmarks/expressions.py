"""An expression over a row that has been read: how fast is the interpreter, against other expression languages and Python?

Every side gets the same rows and is prepared once: parsed, compiled and bound as far as it can be. cel-python, simpleeval and
json-logic get the row as a dictionary of Python's numbers; the function by hand gets what the interpreter gets, exact numbers
among it. All give the same answers, which is looked at. The sides take turns; what is told is the best of the rounds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
import celpy
import simpleeval
from celpy import adapter
from json_logic import jsonLogic

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.source import Source
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.interpreter.warming import HOT
from actionlang.engine.memory import MemoryStore
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.plan.steps import Let

ROUNDS = 9
ROWS = 2_000
FASTER = 5
AIM = 2
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

Ask = Callable[[int], object]
"""Gives an expression's value for the row with this number."""

SCRIPT = """
import helpdesk;

action Measured on case (reason text)
<
{lets}
>
"""


@attrs.frozen
class Measured:
    """An expression in every language. CEL, Python's (for simpleeval and for `by_hand`, over a row `r`) and JSON logic."""

    name: str
    ours: str
    cel: str
    simple: str
    logic: object
    by_hand: Callable[[dict[str, Any], str], object]


EXPRESSIONS = (
    Measured(
        "one comparison",
        "(case.reopened >= 3)",
        "row.reopened >= 3",
        "reopened >= 3",
        {">=": [{"var": "reopened"}, 3]},
        lambda r, reason: r["reopened"] >= 3,
    ),
    Measured(
        "a guard",
        '(case.status = open and case.title != "" and reason != "")',
        'row.status == "open" && row.title != "" && reason != ""',
        'status == "open" and title != "" and reason != ""',
        {
            "and": [
                {"==": [{"var": "status"}, "open"]},
                {"!=": [{"var": "title"}, ""]},
                {"!=": [{"var": "reason"}, ""]},
            ]
        },
        lambda r, reason: r["status"] == "open" and r["title"] != "" and reason != "",
    ),
    Measured(
        "an empty value, an order",
        "(case.amount otherwise 0 > 10_000 or case.reopened > 2 and not (case.status = resolved))",
        '(has(row.amount) ? row.amount : 0) > 10000 || row.reopened > 2 && !(row.status == "resolved")',
        '(amount if amount is not None else 0) > 10000 or reopened > 2 and not (status == "resolved")',
        {
            "or": [
                {">": [{"if": [{"!=": [{"var": "amount"}, None]}, {"var": "amount"}, 0]}, 10000]},
                {"and": [{">": [{"var": "reopened"}, 2]}, {"!": {"==": [{"var": "status"}, "resolved"]}}]},
            ]
        },
        lambda r, reason: (
            (r["amount"] if r["amount"] is not None else 0) > 10_000
            or (r["reopened"] > 2 and r["status"] != "resolved")
        ),
    ),
    Measured(
        "arithmetic",
        "(case.reopened * 3 + 7 - case.reopened) * 2",
        "(row.reopened * 3 + 7 - row.reopened) * 2",
        "(reopened * 3 + 7 - reopened) * 2",
        {"*": [{"-": [{"+": [{"*": [{"var": "reopened"}, 3]}, 7]}, {"var": "reopened"}]}, 2]},
        lambda r, reason: (r["reopened"] * 3 + 7 - r["reopened"]) * 2,
    ),
    Measured(
        "text put together",
        '"Call back: {case.title}, case {case.number}: {reason}"',
        '"Call back: " + row.title + ", case " + row.number + ": " + reason',
        '"Call back: " + title + ", case " + number + ": " + reason',
        {"cat": ["Call back: ", {"var": "title"}, ", case ", {"var": "number"}, ": ", {"var": "reason"}]},
        lambda r, reason: f"Call back: {r['title']}, case {r['number']}: {reason}",
    ),
)

REASON = "no reply"


def rows() -> list[dict[str, Any]]:
    """Rows of every kind that the expressions tell apart."""
    return [
        {
            "number": f"CAS-{count:05}",
            "title": f"Printer {count} on fire",
            "status": ("new", "open", "resolved")[count % 3],
            "amount": None if count % 4 == 0 else 5 * count,
            "reopened": count % 5,
        }
        for count in range(ROWS)
    ]


def interpreter(found: list[dict[str, Any]]) -> Iterator[Ask]:
    """Each expression as the interpreter evaluates it in a verb that runs often, the row having been read."""
    lets = "\n".join(f"  let _v{number} = {each.ours};" for number, each in enumerate(EXPRESSIONS))
    loader = Loader(Path.cwd())
    module = loader.load_source("measured", Source("measured.act", SCRIPT.format(lets=lets)), None)
    assert not loader.program().diagnostics, loader.program().diagnostics
    plan = Linker(loader.program().modules).plan(module.verbs["measured.Measured"])
    evaluates: list[Callable[[list[Any]], object]] = []
    frames: list[list[Any]] = []

    def watched(step: Let, scope: Scope) -> Callable[[list[Any]], None]:
        evaluate = scope.evaluate(step.value)
        evaluates.append(evaluate)
        execute = HOT.steps[Let](step, scope)
        return lambda frame: frames.append(frame) or execute(frame)  # type: ignore[func-returns-value]

    store = MemoryStore(plan.tables, plan.choices)
    bound = bind(plan, store, rules=HOT._replace(steps={**HOT.steps, Let: watched}))
    case = Schema.of_plan(plan).tables["helpdesk.case"]
    ready = []
    for count, row in enumerate(found):
        key = f"00000000-0000-7000-8000-{count:012x}"
        values = {**row, "priority": "normal", "amount": None if row["amount"] is None else Decimal(row["amount"])}
        store.prepare_insert(case, tuple(values))(key, tuple(values.values()))
        frames.clear()
        bound.run(Unit(NOW), {"reason": REASON}, RowRef(case.name, key))
        ready.append(frames[0])
    for evaluate in evaluates:
        yield lambda number, evaluate=evaluate: evaluate(ready[number])  # type: ignore[misc]


def by_hand(found: list[dict[str, Any]]) -> Iterator[Ask]:
    """A function that a programmer would write."""
    exact = [{**row, "amount": None if row["amount"] is None else Decimal(row["amount"])} for row in found]
    for each in EXPRESSIONS:
        yield lambda number, function=each.by_hand: function(exact[number], REASON)  # type: ignore[misc]


def cel(found: list[dict[str, Any]]) -> Iterator[Ask]:
    """cel-python, its program compiled once. What is empty is not in its row, as `has` wants it."""
    filled = [{name: value for name, value in row.items() if value is not None} for row in found]
    ready = [{"row": adapter.json_to_cel(row), "reason": adapter.json_to_cel(REASON)} for row in filled]
    environment = celpy.Environment()
    for each in EXPRESSIONS:
        program = environment.program(environment.compile(each.cel))
        yield lambda number, program=program: program.evaluate(ready[number])  # type: ignore[misc]


def simple(found: list[dict[str, Any]]) -> Iterator[Ask]:
    """simpleeval, the text parsed once."""
    evaluator = simpleeval.SimpleEval()
    for each in EXPRESSIONS:
        parsed = evaluator.parse(each.simple)

        def ask(number: int, text: str = each.simple, parsed: Any = parsed) -> object:
            evaluator.names = {**found[number], "reason": REASON}
            return evaluator.eval(text, previously_parsed=parsed)

        yield ask


def logic(found: list[dict[str, Any]]) -> Iterator[Ask]:
    """json-logic, its rule read from JSON once."""
    for each in EXPRESSIONS:
        rule = json.loads(json.dumps(each.logic))
        yield lambda number, rule=rule: jsonLogic(rule, {**found[number], "reason": REASON})  # type: ignore[misc]


SIDES: Mapping[str, Callable[[list[dict[str, Any]]], Iterator[Ask]]] = {
    "ActionLang": interpreter,
    "Python by hand": by_hand,
    "simpleeval": simple,
    "json-logic": logic,
    "cel-python": cel,
}


def measure(rounds: int = ROUNDS, count: int = ROWS) -> dict[str, list[float]]:
    """Nanoseconds that each side takes for each expression and row.

    Raises AssertionError when they do not give the same answers.
    """
    found = rows()[:count]
    asks = {name: list(side(found)) for name, side in SIDES.items()}
    best = {name: [float("inf")] * len(EXPRESSIONS) for name in asks}
    for at, expression in enumerate(EXPRESSIONS):
        answers = {name: [_plain(ask[at](number)) for number in range(count)] for name, ask in asks.items()}
        assert all(given == answers["ActionLang"] for given in answers.values()), f"{expression.name} differs"
    for _ in range(rounds):
        for name, ask in asks.items():
            for at in range(len(EXPRESSIONS)):
                best[name][at] = min(best[name][at], _time(ask[at], count))
    return best


def _plain(value: Any) -> object:
    """An answer as Python has it, whatever class a library made of it."""
    if isinstance(value, str):
        return str(value)
    return bool(value) if type(value).__name__ == "BoolType" else value if isinstance(value, bool) else int(value)


def _time(ask: Ask, count: int) -> float:
    begun = perf_counter()
    for number in range(count):
        ask(number)
    return (perf_counter() - begun) / count * 1e9


def main() -> None:
    """Print the table."""
    found = measure()
    print(f"Nanoseconds for one row, best of {ROUNDS} rounds of {ROWS:,} rows.\n")
    print("| |", " | ".join(each.name for each in EXPRESSIONS), "| in all | the first line is |")
    print("|---|", "---:|" * (len(EXPRESSIONS) + 2), sep="")
    ours = sum(found["ActionLang"])
    for name, times in found.items():
        numbers = " | ".join(f"{taken:.0f}" for taken in (*times, sum(times)))
        print(f"| {name} | {numbers} | {sum(times) / ours:.2f} times |")
    print(f"\nThe bar: {FASTER} times faster than every other library. The aim: within {AIM} times of Python by hand.")


if __name__ == "__main__":
    main()
