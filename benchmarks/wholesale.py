"""Five transactions of a wholesaler, after TPC-C: verbs that are run, against the same written by hand.

The mix is TPC-C's: 45 new orders and 43 payments in a hundred, 4 each of order status, delivery and stock level; one new order in
a hundred has an item that nobody sells and is undone. Both sides draw the same requests on a database of their own. By hand, a
transaction writes no audit record; every run of a verb does. It is no TPC-C result: there is no waiting at the terminals, and
the scale is small. In the end the books are looked at: the consistency conditions of clause 3.3.2.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
import psycopg
import psycopg.errors

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.engine.store import RowRef
from actionlang.plan.codec import encode
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed
from benchmarks.servers import postgres_database
from benchmarks.wholesale_by_hand import Line, Refused, Wholesaler, scaled, unscaled
from benchmarks.wholesale_rows import Scale, fill, last_name, look_at_the_books

SCRIPT = Path(__file__).parents[1] / "examples" / "wholesale" / "verbs" / "wholesale.act"
SCALE = Scale(warehouses=2, districts=10, customers=60, items=1_000, orders=20)
SECONDS = 10.0
CLIENTS = 4
VERBS = ("NewOrder", "Pay", "PayNamed", "order_status", "customer_named", "Deliver", "stock_level")

Do = Callable[["Request"], None]


@attrs.frozen
class Request:
    """One transaction asked for. `last` is set where the customer is known by name only."""

    kind: str
    warehouse: int
    district: int
    customer: int
    last: str | None
    amount: Decimal
    through: tuple[int, int]
    lines: tuple[Line, ...]
    threshold: int


def requests(scale: Scale, seed: int) -> Iterator[Request]:
    """What a client asks for, one after another."""
    draw = random.Random(seed)
    while True:
        kind = draw.choices(("new order", "payment", "status", "delivery", "level"), (45, 43, 4, 4, 4))[0]
        warehouse, district = draw.randint(1, scale.warehouses), draw.randint(1, scale.districts)
        customer = draw.randint(1, scale.customers)
        named = kind in ("payment", "status") and draw.random() < 0.6
        remote = draw.random() < 0.15
        through = (draw.randint(1, scale.warehouses) if remote else warehouse, draw.randint(1, scale.districts))
        lines = tuple(
            (
                place,
                item,
                draw.randint(1, scale.warehouses) if draw.random() < 0.01 else warehouse,
                draw.randint(1, 10),
            )
            for place, item in enumerate(draw.sample(range(1, scale.items + 1), draw.randint(5, 15)), 1)
        )
        if draw.random() < 0.01:
            lines = (*lines[:-1], (lines[-1][0], 999_999, *lines[-1][2:]))
        last = last_name(customer) if named else None
        amount = Decimal(draw.randint(100, 500_000)).scaleb(-2)
        yield Request(kind, warehouse, district, customer, last, amount, through, lines, draw.randint(10, 20))


def wholesale_plans() -> dict[str, Plan]:
    """The example's verbs, compiled, written and loaded."""
    loader = Loader(SCRIPT.parent)
    module = loader.load_file(SCRIPT)
    assert module is not None
    linker = Linker(loader.program().modules)
    return {name: Plan.loads(encode(linker.plan(module.verbs[f"wholesale.{name}"]))) for name in VERBS}


# ---------------------------------------------------------------------------------------------------------------- sides


def by_verbs(database: Database, plans: dict[str, Plan]) -> Do:
    """A client that runs verbs."""

    def warehouse(number: int) -> RowRef:
        return RowRef("wholesale.warehouse", number)

    def district(of: int, number: int) -> RowRef:
        return RowRef("wholesale.district", (warehouse(of), number))

    def customer(request: Request) -> RowRef:
        return RowRef("wholesale.customer", (district(request.warehouse, request.district), request.customer))

    def new_order(request: Request) -> None:
        lines = [
            f"{place:02} {item:06} {supplier:04} {quantity:02}" for place, item, supplier, quantity in request.lines
        ]
        local = all(supplier == request.warehouse for _, _, supplier, _ in request.lines)
        plans["NewOrder"].run(database, on=customer(request), lines=lines, line_count=len(lines), all_local=local)

    def pay(request: Request) -> None:
        given = {"amount": request.amount, "through": district(*request.through)}
        if request.last is None:
            plans["Pay"].run(database, on=customer(request), arguments=given)
        else:
            home = district(request.warehouse, request.district)
            plans["PayNamed"].run(database, home=home, last=request.last, arguments=given)

    def status(request: Request) -> None:
        asked: object = customer(request)
        if request.last is not None:
            home = district(request.warehouse, request.district)
            asked = plans["customer_named"].run(database, home=home, last=request.last)["found"]
        plans["order_status"].run(database, customer=asked)

    kinds: dict[str, Callable[[Request], object]] = {
        "new order": new_order,
        "payment": pay,
        "status": status,
        "delivery": lambda request: plans["Deliver"].run(database, on=warehouse(request.warehouse), carrier=7),
        "level": lambda request: plans["stock_level"].run(
            database, district=district(request.warehouse, request.district), threshold=request.threshold
        ),
    }

    def do(request: Request) -> None:
        try:
            kinds[request.kind](request)
        except RunFailed as failed:
            if "Item number is not valid." not in str(failed):
                raise

    return do


def by_hand(connection: Any, wholesaler: Wholesaler, scale: Scale) -> Do:
    """A client of the transactions written by hand, which tries again what the database could not let through."""

    def work(request: Request) -> None:
        at = (request.warehouse, request.district)
        number = request.customer
        if request.last is not None:
            number = wholesaler.customer_named(at, request.last)
        if request.kind == "new order":
            wholesaler.new_order(*at, number, list(request.lines))
        elif request.kind == "payment":
            wholesaler.pay((*at, number), request.through, request.amount)
        elif request.kind == "status":
            wholesaler.order_status((*at, number))
        elif request.kind == "delivery":
            wholesaler.deliver(request.warehouse, scale.districts, 7)
        else:
            wholesaler.stock_level(at, request.threshold)

    def do(request: Request) -> None:
        while True:
            wholesaler.cursor.execute("BEGIN" if wholesaler.lock else "BEGIN IMMEDIATE")
            try:
                work(request)
            except Refused:
                connection.rollback()
                return
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                connection.rollback()
                continue
            connection.commit()
            return

    return do


# ------------------------------------------------------------------------------------------------------------- measuring


@attrs.frozen
class Measured:
    """Transactions a minute, by hand and as verbs."""

    where: str
    clients: int
    by_hand: float
    verbs: float


def measure_sqlite(scale: Scale = SCALE, seconds: float = SECONDS) -> Measured:
    """One client on SQLite, `synchronous` normal on both sides."""
    plans = wholesale_plans()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, "by_hand.db"), Path(folder, "verbs.db")]
        for path in paths:
            _make(f"sqlite:///{path}", plans)
            connection = sqlite3.connect(path)
            fill(connection, "?", scale, scaled, lambda moment: moment.isoformat("T", "microseconds")[:26] + "Z")
            connection.close()
        hand = _sqlite(paths[0])
        with Database.connect(f"sqlite:///{paths[1]}", synchronous="normal") as database:
            sides = [by_hand(hand, _wholesaler(hand, postgres=False), scale), by_verbs(database, plans)]
            rates = _in_turns([[side] for side in sides], scale, seconds)
        hand.close()
        for path in paths:
            connection = sqlite3.connect(path)
            look_at_the_books(connection)
            connection.close()
    return Measured("SQLite", 1, *rates)


def _sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = normal")
    return connection


def measure_postgres(clients: int, scale: Scale = SCALE, seconds: float = SECONDS) -> Measured:
    """Clients, a thread each, on PostgreSQL."""
    plans = wholesale_plans()
    with postgres_database() as hand_url, postgres_database() as verbs_url:
        for url in (hand_url, verbs_url):
            _make(url, plans)
            with psycopg.connect(_plain(url)) as connection:
                fill(connection, "%s", scale, lambda value, _: value, lambda moment: moment)
                connection.execute("ANALYZE")
        connections = [psycopg.connect(_plain(hand_url), autocommit=True) for _ in range(clients)]
        with Database.connect(verbs_url) as database:
            hands = [by_hand(each, _wholesaler(each, postgres=True), scale) for each in connections]
            verbs = [by_verbs(database, plans) for _ in range(clients)]
            rates = _in_turns([hands, verbs], scale, seconds)
        for each in connections:
            each.close()
        for url in (hand_url, verbs_url):
            with psycopg.connect(_plain(url)) as connection:
                look_at_the_books(connection)
    return Measured("PostgreSQL", clients, *rates)


def _wholesaler(connection: Any, *, postgres: bool) -> Wholesaler:
    if postgres:
        return Wholesaler(
            connection, "%s", " FOR UPDATE", lambda value, _: value, lambda value, _: value, lambda moment: moment
        )
    return Wholesaler(
        connection, "?", "", scaled, unscaled, lambda moment: moment.isoformat("T", "microseconds")[:26] + "Z"
    )


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _make(url: str, plans: dict[str, Plan]) -> None:
    with Database.connect(url, create=url.startswith("sqlite")) as database:
        for plan in plans.values():
            database.tables.create(plan.schema)


def _in_turns(sides: list[list[Do]], scale: Scale, seconds: float) -> list[float]:
    """Transactions a minute of each side, which take turns of a second or so with the same requests."""
    drawn = [[requests(scale, client) for client in range(len(side))] for side in sides]
    done, taken = [0] * len(sides), [0.0] * len(sides)
    turns = 8
    for _ in range(turns):
        for number, side in enumerate(sides):
            begun = perf_counter()
            done[number] += _turn(side, drawn[number], begun + seconds / turns)
            taken[number] += perf_counter() - begun
    return [60 * count / time for count, time in zip(done, taken, strict=True)]


def _turn(clients: list[Do], drawn: list[Iterator[Request]], until: float) -> int:
    """Transactions that clients get done by a moment."""
    counts = [0] * len(clients)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            while perf_counter() < until:
                clients[number](next(drawn[number]))
                counts[number] += 1
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sum(counts)


def main() -> None:
    """Print the table."""
    print(
        f"{SCALE.warehouses} warehouses; transactions a minute in {SECONDS:.0f} seconds for each side, which take turns.\n"
    )
    print("| | clients | by hand, no audit | verbs, with audit | ratio |")
    print("|---|---:|---:|---:|---:|")
    for found in (measure_sqlite(), measure_postgres(1), measure_postgres(CLIENTS)):
        ratio = found.verbs / found.by_hand
        print(f"| {found.where} | {found.clients} | {found.by_hand:,.0f} | {found.verbs:,.0f} | {ratio:.2f} |")
    print("\nThe books were right on both sides after each.")


if __name__ == "__main__":
    main()
