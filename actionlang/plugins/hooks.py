"""The hook by which installed packages bring plug-ins, in pluggy's terms: `@hookimpl def actionlang_register(plugins): ...`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pluggy

from actionlang.plugins.loading import GROUP

if TYPE_CHECKING:
    from actionlang.plugins.plugins import Plugins

hookspec = pluggy.HookspecMarker(GROUP)

hookimpl = pluggy.HookimplMarker(GROUP)
"""Marks an implementation of the hook."""


class Hooks:
    """What packages may implement."""

    @hookspec
    def actionlang_register(self, plugins: Plugins) -> None:
        """Register plug-ins: `@plugins.on_verb(...)`, `@plugins.on_table(...)`, `@plugins.implements(...)`."""


def registering(plugin: object, name: str) -> Callable[[Plugins], Any]:
    """What registers what a loaded entry point has. Raises ValueError when it implements no hook of ours."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Hooks)
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise ValueError(str(error).strip().rpartition("\n")[2].rstrip(".")) from None
    if not manager.hook.actionlang_register.get_hookimpls():
        raise ValueError("it implements none of the hooks")
    return partial(_register, manager)


def _register(manager: pluggy.PluginManager, plugins: Plugins) -> None:
    manager.hook.actionlang_register(plugins=plugins)
