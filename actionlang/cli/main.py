"""The command `actionlang`: the way in. Nothing but click is imported until a command needs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from actionlang.cli.standard_files import see_to_standard_files

INTERRUPTED = 130
READER_GONE = 141
"""Exit codes as shells know them: ended by Ctrl-C, ended because nobody reads the output any more."""

COMPLETING = "_ACTIONLANG_COMPLETE"
"""Set by the shell when it wants to know how a line may go on."""


class ReaderGone(Exception):
    """Nobody reads the output any more."""


class Interruption(Exception):
    """Ctrl-C was heard; the cause is what a run has to say of it. click would put a line of its own before that."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code. `arguments` are by default those of the process."""
    try:
        see_to_standard_files()
        _never_fail_to_print()
        status = _run(arguments)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        _drop_output()
        return READER_GONE
    except Interruption as interruption:
        return _interrupted(interruption.__cause__)
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)
    except Exception as error:  # noqa: BLE001 - nobody is ever shown a traceback
        return _failed(error)
    return status


def _run(arguments: Sequence[str] | None) -> int:
    import click

    from actionlang.cli.group import actionlang

    try:
        status = actionlang.main(arguments, prog_name="actionlang", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        print("Nothing was done: there is nobody here to ask.", file=sys.stderr)
        return 2
    return status if isinstance(status, int) else 0


def _interrupted(interrupt: BaseException | None) -> int:
    """Say that Ctrl-C was heard, and what it means for a run."""
    diagnostic = getattr(interrupt, "diagnostic", None)
    told = "Interrupted." if diagnostic is None else f"error[{diagnostic.code}]: {diagnostic.message}"
    told += "".join(f"\n  = note: {note}" for note in (diagnostic.notes if diagnostic is not None else ()))
    print(f"\n{told}" if sys.stderr.isatty() else told, file=sys.stderr)
    return INTERRUPTED


def _failed(error: Exception) -> int:
    """Tell of an error outside of any command. While Tab is pressed nothing may be told."""
    if COMPLETING in os.environ:
        return 1
    from actionlang.cli.failures import tell

    return tell(error)


def _never_fail_to_print() -> None:
    """Let a terminal that lacks a character show its number."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """What Python would still write when it ends goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
