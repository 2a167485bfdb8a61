"""Where things that can be worked out again are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$ACTIONLANG_CACHE`, else `actionlang` in the user's cache folder (XDG Base Directory Specification 0.8;
    `%LOCALAPPDATA%` on Windows). The folder may not exist yet."""
    own = os.environ.get("ACTIONLANG_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "actionlang"
