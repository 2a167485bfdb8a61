"""A program with verbs and plug-ins: it books, ships, and delivers what is to be said after the commit.

It loads the plans that `actionlang compile -o build` wrote; neither scripts nor parser are needed where it runs.
"""

from pathlib import Path

from freight_plugins import plugins

from actionlang import Database, Hosting, Plan, RunFailed
from actionlang.delivery.deliverer import Deliverer
from actionlang.registry.installing import install

PLANS = {plan.verb.short_name: plan for plan in map(Plan.load, Path("build").glob("freight.*.plan.json"))}


def main() -> None:
    # Whatever has no place, and whatever is not implemented, is told now.
    plugins.check(plan.steps for plan in PLANS.values())
    with Database.connect("sqlite:///freight.db", create=True, hosting=Hosting(plugins)) as database:
        database.find_verb = {plan.verb.name: plan for plan in PLANS.values()}.get
        install(database)
        for plan in PLANS.values():
            database.tables.create(plan.schema)
        PLANS["AddCustomer"].run(database, name="Nordwind", credit=1000)

        booked = PLANS["Book"].run(database, on="Nordwind", number="S-1", kilometres=120, kilograms=40)
        print(f"booked for {booked['price']:.2f}")
        try:
            PLANS["Book"].run(database, on="Nordwind", number="S-2", kilometres=1200, kilograms=400)
        except RunFailed as failed:
            print(failed.diagnostics[0].message)

        shipped = PLANS["Ship"].run(database, on="S-1")
        for change in shipped.changes:
            print(f"{change.verb.rpartition('.')[2]}: {change.operation} {change.table.short_name}")
        Deliverer(database, after_commit=plugins.after_commit).run_once()


if __name__ == "__main__":
    main()
