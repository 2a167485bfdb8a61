"""A program that owns its database and its transactions, and lets a verb do one part of the work.

It loads the plan that `actionlang compile -o build` wrote; neither scripts nor parser are needed where it runs.
"""

from pathlib import Path

import sqlalchemy as sa

from actionlang import Database, Plan, RunFailed

METADATA = sa.MetaData()
PRODUCTS = sa.Table(
    "products",
    METADATA,
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("stock", sa.Integer, nullable=False),
)
ORDERS = sa.Table(
    "orders",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("product_sku", sa.ForeignKey("products.sku"), nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False, default="placed"),
)
PARCELS = sa.Table(
    "parcels",
    METADATA,
    sa.Column("tracking", sa.Text, primary_key=True),
    sa.Column("order_number", sa.ForeignKey("orders.number"), nullable=False),
)

STOCK = [
    {"sku": "LAMP-3", "name": "Reading lamp, brass", "stock": 5},
    {"sku": "RUG-12", "name": "Wool rug, 120 x 180", "stock": 1},
]
PLACED = [
    {"number": 1042, "product_sku": "LAMP-3", "quantity": 2},
    {"number": 1043, "product_sku": "RUG-12", "quantity": 2},
]


def shop_database(path: Path) -> sa.Engine:
    """The shop's database, as the shop makes it, and the tables that the verb's audit records go to."""
    engine = sa.create_engine(f"sqlite:///{path}")
    database = Database.of(engine)
    METADATA.create_all(engine)
    database.tables.create(SHIP.schema)  # makes only what is missing
    with engine.begin() as connection:
        connection.execute(sa.insert(PRODUCTS), STOCK)
        connection.execute(sa.insert(ORDERS), PLACED)
    return engine


# ---------------------------------------------------------------------------------- the ten lines this is about

SHIP = Plan.load(Path(__file__).parent / "build" / "verbs.shop.Ship.plan.json")


def send_parcel(engine: sa.Engine, order: int, tracking: str) -> str:
    """Ship an order and note the parcel: both, or neither."""
    try:
        with engine.begin() as connection:  # the shop's own transaction
            connection.execute(sa.insert(PARCELS), {"tracking": tracking, "order_number": order})
            shipped = SHIP.run(connection, on=order)  # the verb, inside it
    except RunFailed as failed:
        return f"Order {order} was not sent. {failed.diagnostics[0].message}"
    return f"Order {order} is on its way, {shipped['left']} left in stock."


def main() -> None:
    """Send two parcels; the second order can not be shipped, so its parcel is not noted either."""
    path = Path("shop.db")
    path.unlink(missing_ok=True)
    engine = shop_database(path)
    print(send_parcel(engine, 1042, "JD014600006"))
    print(send_parcel(engine, 1043, "JD014600007"))
    with engine.connect() as connection:
        print("Parcels:", *connection.scalars(sa.select(PARCELS.c.tracking)))
    engine.dispose()


if __name__ == "__main__":
    main()
