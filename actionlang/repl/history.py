"""What was typed in earlier sessions: a file in the user's state folder, or nothing where there can be none."""

from __future__ import annotations

import os
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory


def state_folder() -> Path:
    """`actionlang` in the user's state folder (XDG Base Directory Specification 0.8; `%LOCALAPPDATA%` on Windows). It may not
    exist yet."""
    base = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "state") / "actionlang"


def open_history() -> History:
    """The history of all sessions; only this session's where the file can not be read and written."""
    try:
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "history"
        # Entries may hold what is nobody else's business.
        file.touch(mode=0o600)
        with file.open("r+b"):
            pass
    except (OSError, RuntimeError):
        return InMemoryHistory()
    return _KeptHistory(str(file))


class _KeptHistory(FileHistory):
    """A history file that may become unwritable, or full, while it is used."""

    def store_string(self, string: str) -> None:
        """Add an entry if that is possible."""
        try:
            super().store_string(string)
        except OSError:
            return
