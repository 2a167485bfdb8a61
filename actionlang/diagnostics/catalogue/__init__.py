"""Every code there is. A family of codes is a module of this package: adding the module is enough."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from actionlang.diagnostics.diagnostic import Code


@cache
def all_codes() -> tuple[Code, ...]:
    """All codes of all families, by id."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    codes = {value for module in modules for value in vars(module).values() if isinstance(value, Code)}
    return tuple(sorted(codes, key=lambda code: code.id))


def by_id(code: str) -> Code | None:
    """The code of an id such as `E0301` or `unused-name`, in capital or small letters; None when there is none."""
    return next((known for known in all_codes() if known.id.lower() == code.lower()), None)
