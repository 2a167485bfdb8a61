"""What is known of tables while an action is translated: all of a script of them, or nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

import attrs

from actionlang.check.names import Universe
from actionlang.check.program import CheckedModule
from actionlang.compile.modules import Loader
from actionlang.diagnostics.diagnostic import ActionLangError, Severity
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Table

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


UNSPEAKABLE = re.compile(r"[`\x00-\x1f\x7f-\x9f\u2028\u2029]")
RESERVED = frozenset(
    {"empty", "true", "false", "not", "date", "datetime", "id", "caller", "failure", "optional", "each"}
)
"""Words that mean something else where a name may stand."""


def spelt(name: str) -> str:
    """A name as a script writes it: in backticks, if it is not one of letters, digits and `_`, or is a word of the language.

    Signs that not even those may have, which no name in Dataverse has, become `_`.
    """
    if PLAIN_NAME.fullmatch(name) and name not in RESERVED:
        return name
    return f"`{UNSPEAKABLE.sub('_', name) or '_'}`"


@attrs.frozen
class KnownTables:
    """The tables of a script that is imported. `import_path` is how the new script says so; `qualifier` its name there.

    Without a script (`module` is None) nothing is known, and every question is answered with None.
    """

    import_path: str = ""
    qualifier: str = ""
    module: CheckedModule | None = None

    @property
    def known(self) -> bool:
        """Whether there are tables at all."""
        return self.module is not None

    @property
    def _universe(self) -> Universe:
        assert self.module is not None
        return self.module.universe

    def table(self, name: str) -> Table | None:
        """A table by its short name: what the script itself means by it."""
        if self.module is None:
            return None
        full = self.module.names.tables.get(name, ())
        return self._universe.tables.get(full[0]) if full else None

    def row_type(self, table: str) -> t.Row:
        """The type of a row of a table."""
        known = self.table(table)
        return t.Row((known.name if known else table,))

    def column(self, table: str, name: str) -> Column | None:
        """A column by the table's short name and its own."""
        found = self.table(table)
        return found.by_name.get(name) if found else None

    def choice(self, full_name: str) -> Choice:
        """A choice by its full name."""
        return self._universe.choices[full_name]

    def has_verb(self, name: str) -> bool:
        """Whether the script, or what it imports, declares a verb."""
        return self.module is not None and name in self.module.names.verbs

    def spelt_table(self, name: str) -> str:
        """A table's name; with its module before it where the language's own core has one of that name, too."""
        if self.module is not None:
            full = self.module.names.tables.get(name, ())
            if len(full) > 1 or name in CORE_TABLES:
                return f"{self.qualifier}.{spelt(name)}"
        return spelt(name)

    def spelt_type(self, kind: t.Type) -> str:
        """A type as a script writes it."""
        if kind == t.OWNER:
            return "owner"
        if isinstance(kind, t.Row):
            return " | ".join(map(self._spelt_full, kind.tables)) or "id"
        if isinstance(kind, t.Choice):
            return spelt(kind.name.rpartition(".")[2])
        if isinstance(kind, t.ListOf):
            return f"list of {self.spelt_type(kind.item)}"
        return str(kind)

    def _spelt_full(self, full: str) -> str:
        """A table by its full name."""
        module, _, name = full.rpartition(".")
        return full if module == "core" else self.spelt_table(name)


CORE_TABLES = frozenset({"user", "team", "membership", "note", "notification"})
"""What every script has besides its own tables."""


def read_tables(path: Path, root: Path, folder: Path) -> KnownTables:
    """The tables in a script of a project at `root`, for a script that is to stand in `folder`.

    Raises ActionLangError when it can not be read, or has errors.
    """
    loader = Loader(root)
    module = loader.load_file(path.resolve())
    errors = [found for found in loader.program().diagnostics if found.severity is Severity.ERROR]
    if errors or module is None:
        raise ActionLangError(*errors)
    relative = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    return KnownTables(relative, spelt(path.stem), module)
