"""The standard library's own tests, and those of the examples, through the test runner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.render import render
from actionlang.engine.schema import Schema
from actionlang.engine.times import parse_datetime
from actionlang.plan.codec import decode, encode
from actionlang.plan.plan import StepPlan
from actionlang.plan.verify import verify
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.testing.cases import Case
from actionlang.testing.collecting import collect
from actionlang.testing.missed import missed_words
from actionlang.testing.results import Results, run
from actionlang.testing.running import MOMENT

ROOT = Path(__file__).parents[2]
STANDARD = ROOT / "stdlib"
EXAMPLES = ROOT / "examples"
FILES = sorted(path.name for path in (STANDARD / "tests").glob("*.act"))
MODULES = sorted(path.name for path in STANDARD.glob("*.act"))
PROJECTS = sorted(path.parent.name for path in EXAMPLES.glob("*/actionlang.toml"))

NEVER = ("core.Notify",)
"""Verbs with a way that no run can go: one member at least was counted before Notify goes through them."""


@cache
def cases_of(folder: Path) -> tuple[Case, ...]:
    """All tests in a folder's scripts, which are checked once."""
    return collect([folder]).cases


def failures(results: Results) -> str:
    """Why tests failed, as a person reads it."""
    return "\n\n".join(render(each.outcome.diagnostic) for each in results.failed if each.outcome.diagnostic)


def passing(cases: Sequence[Case]) -> Results:
    results = run(cases, jobs=1, measuring=True)
    assert not results.failed, "\n" + failures(results)
    return results


@pytest.mark.parametrize("file", FILES)
def test_the_standard_librarys_tests_pass(file: str) -> None:
    cases = [case for case in cases_of(STANDARD) if case.verb.source == f"tests/{file}"]
    assert cases
    passing(cases)


def test_each_module_with_verbs_or_functions_has_tests() -> None:
    assert set(MODULES) - set(FILES) <= {"parties.act"}


def test_every_step_of_the_standard_library_is_tested() -> None:
    verbs = passing(cases_of(STANDARD)).coverage()
    assert {verb.verb.source for verb in verbs} >= {f"stdlib/{name}.act" for name in ("helpdesk", "sales", "approval")}
    assert [verb.verb.name for verb in verbs if verb.steps.covered < verb.steps.total] == []
    missed = [(verb.verb.name, missed_words(point)) for verb in verbs for point in verb.missed]
    assert [name for name, _ in missed] == list(NEVER)


def test_the_plans_of_tests_are_plans_like_others() -> None:
    for case in cases_of(STANDARD):
        verify(case.plan)
        assert decode(encode(case.plan)) == case.plan


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database file with the tables of the whole standard library, empty."""
    loader = Loader(ROOT)
    for name in standard_modules():
        loader.load_standard(name)
    linker = Linker(loader.program().modules)
    everything = StepPlan("", (), tuple(linker.tables.values()), tuple(linker.choices.values()))
    made = Database.connect(f"sqlite:///{tmp_path_factory.mktemp('library') / 'library.db'}", create=True)
    made.tables.create(Schema.of_plan(everything))
    yield made
    made.close()


@pytest.mark.parametrize("file", FILES)
def test_on_a_real_database_the_tests_pass_as_well(file: str, database: Database) -> None:
    for case in cases_of(STANDARD):
        if case.verb.source == f"tests/{file}":
            at = MOMENT if case.verb.at is None else parse_datetime(case.verb.at)
            Plan.of(case.plan).run(database, at=at, dry_run=True)


@pytest.mark.parametrize("project", PROJECTS)
def test_the_examples_tests_pass(project: str) -> None:
    cases = cases_of(EXAMPLES / project)
    assert cases, f"examples/{project} has no tests"
    passing(cases)
