"""The metadata in a plan: whether tables, choices, types and constants hold together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import MADE, Choice, Column, Default, Table
from actionlang.plan.values import DIGITS, LARGEST_INTEGER, misfit
from actionlang.plan.verify_place import Contents, Refusal

RUN_FIXED = {"now": t.DateTime(), "today": t.Date()}
"""Functions that a default may name, and what they give."""

NEVER_STORED = (t.ListOf, t.Outputs, t.Empty, t.Unknown)
LONGEST_TEXT = 1_000_000_000


def _wrong(reason: str) -> NoReturn:
    raise Refusal(codes.WRONG_METADATA_IN_PLAN, reason)


def check_distinct(names: Iterable[str], what: str) -> None:
    """See that no name stands twice, and none is empty. Raises Refusal."""
    seen: set[str] = set()
    for name in names:
        if not name or name in seen:
            _wrong(f"{what} has {f'two of the name {name}' if name else 'one without a name'}")
        seen.add(name)


def check_type(type_: t.Type, contents: Contents) -> None:
    """See that a type makes sense and the plan has what it mentions. Raises Refusal."""
    if isinstance(type_, t.Row):
        for table in type_.tables:
            contents.table(table)
        check_distinct(type_.tables, f"the type {type_}")
    elif isinstance(type_, t.Choice | t.Choices):
        contents.choice(type_.name)
    elif isinstance(type_, t.ListOf):
        check_type(type_.item, contents)
        if isinstance(type_.item, NEVER_STORED):
            _wrong(f"{type_} is no type")
    elif isinstance(type_, t.Text):
        if type_.length is not None and not 1 <= type_.length <= LONGEST_TEXT:
            _wrong(f"{type_} is no type")
    elif isinstance(type_, t.Decimal) and not _is_size(type_):
        _wrong(f"{type_} is no type")


def _is_size(type_: t.Decimal) -> bool:
    if type_.precision is None:
        return True
    return 1 <= type_.precision <= DIGITS and 0 <= (type_.scale or 0) <= type_.precision


def check_constant(type_: t.Type, value: object, contents: Contents) -> None:
    """See that a constant other than empty is of a type. Raises Refusal."""
    problem = misfit(type_, value)
    if problem:
        raise Refusal(codes.WRONG_TYPE_IN_PLAN, problem)
    if isinstance(type_, t.Choice | t.Choices):
        members = contents.choice(type_.name).by_name
        for name in value if isinstance(value, tuple) else (value,):
            if name not in members:
                raise Refusal(codes.UNKNOWN_IN_PLAN, f"{type_.name} has no member {name}")
    elif isinstance(type_, t.ListOf) and isinstance(value, tuple):
        for item in value:
            check_constant(type_.item, item, contents)


def check_default(default: Default, type_: t.Type, contents: Contents) -> None:
    """See that a default fits what it is for. Raises Refusal."""
    if default.function is not None:
        if RUN_FIXED.get(default.function) != type_ or default.value is not None:
            _wrong(f"{default.function} is no default for {type_}")
    elif default.value is not None:
        check_constant(type_, default.value, contents)


def check_choice(choice: Choice) -> None:
    """See that a choice's members make sense. Raises Refusal."""
    check_distinct((member.name for member in choice.members), f"the choice {choice.name}")
    if not choice.members:
        _wrong(f"the choice {choice.name} has no members")
    numbers = [member.number for member in choice.members if member.number is not None]
    if len(numbers) not in (0, len(choice.members)) or len(set(numbers)) != len(numbers):
        _wrong(f"the choice {choice.name} needs a number of its own for each member, or none at all")
    if any(not -LARGEST_INTEGER - 1 <= number <= LARGEST_INTEGER for number in numbers):
        _wrong(f"the choice {choice.name} has a number that does not fit 64 bits")


def check_table(table: Table, contents: Contents) -> None:
    """See that a table's columns, keys and moves make sense. Raises Refusal."""
    check_distinct((column.name for column in table.columns), f"the table {table.name}")
    check_distinct((column.stored for column in table.columns), f"the table {table.name}, as stored,")
    if not table.stored or not table.primary:
        _wrong(f"the table {table.name} has no {'primary key' if table.stored else 'stored name'}")
    for column in table.columns:
        _check_column(table, column, contents)
    if table.makes_key and (len(table.primary) > 1 or not isinstance(table.primary[0].type, MADE)):
        _wrong(f"the table {table.name} has a primary key that no database makes")
    for columns in (*table.keys, *table.uniques):
        check_distinct(columns, f"a key of {table.name}")
        for name in columns:
            contents.column(table.name, name)
        if not columns:
            _wrong(f"a key of {table.name} has no columns")
    for column in table.columns:
        if (column.key and (column.name,) not in table.keys) or (
            column.unique and (column.name,) not in (*table.uniques, *table.keys)
        ):
            _wrong(f"the column {column.name} of {table.name} is not among the table's keys")
    if sum(column.moves is not None for column in table.columns) > 1:
        _wrong(f"the table {table.name} has two status columns")


def _check_column(table: Table, column: Column, contents: Contents) -> None:
    check_type(column.type, contents)
    where = f"the column {column.name} of {table.name}"
    if isinstance(column.type, NEVER_STORED) or column.type == t.Decimal():
        _wrong(f"{where} can not hold {column.type}")
    if column.default is not None:
        check_default(column.default, column.type, contents)
        if column.default == Default() and not column.optional:
            _wrong(f"{where} is empty by default, and required")
    if column.hierarchy and column.type != t.Row((table.name,)):
        _wrong(f"{where} makes no tree: it is {column.type}")
    if column.moves is not None:
        _check_moves(column, where, contents)


def _check_moves(column: Column, where: str, contents: Contents) -> None:
    if not isinstance(column.type, t.Choice) or column.moves is None:
        _wrong(f"{where} is a status of type {column.type}")
    states = [member.name for member in contents.choice(column.type.name).members]
    if [moves.state for moves in column.moves] != states:
        _wrong(f"{where} has moves for other states than its choice")
    for moves in column.moves:
        if not set(moves.targets) <= set(states):
            _wrong(f"{where} moves to a state that it does not have")
