"""`actionlang new`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from actionlang.cli.first_project import FILES, NEXT
from actionlang.cli.help import Told
from actionlang.cli.output import write
from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic


@click.command(cls=Told, examples=("new helpdesk",))
@click.argument("name", type=click.Path(path_type=Path))
def new(name: Path) -> None:
    """Make a project that checks, tests and runs at once.

    NAME is the folder to make: tables, verbs and tests to change into your own, and the project file
    actionlang.toml that says where scripts and rows are.
    """
    _make(name)
    write(f"Made {name.as_posix()}: {', '.join(FILES)}.")
    write("")
    write("Try:")
    if name.resolve() != Path.cwd():
        write(f"  cd {_quoted(name.as_posix())}")
    for command in NEXT:
        write(f"  {command}")


def _make(folder: Path) -> None:
    """Write the files. Raises ActionLangError when the folder has something in it, or can not be written."""
    title = re.sub(r"[^\w.-]", "_", folder.resolve().name) or "data"
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            message = f"{folder} is there already" + (", with files in it." if folder.is_dir() else ": it is a file.")
            raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message, hint="choose another name"))
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in FILES.items():
            (folder / file).write_text(text.replace("{name}", title), "utf-8", newline="\n")
    except OSError as error:
        message = f"{error.filename or folder} can not be written: {error.strerror}."
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message)) from None


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)
