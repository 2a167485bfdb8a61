"""Files to sources."""

from __future__ import annotations

import os
from pathlib import Path

from actionlang.diagnostics.catalogue import project as project_codes
from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.diagnostics.source import Source

MAXIMUM_BYTES = 16 * 1024 * 1024
"""Largest script that is read; a script of that size has some 400,000 lines."""


def read_source(path: Path, name: str) -> Source:
    """The script in a file, to be shown under `name`.

    Raises ActionLangError when there is no such file, or it is too large, binary or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAXIMUM_BYTES:
                message = f"{name} has {size:,} bytes; a script may have at most {MAXIMUM_BYTES:,}."
                raise _error(codes.FILE_TOO_LARGE, message, "Split it into modules that import one another.")
            data = file.read()
    except FileNotFoundError:
        raise _error(project_codes.NO_SUCH_FILE, f"There is no file {name}.") from None
    except OSError as error:
        raise _error(project_codes.NO_SUCH_FILE, f"{name} can not be read: {error.strerror}.") from None
    return decode_source(data, name)


def decode_source(data: bytes, name: str) -> Source:
    """The script in some bytes. Raises ActionLangError when they are binary or not UTF-8."""
    if b"\x00" in data:
        raise _error(codes.BINARY_FILE, f"{name} is not a script: it has bytes that no text has.")
    try:
        return Source(name, data.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{name} is not UTF-8 text: line {line} has the byte 0x{data[error.start]:02X}."
        raise _error(codes.NOT_UTF8, message, "Save it as UTF-8 in your editor.") from None


def _error(code: Code, message: str, hint: str | None = None) -> ActionLangError:
    return ActionLangError(Diagnostic(code, message, hint=hint))
