"""Plug-ins that change nothing change nothing: generated programs come to the same with them as without, in every row, output,
change, event and failure."""

from __future__ import annotations

import pytest

from actionlang.engine.interpreter.bind import RULES, BoundPlan, bind
from actionlang.engine.interpreter.warming import hot
from actionlang.engine.memory import MemoryStore
from actionlang.plan.plan import StepPlan
from actionlang.plugins import AFTER, BEFORE, BEFORE_VALIDATION, Context, Plugins
from actionlang.plugins.attached import Attached, attach
from actionlang.plugins.calls import Calls
from actionlang.plugins.registration import OPERATIONS
from tests.differential.comparing import SAME_ROWS, differences, program_of, rows_of
from tests.differential.contenders import InMemory, Looker
from tests.differential.programs import told_of
from tests.strategies.programs import Program
from tests.strategies.shop import schema

SEED = 2026
NUMBERS = range(120)

called = 0


def look(context: Context) -> None:
    """Looks at everything."""
    global called  # noqa: PLW0603 - it counts that this is no sham
    called += 1
    assert repr(context)
    assert context.depth >= 1


def same(context: Context) -> None:
    """Sets everything that it may to what it is."""
    look(context)
    for name in context._work.accepts:
        if name in context.arguments:
            context.set_argument(name, context.arguments[name])


def everywhere(plan: StepPlan, *, setting: bool) -> Attached:
    """Plug-ins on all verbs and tables of a plan."""
    plugins = Plugins()
    for stage in (BEFORE_VALIDATION, BEFORE, AFTER):
        call = same if setting and stage is not AFTER else look
        for verb in plan.verbs:
            # Hooks and what overrides stand above go by no name that anyone may use.
            if " " not in verb.name:
                plugins.on_verb(verb.name, stage=stage, timeout=None)(call)
        for table in plan.tables:
            for operation in OPERATIONS:
                plugins.on_table(table.name, operation, stage=stage, timeout=None)(call)
    attached = attach(plugins, plan, Calls())
    assert attached is not None
    return attached


class WithPlugins(InMemory):
    """The interpreter on rows in memory, with plug-ins everywhere."""

    name = "memory with plug-ins"

    def __init__(self, *, setting: bool) -> None:
        super().__init__()
        self._setting = setting

    def _at(self, program: Program) -> tuple[BoundPlan, MemoryStore, Looker]:
        _, store, looker = super()._at(program)
        rules = everywhere(program.plan, setting=self._setting).rules(RULES)
        return bind(program.plan, store, rules=hot(rules)), store, looker


@pytest.mark.parametrize("setting", [False, True])
def test_plug_ins_that_change_nothing(setting: bool) -> None:
    before, plain, plugged = called, InMemory(), WithPlugins(setting=setting)
    tables = tuple(schema().tables)
    for number in NUMBERS:
        if number % SAME_ROWS == 0:
            rows = rows_of(SEED, number)
            plain.fill(rows)
            plugged.fill(rows)
        program = program_of(SEED, number)
        if program is None:
            continue
        found = differences("plug-ins", plain.together(program, tables), plugged.together(program, tables))
        if found:
            pytest.fail(told_of(SEED, number, program, found))
    assert called - before > 10 * len(NUMBERS)
