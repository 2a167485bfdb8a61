"""What a shell offers when Tab is pressed. Where something is wrong nothing is offered: a prompt is no place for errors.

Only called by the shell, through click: see `actionlang --help` and docs/reference/command-line.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from actionlang.plan.plan import Parameter, StepPlan

CODE = "EW"
"""What codes begin with."""

MOST_RUNS = 100


def verbs_and_plans(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Verbs, and plan files of the folder that is being typed."""
    return [*_verbs(incomplete), *_plan_files(incomplete)]


def verbs_of_registry(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Verbs that are or were in use, by short and full name."""
    from actionlang.cli.databases import open_database
    from actionlang.compile.project import find_project
    from actionlang.diagnostics.diagnostic import ActionLangError
    from actionlang.registry.store import every_verb, see_registry

    try:
        with (
            open_database(ctx.params.get("db"), find_project(Path.cwd())) as database,
            database.connection() as connection,
        ):
            see_registry(connection)
            known = every_verb(connection)
    except ActionLangError:
        return []
    names = sorted({name for full in known for name in (full, full.rpartition(".")[2])})
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def background_runs(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of background runs, the newest first, each with its verb and state."""
    from actionlang.cli.background_opening import opened
    from actionlang.compile.project import find_project
    from actionlang.diagnostics.diagnostic import ActionLangError

    try:
        with opened(ctx.params.get("db"), find_project(Path.cwd())) as background:
            found = background.list(limit=MOST_RUNS)
    except ActionLangError:
        return []
    named = [(each.id, f"{each.verb.rpartition('.')[2]}, {each.state}") for each in found]
    return [CompletionItem(id_, help=text) for id_, text in named if id_.startswith(incomplete)]


def verbs_and_codes(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Verbs; codes, lints and rules of compatibility once one of them has begun."""
    found = _verbs(incomplete)
    if incomplete[:1].upper() in CODE:
        from actionlang.diagnostics.catalogue import all_codes

        found += [
            CompletionItem(code.id, help=code.title) for code in all_codes() if code.id.startswith(incomplete.upper())
        ]
    return [*found, *_named(incomplete)] if incomplete else found


def lints(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of lints, and the word that stands for all of them."""
    every = [CompletionItem("all", help="every lint")] if "all".startswith(incomplete) else []
    return [*every, *_named(incomplete, lints_only=True)]


def _named(incomplete: str, *, lints_only: bool = False) -> list[CompletionItem]:
    """Codes that go by a name: lints, rules of compatibility."""
    from actionlang.diagnostics.catalogue import all_codes

    return [
        CompletionItem(code.id, help=code.title)
        for code in all_codes()
        if (code.is_lint or (code.is_breaking and not lints_only)) and code.id.startswith(incomplete)
    ]


def rules(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names and categories of the rules of compatibility."""
    from actionlang.contracts.rule import CATEGORIES
    from actionlang.contracts.rules import RULES

    found = {**CATEGORIES, **{rule.name: rule.purpose for rule in RULES}}
    return [CompletionItem(name, help=purpose) for name, purpose in found.items() if name.startswith(incomplete)]


def arguments(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A verb's parameters, and behind `name=` the values of a choice, or true and false."""
    return _arguments(_plan(ctx.params.get("verb")), incomplete)


def arguments_of_active(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The same of the version that is active in the registry."""
    from actionlang.cli.in_use import active_version
    from actionlang.compile.project import find_project
    from actionlang.diagnostics.diagnostic import ActionLangError

    word = ctx.params.get("verb")
    try:
        plan = None if word is None else active_version(word, ctx.params.get("db"), find_project(Path.cwd())).plan.steps
    except ActionLangError:
        return []
    return _arguments(plan, incomplete)


def _arguments(plan: StepPlan | None, incomplete: str) -> list[CompletionItem]:
    if plan is None:
        return []
    name, sign, begun = incomplete.partition("=")
    if not sign:
        return [
            CompletionItem(f"{parameter.name}=", help=parameter.doc)
            for parameter in plan.verb.inputs
            if parameter.name.startswith(name)
        ]
    wanted = [parameter for parameter in plan.verb.inputs if parameter.name == name]
    return [
        CompletionItem(f"{name}={value}")
        for parameter in wanted
        for value in _values(parameter, plan)
        if value.startswith(begun)
    ]


def _values(parameter: Parameter, plan: StepPlan) -> Iterator[str]:
    from actionlang.metadata.types import Boolean, Choice

    if isinstance(parameter.type, Boolean):
        yield from ("true", "false")
    if isinstance(parameter.type, Choice):
        name = parameter.type.name
        yield from (member.name for choice in plan.choices if choice.name == name for member in choice.members)


def _verbs(incomplete: str) -> list[CompletionItem]:
    from actionlang.compile.finding import typed_names
    from actionlang.compile.selection import select
    from actionlang.diagnostics.diagnostic import ActionLangError

    try:
        names = typed_names(select())
    except ActionLangError:
        return []
    return [CompletionItem(name, help=verb.doc) for name, verb in names.items() if name.startswith(incomplete)]


def _plan_files(incomplete: str) -> list[CompletionItem]:
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    plans = sorted(folder.glob("*.plan.json")) if folder.is_dir() else []
    return [CompletionItem(str(plan)) for plan in plans if str(plan).startswith(incomplete)]


def _plan(word: str | None) -> StepPlan | None:
    from actionlang.cli.plans import read_plan
    from actionlang.diagnostics.diagnostic import ActionLangError

    try:
        return None if word is None else read_plan(word)
    except ActionLangError:
        return None
