"""`actionlang plugins`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actionlang.cli.help import Told
from actionlang.cli.options import json_option
from actionlang.cli.output import diagnostics_text, wants_color, width_of, write

if TYPE_CHECKING:
    from actionlang.compile.project import Project
    from actionlang.diagnostics.diagnostic import Diagnostic
    from actionlang.plan.plan import StepPlan
    from actionlang.plugins.registration import Registration

PROBLEMS = 1


@click.command(cls=Told, examples=("plugins", "plugins --json"))
@json_option
def plugins(as_json: bool) -> int:
    """List the Python code that is called when verbs run, and see that it fits them.

    Plug-ins come from the modules that actionlang.toml names (plugins = ["acme.plugins"]) and from installed packages. They are
    listed by what they are on, then in the order in which they are called. Each has to have its place in the project's verbs
    or in the standard library, and each extern verb of the project its implementation.

    Exit codes: 0 all is well, 1 something does not fit, 2 wrong usage.
    """
    from actionlang.cli.hosting import plugins_of
    from actionlang.compile.project import find_project
    from actionlang.plugins.plugins import Plugins

    project = find_project(Path.cwd())
    found = plugins_of(project) or Plugins()
    problems = _problems(found, project)
    if as_json:
        told = json.loads(diagnostics_text(problems, "json"))
        write(json.dumps({"plugins": [_object(each) for each in found.registrations], **told}, indent=2))
    else:
        _show(found.registrations)
        if problems:
            write("")
            sys.stdout.flush()
            print(diagnostics_text(problems, "human", color=wants_color(sys.stderr)), file=sys.stderr)
    return PROBLEMS if problems else 0


def _problems(found: Any, project: Project) -> tuple[Diagnostic, ...]:
    """What of the plug-ins has no place in the verbs there are, and what they leave out."""
    from actionlang.diagnostics.diagnostic import ActionLangError

    try:
        found.check(_plans(project))
    except ActionLangError as error:
        return error.diagnostics
    return ()


def _plans(project: Project) -> Iterator[StepPlan]:
    """The plans of all verbs: those of the project's scripts or, without any, of its database's registry; the library's."""
    from actionlang.cli.in_use import active_verbs, is_where_verbs_are
    from actionlang.compile.compiled import compile_scripts, compile_standard
    from actionlang.compile.selection import select
    from actionlang.plan.codec import decode

    compiled = [compile_standard().needed()]
    if project.scripts():
        compiled.append(compile_scripts(select()).needed())
    elif is_where_verbs_are(None, project):
        yield from (active.plan.steps for active in active_verbs(None, project))
    for each in compiled:
        yield from (decode(each.plan(verb)) for verb in each.verbs)


def _show(found: Sequence[Registration]) -> None:
    from actionlang.repl.grid import Heading, grid

    if not found:
        write("There are no plug-ins.")
        return
    headings = [
        Heading("on"),
        Heading("when"),
        Heading("order", right=True),
        Heading("plug-in"),
        Heading("seconds", right=True),
    ]
    rows = [
        (
            each.on,
            "instead" if each.stage is None else each.stage.value,
            "" if each.stage is None else str(each.order),
            each.name,
            "" if each.timeout is None else f"{each.timeout:g}",
        )
        for each in found
    ]
    write("\n".join(grid(headings, rows, width_of(sys.stdout) or 10_000)))


def _object(each: Registration) -> dict[str, Any]:
    return {
        "name": each.name,
        "subject": each.subject,
        "operation": each.operation,
        "stage": None if each.stage is None else each.stage.name.lower(),
        "order": each.order,
        "timeout": each.timeout,
        "columns": list(each.columns),
        "images": None if each.images is None else list(each.images),
        "performs": list(each.performs),
    }
