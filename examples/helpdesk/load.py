"""Fills the database of this example with the data of Halden & Roth: python load.py PLANS DATABASE

Everything goes in through verbs, each at the moment at which it happened, so nothing enters that the rules would refuse, and the log
tells the whole story. All of it is one transaction: it is all in, or none of it is.
"""

import csv
import sys
import time
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from actionlang import Database, Plan

DATA = Path(__file__).parent / "data"
FOUNDED = datetime.fromisoformat("2026-09-21T06:00:00Z")

TEAMS = [  # name, queue, rank, the only priority that the queue takes
    ("First line", "General", 100, None),
    ("Tier 2", "Urgent", 10, "high"),
    ("Tier 3", "Specialists", 300, None),
    ("Field service", "On site", 310, None),
    ("Billing", "Invoices", 320, None),
]


def rows(name: str) -> list[dict[str, str | None]]:
    """The rows of a data file; what is empty there is None."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{column: value or None for column, value in row.items()} for row in csv.DictReader(file)]


def load(plans: Path, connection: sa.Connection) -> int:
    """Runs a verb for each row of the data, inside the connection's transaction; gives how many rows were changed."""
    loaded = {path.name.split(".")[-3]: Plan.load(path) for path in plans.glob("*.plan.json")}
    changed = 0

    def run(verb: str, at: datetime, on: str | None = None, **arguments: object) -> None:
        nonlocal changed
        given = {name: value for name, value in arguments.items() if value is not None}
        changed += len(loaded[verb].run(connection, on=on, at=at, zone="Europe/Berlin", **given).changes)

    for name, queue, rank, only in TEAMS:
        run("AddTeam", FOUNDED, name=name, queue=queue, rank=rank, only=only)
    for row in rows("users"):
        run("AddUser", FOUNDED, **row | {"active": row["active"] == "yes"})
    for verb, file in (("AddAccount", "accounts"), ("AddContact", "contacts"), ("AddServiceLevel", "service_levels")):
        for row in rows(file):
            run(verb, FOUNDED, **row)

    history = []
    for row in rows("cases"):
        number, opened, outcome = row["number"], datetime.fromisoformat(row["opened"]), row["outcome"]
        what_came = {name: row[name] for name in ("number", "title", "sender", "priority", "amount")}
        history.append((opened, "TakeIn", None, what_came))
        if outcome != "open":
            how_it_ended = {"how": outcome, "words": row["words"]}
            history.append((datetime.fromisoformat(row["closed"]), "EndAsBefore", number, how_it_ended))
    for at, verb, on, arguments in sorted(history, key=lambda step: (step[0], step[2] or "")):
        run(verb, at, on, **arguments)
    return changed


def main() -> None:
    """Load into the database named on the command line."""
    plans, url = Path(sys.argv[1]), sys.argv[2]
    began = time.monotonic()
    with Database.connect(url) as database, database.engine.begin() as connection:
        changed = load(plans, connection)
    print(f"{changed} changes to rows loaded in {time.monotonic() - began:.1f} seconds")


if __name__ == "__main__":
    main()
