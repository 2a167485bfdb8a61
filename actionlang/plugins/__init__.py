"""Code of the host that is hung on verbs and on what happens to tables.

    from actionlang.plugins import AFTER, Context, Plugins

Names are imported when they are first used: what runs verbs without plug-ins loads none of this.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actionlang.plugins.after_commit import AfterCommit as AfterCommit
    from actionlang.plugins.context import Context as Context
    from actionlang.plugins.hooks import hookimpl as hookimpl
    from actionlang.plugins.plugins import Plugins as Plugins
    from actionlang.plugins.stages import AFTER as AFTER
    from actionlang.plugins.stages import AFTER_COMMIT as AFTER_COMMIT
    from actionlang.plugins.stages import BEFORE as BEFORE
    from actionlang.plugins.stages import BEFORE_VALIDATION as BEFORE_VALIDATION
    from actionlang.plugins.stages import Stage as Stage
    from actionlang.plugins.work import PlugInError as PlugInError

HOMES = {
    "AFTER": "stages",
    "AFTER_COMMIT": "stages",
    "AfterCommit": "after_commit",
    "BEFORE": "stages",
    "BEFORE_VALIDATION": "stages",
    "Context": "context",
    "PlugInError": "work",
    "Plugins": "plugins",
    "Stage": "stages",
    "hookimpl": "hooks",
}
"""The module that each name is in."""


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
