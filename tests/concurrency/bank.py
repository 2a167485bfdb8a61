"""A small world in which runs get in each other's way: accounts with money that only moves, doctors of whom one must stay on call,
cases that are raised, and verbs that read twice what others change meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.source import Source
from actionlang.engine.schema import Schema
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan

SCRIPT = """
table account < number integer primary; balance money required >
table doctor < name text(20) primary; on_call boolean required >
table incident < number integer primary; level integer required >
table note < of_case incident required; text text required >

action Open (number integer, balance money) < create account set number = number, balance = balance >
action OpenOrFind (number integer, balance money) returns (balance money) <
  require (count(account) > 0);
  attempt < create account set number = number, balance = balance > else <  # There is one of that number.
  >
  find account as found where (found.number = number) else "It is there, and it is not.";
  return balance: found.balance
>
action Hire (name text(20)) < create doctor set name = name, on_call = true >
action Report (number integer) < create incident set number = number, level = 0 >

action Transfer (source account, target account, amount money) returns (left money) <
  require (source.balance >= amount) else "Not enough.";
  update source set balance = source.balance - amount;
  update target set balance = target.balance + amount;
  return left: source.balance
>

action Deposit on account (amount money) < update account set balance = account.balance + amount >

action DepositAndFail on account (amount money) <
  update account set balance = account.balance + amount;
  fail "No."
>

function Look on account returns (balance money) < return balance: account.balance >

action LeaveCall on doctor <
  require (count(doctor as other where other.on_call and other != doctor) > 0) else "Somebody must be on call.";
  update doctor set on_call = false
>

action Raise (cases list of incident) <
  for each one in cases <
    update one set level = one.level + 1;
    create note set of_case = one, text = "Raised to {one.level}."
  >
>

action LookTwice on account (touched account) returns (before money, after money, many integer, more integer) <
  let before = sum(each.balance from account as each where each.number = account.number);
  let many = count(account as _each);
  update touched set balance = touched.balance + 1;
  return before: before, after: sum(each.balance from account as each where each.number = account.number),
    many: many, more: count(account as _each)
>
"""


@cache
def _linker() -> Linker:
    loader = Loader(Path("/nowhere"))
    loader.load_source("bank", Source("bank.act", SCRIPT), None)
    program = loader.program()
    assert [found.message for found in program.diagnostics] == []
    return Linker(program.modules)


@cache
def verb(name: str) -> Plan:
    """A verb of the script, ready to run."""
    linker = _linker()
    return Plan.of(linker.plan(linker.verbs[f"bank.{name}"]))


def schema() -> Schema:
    """The script's tables."""
    return Schema.of((table for table in _linker().tables.values() if table.name.startswith("bank.")), ())


@contextmanager
def filled(url: str, accounts: int = 4, balance: int = 100) -> Iterator[Database]:
    """A database with accounts, two doctors on call and a few incidents, all numbered from 1."""
    with Database.connect(url, create=True) as database:
        database.tables.create(schema())
        for number in range(1, accounts + 1):
            verb("Open").run(database, number=number, balance=balance)
            verb("Report").run(database, number=number)
        for name in ("Ada", "Bo"):
            verb("Hire").run(database, name=name)
        yield database
