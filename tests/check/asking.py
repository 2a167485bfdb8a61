"""Asking for one expression in tests: its type and plan text, or what is wrong with it."""

from __future__ import annotations

from functools import cache

import attrs

from actionlang.check.fragment import Environment, check_query_input
from actionlang.check.program import CheckedModule
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.source import Source, Span
from actionlang.metadata.types import parse_type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.expression_text import expression_text, query_text
from actionlang.plan.plan import Parameter
from actionlang.plan.type_text import write_type
from actionlang.plan.verify import verify
from actionlang.syntax.parser import parse_query
from tests.check.checking import loader_with

DESK = """
choice Priority < low = 1; normal = 2; high = 3 >
choice Tag < billing; hardware; other >
table account < name text(100) required key; revenue money; parent account hierarchy; manager user; notes text >
table contact < name text(100) required; employer account; notes text(50) >
table case <
  number   text(20) required key;
  title    text(200) required;
  priority Priority required;
  second   Priority;
  tags     choices of Tag;
  status   < new -> open; open >
  customer account | contact;
  account  account;
  amount   money;
  rate     decimal(5,2) required;
  reopened integer required;
  measured float required;
  due      date;
  opened   date required;
  changed  datetime required;
  lasts    duration required;
  active   boolean;
  extra    json;
  scan     file;
  parent   case;
  owner    owner required;
>
table order_line < order integer primary; product integer primary; amount money required >
table keyed < code text(5) required key; label text(5) required key >
table plain < name text >
table paired < code text(5) required; label text(5) required; key (code, label) >
function double(number integer, extra integer default 0) returns (twice integer) < return twice: number * 2 + extra >
function label on case (mark text(3) optional) returns (label text optional) < return label: mark >
function pair() returns (a integer, b integer) < return a: 1, b: 2 >
action Act(level integer) returns (ticket case optional, twice integer) < return twice: level * 2 >
"""

LOCALS = {
    "case": "row desk.case",
    "top": "row desk.account",
    "order_row": "row desk.order_line",
    "level": "integer",
    "reason": "text?",
    "code": "text(5)",
    "share": "decimal(5,2)",
    "worth": "money",
    "weight": "float",
    "low": "choice desk.Priority",
    "urgency": "choice desk.Priority",
    "ready": "boolean",
    "due": "date",
    "moment": "datetime",
    "span": "duration",
    "key_id": "id",
    "levels": "list of integer",
    "texts": "list of text",
    "maybe_levels": "list of integer?",
    "accounts": "list of row desk.account",
    "someone": "row core.user",
    "anyone": "row core.user|core.team",
    "tagged": "choices desk.Tag",
    "lead": "row desk.case?",
    "party": "row desk.contact|desk.account",
}


@cache
def desk() -> Loader:
    """The module that expressions are asked in."""
    loader = loader_with(desk=DESK)
    assert not loader.checked["desk"].diagnostics
    return loader


def _parameter(name: str, text: str) -> Parameter:
    return Parameter(name, parse_type(text.removesuffix("?")), text.endswith("?"))


@attrs.frozen
class Answer:
    """What an expression or query came to: its value or the query, or complaints as (code, message, hint), each with the
    place it points at."""

    value: e.Expression | None
    query: e.Query | None
    complaints: tuple[tuple[str, str, str | None], ...]
    places: tuple[Span | None, ...] = ()
    unavailable: tuple[tuple[str, str], ...] = ()

    @property
    def type(self) -> str:
        """The value's type, with a `?` where it may be empty."""
        assert self.value is not None, self.complaints
        return write_type(self.value.type, self.value.optional)

    @property
    def text(self) -> str:
        """The value or query as a plan shows it."""
        if self.query is not None:
            return query_text(self.query)
        assert self.value is not None, self.complaints
        return expression_text(self.value)


def ask(text: str, **more: str) -> Answer:
    """An expression or query in the desk's module, among its locals and `more` (name to type). What has no errors is let
    pass by the plan's verifier."""
    module: CheckedModule = desk().checked["desk"]
    locals_ = tuple(_parameter(*each) for each in {**LOCALS, **more}.items())
    found = check_query_input(parse_query(Source("ask.act", text)), Environment.of(module, locals_))
    complaints = tuple((each.code.id, each.message, each.hint) for each in found.diagnostics)
    places = tuple(each.primary.span if each.primary else None for each in found.diagnostics)
    if found.verb is None:
        return Answer(None, None, complaints, places)
    verify(Linker(desk().checked).plan(found.verb))
    *before, last = found.verb.steps
    value = last.values[0][1] if isinstance(last, s.Return) else None
    unavailable = tuple((each.feature, each.text) for each in before if isinstance(each, s.Unavailable))
    return Answer(value, found.query, complaints, places, unavailable)
