"""What tables, choices and contracts come to: the metadata that plans carry."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Default, Member, Moves
from actionlang.plan.plan import Binding, Parameter
from tests.check.checking import check

THING = """
choice Colour < red; green "Green"; blue >
choice Size < small = 1; large = 2 "Large" >
## A thing.
table thing "Thing" stored as "dbo.Thing" <
  code       text(20) key stored as "Code";
  ## What it is called.
  title      text(200) required sensitive;
  colour     Colour default red;
  tags       choices of Colour default (red, blue);
  price      money default 12;
  rate       decimal(5,2) default -1.5;
  lasts      duration default 2 days;
  made_on    date default today();
  parent     thing hierarchy;
  about      thing | user;
  whose      owner unique;
  changed    datetime readonly;
  status     < new = 1 -> open; open = 2 "Open" -> new, done; done = 3 > stored as "State";
  unique (title, made_on);
  key (colour, title);
>
"""


def test_a_table() -> None:
    table = check(THING).tables["script.thing"]
    assert (table.stored, table.label, table.doc) == ("dbo.Thing", "Thing", "A thing.")
    assert [column.name for column in table.primary] == ["id"]
    assert table.columns[0] == Column("id", t.Id(), "id", primary=True)
    assert table.keys == (("code",), ("colour", "title"))
    assert table.uniques == (("whose",), ("title", "made_on"))


@pytest.mark.parametrize(
    "column",
    [
        Column("code", t.Text(20), "Code", key=True),
        Column("title", t.Text(200), "title", required=True, sensitive=True, doc="What it is called."),
        Column("colour", t.Choice("script.Colour"), "colour", default=Default("red")),
        Column("tags", t.Choices("script.Colour"), "tags", default=Default(("red", "blue"))),
        Column("price", t.Money(), "price", default=Default(Decimal(12))),
        Column("rate", t.Decimal(5, 2), "rate", default=Default(Decimal("-1.5"))),
        Column("lasts", t.Duration(), "lasts", default=Default(timedelta(days=2))),
        Column("made_on", t.Date(), "made_on", default=Default(function="today")),
        Column("parent", t.Row(("script.thing",)), "parent", hierarchy=True),
        Column("about", t.Row(("script.thing", "core.user")), "about"),
        Column("whose", t.OWNER, "whose", unique=True),
        Column("changed", t.DateTime(), "changed", readonly=True),
        Column(
            "status",
            t.Choice("script.thing.status"),
            "State",
            moves=(Moves("new", ("open",)), Moves("open", ("new", "done")), Moves("done", ())),
        ),
    ],
    ids=lambda column: column.name,
)
def test_a_column(column: Column) -> None:
    assert check(THING).tables["script.thing"].by_name[column.name] == column


def test_choices() -> None:
    choices = check(THING).choices
    assert choices["script.Size"].members == (Member("small", 1), Member("large", 2, "Large"))
    assert choices["script.thing.status"].members == (Member("new", 1), Member("open", 2, "Open"), Member("done", 3))


def test_a_primary_key_of_several_columns() -> None:
    table = check("table line < number integer primary; product text; place integer primary >").tables["script.line"]
    assert [column.name for column in table.primary] == ["number", "place"]
    assert "id" not in table.by_name


def test_a_contract() -> None:
    module = check(
        """
        import helpdesk;
        ## Raise it.
        action Raise on each case (
          ## Why.
          reason text(400) sensitive, levels list of integer default (1, 2), to owner optional
        ) returns (ticket task optional, said text)
          requires support.escalate requires "more" as system private deprecated "No more."
        < require (levels = (1, 2)); return said: reason >
        background action Later < stop >
        extern function rate(of text) returns (rate decimal optional);
        """
    )
    verb = module.verbs["script.Raise"]
    assert verb.binding == Binding("helpdesk.case", "case", each=True)
    assert verb.inputs == (
        Parameter("reason", t.Text(400), sensitive=True, doc="Why."),
        Parameter("levels", t.ListOf(t.Integer()), default=Default((1, 2))),
        Parameter("to", t.OWNER, optional=True),
    )
    assert verb.outputs == (Parameter("ticket", t.Row(("helpdesk.task",)), True), Parameter("said", t.Text()))
    assert (verb.kind, verb.requires, verb.system, verb.private) == (
        "action",
        ("support.escalate", "more"),
        True,
        True,
    )
    assert (verb.deprecated, verb.doc) == ("No more.", "Raise it.")
    assert module.verbs["script.Later"].kind == "background"
    assert module.verbs["script.rate"].kind == "extern function"
