"""Putting a site where it belongs: whole or not at all, and never over what somebody else made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE, NOT_OUR_FOLDER
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

MARK = ".actionlang-docs"
"""A file that says who made the folder."""

MARKED = "actionlang docs made this folder, and replaces it.\n"


def write_site(files: Mapping[str, str], folder: Path, *, force: bool = False) -> None:
    """Make a folder of these files, in place of the one that was there.

    Raises ActionLangError when the folder is there and was not made so (unless by `force`), or can not be written.
    """
    folder = folder.absolute()
    refuse_what_is_not_ours(folder, force=force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            _fill(new, files)
            _swap(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        message = f"{error.filename or folder} can not be written: {error.strerror}."
        hint = "see whether the folder is one, and who may write to it"
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message, hint=hint)) from None


def refuse_what_is_not_ours(folder: Path, *, force: bool = False) -> None:
    """See that nothing would be gone but what `write_site` made, or that `force` is meant. Raises ActionLangError otherwise."""
    if folder.exists() and not folder.is_dir():
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, f"{folder} is a file.", hint="name a folder"))
    if not folder.is_dir() or force or (folder / MARK).is_file() or not any(folder.iterdir()):
        return
    message = f"{folder.absolute().name} holds files that actionlang docs did not make, and they would be gone."
    hint = "name another folder, or say --force to replace it with all that is in it"
    raise ActionLangError(Diagnostic(NOT_OUR_FOLDER, message, hint=hint))


def _fill(folder: Path, files: Mapping[str, str]) -> None:
    folder.chmod(0o755)  # a temporary folder is private, a site is not
    for path, text in {**files, MARK: MARKED}.items():
        file = folder / PurePosixPath(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")


def _swap(new: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one, which comes back when that fails."""
    if not folder.exists():
        new.rename(folder)
        return
    old = new.with_name(f"{new.name}.{os.getpid()}.old")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)
