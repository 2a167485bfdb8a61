"""Where an imported script goes: to standard output, into a new file, or into one that is there, which keeps what is by hand."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from actionlang.cli.output import write
from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE
from actionlang.diagnostics.catalogue.syntax import FILE_TOO_LARGE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

if TYPE_CHECKING:
    from actionlang.compile.merging import Change
    from actionlang.metadata.emit import Script

MOST_SHOWN = 40
"""Changes that are listed; the rest is counted."""


@attrs.frozen
class Delivery:
    """A script to write, and how: `everything` are the stored names of all tables of its source, `marks` how its notices begin,
    `output` a file or None for standard output; with `check` nothing is written."""

    script: Script
    everything: Collection[str]
    marks: tuple[str, ...]
    output: Path | None
    check: bool = False


def deliver(delivery: Delivery) -> int:
    """Write the script, tell what is new in it, and give the exit code: 1 when `check` finds that the file is not up to date.

    Raises ActionLangError when the file can not be written, or is there and can not be understood.
    """
    from actionlang.metadata.emit import emit

    if delivery.output is None:
        write(emit(delivery.script).rstrip("\n"))
        _tell_left_out(delivery, sys.stderr.write)
        return 0
    old = _read(delivery.output)
    if old is None or not old.strip():
        text, changes = emit(delivery.script), None
    else:
        text, changes = _merged(delivery, old)
    _check_size(text)
    if delivery.check:
        return _show(delivery.output, old or "", text)
    if text != old:
        _write_whole(delivery.output, text)
    _tell(delivery, text != old, changes)
    return 0


def _merged(delivery: Delivery, old: str) -> tuple[str, tuple[Change, ...]]:
    from actionlang.compile.merging import merge
    from actionlang.diagnostics.source import Source

    assert delivery.output is not None
    source = Source(delivery.output.as_posix(), old)
    merged = merge(source, delivery.script, delivery.everything, delivery.marks)
    return merged.text, merged.changes


def _read(file: Path) -> str | None:
    """The text of a file; None when there is none."""
    from actionlang.compile.reading import read_source

    return read_source(file, file.as_posix()).text if file.exists() else None


def _check_size(text: str) -> None:
    """A script that could not be read afterwards is not written."""
    from actionlang.compile.reading import MAXIMUM_BYTES

    size = len(text.encode())
    if size > MAXIMUM_BYTES:
        message = f"The script would have {size:,} bytes, and a script may have at most {MAXIMUM_BYTES:,}."
        hint = "choose the tables that your verbs need with --tables"
        raise ActionLangError(Diagnostic(FILE_TOO_LARGE, message, hint=hint))


def _write_whole(file: Path, text: str) -> None:
    """Write through a temporary file, so that nobody ever reads half of it."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        temporary.write_text(text, "utf-8", newline="\n")
        temporary.replace(file)
    except OSError as error:
        message = f"{file.as_posix()} can not be written: {error.strerror}."
        hint = "see whether its folder is there, and who may write to it"
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message, hint=hint)) from None
    finally:
        temporary.unlink(missing_ok=True)


# ------------------------------------------------------------------------------------------------------------- telling


def _show(file: Path, old: str, new: str) -> int:
    """Print what would change, as a diff."""
    from difflib import unified_diff

    name = file.as_posix()
    if old == new:
        write(f"{name} is up to date.")
        return 0
    lines = unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="")
    write("\n".join(lines))
    return 1


def _tell(delivery: Delivery, written: bool, changes: tuple[Change, ...] | None) -> None:
    """Say what became of the file."""
    assert delivery.output is not None
    name = delivery.output.as_posix()
    if changes is None:
        write(f"Wrote {name}: {_counted(len(delivery.script.tables), 'table')}.")
    else:
        for change in changes[:MOST_SHOWN]:
            write(f"{change.kind:<7}  {change.what}{f': {change.how}' if change.how else ''}")
        if len(changes) > MOST_SHOWN:
            write(f"and {len(changes) - MOST_SHOWN} more")
        kinds = Counter(change.kind for change in changes)
        counts = [f"{kinds[kind]} {kind}" for kind in ("added", "removed", "changed") if kinds[kind]]
        if written:
            write(f"Updated {name}{': ' if counts else ''}{', '.join(counts)}.")
        else:
            write(f"{name} is up to date.")
    _tell_left_out(delivery, sys.stdout.write)


def _tell_left_out(delivery: Delivery, say: object) -> None:
    """Say how much there is in comments only."""
    assert callable(say)
    count = len(delivery.script.notices)
    if count:
        where = " or ".join(f"# {mark.strip()}" for mark in delivery.marks)
        tell = "tells" if count == 1 else "tell"
        say(f"{_counted(count, 'comment')} in it ({where}) {tell} what a script can not say.\n")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
