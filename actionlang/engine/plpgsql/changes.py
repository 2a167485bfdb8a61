"""Noting what is changed: for the audit records, and for the session that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from actionlang.engine.plpgsql.json_texts import MASKED, NULL, json_object, json_pieces, key_json, written
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

ARRAYS = ("numbers_", "sites_", "keys_", "befores_", "afters_")
CLEAR = ("clear_befores_", "clear_afters_")
"""What sensitive columns held and hold, for a session's eyes only."""

COUNTED = "coalesce(cardinality(sites_), 0)"
"""How many changes are in the lists, which are NULL until there is one."""

NOTHING = "NULL::text"
"""What was before a row was created, and what is after it was deleted."""

MOST_SINGLE = 12
"""Places with variables of their own; what happens at any other is noted in lists."""


@attrs.frozen
class ChangedColumn:
    """A column of a row that is written, with its value before and after; None where there is no row. `condition` is the SQL of
    whether it becomes another value; None when it does in any case."""

    column: Column
    before: Sql | None
    after: Sql | None
    condition: str | None = None


@attrs.frozen
class Single:
    """Where the one change is noted that can happen at a place, as SQL. `happened` is NULL until it does. `clear` are before and
    after once more, not masked, where a session is told of them. `behind` holds how many changes were in the lists by then; None
    where there can be none."""

    key: str
    before: str
    after: str
    clear: tuple[str, ...] = ()
    behind: str | None = None

    @property
    def happened(self) -> str:
        """What is NULL until the change happens."""
        return self.before if self.after == NOTHING else self.after


@attrs.frozen
class Noted:
    """A place that changes rows: the number of its site, what it does to which table, and where its one change is noted; None
    where there may be several, which are noted in the lists."""

    site: int
    table: Table
    operation: str
    single: Single | None


def note(operation: str, table: Table, key: Sql, columns: list[ChangedColumn], scope: ServerScope) -> None:
    """Write that a row's change is noted: in variables of its own where the run gets there once, else in lists."""
    function = scope.function
    hidden = any(column.sensitive for column in table.primary)
    if hidden and function.answers:
        raise NotRelational(f"the key of {table.short_name} is sensitive, and a change of such a row is written here")
    before, after = [(each, each.before) for each in columns], [(each, each.after) for each in columns]
    key_text = key_json(key, scope, tuple(column.sensitive for column in table.primary))
    texts = [_object(before, scope, masked=True), _object(after, scope, masked=True)]
    clear: list[str] = []
    if function.answers and function.has_secrets:
        clear = [_object(before, scope, masked=False), _object(after, scope, masked=False)]
    single = [each for each in function.noted if each.single is not None]
    if function.repeats or len(single) == MOST_SINGLE:
        number = " + ".join([*(_happened(each) for each in single), f"{COUNTED} + 1"])
        values = [number, str(scope.at), key_text, *texts, *clear]
        lists = zip(ARRAYS + CLEAR, values, strict=False)
        scope.block.say(*(f"{array} := array_append({array}, {value});" for array, value in lists))
        function.noted.append(Noted(scope.at, table, operation, None))
        return
    kept_key, before_text, after_text = (_kept("change", text, scope) for text in (key_text, *texts))
    secrets = tuple(_kept("clear", text, scope) for text in clear)
    behind = function.variable("behind", "integer") if len(single) < len(function.noted) else None
    if behind is not None:
        scope.block.say(f"{behind} := {COUNTED};")
    function.noted.append(Noted(scope.at, table, operation, Single(kept_key, before_text, after_text, secrets, behind)))


def _kept(hint: str, text: str, scope: ServerScope) -> str:
    """A text in a variable of its own, unless it is one that stays what it is."""
    if text == NOTHING or text in scope.function.key_texts.values():
        return text
    name = scope.function.variable(hint, "text")
    scope.block.say(f"{name} := {text};")
    return name


def told(noted: Noted, scope: ServerScope) -> str:
    """The SQL of what the session is told of the one change at a place: site, how many were in the lists by then, key, before and
    after; NULL where it did not happen."""
    single = noted.single
    assert single is not None
    pieces = [scope.text(f"[{noted.site},"), single.behind or "'0'", "','", single.key]
    for text in (single.before, single.after, *single.clear):
        pieces += ["','", NULL if text == NOTHING else text]
    return f"(CASE WHEN {single.happened} IS NOT NULL THEN {written([*pieces, scope.text('],')])} END)"


def _happened(noted: Noted) -> str:
    assert noted.single is not None
    return f"({noted.single.happened} IS NOT NULL)::integer"


def number_of(noted: Noted, all_noted: list[Noted]) -> str:
    """The number of the one change at a place, among all changes of the run, as SQL."""
    assert noted.single is not None
    before = [each for each in all_noted[: all_noted.index(noted)] if each.single is not None]
    behind = [] if noted.single.behind is None else [noted.single.behind]
    return " + ".join([*(_happened(each) for each in before), *behind, "1"])


def _object(columns: list[tuple[ChangedColumn, Sql | None]], scope: ServerScope, *, masked: bool) -> str:
    if any(value is None for _, value in columns):
        return NOTHING
    members = []
    for each, value in columns:
        assert value is not None
        secret = masked and is_secret(each.column.type, each.column.sensitive, scope)
        members.append((each.column.name, [MASKED] if secret else json_pieces(value, scope), each.condition))
    return json_object(members, scope)


def is_secret(type_: t.Type, sensitive: bool, scope: ServerScope) -> bool:
    """Whether values may never be logged: sensitive ones, and rows whose key is sensitive."""
    inner = type_.item if isinstance(type_, t.ListOf) else type_
    tables = inner.tables if isinstance(inner, t.Row) else ()
    return sensitive or any(column.sensitive for name in tables for column in scope.schema.tables[name].primary)


def mark(scope: ServerScope) -> str:
    """Write that it is kept how much has been changed; gives what `undo` takes."""
    length = scope.function.variable("length", "integer")
    scope.block.say(f"{length} := {COUNTED};")
    return length


def undo(length: str, scope: ServerScope) -> None:
    """Write that all changes since are forgotten: they were undone."""
    arrays = ARRAYS + (CLEAR if scope.function.answers and scope.function.has_secrets else ())
    scope.block.say(*(f"{array} := {array}[:{length}];" for array in arrays))
