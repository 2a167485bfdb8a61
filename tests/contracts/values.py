"""Types of parameters and outputs, with values of each that go as far as the type does; tables with rows, choices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Member, Table

UUID = "00000000-0000-7000-8000-00000000000"
NAME = Column("name", t.Text(40), "name", required=True, key=True)
ID = Column("id", t.Id(), "id", primary=True)
ROOM = Table("desk.room", "room", (Column("number", t.Integer(), "number", primary=True), NAME), (("name",),))
GUEST = Table("desk.guest", "guest", (ID, NAME), (("name",),))
TOUR = Table("desk.tour", "tour", (ID, NAME), (("name",),))
TABLES = (ROOM, GUEST, TOUR)
MOOD = Choice("desk.Mood", (Member("calm", 1), Member("cross", 2)))
OTHER = Choice("desk.Temper", (Member("calm", 1), Member("cross", 2)))
CHOICES = (MOOD, OTHER)

ROWS = {
    "desk.room": (RowRef("desk.room", 1), RowRef("desk.room", 2)),
    "desk.guest": (RowRef("desk.guest", UUID + "1"), RowRef("desk.guest", UUID + "2")),
    "desk.tour": (RowRef("desk.tour", UUID + "3"),),
}


def filled_store(tables: tuple[Table, ...] = TABLES) -> MemoryStore:
    """The rows, in tables of perhaps another making."""
    store = MemoryStore(tables)
    for table in tables:
        for row in ROWS[table.name]:
            store.prepare_insert(table, ("name",))(row.key, [f"the {table.short_name} {str(row.key)[-1]}"])
    return store


def _texts(length: int) -> tuple[object, ...]:
    return "", "a", "12", "é" * length


def _numbers(precision: int, scale: int) -> tuple[object, ...]:
    nines = (9,) * precision
    largest, least = Decimal((0, nines, -scale)), Decimal((1, nines, -scale))
    return Decimal(0), Decimal(1), largest, least, Decimal((0, (1,), -scale))


VALUES: dict[t.Type, tuple[object, ...]] = {
    t.Text(): _texts(300),
    t.Text(5): _texts(5),
    t.Text(8): _texts(8),
    t.Integer(): (0, 12, 2**63 - 1, -(2**63)),
    t.Decimal(): _numbers(38, 0) + _numbers(38, 20),
    t.Decimal(5, 2): _numbers(5, 2),
    t.Decimal(8, 2): _numbers(8, 2),
    t.Decimal(8, 4): _numbers(8, 4),
    t.Decimal(18, 4): _numbers(18, 4),
    t.Decimal(19, 4): _numbers(19, 4),
    t.Decimal(20, 0): _numbers(20, 0),
    t.Decimal(18, 0): _numbers(18, 0),
    t.Money(): (Decimal(0), Decimal("922337203685477.5807"), Decimal("-922337203685477.5807"), Decimal("0.0001")),
    t.Float(): (0.0, 0.5, 1e300),
    t.Boolean(): (True, False),
    t.Date(): (date(2026, 11, 24), date(1, 1, 1)),
    t.DateTime(): (datetime(2026, 11, 24, 9, 30, tzinfo=UTC),),
    t.Duration(): (timedelta(minutes=90), timedelta(days=-3)),
    t.Id(): (UUID + "9",),
    t.Json(): ('{"a":[1,"b",null]}', '"a"', "12"),
    t.Choice(MOOD.name): ("calm", "cross"),
    t.Choice(OTHER.name): ("calm", "cross"),
    t.Choices(MOOD.name): ((), ("calm",), ("calm", "cross")),
    **{t.Row((name,)): rows for name, rows in ROWS.items()},
    t.Row(("desk.room", "desk.guest")): ROWS["desk.room"] + ROWS["desk.guest"],
    t.Row(("desk.guest", "desk.room", "desk.tour")): ROWS["desk.room"] + ROWS["desk.guest"] + ROWS["desk.tour"],
}
"""Values of each type. A row stands in every store that `filled_store` makes."""

VALUES |= {
    t.ListOf(item): ((), (VALUES[item][0],), VALUES[item])
    for item in (
        t.Text(),
        t.Text(5),
        t.Integer(),
        t.Decimal(),
        t.Decimal(5, 2),
        t.Choice(MOOD.name),
        t.Row(("desk.room",)),
        t.Row(("desk.room", "desk.guest")),
    )
}
TYPES = tuple(VALUES)
