"""The wholesaler's rows at the start, and whether the books are right: the consistency conditions of TPC-C, clause 3.3.2."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs

SYLLABLES = ("BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING")
BEGUN = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@attrs.frozen
class Scale:
    """How many of each: districts a warehouse, customers and orders a district. An order has one line for each tenth of it."""

    warehouses: int
    districts: int
    customers: int
    items: int
    orders: int


def last_name(customer: int) -> str:
    """Three customers of a district share a last name."""
    number = (customer - 1) // 3
    return SYLLABLES[number // 100 % 10] + SYLLABLES[number // 10 % 10] + SYLLABLES[number % 10]


def fill(
    connection: Any,
    parameter: str,
    scale: Scale,
    exact: Callable[[Decimal, int], Any],
    moment: Callable[[datetime], Any],
) -> None:
    """Insert the rows that a supplier starts with; every customer has paid 10.00 once, and the last third of a district's orders
    is undelivered."""
    draw = random.Random(1)
    cursor = connection.cursor()

    def insert(table: str, names: str, rows: list[tuple[Any, ...]]) -> None:
        marks = ", ".join([parameter] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    ten = Decimal(10)
    each = scale.customers * ten
    warehouses = range(1, scale.warehouses + 1)
    districts = [(warehouse, number) for warehouse in warehouses for number in range(1, scale.districts + 1)]
    customers = [(*district, number) for district in districts for number in range(1, scale.customers + 1)]
    insert(
        "warehouse", "number, name, tax, ytd",
        [(one, f"W{one}", exact(Decimal("0.1"), 4), exact(each * scale.districts, 2)) for one in warehouses],
    )  # fmt: skip
    insert(
        "district", "warehouse, number, name, tax, ytd, next_order",
        [(*one, f"D{one[1]}", exact(Decimal("0.05"), 4), exact(each, 2), scale.orders + 1) for one in districts],
    )  # fmt: skip
    insert(
        "customer",
        "district_warehouse, district_number, number, first, last, credit, discount, balance, ytd_payment, payment_count,"
        " delivery_count, data",
        [
            (*one, f"F{one[2]}", last_name(one[2]), "BC" if draw.random() < 0.1 else "GC", exact(Decimal("0.1"), 4),
             exact(-ten, 2), exact(ten, 2), 1, 0, "x" * 300)
            for one in customers
        ],
    )  # fmt: skip
    insert(
        "payment",
        "id, customer_district_warehouse, customer_district_number, customer_number, district_warehouse, district_number,"
        " paid, amount, remark",
        [
            (str(UUID(int=number)), *one, *one[:2], moment(BEGUN), exact(ten, 2), "opening")
            for number, one in enumerate(customers, 1)
        ],
    )  # fmt: skip
    prices = {number: Decimal(draw.randint(100, 10_000)).scaleb(-2) for number in range(1, scale.items + 1)}
    insert("item", "number, name, price", [(one, f"Item {one}", exact(price, 2)) for one, price in prices.items()])
    insert(
        "stock", "warehouse, item, quantity, ytd, order_count, remote_count",
        [(one, item, draw.randint(10, 100), 0, 0, 0) for one in warehouses for item in prices],
    )  # fmt: skip
    _orders(insert, draw, scale, districts, exact, moment)
    connection.commit()


def _orders(
    insert: Callable[[str, str, list[tuple[Any, ...]]], None],
    draw: random.Random,
    scale: Scale,
    districts: list[tuple[int, int]],
    exact: Callable[[Decimal, int], Any],
    moment: Callable[[datetime], Any],
) -> None:
    orders, waiting, lines = [], [], []
    for district in districts:
        for number in range(1, scale.orders + 1):
            delivered = number <= scale.orders * 2 // 3
            count = draw.randint(5, 15)
            orders.append(
                (*district, number, *district, draw.randint(1, scale.customers), moment(BEGUN), 7 if delivered else None, count, True)
            )  # fmt: skip
            if not delivered:
                waiting.append((*district, number))
            for place, item in enumerate(draw.sample(range(1, scale.items + 1), count), 1):
                # What is delivered in the beginning cost nothing, so that it is in no balance.
                amount = Decimal(0) if delivered else Decimal(draw.randint(1, 99_999)).scaleb(-2)
                when = moment(BEGUN) if delivered else None
                lines.append((*district, number, place, item, district[0], when, 5, exact(amount, 2)))
    insert(
        "orders",
        "district_warehouse, district_number, number, customer_district_warehouse, customer_district_number,"
        " customer_number, entered, carrier, line_count, all_local",
        orders,
    )
    insert("undelivered", "order_district_warehouse, order_district_number, order_number", waiting)
    insert(
        "order_line",
        "order_district_warehouse, order_district_number, order_number, number, item, supplier, delivered, quantity, amount",
        lines,
    )


CONDITIONS = {
    "1: a warehouse got what its districts got": """
        SELECT COUNT(*) FROM warehouse AS w
        WHERE w.ytd <> (SELECT SUM(d.ytd) FROM district AS d WHERE d.warehouse = w.number)""",
    "2: a district's next order follows its last one": """
        SELECT COUNT(*) FROM district AS d WHERE d.next_order - 1 <>
        (SELECT MAX(o.number) FROM orders AS o WHERE o.district_warehouse = d.warehouse AND o.district_number = d.number)""",
    "3: undelivered orders have no gap": """
        SELECT COUNT(*) FROM (
          SELECT MAX(order_number) - MIN(order_number) + 1 - COUNT(*) AS gap FROM undelivered
          GROUP BY order_district_warehouse, order_district_number) AS gaps WHERE gap <> 0""",
    "4 and 6: an order has as many lines as it says": """
        SELECT COUNT(*) FROM orders AS o WHERE o.line_count <> (
          SELECT COUNT(*) FROM order_line AS l WHERE l.order_district_warehouse = o.district_warehouse
          AND l.order_district_number = o.district_number AND l.order_number = o.number)""",
    "5: an order has a carrier, or it is undelivered": """
        SELECT COUNT(*) FROM orders AS o WHERE (o.carrier IS NULL) <> EXISTS (
          SELECT 1 FROM undelivered AS u WHERE u.order_district_warehouse = o.district_warehouse
          AND u.order_district_number = o.district_number AND u.order_number = o.number)""",
    "7: a line is delivered when its order is": """
        SELECT COUNT(*) FROM order_line AS l JOIN orders AS o ON l.order_district_warehouse = o.district_warehouse
          AND l.order_district_number = o.district_number AND l.order_number = o.number
        WHERE (l.delivered IS NULL) <> (o.carrier IS NULL)""",
    "8 and 9: a district got what was paid there": """
        SELECT COUNT(*) FROM district AS d WHERE d.ytd <> (
          SELECT SUM(p.amount) FROM payment AS p
          WHERE p.district_warehouse = d.warehouse AND p.district_number = d.number)""",
    "10 and 12: a customer owes what was delivered less what was paid": """
        SELECT COUNT(*) FROM customer AS c WHERE c.balance <> (
          SELECT COALESCE(SUM(l.amount), 0) FROM orders AS o JOIN order_line AS l
          ON l.order_district_warehouse = o.district_warehouse AND l.order_district_number = o.district_number
          AND l.order_number = o.number AND l.delivered IS NOT NULL
          WHERE o.customer_district_warehouse = c.district_warehouse
          AND o.customer_district_number = c.district_number AND o.customer_number = c.number) - c.ytd_payment
        OR c.ytd_payment <> (
          SELECT SUM(p.amount) FROM payment AS p WHERE p.customer_district_warehouse = c.district_warehouse
          AND p.customer_district_number = c.district_number AND p.customer_number = c.number)""",
}
"""What must be true, and a query that counts the rows of which it is not."""


def look_at_the_books(connection: Any) -> None:
    """See that every condition holds.

    Raises AssertionError when one does not.
    """
    for condition, query in CONDITIONS.items():
        cursor = connection.cursor()
        cursor.execute(query)
        assert cursor.fetchone()[0] == 0, f"the books are wrong: {condition}"
