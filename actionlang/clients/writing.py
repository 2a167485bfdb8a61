"""Putting a client into a folder: only what was made is written, and never over what somebody else wrote."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import attrs

from actionlang.clients.contract import MADE_BY
from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE, NOT_OUR_FOLDER
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

MARKS = (f"# {MADE_BY}", f"// {MADE_BY}")
"""How a file begins that was made: a comment in one language or the other."""

LONGEST_MARK = 200


@attrs.frozen
class Written:
    """A file of a client, and whether what was in it was something else, or nothing."""

    path: str
    is_new: bool


def write_client(
    files: Mapping[str, str], folder: Path, *, kept: Mapping[str, str], force: bool = False, dry: bool = False
) -> tuple[Written, ...]:
    """Write the files of a client, each whole or not at all; `kept` are those that are the user's own once they are there. With
    `dry` nothing is written; all else is the same.

    Raises ActionLangError when the folder holds what was not made so (unless by `force`), or can not be written.
    """
    try:
        refuse_what_is_not_ours(folder, files, force=force)
        first = {name: text for name, text in kept.items() if not (folder / PurePosixPath(name)).exists()}
        return tuple(_write(folder, name, text, dry) for name, text in {**files, **first}.items())
    except OSError as error:
        message = f"{error.filename or folder} can not be written: {error.strerror}."
        hint = "see whether the folder is one, and who may write to it"
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message, hint=hint)) from None


def refuse_what_is_not_ours(folder: Path, files: Mapping[str, str], *, force: bool = False) -> None:
    """See that a folder is empty or holds a client that was made here, none of whose files are somebody's own. Raises
    ActionLangError otherwise."""
    if folder.exists() and not folder.is_dir():
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, f"{folder} is a file.", hint="name a folder"))
    if force or not folder.is_dir() or not any(folder.iterdir()):
        return
    there = [name for name, text in files.items() if text and (folder / PurePosixPath(name)).exists()]
    foreign = [name for name in there if not _is_ours(folder / PurePosixPath(name))]
    if there and not foreign:
        return
    shown = folder.absolute().name
    told = f"{shown}/{foreign[0]}, which would be gone" if foreign else "other files, and no client"
    hint = "name another folder, or say --force to write the client into it nevertheless"
    message = f"{shown} holds {told}: actionlang client did not make it."
    raise ActionLangError(Diagnostic(NOT_OUR_FOLDER, message, hint=hint))


def _is_ours(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(LONGEST_MARK).decode("utf-8", "replace").startswith(MARKS)


def _write(folder: Path, name: str, text: str, dry: bool) -> Written:
    file, data = folder / PurePosixPath(name), text.encode()
    if file.is_file() and file.read_bytes() == data:
        return Written(name, False)
    if not dry:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            temporary.write_bytes(data)
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
    return Written(name, True)
