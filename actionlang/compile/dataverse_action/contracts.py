"""What an action needs of its host: contracts of the things that it performs and that are written elsewhere."""

from __future__ import annotations

import attrs

from actionlang.compile.dataverse_action.kinds import kind_of
from actionlang.compile.dataverse_action.known_tables import KnownTables, spelt
from actionlang.metadata import types as t

SOMEBODY = "systemuser | contact | account"
"""Who gets an e-mail, where that can not be known."""


@attrs.define
class Contract:
    """An `extern action`: types of its inputs and outputs, by name; types of rows may still be added to."""

    name: str
    table: str
    doc: str
    inputs: dict[str, list[t.Type]] = attrs.Factory(dict)
    outputs: dict[str, list[t.Type]] = attrs.Factory(dict)

    def text(self, tables: KnownTables) -> str:
        """The declaration."""
        on = f" on {tables.spelt_table(self.table)}" if self.table else ""
        inputs = _listed(self.inputs, tables)
        given = f" ({inputs})" if inputs else ""
        returns = f" returns ({_listed(self.outputs, tables)})" if self.outputs else ""
        return f"## {self.doc}\nextern action {spelt(self.name)}{on}{given}{returns};\n"


class Contracts:
    """The contracts that one script declares, in the order in which they are first needed."""

    def __init__(self) -> None:
        self.by_name: dict[str, Contract] = {}

    def get(self, name: str, table: str, doc: str) -> Contract:
        """The contract of a name; made now if there is none."""
        return self.by_name.setdefault(name, Contract(name, table, doc))


def add(slots: dict[str, list[t.Type]], name: str, kind: str, written: t.Type | None) -> None:
    """Note that a value of a .NET type, or of what was written for it, goes through an input or output."""
    known = kind_of(kind)
    found = written if isinstance(known, t.Row) and isinstance(written, t.Row) else known or written or t.Text()
    kinds = slots.setdefault(name, [])
    if found not in kinds:
        kinds.append(found)


def _listed(slots: dict[str, list[t.Type]], tables: KnownTables) -> str:
    return ", ".join(f"{spelt(name)} {_type_text(kinds, tables)} optional" for name, kinds in slots.items())


def _type_text(kinds: list[t.Type], tables: KnownTables) -> str:
    names = [name for kind in kinds if isinstance(kind, t.Row) for name in kind.tables]
    if names:
        return tables.spelt_type(t.Row(tuple(dict.fromkeys(names))))
    return SOMEBODY if isinstance(kinds[0], t.Row) else tables.spelt_type(kinds[0])
