"""`actionlang fmt`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from actionlang.cli.failures import PROBLEMS, tell
from actionlang.cli.help import Told
from actionlang.cli.options import paths_argument
from actionlang.cli.output import write
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

if TYPE_CHECKING:
    pass

STANDARD_INPUT = Path("-")


@attrs.frozen
class Outcome:
    """What became of a script: its path as shown; its text before and after, unless `problems` kept it from being formatted."""

    name: str
    before: str = ""
    after: str = ""
    problems: tuple[Diagnostic, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the script was not as it should be."""
        return self.before != self.after


@click.command(cls=Told, examples=("fmt", "fmt verbs --check", "fmt - < verbs/escalate.act"))
@paths_argument
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a script is not as it should be.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would be changed.")
@click.pass_context
def fmt(ctx: click.Context, paths: tuple[Path, ...], check: bool, diff: bool) -> int:
    """Bring scripts into the one form in which they are written.

    PATHS are scripts or folders of them; without any, the whole project is formatted. With - a script is read from standard
    input and written to standard output. A script that can not be read is told, and left as it is.

    Exit codes: 0 all is as it should be, 1 a script could not be formatted or --check found one to format, 2 wrong usage.
    """
    if STANDARD_INPUT in paths:
        if len(paths) > 1:
            raise click.UsageError("- stands alone: a script is read either from standard input or from files.")
        outcomes = [_standard_input(write_it=not (check or diff))]
    else:
        outcomes = list(_files(paths, write_them=not (check or diff)))
    for outcome in outcomes:
        if diff and outcome.changed:
            _show(outcome)
    if not diff and STANDARD_INPUT not in paths:
        _summarise(outcomes, check)
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    if problems:
        tell(ActionLangError(*problems), ctx)
    return PROBLEMS if problems or (check and any(outcome.changed for outcome in outcomes)) else 0


def _files(paths: Sequence[Path], *, write_them: bool) -> Iterator[Outcome]:
    """Format the scripts under some paths, or those of the project."""
    from actionlang.compile.reading import read_source
    from actionlang.compile.selection import select
    from actionlang.formatting import format_source

    for script in select(paths).needed().scripts:
        name = Path(os.path.relpath(script)).as_posix()
        try:
            after = format_source(read_source(script, name))
            outcome = Outcome(name, script.read_bytes().decode(), after)
            if write_them and outcome.changed:
                write_whole(script, after, name)
        except ActionLangError as error:
            outcome = Outcome(name, problems=error.diagnostics)
        yield outcome


def _standard_input(*, write_it: bool) -> Outcome:
    """Format what comes through standard input; the result goes to standard output."""
    from actionlang.compile.reading import decode_source
    from actionlang.formatting import format_source

    name = "<stdin>"
    data = sys.stdin.buffer.read()
    try:
        outcome = Outcome(name, data.decode(errors="replace"), format_source(decode_source(data, name)))
    except ActionLangError as error:
        return Outcome(name, problems=error.diagnostics)
    if write_it:
        sys.stdout.flush()
        sys.stdout.buffer.write(outcome.after.encode())
    return outcome


def write_whole(script: Path, text: str, name: str) -> None:
    """Put a text in the place of a script's, through a temporary file, so that the script is whole at any moment. It keeps its
    permissions, and a link stays one. Raises ActionLangError when the script or its folder is not to be written."""
    import shutil
    from tempfile import mkstemp

    script = script.resolve()
    if not script.stat().st_mode & 0o222:
        raise _can_not_write(name, "it is read-only")
    temporary = None
    try:
        descriptor, temporary = mkstemp(prefix=f".{script.name}.", dir=script.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(descriptor)
        shutil.copymode(script, temporary)
        Path(temporary).replace(script)
        temporary = None
    except OSError as error:
        raise _can_not_write(name, error.strerror or str(error)) from None
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def _can_not_write(name: str, why: str) -> ActionLangError:
    from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE

    hint = "see who may write to it and to its folder"
    return ActionLangError(Diagnostic(CAN_NOT_WRITE, f"{name} can not be written: {why}.", hint=hint))


# ------------------------------------------------------------------------------------------------------------- telling


def _show(outcome: Outcome) -> None:
    """Print what would change, as a diff."""
    from difflib import unified_diff

    lines = outcome.before.split("\n"), outcome.after.split("\n")
    write("\n".join(unified_diff(*lines, outcome.name, outcome.name, lineterm="")))


def _summarise(outcomes: Sequence[Outcome], check: bool) -> None:
    """List what was changed, or would be, and count."""
    changed = [outcome for outcome in outcomes if outcome.changed]
    for outcome in changed:
        write(f"{'to format' if check else 'formatted'}  {outcome.name}")
    broken = sum(bool(outcome.problems) for outcome in outcomes)
    fine = len(outcomes) - len(changed) - broken
    counts = []
    if changed:
        scripts = _scripts(len(changed))
        counts.append(f"{scripts} to format" if check else f"{scripts} formatted")
    if fine:
        are = ("is" if fine == 1 else "are") if check else ("was" if fine == 1 else "were")
        counts.append(f"{fine if counts else _scripts(fine)} {are} as {'it' if fine == 1 else 'they'} should be")
    if broken:
        counts.append(f"{broken if counts else _scripts(broken)} left as {'it is' if broken == 1 else 'they are'}")
    write(f"{', '.join(counts)}.")


def _scripts(count: int) -> str:
    return f"{count} script{'' if count == 1 else 's'}"
