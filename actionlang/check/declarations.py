"""Tables: columns, keys and statuses, as a declaration makes them."""

from __future__ import annotations

import attrs

from actionlang.check.body import Body, type_in_words
from actionlang.check.choices import check_status, complain_of_second, distinct
from actionlang.check.defaults import check_default
from actionlang.check.modifiers import Modifiers, read_modifiers, refuse
from actionlang.check.names import suggest
from actionlang.check.references import Kind
from actionlang.check.type_names import read_type
from actionlang.diagnostics.catalogue import database as database_codes
from actionlang.diagnostics.catalogue import metadata as codes
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import MADE, Column, Default, Table
from actionlang.syntax import ast

WITHOUT_KEY = (t.Choices, t.Json, t.File, t.Float)
"""Types whose values make no key."""

Written = tuple[ast.Column | ast.StatusColumn, Column]
"""A column and where it was declared."""


def check_table(node: ast.Table, full: str, body: Body) -> Table:
    """The table that a declaration makes; a status column's choice is added to the universe. It has a primary key
    whatever is wrong with it."""
    written = _columns(node, full, body)
    columns = _with_primary(node, written, body)
    _check_stored_names(written, body)
    keys, uniques = _sets(node, full, columns, body)
    if body.reporter.seen is not None:
        body.reporter.seen.declare(Kind.TABLE, full, node.name, t.Row((full,)), doc=node.doc)
        for place, column in written:
            own = f"{full}.{column.name}"
            body.reporter.seen.declare(Kind.COLUMN, own, place.name, column.type, column.optional, column.doc)
    return Table(full, node.stored or node.name.text, columns, keys, uniques, node.label, node.doc)


def _columns(node: ast.Table, full: str, body: Body) -> list[Written]:
    """The columns, each name once, no more than one of them a status."""
    first: dict[str, ast.Name] = {}
    status: ast.StatusColumn | None = None
    tree: ast.Column | None = None
    found: list[Written] = []
    for item in node.items:
        if isinstance(item, ast.Together | ast.BrokenDeclaration):
            continue
        message = f"The table {node.name.text} has two columns named {item.name.text}."
        if not complain_of_second(item.name, first, message, body.reporter):
            continue
        if isinstance(item, ast.StatusColumn):
            if status is not None:
                places = ((status.name.span, "the first one"),)
                message = f"The table {node.name.text} has two status columns."
                hint = "Make one of them a column of a choice, changed by update."
                body.report(codes.TWO_STATUSES, item.name, message, hint, places)
                continue
            status = item
            found.append((item, _status(item, full, body)))
            continue
        column = _column(item, full, body)
        if column.hierarchy and tree is not None:
            places = ((tree.name.span, "the first one"),)
            message = f"Two columns of {node.name.text} make a tree."
            hint = "Leave hierarchy out at one of them, so that `under` asks the other."
            body.report(codes.WRONG_MODIFIER, item.name, message, hint, places)
            column = attrs.evolve(column, hierarchy=False)
        elif column.hierarchy:
            tree = item
        found.append((item, column))
    if not found and not any(isinstance(item, ast.BrokenDeclaration) for item in node.items):
        hint = f"Write its columns: table {node.name.text} < name text(100) required; >"
        body.report(codes.NO_COLUMNS, node.name, f"The table {node.name.text} has no columns.", hint)
    return found


def _status(node: ast.StatusColumn, full: str, body: Body) -> Column:
    name = node.name.text
    choice, moves = check_status(node, f"{full}.{name}", body.reporter)
    body.universe.choices[choice.name] = choice
    modifiers = read_modifiers(node.modifiers, f"The status {name}", body.reporter)
    refuse(modifiers, ("readonly",), "A status is changed by move, never {}.", body.reporter)
    stored = modifiers.get("stored")
    return Column(name, t.Choice(choice.name), (stored and stored.text) or name, moves=moves, doc=node.doc)


def _column(node: ast.Column, full: str, body: Body) -> Column:
    name = node.name.text
    type_ = _column_type(node, body)
    modifiers = read_modifiers(node.modifiers, f"The column {name}", body.reporter)
    _check_modifiers(node, modifiers, type_, full, body)
    stored = modifiers.get("stored")
    return Column(
        name,
        type_,
        (stored and stored.text) or name,
        required="required" in modifiers,
        unique="unique" in modifiers,
        key="key" in modifiers,
        primary="primary" in modifiers,
        default=_default(name, modifiers, type_, body),
        readonly="readonly" in modifiers,
        sensitive="sensitive" in modifiers,
        hierarchy="hierarchy" in modifiers,
        doc=node.doc,
    )


def _default(name: str, modifiers: Modifiers, type_: t.Type, body: Body) -> Default | None:
    written = modifiers.get("default")
    if written is None or written.value is None:
        return None
    optional = not (modifiers.keys() & {"required", "primary"})
    return check_default(written.value, body, type_, optional, f"the column {name}")


def _column_type(node: ast.Column, body: Body) -> t.Type:
    type_ = read_type(node.type, body)
    if isinstance(type_, t.ListOf):
        hint = "Make a table of its own for the items, with a lookup to this one."
        message = f"A column can not hold {type_in_words(type_)}."
        body.report(codes.WRONG_COLUMN_TYPE, node.type, message, hint)
    elif type_ == t.Decimal():
        if not (isinstance(node.type, ast.TypeName) and node.type.sizes):
            hint = "Write decimal(12,2) for 12 digits in all, 2 of them after the point."
            body.report(codes.WRONG_SIZE, node.type, "A decimal column says how many digits it holds.", hint)
    else:
        return type_
    return t.Unknown()


def _check_modifiers(node: ast.Column, modifiers: Modifiers, type_: t.Type, full: str, body: Body) -> None:
    """Complain of modifiers that do not fit the column's type or each other, and drop them."""
    name, reporter = node.name.text, body.reporter
    if isinstance(type_, WITHOUT_KEY):
        reason = f"{name} can not be {{}}: {type_in_words(type_)} makes no key."
        refuse(modifiers, ("key", "unique", "primary"), reason, reporter)
    if isinstance(type_, t.Row) and len(type_.tables) > 1:
        reason = f"{name} can not be {{}}: a lookup to several tables is stored in one column a table."
        refuse(modifiers, ("primary",), reason, reporter)
    if not isinstance(type_, t.Unknown) and type_ != t.Row((full,)):
        reason = f"{name} is no lookup to its own table, so it makes no tree."
        hint = "A tree is a lookup to the same table: parent account hierarchy."
        refuse(modifiers, ("hierarchy",), reason, reporter, hint, codes.WRONG_HIERARCHY)
    if "readonly" in modifiers:
        refuse(modifiers, ("default",), f"{name} has a default, and only the database sets it.", reporter)
    if "primary" in modifiers and not isinstance(type_, (*MADE, t.Unknown)):
        reason = f"{name} can not be {{}}: a database makes primary keys of type integer or id only."
        refuse(modifiers, ("readonly",), reason, reporter)


def _with_primary(node: ast.Table, written: list[Written], body: Body) -> tuple[Column, ...]:
    """The columns with a primary key: the one declared, or else `id`."""
    columns = tuple(column for _, column in written)
    if any(column.primary for column in columns):
        return _with_key_given(written, body)
    for place, column in written:
        if column.name == "id":
            message = f"The table {node.name.text} has a column id that is not its primary key."
            hint = "Write primary behind its type, or mark the column that is the primary key."
            body.report(codes.WRONG_MODIFIER, place.name, message, hint)
            return tuple(attrs.evolve(each, primary=each is column) for each in columns)
    return (Column("id", t.Id(), "id", primary=True), *columns)


def _with_key_given(written: list[Written], body: Body) -> tuple[Column, ...]:
    """The columns, of whose primary key the database makes no part unless it is the whole."""
    several = sum(column.primary for _, column in written) > 1
    columns: list[Column] = []
    for place, column in written:
        made = column.primary and column.readonly
        if made and several:
            modifier = next(modifier for modifier in place.modifiers if modifier.word == "readonly")
            reason = "it is part of the primary key, which a verb gives as a whole"
            message = f"{column.name} can not be readonly: {reason}."
            body.report(codes.WRONG_MODIFIER, modifier, message, "Leave readonly out.")
        columns.append(attrs.evolve(column, readonly=False) if made and several else column)
    return tuple(columns)


def _check_stored_names(written: list[Written], body: Body) -> None:
    stored: dict[str, ast.Name] = {}
    for place, column in written:
        known = stored.setdefault(column.stored, place.name)
        if known is not place.name:
            message = f"{known.text} and {column.name} are both stored as {column.stored}."
            places = ((known.span, "the first one"),)
            hint = 'Give one of them another stored name: stored as "...".'
            body.report(database_codes.STORED_NAMES_CLASH, place.name, message, hint, places)


Sets = tuple[tuple[str, ...], ...]


def _sets(node: ast.Table, full: str, columns: tuple[Column, ...], body: Body) -> tuple[Sets, Sets]:
    """The table's keys and its other unique sets of columns: of single columns, and of several together."""
    keys: list[tuple[str, ...]] = [(column.name,) for column in columns if column.key]
    uniques: list[tuple[str, ...]] = [(column.name,) for column in columns if column.unique and not column.key]
    by_name = {column.name: column for column in columns}
    broken = any(isinstance(item, ast.BrokenDeclaration) for item in node.items)
    for item in node.items:
        if isinstance(item, ast.Together):
            names = _together(item, node, full, by_name, broken, body)
            found = keys if item.word == "key" else uniques
            if names and names in (*keys, *uniques):
                message = f"These columns are {'a key' if names in keys else 'unique'} already."
                body.report(codes.WRONG_MODIFIER, item, message, "Leave one of the two out.")
            elif names:
                found.append(names)
    return tuple(keys), tuple(uniques)


def _together(
    item: ast.Together, node: ast.Table, full: str, by_name: dict[str, Column], broken: bool, body: Body
) -> tuple[str, ...]:
    """The columns of `unique (...)` or `key (...)`; none after a complaint."""
    names = distinct(item.columns, f"The column {{}} stands twice in this {item.word}.", body.reporter)
    for name in names:
        column = by_name.get(name.text)
        if column is not None and body.reporter.seen is not None:
            body.reporter.seen.use(Kind.COLUMN, f"{full}.{name.text}", name, name.text, column.type)
        if column is None:
            if not broken:
                hint = suggest(name.text, by_name) or f"Declare it in the table {node.name.text}."
                message = f"The table {node.name.text} has no column {name.text}."
                body.report(name_codes.UNKNOWN_COLUMN, name, message, hint, (), body.respelt(name, name.text, by_name))
            return ()
        if isinstance(column.type, WITHOUT_KEY):
            message = f"{name.text} can not be part of a {item.word}: {type_in_words(column.type)} makes no key."
            body.report(codes.WRONG_MODIFIER, name, message, "Leave it out.")
            return ()
    return tuple(name.text for name in names)
