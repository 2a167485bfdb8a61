"""The wholesaler's five transactions as a good programmer writes them with nothing but a driver: one statement after another,
rows locked where they are read to be changed, no audit records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import uuid4

Line = tuple[int, int, int, int]
"""Number, item, supplying warehouse, quantity."""

CENT = Decimal("0.01")


class Refused(Exception):
    """The transaction is not possible; nothing was changed."""


class Wholesaler:
    """Works on one connection. `parameter` is how a parameter is spelt, `lock` what locks the rows that a query reads; `exact`
    makes what the database holds of a number with so many decimals, `number` a number of it."""

    def __init__(
        self,
        connection: Any,
        parameter: str,
        lock: str,
        exact: Callable[[Decimal, int], Any],
        number: Callable[[Any, int], Decimal],
        moment: Callable[[datetime], Any],
    ) -> None:
        self.cursor = connection.cursor()
        self.parameter = parameter
        self.lock = lock
        self.exact = exact
        self.number = number
        self.moment = moment

    def _run(self, statement: str, *values: Any) -> None:
        self.cursor.execute(statement.replace("?", self.parameter), values)

    def _row(self, statement: str, *values: Any) -> Sequence[Any] | None:
        self._run(statement, *values)
        found: Sequence[Any] | None = self.cursor.fetchone()
        return found

    def _there(self, statement: str, *values: Any) -> Sequence[Any]:
        found = self._row(statement, *values)
        assert found is not None
        return found

    def new_order(self, warehouse: int, district: int, customer: int, lines: list[Line]) -> Decimal:
        """Enter an order; gives what it comes to."""
        exact, number = self.exact, self.number
        (discount,) = self._there(
            "SELECT discount FROM customer WHERE district_warehouse = ? AND district_number = ? AND number = ?",
            warehouse, district, customer,
        )  # fmt: skip
        (warehouse_tax,) = self._there("SELECT tax FROM warehouse WHERE number = ?", warehouse)
        order, tax = self._there(
            f"SELECT next_order, tax FROM district WHERE warehouse = ? AND number = ?{self.lock}", warehouse, district
        )
        self._run(
            "UPDATE district SET next_order = ? WHERE warehouse = ? AND number = ?", order + 1, warehouse, district
        )
        local = all(supplier == warehouse for _, _, supplier, _ in lines)
        self._run(
            "INSERT INTO orders (district_warehouse, district_number, number, customer_district_warehouse,"
            " customer_district_number, customer_number, entered, carrier, line_count, all_local)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)",
            warehouse, district, order, warehouse, district, customer, self.moment(datetime.now(UTC)), len(lines), local,
        )  # fmt: skip
        self._run("INSERT INTO undelivered VALUES (?, ?, ?)", warehouse, district, order)
        goods = Decimal(0)
        for place, item, supplier, quantity in lines:
            found = self._row("SELECT price FROM item WHERE number = ?", item)
            if found is None:
                raise Refused("Item number is not valid.")
            amount = number(found[0], 2) * quantity
            (held,) = self._there(
                f"SELECT quantity FROM stock WHERE warehouse = ? AND item = ?{self.lock}", supplier, item
            )
            left = held - quantity if held >= quantity + 10 else held - quantity + 91
            self._run(
                "UPDATE stock SET quantity = ?, ytd = ytd + ?, order_count = order_count + 1,"
                " remote_count = remote_count + ? WHERE warehouse = ? AND item = ?",
                left, quantity, int(supplier != warehouse), supplier, item,
            )  # fmt: skip
            self._run(
                "INSERT INTO order_line (order_district_warehouse, order_district_number, order_number, number, item,"
                " supplier, delivered, quantity, amount) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?)",
                warehouse, district, order, place, item, supplier, quantity, exact(amount, 2),
            )  # fmt: skip
            goods += amount
        return goods * (1 - number(discount, 4)) * (1 + number(warehouse_tax, 4) + number(tax, 4))

    def pay(self, customer: tuple[int, int, int], through: tuple[int, int], amount: Decimal) -> Decimal:
        """Take a payment; gives the customer's balance."""
        exact, number = self.exact, self.number
        paid = exact(amount, 2)
        warehouse_name = self._there(f"SELECT name FROM warehouse WHERE number = ?{self.lock}", through[0])[0]
        self._run("UPDATE warehouse SET ytd = ytd + ? WHERE number = ?", paid, through[0])
        district_name = self._there(
            f"SELECT name FROM district WHERE warehouse = ? AND number = ?{self.lock}", *through
        )[0]
        self._run("UPDATE district SET ytd = ytd + ? WHERE warehouse = ? AND number = ?", paid, *through)
        balance, credit, data = self._there(
            "SELECT balance, credit, data FROM customer"
            f" WHERE district_warehouse = ? AND district_number = ? AND number = ?{self.lock}",
            *customer,
        )
        left = number(balance, 2) - amount
        if credit == "BC":
            data = f"{customer[2]} {customer[1]} {through[1]} {amount.normalize():f} {data}"[:500]
        self._run(
            "UPDATE customer SET balance = ?, ytd_payment = ytd_payment + ?, payment_count = payment_count + 1, data = ?"
            " WHERE district_warehouse = ? AND district_number = ? AND number = ?",
            exact(left, 2), paid, data, *customer,
        )  # fmt: skip
        self._run(
            "INSERT INTO payment (id, customer_district_warehouse, customer_district_number, customer_number,"
            " district_warehouse, district_number, paid, amount, remark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            str(uuid4()), *customer, *through, self.moment(datetime.now(UTC)), paid, f"{warehouse_name}    {district_name}",
        )  # fmt: skip
        return left

    def customer_named(self, district: tuple[int, int], last: str) -> int:
        """The number of the customer in the middle of those with a last name."""
        self._run(
            "SELECT number FROM customer WHERE district_warehouse = ? AND district_number = ? AND last = ?"
            " ORDER BY first, number",
            *district, last,
        )  # fmt: skip
        found = self.cursor.fetchall()
        if not found:
            raise Refused(f"There is no customer {last}.")
        number: int = found[(len(found) - 1) // 2][0]
        return number

    def order_status(self, customer: tuple[int, int, int]) -> tuple[Any, ...]:
        """How a customer's last order stands."""
        (balance,) = self._there(
            "SELECT balance FROM customer WHERE district_warehouse = ? AND district_number = ? AND number = ?",
            *customer,
        )
        order = self._row(
            "SELECT number, entered, carrier FROM orders WHERE district_warehouse = ? AND district_number = ?"
            " AND customer_number = ? ORDER BY number DESC LIMIT 1",
            *customer,
        )
        if order is None:
            return (self.number(balance, 2),)
        self._run(
            "SELECT amount, delivered FROM order_line"
            " WHERE order_district_warehouse = ? AND order_district_number = ? AND order_number = ?",
            *customer[:2], order[0],
        )  # fmt: skip
        lines = self.cursor.fetchall()
        amount = sum((self.number(line[0], 2) for line in lines), Decimal(0))
        return (self.number(balance, 2), *order, len(lines), amount, sum(line[1] is None for line in lines))

    def deliver(self, warehouse: int, districts: int, carrier: int) -> None:
        """Deliver the oldest order of each district."""
        for district in range(1, districts + 1):
            oldest = self._row(
                "SELECT order_number FROM undelivered WHERE order_district_warehouse = ? AND order_district_number = ?"
                f" ORDER BY order_number LIMIT 1{self.lock}",
                warehouse, district,
            )  # fmt: skip
            if oldest is None:
                continue
            order = (warehouse, district, oldest[0])
            where = " WHERE order_district_warehouse = ? AND order_district_number = ? AND order_number = ?"
            self._run(f"DELETE FROM undelivered{where}", *order)
            of_order = " WHERE district_warehouse = ? AND district_number = ? AND number = ?"
            (customer,) = self._there(f"SELECT customer_number FROM orders{of_order}", *order)
            self._run(f"UPDATE orders SET carrier = ?{of_order}", carrier, *order)
            self._run(f"UPDATE order_line SET delivered = ?{where}", self.moment(datetime.now(UTC)), *order)
            (amount,) = self._there(f"SELECT SUM(amount) FROM order_line{where}", *order)
            self._run(
                f"UPDATE customer SET balance = balance + ?, delivery_count = delivery_count + 1{of_order}",
                amount, warehouse, district, customer,
            )  # fmt: skip

    def stock_level(self, district: tuple[int, int], threshold: int) -> int:
        """How many items that a district sold lately are low."""
        (following,) = self._there("SELECT next_order FROM district WHERE warehouse = ? AND number = ?", *district)
        (low,) = self._there(
            "SELECT COUNT(DISTINCT stock.item) FROM order_line JOIN stock ON stock.item = order_line.item"
            " WHERE order_district_warehouse = ? AND order_district_number = ? AND order_number >= ?"
            " AND stock.warehouse = ? AND stock.quantity < ?",
            *district, following - 20, district[0], threshold,
        )  # fmt: skip
        found: int = low
        return found


def scaled(value: Decimal, places: int) -> int:
    """An exact number as SQLite holds it."""
    return int(value.scaleb(places).to_integral_value(ROUND_HALF_EVEN))


def unscaled(value: int, places: int) -> Decimal:
    """The exact number that SQLite holds so."""
    return Decimal(value).scaleb(-places)
