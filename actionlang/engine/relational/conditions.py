"""Conditions in SQL. They are plain true or false, never NULL: empty is a value like any other for `=` and `!=`.

Operands are worked out left to right and only as far as needed wherever that can be told: where one of them may fail.
"""

from __future__ import annotations

import attrs

from actionlang.engine.interpreter.constants import bare, constant
from actionlang.engine.relational import rows
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.value import Known, Sql, all_fixed, any_fails
from actionlang.metadata import types as t
from actionlang.plan import expressions as e

BOOLEAN = t.Boolean()


def boolean(text: str, *operands: Sql) -> Sql:
    """A condition made of operands."""
    return Sql((text,), BOOLEAN, fails=any_fails(*operands), fixed=all_fixed(*operands))


def truth(value: bool, scope: Scope) -> Sql:
    """True or false."""
    text = scope.spelling.true if value else scope.spelling.false
    return Sql((text,), BOOLEAN, simple=True, fixed=True, known=Known(value))


def not_(node: e.Not, scope: Scope) -> Sql:
    return negated(scope.translate(node.operand), scope)


def negated(operand: Sql, scope: Scope) -> Sql:
    """That a condition does not hold."""
    if operand.known is not None:
        return truth(not operand.known.value, scope)
    if operand.opposite is not None and operand.text == _not(operand.opposite):
        return operand.opposite
    return attrs.evolve(boolean(_not(operand), operand), opposite=operand)


def _not(operand: Sql) -> str:
    return f"(NOT {operand.text})"


def and_(node: e.And, scope: Scope) -> Sql:
    return every([scope.translate(operand) for operand in node.operands], scope)


def or_(node: e.Or, scope: Scope) -> Sql:
    return some([scope.translate(operand) for operand in node.operands], scope)


def every(operands: list[Sql], scope: Scope) -> Sql:
    """That all conditions hold."""
    return _joined(operands, decisive=False, scope=scope)


def some(operands: list[Sql], scope: Scope) -> Sql:
    """That one of the conditions holds."""
    return _joined(operands, decisive=True, scope=scope)


def _joined(operands: list[Sql], decisive: bool, scope: Scope) -> Sql:
    """Conditions, of which the first that is `decisive` decides."""
    left: list[Sql] = []
    for operand in operands:
        if operand.known is None:
            left.append(operand)
        elif bool(operand.known.value) is decisive:
            if not any_fails(*left):
                return truth(decisive, scope)
            left.append(truth(decisive, scope))
            break
    if not left:
        return truth(not decisive, scope)
    if len(left) == 1 or (left[0].known is not None):
        return left[0]
    if not any_fails(*left):
        return boolean("(" + (" OR " if decisive else " AND ").join(each.text for each in left) + ")", *left)
    text = left[-1].text
    for operand in reversed(left[:-1]):
        if decisive:
            text = f"(CASE WHEN {operand.text} THEN {scope.spelling.true} ELSE {text} END)"
        else:
            text = f"(CASE WHEN {operand.text} THEN {text} ELSE {scope.spelling.false} END)"
    return boolean(text, *left)


def compare(node: e.Compare, scope: Scope) -> Sql:
    """A comparison of two values of one type."""
    left, right = scope.translate(node.left), scope.translate(node.right)
    if node.operator in ("=", "!="):
        return equality(left, right, node.operator == "=", scope)
    type_ = node.left.type
    one, other = scope.spelling.aligned(left, right)
    return boolean(scope.spelling.ordered(node.operator, one.text, other.text, type_), one, other)


def equality(left: Sql, right: Sql, equal: bool, scope: Scope) -> Sql:
    """Whether two values are equal, or are not."""
    for one, other in ((left, right), (right, left)):
        if other.known is not None and other.known.value is None:
            found = emptiness(one, scope)
            return found if equal else negated(found, scope)
    if isinstance(left.type, t.Row) and isinstance(right.type, t.Row):
        return _same_row(left, right, equal, scope)
    left, right = scope.spelling.aligned(left, right)
    compared = scope.spelling.same if equal else scope.spelling.differ
    text = compared(left.text, right.text, left.type, left.optional or right.optional)
    return boolean(text, left, right)


def _same_row(left: Sql, right: Sql, equal: bool, scope: Scope) -> Sql:
    assert isinstance(left.type, t.Row)
    assert isinstance(right.type, t.Row)
    tables = tuple(dict.fromkeys((*left.type.tables, *right.type.tables)))
    if left.cells == right.cells and left.type == right.type and not any_fails(left, right):
        return truth(equal, scope)
    wide = t.Row(tables)
    one, other = rows.as_row(left, wide, scope), rows.as_row(right, wide, scope)
    maybe = left.optional or right.optional or len(tables) > 1
    nothing = [scope.spelling.null(type_) for type_ in rows.cell_types(wide, scope)]
    conditions = [
        scope.spelling.same(a, b, type_, maybe)
        for a, b, type_, none in zip(one.cells, other.cells, rows.cell_types(wide, scope), nothing, strict=True)
        if not (a == b == none)
    ]
    text = "(" + " AND ".join(conditions) + ")" if len(conditions) > 1 else conditions[0]
    return boolean(text if equal else f"(NOT {text})", left, right)


def is_empty(node: e.IsEmpty, scope: Scope) -> Sql:
    return emptiness(scope.translate(node.operand), scope)


def emptiness(operand: Sql, scope: Scope) -> Sql:
    """Whether a value is empty."""
    if operand.known is not None:
        return truth(operand.known.value is None, scope)
    if isinstance(operand.type, t.Row):
        return boolean(rows.is_empty(operand, scope), operand)
    if isinstance(operand.type, t.ListOf | t.Outputs):
        raise NotRelational("a list is asked here whether it is empty")
    return boolean(f"({operand.text} IS NULL)", operand)


def is_table(node: e.IsTable, scope: Scope) -> Sql:
    """Whether a row is of a table."""
    operand = scope.translate(node.operand)
    for table, texts, cells in rows.parts(operand, scope):
        if table == node.table:
            if texts == tuple(scope.spelling.null(cell.type) for cell in cells):
                return truth(False, scope)
            assert isinstance(operand.type, t.Row)
            if not operand.optional and _only(operand, table, scope):
                return truth(True, scope)
            return boolean(f"({texts[0]} IS NOT NULL)", operand)
    return truth(False, scope)


def _only(row: Sql, table: str, scope: Scope) -> bool:
    """Whether the text says that a row can be of one table only."""
    return all(
        name == table or texts == tuple(scope.spelling.null(cell.type) for cell in cells)
        for name, texts, cells in rows.parts(row, scope)
    )


def in_(node: e.In, scope: Scope) -> Sql:
    """Whether a value is one of a list's items; an empty one is in no list."""
    collection = bare(node.collection)
    if isinstance(collection, e.ListLiteral):
        item, items = scope.translate(node.item), [scope.translate(each) for each in collection.items]
        if any_fails(*items):
            raise NotRelational(
                "a value that may fail stands in a list, all of which is worked out before it is compared"
            )
        found = [equality(item, each, True, scope) for each in items]
        if not item.optional:
            return some(found, scope)
        return every([negated(emptiness(item, scope), scope), some(found, scope)], scope)
    known = constant(node.collection)
    if known is None:
        constant_list = scope.constant(node.collection)
        known = None if constant_list is None or constant_list.known is None else constant_list.known  # type: ignore[assignment]
    if known is None or isinstance(node.collection.type, t.Choices) or not isinstance(node.collection.type, t.ListOf):
        raise NotRelational("whether something is in a list that differs from row to row is asked here")
    item_type = node.collection.type.item
    if isinstance(item_type, t.Row):
        raise NotRelational("whether a row is in a list is asked here")
    item = scope.translate(node.item)
    values: tuple[object, ...] = known.value or ()
    found = [equality(item, scope.spelling.literal(value, item_type), True, scope) for value in values]
    return every([negated(emptiness(item, scope), scope), some(found, scope)], scope)


def under(node: e.Under, scope: Scope) -> Sql:
    """Whether a row is another one, or below it in a tree."""
    assert isinstance(node.row.type, t.Row)
    table = scope.schema.tables[node.row.type.tables[0]]
    row, ancestor = scope.translate(node.row), scope.translate(node.ancestor)
    scope.asks(e.Query(table.name, "", None))
    stored = scope.storage.table(table.name)
    names = [scope.spelling.quoted(f"k{at}") for at in range(len(stored.key_cells))]
    alias, tree = scope.new_alias(), scope.new_alias()
    parent = scope.read(alias, table, node.column)
    at_row = " AND ".join(
        scope.spelling.same(f"{alias}.{scope.spelling.quoted(cell.name)}", f"{tree}.{name}", cell.type, False)
        for cell, name in zip(stored.key_cells, names, strict=True)
    )
    top = " AND ".join(
        scope.spelling.same(f"{tree}.{name}", text, cell.type, False)
        for cell, name, text in zip(stored.key_cells, names, ancestor.cells, strict=True)
    )
    text = (
        f"EXISTS (WITH RECURSIVE {tree}({', '.join(names)}) AS (SELECT {', '.join(row.cells)} UNION "
        f"SELECT {', '.join(parent.cells)} FROM {tree} JOIN {scope.named(table, alias)} ON {at_row}) "
        f"SELECT 1 FROM {tree} WHERE {top})"
    )
    return boolean(text, row, ancestor)
