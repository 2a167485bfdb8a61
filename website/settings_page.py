"""The page of the server's settings, out of the classes that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from actionlang.server.setting_sources import variable_of
from actionlang.server.setting_values import default_of, kinds_of, shown
from actionlang.server.settings import ServerSettings

HEAD = """\
# Settings of the server

What [`actionlang serve`](command-line.md#serve) can be told. Settings stand in a table `[server]` of `actionlang.toml`, or in a
file of their own (`--config FILE`, or the variable `ACTIONLANG_SERVER_CONFIG`), where they stand without that table. A variable
of the environment counts more than a file, an option of the command more than a variable. Lists in variables have commas
(`a, b`), tables as in TOML (`[{issuer = "https://login.example.com"}]`). A value that can not be is
[E1107](../errors/E1107.md).

`actionlang serve --print-config` shows the settings that hold, and where each is from; what it prints can be used as a file.
Passwords are masked.
"""


def page() -> str:
    """The page."""
    return "\n".join((HEAD, *_section(ServerSettings, "")))


def _section(owner: type, path: str) -> Iterator[str]:
    """A table of settings, then those in it."""
    kinds = kinds_of(owner)
    fields = [field for field in attrs.fields(owner) if field.name in kinds]
    yield "| setting | default | |"
    yield "|---|---|---|"
    for field in fields:
        if not kinds[field.name].is_section and not (kinds[field.name].many and attrs.has(kinds[field.name].type)):
            yield f"| `{field.name}` | {_default(field)} | {field.metadata.get('about', '')} |"
    for field in fields:
        kind = kinds[field.name]
        if attrs.has(kind.type):
            name = f"{path}{field.name}"
            yield ""
            yield f"## `{name}`"
            yield ""
            head = f"[[server.{name}]]" if kind.many else f"[server.{name}]"
            yield f"{field.metadata.get('about', '')} In `{head}`, or `{variable_of(name)}{'' if kind.many else '_…'}`."
            yield ""
            yield from _section(kind.type, f"{name}.")
    if not path:
        yield ""


def _default(field: attrs.Attribute[Any]) -> str:
    default = default_of(field)
    return "" if default is None else f"`{shown(default)}`"
