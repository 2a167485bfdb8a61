"""Values as case files write them, and as language values and JSON data.

They are written as `engine.json_form` has them, with these shorter spellings: a column, output or argument that is left out is
empty; `#7` stands for the id 00000000-0000-7000-8000-000000000007 and `new 2` for the second id that the call gives; tables go
by the names they have in the script; a value of type `json` is a text that holds JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from actionlang.engine.ids import CountedIds
from actionlang.engine.json_form import from_json, to_json
from actionlang.engine.schema import Schema
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column
from actionlang.plan.plan import Parameter

GIVEN = re.compile(r"#([0-9]+)")
NEW = re.compile(r"new ([0-9]+)")
MASK = "***"


@attrs.frozen
class Reader:
    """Reads the values of one case."""

    schema: Schema
    clock: datetime

    def table(self, short_name: str) -> str:
        """The full name of a table."""
        found = [name for name in self.schema.tables if short_name in (name, name.rpartition(".")[2])]
        assert found, f"there is no table {short_name}"
        return next((name for name in found if name.startswith("example.")), found[0])

    def data(self, written: Any, type_: t.Type) -> Any:
        """A value as JSON data, spelled in full but not yet in its one form."""
        if isinstance(type_, t.ListOf):
            return [self.data(item, type_.item) for item in written]
        if isinstance(type_, t.Id):
            return self._id(written)
        if isinstance(type_, t.Json):
            return json.loads(written, parse_float=Decimal)
        if isinstance(type_, t.Row):
            return self._row(written, type_)
        return written

    def value(self, written: Any, type_: t.Type) -> Any:
        """A language value; None for None."""
        return None if written is None else from_json(self.data(written, type_), type_, self.schema)

    def json(self, written: Any, type_: t.Type) -> Any:
        """JSON data in its one form; None for None."""
        return to_json(self.value(written, type_), type_)

    def key(self, written: Any, table: str) -> Any:
        """A primary key as JSON data."""
        types = [column.type for column in self.schema.tables[table].primary]
        if len(types) == 1:
            return self.json(written, types[0])
        return [self.json(part, type_) for part, type_ in zip(written, types, strict=True)]

    def columns(self, written: Mapping[str, Any], columns: tuple[Column | Parameter, ...]) -> dict[str, Any]:
        """The language values of columns or outputs, those left out None."""
        known = {column.name: column.type for column in columns}
        assert written.keys() <= known.keys(), f"{', '.join(written.keys() - known.keys())}: there is no such name"
        return {name: self.value(written.get(name), type_) for name, type_ in known.items()}

    def columns_json(self, written: Mapping[str, Any], columns: tuple[Column | Parameter, ...]) -> dict[str, Any]:
        """The same as JSON data; `***` stands for itself."""
        shown = {name: MASK for name, value in written.items() if value == MASK}
        values = self.columns({name: value for name, value in written.items() if name not in shown}, columns)
        return {column.name: to_json(values[column.name], column.type) for column in columns} | shown

    def with_ids(self, data: Any) -> Any:
        """JSON data with the ids that texts in it stand for."""
        if isinstance(data, dict):
            return {name: self.with_ids(value) for name, value in data.items()}
        if isinstance(data, list):
            return [self.with_ids(value) for value in data]
        return self._id(data) if isinstance(data, str) else data

    def _id(self, written: str) -> str:
        given = GIVEN.fullmatch(written)
        if given:
            return f"00000000-0000-7000-8000-{int(given[1]):012x}"
        new = NEW.fullmatch(written)
        if new is None:
            return written
        ids = CountedIds(self.clock)
        return [ids() for _ in range(int(new[1]))][-1]

    def _row(self, written: Any, type_: t.Row) -> Any:
        if len(type_.tables) == 1:
            return self.key(written, type_.tables[0])
        table = self.table(written["table"])
        return {"table": table, "key": self.key(written["key"], table)}
