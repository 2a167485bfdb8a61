"""The tables that scripts or plans describe, and the verbs that use them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs

from actionlang.cli.plans import SUFFIX
from actionlang.compile.project import Project, find_project
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode
from actionlang.plan.plan import StepPlan
from actionlang.runtime.plans import Plan


@attrs.frozen
class Described:
    """Tables, and the project that they are of; `plans` gives those of the verbs."""

    schema: Schema
    project: Project
    plans: Callable[[], list[StepPlan]]


def described_by(paths: tuple[Path, ...]) -> Described:
    """The tables of the paths, which are scripts, folders of them or plans; without any, of the project.

    Raises ActionLangError when something is wrong with them.
    """
    files = [path for path in paths if path.name.endswith(SUFFIX)]
    scripts = tuple(path for path in paths if path not in files)
    plans = [Plan.load(file) for file in files]
    schemas = [plan.schema for plan in plans]
    project = find_project(Path.cwd())
    compiled = None
    if scripts or not files:
        from actionlang.compile.compiled import compile_scripts
        from actionlang.compile.selection import select

        selection = select(scripts).needed()
        project = selection.project
        compiled = compile_scripts(selection).needed()
        schemas.append(Schema.of_plan(decode(compiled.schema_plan())))
    found = [table for schema in schemas for table in schema.tables.values()]
    choices = [choice for schema in schemas for choice in schema.choices.values()]

    def all_plans() -> list[StepPlan]:
        of_scripts = [] if compiled is None else [decode(compiled.plan(verb)) for verb in compiled.verbs]
        return [*(plan.steps for plan in plans), *of_scripts]

    return Described(Schema.of(found, choices), project, all_plans)
