"""What the freight desk hangs on its verbs: the tariff, a limit, labels, and word to the warehouse."""

from decimal import Decimal

from actionlang.plugins import AFTER, AFTER_COMMIT, AfterCommit, Context, Plugins

plugins = Plugins()

SHIPMENT = "freight.shipment"


@plugins.implements("freight.Tariff")
def tariff(context: Context) -> dict[str, object]:
    """An extern function: the verb says what it takes and gives, the host says how."""
    kilometres, kilograms = context.arguments["kilometres"], context.arguments["kilograms"]
    return {"price": Decimal("0.04") * kilometres * kilograms}


@plugins.on_table(SHIPMENT, "create")
def within_credit(context: Context) -> None:
    """Before a shipment is there, whichever verb creates it: a limit that no script has to think of."""
    price = context.arguments["price"]
    if price is not None and price > 1000:
        context.veto(f"{price:,.2f} is more than we carry without asking the office.")


@plugins.on_table(SHIPMENT, "create", order=10)
def print_label(context: Context) -> None:
    """A value of its own, which has to fit the column."""
    context.set_argument("label", f"{context.arguments['number']} / {context.arguments['kilograms']} kg")


@plugins.on_table(SHIPMENT, "move", stage=AFTER, performs=("freight.Remark",))
def remark(context: Context) -> None:
    """Another verb, in the same run: it is there when the run is, and gone when it is undone."""
    text = f"{context.before['status']} -> {context.after['status']}"
    context.perform("freight.Remark", on=context.target, text=text)


@plugins.on_verb("freight.Ship", stage=AFTER_COMMIT)
def tell_warehouse(call: AfterCommit) -> None:
    """After the commit, until it works; the id of the event tells a repeated call from another one."""
    print(f"warehouse: load {call.after['label']} (run {'again' if call.attempt > 1 else 'new'})")
