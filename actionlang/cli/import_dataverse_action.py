"""`actionlang import dataverse-action`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from actionlang.cli.failures import PROBLEMS
from actionlang.cli.help import Told
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.diagnostics.catalogue import project as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity

if TYPE_CHECKING:
    from actionlang.compile.dataverse_action.script import Script
    from actionlang.compile.project import Project


@click.command(
    cls=Told,
    examples=(
        "import dataverse-action Close.xaml --tables crm.act -o close.act",
        "import dataverse-action Close.xaml",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--tables",
    type=click.Path(path_type=Path),
    metavar="SCRIPT",
    help="The script with the tables that the action works on: names and types are taken from it, and the result is checked.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The script to write. The default is standard output."
)
@click.option("--force", is_flag=True, help="Write over a script that is there.")
def dataverse_action(file: Path, tables: Path | None, output: Path | None, force: bool) -> int:
    """Turn an exported process action of Dataverse into a script.

    FILE is Workflows/NAME-GUID.xaml of an unpacked solution; NAME-GUID.xaml.data.xml beside it is read, too. What can not
    be said in the script stands in it as a comment, with its place in FILE.

    Exit codes: 0 all steps were translated, 1 some are left to you, or the script has errors; 2 wrong usage.
    """
    from actionlang.compile.dataverse_action.known_tables import KnownTables, read_tables
    from actionlang.compile.dataverse_action.script import import_action
    from actionlang.compile.project import find_project

    if output is not None and output.exists() and not force:
        message = f"{output.as_posix()} is there already."
        hint = "Name another file, or write over it with --force."
        raise ActionLangError(Diagnostic(codes.CAN_NOT_WRITE, message, hint=hint))
    folder = output.parent if output else Path.cwd()
    project = find_project(folder)
    known = KnownTables()
    if tables is not None:
        known = read_tables(_there(tables), project.root, folder)
    script = _formatted(import_action(file, file.name, known))
    if output is None:
        write(script.text.rstrip("\n"))
    else:
        _write(output, script.text)
    problems = _problems(script, output, project, folder) if tables is not None else ()
    stream = sys.stderr if output is None else sys.stdout
    if problems:
        print(diagnostics_text(problems, "human", color=wants_color(stream)), end="\n\n", file=stream)
    print("\n".join(_summary(script, output, problems, checked=tables is not None)), file=stream)
    errors = any(problem.severity is Severity.ERROR for problem in problems)
    return PROBLEMS if errors or script.left else 0


def _formatted(script: Script) -> Script:
    """The script in its canonical form; one that can not be read stays as it is, and is told when it is checked."""
    from actionlang.diagnostics.source import Source
    from actionlang.formatting import format_source

    try:
        return attrs.evolve(script, text=format_source(Source(f"{script.verb}.act", script.text)))
    except ActionLangError:
        return script


def _there(tables: Path) -> Path:
    """The script of tables. Raises ActionLangError when there is none."""
    if not tables.is_file():
        hint = "See how the path is written, and from which folder."
        message = f"There is no file {tables.as_posix()}."
        raise ActionLangError(Diagnostic(codes.NO_SUCH_FILE, message, hint=hint))
    return tables


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        message = f"{output.as_posix()} can not be written: {error.strerror}."
        raise ActionLangError(Diagnostic(codes.CAN_NOT_WRITE, message)) from None


def _problems(script: Script, output: Path | None, project: Project, folder: Path) -> tuple[Diagnostic, ...]:
    """What is wrong with the script that was made."""
    from actionlang.compile.modules import Loader
    from actionlang.diagnostics.source import Source

    loader = Loader(project.root)
    name = output.as_posix() if output else f"{script.verb}.act"
    module = loader.load_source(script.verb, Source(name, script.text), folder.resolve())
    return module.diagnostics


def _summary(script: Script, output: Path | None, problems: tuple[Diagnostic, ...], *, checked: bool) -> list[str]:
    """What was done, and what is left."""
    wrote = "" if output is None else f"Wrote {output.as_posix()}. "
    if not script.steps and not script.left:
        lines = [f"{wrote}{script.verb}: no steps; it is a contract for the host."]
    else:
        done = script.steps - script.left_steps
        lines = [
            f"{wrote}{script.verb}: {_counted(done, 'step')} translated, {script.left_steps or 'none'} left to you."
        ]
    lines += [f"  {left}" for left in script.left]
    if not checked:
        lines.append("The script is not checked, and choices are numbers: name the script of its tables with --tables.")
    elif not any(problem.severity is Severity.ERROR for problem in problems):
        lines.append("The script is checked: no errors.")
    return lines


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
