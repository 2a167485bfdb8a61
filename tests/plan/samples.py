"""Plans made by hand, as the checker would make them from the scripts in their comments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Default, Member, Moves, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import Binding, Effects, Parameter, StepPlan, Verb
from actionlang.plan.walk import mentions, type_choices, type_tables

TEXT, INTEGER, DECIMAL, MONEY, BOOLEAN = t.Text(), t.Integer(), t.Decimal(), t.Money(), t.Boolean()
DATE, DATETIME, DURATION, ID = t.Date(), t.DateTime(), t.Duration(), t.Id()
PRIORITY, STATUS = t.Choice("helpdesk.Priority"), t.Choice("helpdesk.case.status")
CASE, TASK, USER, TEAM = (t.Row((name,)) for name in ("helpdesk.case", "helpdesk.task", "core.user", "core.team"))
ACCOUNT, CONTACT = t.Row(("helpdesk.account",)), t.Row(("helpdesk.contact",))
CUSTOMER = t.Row(("helpdesk.account", "helpdesk.contact"))

CHOICES = (
    Choice("helpdesk.Priority", (Member("low", 1), Member("normal", 2), Member("high", 3, "Urgent"))),
    Choice("helpdesk.Tag", (Member("billing"), Member("hardware"))),
    Choice("helpdesk.case.status", (Member("new"), Member("open"), Member("resolved"), Member("cancelled"))),
)
MOVES = (
    Moves("new", ("open", "cancelled")),
    Moves("open", ("resolved", "cancelled")),
    Moves("resolved", ("open",)),
    Moves("cancelled", ()),
)


def column(name: str, type_: t.Type, **more: object) -> Column:
    """A column stored under its own name."""
    return Column(name, type_, str(more.pop("stored", name)), **more)  # type: ignore[arg-type]


IDENTITY = column("id", ID, primary=True)

TABLES = (
    Table("core.team", "team", (IDENTITY, column("name", t.Text(100), key=True, required=True)), (("name",),)),
    Table("core.user", "user", (IDENTITY, column("name", t.Text(100), required=True))),
    Table(
        "helpdesk.account",
        "account",
        (
            IDENTITY,
            column("name", t.Text(100), key=True, required=True),
            column("revenue", MONEY),
            column("parent", ACCOUNT, hierarchy=True),
        ),
        (("name",),),
    ),
    Table(
        "helpdesk.case",
        "dbo.Incident",
        (
            IDENTITY,
            column("number", t.Text(20), key=True),
            column("title", t.Text(200), required=True),
            column("priority", PRIORITY, required=True, default=Default("normal")),
            column("status", STATUS, moves=MOVES),
            column("tags", t.Choices("helpdesk.Tag")),
            column("customer", CUSTOMER),
            column("amount", MONEY, sensitive=True),
            column("due", DATE, default=Default(function="today")),
            column("escalated_on", DATETIME),
            column("changed_on", DATETIME, readonly=True),
            column("escalation_reason", TEXT, doc="Why it went up."),
            column("owner", t.OWNER, required=True),
        ),
        (("number",),),
        (("title", "due"),),
        "Support case",
        "What a customer asks of us.",
    ),
    Table(
        "helpdesk.contact",
        "contact",
        (IDENTITY, column("name", t.Text(80), required=True), column("employer", ACCOUNT)),
    ),
    Table(
        "helpdesk.task",
        "task",
        (
            IDENTITY,
            column("subject", t.Text(200), required=True),
            column("regarding", CASE),
            column("due", DATE),
            column("estimate", DURATION, default=Default(timedelta(minutes=90))),
        ),
    ),
)
BY_NAME = {table.name: table for table in TABLES}


# -------------------------------------------------------------------------------------------------------- expressions


def literal(type_: t.Type, value: object) -> e.Literal:
    """A constant."""
    return e.Literal(type_, value is None, value)


def text(value: str) -> e.Literal:
    """A text."""
    return literal(TEXT, value)


def whole(value: int) -> e.Literal:
    """An integer."""
    return literal(INTEGER, value)


def number(value: str) -> e.Literal:
    """An exact number."""
    return literal(DECIMAL, Decimal(value))


def empty(type_: t.Type) -> e.Convert:
    """`empty` of a type."""
    return e.Convert(type_, True, literal(t.Empty(), None))


def local(name: str, type_: t.Type, optional: bool = False) -> e.Local:
    """A local."""
    return e.Local(type_, optional, name)


def of(row: e.Expression, name: str) -> e.Column:
    """A column of a row."""
    assert isinstance(row.type, t.Row)
    found = BY_NAME[row.type.tables[0]].by_name[name]
    return e.Column(found.type, found.optional or row.optional, row, name)


def narrow(operand: e.Expression, type_: t.Type | None = None) -> e.Narrow:
    """An expression known to be filled."""
    return e.Narrow(type_ or operand.type, False, operand)


def exact(operand: e.Expression) -> e.Convert:
    """An expression as an exact number."""
    return e.Convert(DECIMAL, operand.optional, operand)


def compare(left: e.Expression, operator: str, right: e.Expression) -> e.Compare:
    """A comparison."""
    return e.Compare(BOOLEAN, False, operator, left, right)


def both(*operands: e.Expression) -> e.And:
    """All conditions."""
    return e.And(BOOLEAN, False, operands)


def is_filled(operand: e.Expression) -> e.Not:
    """`is not empty`."""
    return e.Not(BOOLEAN, False, e.IsEmpty(BOOLEAN, False, operand))


def template(*parts: str | e.Expression) -> e.Template:
    """A text with values in it."""
    return e.Template(TEXT, False, parts)


def call(name: str, overload: str, result: t.Type, *arguments: e.Expression) -> e.CallFunction:
    """A host's function."""
    return e.CallFunction(result, False, name, overload, arguments)


NOW = call("now", "", DATETIME)
TODAY = call("today", "", DATE)
THE_CASE = local("case", CASE)


def team(name: e.Expression) -> e.RowByKey:
    """A team by its name."""
    return e.RowByKey(TEAM, False, "core.team", ("name",), (name,))


# --------------------------------------------------------------------------------------------------------------- verbs


def at(line: int, width: int = 40) -> s.Place:
    """A place."""
    return s.Place(line, 3, line, 3 + width)


def verb(name: str, *steps: s.Step, **more: object) -> Verb:
    """An action of the helpdesk, its effects not worked out yet."""
    made = Verb(
        name=f"helpdesk.{name}",
        kind="action",
        binding=None,
        inputs=(),
        outputs=(),
        requires=(),
        system=False,
        private=False,
        deprecated=None,
        doc="",
        effects=Effects(),
        steps=steps,
        source="helpdesk.act",
        line=1,
    )
    return attrs.evolve(made, **more)


ON_CASE = Binding("helpdesk.case", "case")


def plan_of(
    entry: Verb, *others: Verb, tables: Iterable[Table] = TABLES, choices: Iterable[Choice] = CHOICES
) -> StepPlan:
    """The plan of a verb and of others it performs (innermost first), with effects worked out and metadata they need."""
    known = {table.name: table for table in tables}
    verbs: dict[str, Verb] = {}
    for each in (*others, entry):
        verbs[each.name] = attrs.evolve(each, effects=effects_of(each, verbs, known))
    mentioned = [mentions(each) for each in verbs.values()]
    needed = {name for found in mentioned for name in found.tables}
    pending = list(needed)
    while pending:
        more = {name for each in known[pending.pop()].columns for name in type_tables(each.type)} - needed
        needed |= more
        pending += more
    members = {name for found in mentioned for name in found.choices}
    members |= {name for table in needed for each in known[table].columns for name in type_choices(each.type)}
    return StepPlan(
        entry.name,
        tuple(verbs[name] for name in sorted(verbs)),
        tuple(known[name] for name in sorted(needed)),
        tuple(choice for choice in choices if choice.name in members),
    )


NOTIFY = verb(
    "Notify",
    s.Let(at(3), "heading", template("Note for ", of(local("to", USER), "name"))),
    s.Emit(
        at(4),
        "helpdesk.Notified",
        (("to", local("to", USER)), ("heading", local("heading", TEXT)), ("text", local("text", TEXT, True))),
    ),
    inputs=(Parameter("to", USER), Parameter("text", TEXT, optional=True, default=Default("Hello"))),
)

# action Escalate on case (reason text, level integer default 2) returns (ticket task) requires support.escalate <
#   require (case.status = open) else "Only an open case can be escalated.";
#   stage "Raise" <
#     update case set priority = high, escalated_on = now(), escalation_reason = reason;
#     assign case to team("Tier {level}")
#   >
#   create task as ticket set subject = "Call back: {case.title}", regarding = case, due = today() + 2 days;
#   if (case.amount otherwise 0 > 10_000) < perform Notify(to: caller, text: "Escalated: {reason}") >
#   return ticket: ticket
# >
ESCALATE = verb(
    "Escalate",
    s.Require(
        at(4),
        compare(of(THE_CASE, "status"), "=", literal(STATUS, "open")),
        text("Only an open case can be escalated."),
        "case.status = open",
    ),
    s.Stage(
        at(5),
        "Raise",
        (
            s.Update(
                at(6),
                THE_CASE,
                (
                    ("priority", literal(PRIORITY, "high")),
                    ("escalated_on", NOW),
                    ("escalation_reason", local("reason", TEXT)),
                ),
            ),
            s.Assign(at(7), THE_CASE, e.Convert(t.OWNER, False, team(template("Tier ", local("level", INTEGER))))),
        ),
    ),
    s.Create(
        at(9),
        "helpdesk.task",
        "ticket",
        (
            ("subject", template("Call back: ", of(THE_CASE, "title"))),
            ("regarding", THE_CASE),
            ("due", e.Arithmetic(DATE, False, "+", TODAY, literal(DURATION, timedelta(days=2)))),
        ),
    ),
    s.If(
        at(13),
        (
            s.Branch(
                compare(
                    e.Otherwise(DECIMAL, False, exact(of(THE_CASE, "amount")), exact(whole(0))),
                    ">",
                    exact(whole(10_000)),
                ),
                (
                    s.Perform(
                        at(13),
                        "helpdesk.Notify",
                        None,
                        (
                            ("to", e.Caller(USER, False)),
                            ("text", template("Escalated: ", local("reason", TEXT))),
                        ),
                        None,
                    ),
                ),
            ),
        ),
        (),
    ),
    s.Return(at(14), (("ticket", local("ticket", TASK)),)),
    binding=ON_CASE,
    inputs=(Parameter("reason", TEXT, doc="Why."), Parameter("level", INTEGER, default=Default(2))),
    outputs=(Parameter("ticket", TASK),),
    requires=("support.escalate",),
    doc="Raise a case to another line of support and plan a call back.",
    line=3,
)
ESCALATE_PLAN = plan_of(ESCALATE, NOTIFY)
