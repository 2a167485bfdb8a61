"""Plug-ins out of modules and out of installed packages."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, NoReturn

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.diagnostics.catalogue.project import MISSING_EXTRA
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

if TYPE_CHECKING:
    from actionlang.plugins.plugins import Plugins

GROUP = "actionlang"
"""The group of entry points, and pluggy's name for our hooks."""

HOOK = "actionlang_register"


def load_module(plugins: Plugins, name: str) -> None:
    """See `Plugins.load_module`."""
    from actionlang.plugins.plugins import Plugins

    try:
        module = import_module(name)
    except ActionLangError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a module does when it is imported
        _refuse(f"The module {name} can not be imported: {_told(error)}.", "see whether it is installed, and its name")
    register, own = getattr(module, HOOK, None), getattr(module, "plugins", None)
    if callable(register):
        _registered(register, plugins, f"the module {name}")
    elif isinstance(own, Plugins):
        plugins.include(own)
    else:
        _refuse(
            f"The module {name} registers no plug-ins.",
            f"give it a function {HOOK}(plugins), or a Plugins() named plugins",
        )


def load_entry_points(plugins: Plugins) -> None:
    """See `Plugins.load_entry_points`."""
    found = sorted(entry_points(group=GROUP))
    if not found:
        return
    try:
        hooks = import_module("actionlang.plugins.hooks")
    except ModuleNotFoundError:
        message = "Plug-ins of installed packages need pluggy, which is not installed."
        raise ActionLangError(Diagnostic(MISSING_EXTRA, message, hint="pip install 'actionlang[plugins]'")) from None
    for point in found:
        told = f"the entry point {point.name} of {_package(point)}"
        try:
            loaded = point.load()
        except ActionLangError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a package does when it is imported
            _refuse(f"What {told} names can not be loaded: {_told(error)}.", "install the package anew, or remove it")
        try:
            register = hooks.registering(loaded, point.name)
        except ValueError as error:
            _refuse(f"What {told} names is no plug-in: {error}.", f"it needs a function {HOOK}(plugins) with @hookimpl")
        _registered(register, plugins, told)


def _registered(register: object, plugins: Plugins, told: str) -> None:
    assert callable(register)
    try:
        register(plugins)
    except ActionLangError:
        raise
    except Exception as error:
        message = f"Registering the plug-ins of {told} failed: {_told(error)}."
        raise ActionLangError(Diagnostic(codes.NOT_LOADED, message, hint="tell whoever made them")) from error


def _package(point: EntryPoint) -> str:
    return "a package" if point.dist is None else f"the package {point.dist.name}"


def _told(error: Exception) -> str:
    return (f"{type(error).__name__}: {error}" if str(error) else type(error).__name__).rstrip(".")


def _refuse(message: str, hint: str) -> NoReturn:
    raise ActionLangError(Diagnostic(codes.NOT_LOADED, message, hint=hint))
