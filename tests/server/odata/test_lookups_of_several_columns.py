"""Lookups to rows whose key has several columns: the text that their properties hold names the row wherever a row is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.wire_names import WireNames
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.readable import Columns
from actionlang.runtime.reading import RowsQuery, reading
from actionlang.server.catalog import Catalog
from actionlang.server.odata.filter_values import Operands
from actionlang.server.odata.filtering import Filter
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.lookup_keys import key_text
from actionlang.server.odata.segments import Segment
from actionlang.server.odata.surface import surface_of
from actionlang.server.odata.urls import key_in
from actionlang.server.refusal import Refusal
from tests.conformance.scripts import compiled
from tests.postgres import fresh_database

SCRIPT = compiled("""
table line < code text(9) primary; place integer primary; >
table part < id integer primary; of_line line required key; >

action Fill() <
  create line as first set code = "a,'b", place = 2;
  create line as second set code = "x", place = 3;
  create part set id = 1, of_line = first;
  create part set id = 2, of_line = second;
>
""")
PLAN = SCRIPT.plan("Fill")
SCHEMA = SCRIPT.schema_for(PLAN)
SURFACE = surface_of(Catalog(SCHEMA.tables, SCHEMA.choices, {}, WireNames.of(SCHEMA.tables, SCHEMA.choices), 1))
TABLES = {table.short_name: table for table in SCHEMA.tables.values()}
LINE, PART = TABLES["line"], TABLES["part"]
ROW = RowRef(LINE.name, ("a,'b", 2))
TEXT = "code='a,''b',place=2"
QUOTED, OTHER = (f"'{text.replace(chr(39), chr(39) * 2)}'" for text in (TEXT, "place=3,code='x'"))
NOW = datetime(2024, 1, 1, tzinfo=UTC)


def keys(database: Database, text: str) -> list[object]:
    """The keys of the parts for which a filter holds."""
    values: dict[str, object] = {}

    def where(columns: Columns):
        operands = Operands(SURFACE, columns, text, "$filter", NOW)
        made = Filter.of(text, "$filter").condition(columns, operands)
        values.update(operands.values)
        return made

    with reading(database, SURFACE.schema) as rows:
        return [each.row.key for each in rows.page(RowsQuery(PART.name, ("id",), where, values, most=9)).rows]


def test_a_value_of_a_parameter() -> None:
    assert key_text(ROW, SURFACE.wire) == TEXT
    assert value_reader(t.Row((LINE.name,)), SURFACE.wire)(TEXT) == ROW


def test_a_key_in_an_address() -> None:
    found = key_in(Segment("parts", f"_of_line_value={QUOTED}"), PART, SURFACE.wire)
    assert found == {"table": PART.name, "key": {"of_line": ROW}}


@pytest.mark.parametrize("text", ["code='a'", "place=2", "code='a',place='b'", "code='a", "x"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        value_reader(t.Row((LINE.name,)), SURFACE.wire)(text)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Two lines, and a part of each, on each kind of database."""
    address = fresh_database() if request.param == "postgres" else nullcontext("sqlite://")
    with address as url, Database.connect(url) as database:
        database.tables.create(SCHEMA)
        Plan.of(PLAN).run(database)
        yield database


def test_a_filter(database: Database) -> None:
    assert keys(database, f"_of_line_value eq {QUOTED}") == [1]
    assert keys(database, f"_of_line_value ne {QUOTED}") == [2]
    assert keys(database, f"_of_line_value in ({QUOTED},{OTHER})") == [1, 2]
    assert keys(database, f"not (_of_line_value in ({QUOTED}))") == [2]
    assert keys(database, "_of_line_value eq null") == []
    assert keys(database, f"of_line/place eq 3 or _of_line_value eq {QUOTED}") == [1, 2]
    with pytest.raises(Refusal, match="which is no key"):
        keys(database, "_of_line_value eq 'x'")
