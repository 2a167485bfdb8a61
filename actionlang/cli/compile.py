"""`actionlang compile`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import attrs
import click

from actionlang.cli.help import Told
from actionlang.cli.options import json_option, no_cache_option, paths_argument
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.cli.plans import SUFFIX
from actionlang.compile.compiled import Compiled, compile_scripts
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import select
from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.plan.file_names import file_names


@attrs.frozen
class Written:
    """A plan file, and whether it had to be written: one that is there already, the same to the byte, is left alone."""

    verb: str
    file: Path
    is_new: bool


@click.command(
    cls=Told,
    examples=(
        "compile -o plans",
        "compile verbs/escalate.act -o plans --json",
        "actionlang compile --target postgres Escalate > escalate.sql",
    ),
)
@paths_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the plans or scripts go; the folder is made if it is not there.",
)
@click.option(
    "--target",
    type=click.Choice(("plan", "postgres")),
    default="plan",
    show_default=True,
    help="What is made: plans, or scripts of functions that any client of PostgreSQL can call.",
)
@click.option(
    "--schema",
    default="actionlang",
    show_default=True,
    metavar="NAME",
    help="With --target postgres: the schema of the database in which the functions are made.",
)
@no_cache_option
@json_option
def compile(  # noqa: A001 - the command's name
    paths: tuple[Path, ...], output: Path | None, target: str, schema: str, no_cache: bool, as_json: bool
) -> int:
    """Write a plan for each verb: all that a host needs to run it.

    A plan is one file with the verb, all that it performs and the tables that it uses. The same scripts
    make the same bytes. Where there are errors nothing is written; nothing is ever removed.

    With --target postgres, PATHS are verbs by name, or plan files. Of each a script is written, to the terminal
    unless -o names a folder: run once, it makes a function that any client of the database can call.

    Exit codes: 0 written, 1 errors were found or a file can not be written, 2 wrong usage.
    """
    if target == "postgres":
        from actionlang.cli.postgres_scripts import write_scripts

        return write_scripts([str(path) for path in paths], schema, output, cached=not no_cache, as_json=as_json)
    if output is None:
        raise click.MissingParameter(ctx=click.get_current_context(), param=_output_parameter())
    compiled = compile_scripts(select(paths).needed(), cached=not no_cache)
    if compiled.diagnostics and not as_json:
        shown = seen_from(Path.cwd(), compiled.diagnostics, compiled.root)
        print(diagnostics_text(shown, "human", color=wants_color(sys.stderr)), file=sys.stderr)
        if compiled.errors:
            print("\nNothing was written.", file=sys.stderr)
            return 1
    written = write_plans(compiled.needed(), output)
    if as_json:
        plans = [{"verb": each.verb, "file": each.file.as_posix(), "written": each.is_new} for each in written]
        write(json.dumps({"plans": plans}, indent=2, ensure_ascii=False))
    else:
        for each in written:
            write(f"{'wrote    ' if each.is_new else 'unchanged'}  {each.file.as_posix()}")
        write(f"{len(written)} plan{'' if len(written) == 1 else 's'} in {output.as_posix()}.")
    return 0


def _output_parameter() -> click.Parameter:
    return next(each for each in click.get_current_context().command.params if each.name == "output")


def write_plans(compiled: Compiled, folder: Path) -> list[Written]:
    """Write the plans, each whole or not at all. Raises ActionLangError when that can not be done."""
    names = file_names(verb.name for verb in compiled.verbs)
    return [
        write_file(verb.name, folder / f"{names[verb.name]}{SUFFIX}", compiled.plan(verb)) for verb in compiled.verbs
    ]


def write_file(verb: str, file: Path, data: bytes) -> Written:
    """Write what was made of a verb, whole or not at all. Raises ActionLangError when that can not be done."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        is_new = not (file.is_file() and file.read_bytes() == data)
        if is_new:
            _write_whole(file, data)
    except OSError as error:
        message = f"{error.filename or file} can not be written: {error.strerror}."
        hint = "see whether the folder is one, and who may write to it"
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message, hint=hint)) from None
    return Written(verb, file, is_new)


def _write_whole(file: Path, data: bytes) -> None:
    """Write through a temporary file, so that nobody ever reads half of it."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
