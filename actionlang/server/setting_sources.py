"""Where settings come from: a file, then the environment, then options of the command; what comes later counts.

A wrong value is told with the place that it stands at, and what is allowed there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import attrs

from actionlang.diagnostics.catalogue.server import BAD_SETTING
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.server.setting_values import (
    SECRET,
    Kind,
    WrongValue,
    converted,
    default_of,
    kinds_of,
    of_text,
    shown,
    validated,
)
from actionlang.server.settings import URL, ServerSettings

VARIABLE = "ACTIONLANG_SERVER_"
CONFIG_VARIABLE = "ACTIONLANG_SERVER_CONFIG"
DEFAULT = "default"

PASSWORD = re.compile(r"(://[^:/@]*:)[^/]*(?=@)|(\bpassword=)[^&]*")
"""That of a database's URL."""

Table = Mapping[str, object]


def without_password(url: str) -> str:
    """A database's URL as it may be shown to anybody."""
    return PASSWORD.sub(lambda found: f"{found[1] or found[2]}{SECRET}", url)


@attrs.frozen
class Origin:
    """A setting as it holds: its name with dots, the value, whether that is a secret, and where it is from."""

    name: str
    value: object
    secret: str | bool
    where: str

    @property
    def shown(self) -> str:
        """The value as it may be shown to anybody."""
        if self.secret == URL and isinstance(self.value, str):
            return shown(without_password(self.value))
        return shown(SECRET) if self.secret and self.value is not None else shown(self.value)


@attrs.frozen
class Resolved:
    """The settings that hold, and where each is from."""

    settings: ServerSettings
    origins: tuple[Origin, ...]


@attrs.frozen
class _Given:
    value: object
    where: str
    told: str
    """How an error begins that is about it."""


class Sources:
    """Collects what is said; `resolved` says what holds."""

    def __init__(self) -> None:
        self._kinds = dict(_flat(ServerSettings))
        self._given: dict[str, _Given] = {}

    def file(self, table: Table, name: str, *, section: str = "") -> None:
        """What a file says, in its table `section`, if that is not the file itself. Raises ActionLangError (E1107)."""
        self._table(table, "", name, section)

    def _table(self, table: Table, path: str, name: str, section: str) -> None:
        for key, value in table.items():
            full = f"{path}{key}"
            heading = ".".join(part for part in (section, path.rstrip(".")) if part)
            place = f"{key} in [{heading}] of {name}" if heading else f"{key} in {name}"
            if full in self._kinds:
                self._given[full] = _Given(value, name, place)
            elif any(known.startswith(f"{full}.") for known in self._kinds):
                if not isinstance(value, Mapping):
                    _refuse(
                        f"{place} must be a table, not {shown(value)}",
                        f"write it as [{heading}{'.' * bool(heading)}{key}]",
                    )
                self._table(value, f"{full}.", name, section)
            else:
                if full == "server":
                    _refuse(
                        f"{name} has its settings in a table [server]", "in a file of its own they stand without it"
                    )
                self._unknown(f"{name} has the unknown setting {f'{section}.{full}'.lstrip('.')}", full)

    def environment(self, variables: Mapping[str, str]) -> None:
        """What variables say: `ACTIONLANG_SERVER_PORT`, `ACTIONLANG_SERVER_OBSERVING_LOG`. Raises ActionLangError (E1107)."""
        names = {variable_of(name): name for name in self._kinds}
        for variable, text in sorted(variables.items()):
            if not variable.startswith(VARIABLE) or variable == CONFIG_VARIABLE:
                continue
            name = names.get(variable)
            if name is None:
                self._unknown(f"There is no setting for the variable {variable}", variable, tuple(names))
            kind, _ = self._kinds[name]
            try:
                self._given[name] = _Given(of_text(kind, text), variable, variable)
            except WrongValue as wrong:
                _refuse(f"{variable} {wrong}")

    def option(self, name: str, value: object, option: str) -> None:
        """What an option of the command says; None is nothing."""
        if value is not None:
            self._given[name] = _Given(value, option, option)

    def resolved(self) -> Resolved:
        """What holds. Raises ActionLangError (E1107)."""
        values: dict[str, object] = {}
        origins: list[Origin] = []
        for name, (kind, field) in self._kinds.items():
            given = self._given.get(name)
            if given is None:
                values[name] = default_of(field)
            else:
                try:
                    values[name] = converted(kind, given.value)
                    validated(field, values[name])
                except WrongValue as wrong:
                    _refuse(f"{given.told} {wrong}")
            where = DEFAULT if given is None else given.where
            origins.append(Origin(name, values[name], field.metadata.get("secret", False), where))
        return Resolved(_built(ServerSettings, values, ""), tuple(origins))

    def _unknown(self, what: str, name: str, known: tuple[str, ...] = ()) -> NoReturn:
        close = get_close_matches(name, known or tuple(self._kinds), n=1)
        _refuse(what, f"did you mean {close[0]}?" if close else "actionlang serve --print-config shows all there are")


def _flat(owner: type, prefix: str = "") -> Iterator[tuple[str, tuple[Kind, attrs.Attribute[Any]]]]:
    """All settings by their names with dots; those of sections at the end."""
    kinds = kinds_of(owner)
    fields = [field for field in attrs.fields(owner) if field.name in kinds]
    for field in fields:
        if not kinds[field.name].is_section:
            yield f"{prefix}{field.name}", (kinds[field.name], field)
    for field in fields:
        if kinds[field.name].is_section:
            yield from _flat(kinds[field.name].type, f"{prefix}{field.name}.")


def _built(owner: type, values: Mapping[str, object], prefix: str) -> Any:
    kinds = kinds_of(owner)
    try:
        return owner(
            **{
                name: _built(kind.type, values, f"{prefix}{name}.") if kind.is_section else values[f"{prefix}{name}"]
                for name, kind in kinds.items()
            }
        )
    except ValueError as error:
        # What two settings say does not go together.
        _refuse(f"The settings{f' of [{prefix[:-1]}]' if prefix else ''} {error.args[0]}")


def variable_of(name: str) -> str:
    """The environment's variable for a setting."""
    return VARIABLE + name.replace(".", "_").upper()


def read_file(file: Path, shown_as: str) -> Table:
    """The settings in a file of their own. Raises ActionLangError (E1107)."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        _refuse(f"There is no file {shown_as}", "see how the path is written, and from which folder")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        _refuse(f"{shown_as} can not be read: {error}")


def _refuse(message: str, hint: str | None = None) -> NoReturn:
    raise ActionLangError(Diagnostic(BAD_SETTING, f"{message}.", hint=hint)) from None
