"""Queries: rows for which a condition holds, in order. As one statement where no row can make it fail, else row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.interpreter.pushdown import split
from actionlang.engine.plpgsql.reading import conforming, read_cells
from actionlang.engine.plpgsql.row_variables import RowVariable
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.writing import Block
from actionlang.engine.relational import queries as relational
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan.walk import nodes


@attrs.frozen
class Scanned:
    """A row that a loop is at."""

    row: RowVariable


@attrs.frozen
class Selection:
    """A query as a statement: the alias of its rows, its table, what stands behind WHERE and ORDER BY, and its limit; all SQL.
    `is_one` says that there is one row at most."""

    alias: str
    table: Table
    where: str | None
    order: str
    limit: str | None
    is_one: bool = False

    def tail(self, scope: ServerScope, limit: str | None = None) -> str:
        """All that stands behind the columns."""
        text = f"FROM {scope.named(self.table, self.alias)}"
        if self.where is not None:
            text += f" WHERE {self.where}"
        if self.is_one and self.limit is None:
            return text
        text += f" ORDER BY {self.order}"
        limit = limit or self.limit
        return text if limit is None else f"{text} LIMIT {limit}"


def selection(query: e.Query, scope: ServerScope, *, first_only: bool = False) -> Selection:
    """A query as a statement, with what it needs written before it."""
    table = scope.schema.tables[query.table]
    limit = _limit(query, scope)
    if _may_fail(query, scope):
        most = "1" if first_only else limit
        where: str | None = _gathered(query, table, None if query.order else most, scope)
        alias = scope.new_alias()
        assert where is not None
        where = where.format(alias=alias)
    else:
        alias = scope.new_alias()
        condition = relational.where_of(query, alias, scope)
        where = None if condition is None else condition.text
    return Selection(alias, table, where, _order(query, alias, table, scope), limit, _is_one(query, table))


def _is_one(query: e.Query, table: Table) -> bool:
    """Whether a query asks for the values of a whole key, which one row has at most."""
    equal = set(split(query, table).columns)
    unique = (*table.keys, *table.uniques, tuple(column.name for column in table.primary))
    return any(
        equal.issuperset(columns) and all(not table.by_name[name].optional for name in columns) for columns in unique
    )


def _may_fail(query: e.Query, scope: ServerScope) -> bool:
    with scope.trying():
        where = relational.where_of(query, scope.new_alias(), scope)
    return where is not None and where.fails


def _limit(query: e.Query, scope: ServerScope) -> str | None:
    if query.limit is None:
        return None
    limit = scope.held(scope.translate(query.limit), "limit")
    branch = scope.block.inside(f"IF {limit.text} < 0 THEN", "END IF;")
    message = scope.spelling.joined(
        [scope.text("The limit is "), f"{limit.text}::text", scope.text("; it must not be below 0.")]
    )
    scope.fail(codes.BAD_LIMIT, message, block=branch)
    return limit.text


def _order(query: e.Query, alias: str, table: Table, scope: ServerScope) -> str:
    keys: list[str] = []
    with scope.scanning(query.row, alias):
        for ordering in query.order:
            value = scope.translate(ordering.value)
            if value.fails or len(value.cells) != 1:
                raise NotRelational("rows are put in an order here by what may fail, or by rows")
            if isinstance(value.type, t.Boolean | t.Json | t.Choices | t.File):
                raise NotRelational("rows are put in an order here by values of such a type")
            keys.append(scope.spelling.in_order(value.text, value.type, ordering.descending))
    return ", ".join([*keys, *key_order(table, alias, scope)])


def key_order(table: Table, alias: str, scope: ServerScope) -> list[str]:
    """Primary key order."""
    stored = scope.storage.table(table.name)
    if any(len(part.references) > 1 for part in stored.primary):
        raise NotRelational("rows are gone through here whose key refers to several tables")
    cells = scope.key_of(alias, table).cells
    return [scope.spelling.in_order(text, cell.type) for text, cell in zip(cells, stored.key_cells, strict=True)]


def _gathered(query: e.Query, table: Table, most: str | None, scope: ServerScope) -> str:
    """Write that the rows for which a condition holds are gathered one by one; gives the condition that a row was."""
    key_cells = scope.storage.table(table.name).key_cells
    types = [scope.function.variable_type(cell.type) for cell in key_cells]
    keys = [scope.function.variable("found", f"{type_}[]") for type_ in types]
    scope.block.say(*(f"{name} := '{{}}';" for name in keys))
    label = scope.function.label("search")

    def body(scanned: Scanned) -> None:
        pairs = zip(keys, scanned.row.key.cells, strict=True)
        scope.block.say(*(f"{name} := array_append({name}, {cell});" for name, cell in pairs))
        if most is not None:
            scope.block.say(f"EXIT {label} WHEN cardinality({keys[0]}) >= {most};")

    if most is None or most == "1":
        each_row(query, scope, body, label=label)
    else:
        with scope.into(scope.block.inside(f"IF {most} > 0 THEN", "END IF;")):
            each_row(query, scope, body, label=label)
    cells = [
        f"{{alias}}.{scope.spelling.quoted(cell.name).replace('{', '{{').replace('}', '}}')}" for cell in key_cells
    ]
    if len(cells) == 1:
        return f"{cells[0]} = ANY ({keys[0]})"
    return f"({', '.join(cells)}) IN (SELECT * FROM unnest({', '.join(keys)}))"


def conjuncts(condition: e.Expression | None) -> list[e.Expression]:
    """The conditions that all have to hold, in order."""
    if condition is None:
        return []
    if isinstance(condition, e.And):
        return [inner for operand in condition.operands for inner in conjuncts(operand)]
    return [condition]


def each_row(query: e.Query, scope: ServerScope, body: Callable[[Scanned], None], *, label: str | None = None) -> None:
    """Write a loop over the rows for which a condition holds, in key order, tested one by one. The conditions before the first
    one that may fail are left to the statement."""
    table = scope.schema.tables[query.table]
    alias = scope.new_alias()
    rest = conjuncts(query.where)
    where: list[str] = []
    with scope.scanning(query.row, alias):
        while rest and not _fails(rest[0], scope):
            where.append(scope.translate(rest.pop(0)).text)
    if any(isinstance(node, e.Aggregate) for node in nodes(tuple(rest))):
        # A loop within a loop: the interpreter asks for all of it at once.
        raise NotRelational("rows are asked about within a condition here that may fail")
    row = new_row(table, query.row, scope)
    order = key_order(table, alias, scope)
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    tail = f"FROM {scope.named(table, alias)}{condition} ORDER BY {', '.join(order)}"
    if label is not None:
        scope.block.say(f"<<{label}>>")
    with in_loop(row, tail, alias, scope):
        for condition_node in rest:
            holds = scope.translate(condition_node)
            scope.block.say(f"CONTINUE WHEN NOT {holds.text};")
        body(Scanned(row))


def _fails(condition: e.Expression, scope: ServerScope) -> bool:
    with scope.trying():
        return scope.translate(condition).fails


def new_row(table: Table, name: str, scope: ServerScope) -> RowVariable:
    """New variables for a query's row, whose local is the row from now on."""
    type_ = t.Row((table.name,))
    key = Sql(scope.function.value_variables(name, type_), type_, simple=True)
    scope.values[name] = key
    return scope.function.row(table, key)


@contextmanager
def in_loop(row: RowVariable, tail: str, alias: str, scope: ServerScope, written: Iterable[str] = ()) -> Iterator[None]:
    """Write a loop over the rows that a statement gives; what is written inside the `with` is its body. `written` are the tables
    that the body writes to: rows of theirs are read anew in each turn."""
    reads = row.table.name not in written
    key = scope.key_of(alias, row.table).cells

    def head() -> list[str]:
        cells, names = [*key], [*row.key.cells]
        if reads:
            cells += read_cells(row, alias, scope)
            names += row.names
        return [f"FOR {', '.join(names)} IN SELECT {', '.join(cells)} {tail} LOOP"]

    scope.function.forget(written)
    scope.block.say_later(head)
    body = Block()
    scope.block.put(body)
    scope.block.say("END LOOP;")
    with scope.into(body):
        scope.function.drop({row})
        if reads:
            body.say_later(lambda: conforming(row, scope))
            scope.function.fresh.add(row)
        yield
