"""What tables and columns a database really has, as SQLAlchemy's inspector finds them."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from actionlang.engine.sql.dialect import Dialect

ColumnTypes = Mapping[str, sa.types.TypeEngine[Any]]
"""The types of a table's columns by name, as the dialect compares names: see `same_name`."""


def same_name(name: str, dialect: Dialect) -> str:
    """A name so that two that the database takes for one are one. SQLite does not tell capitals from small letters."""
    # SQLAlchemy's own texts of names refuse to be put in small letters.
    return name if dialect.tells_capitals else str.lower(name)


@contextmanager
def of_any_type() -> Iterator[None]:
    """Columns may be of types that SQLAlchemy does not know: it warns of them, and they are looked at by us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        yield


def find_tables(stored_names: Iterable[str], connection: sa.Connection, dialect: Dialect) -> dict[str, ColumnTypes]:
    """Those of the tables and views that are there, by stored name, with their columns. Raises what SQLAlchemy raises."""
    inspector = sa.inspect(connection)
    wanted: dict[str | None, dict[str, str]] = defaultdict(dict)
    for stored in stored_names:
        namespace, name = dialect.namespace_of(stored)
        wanted[namespace][same_name(name, dialect)] = stored
    found: dict[str, ColumnTypes] = {}
    for namespace, names in wanted.items():
        for name, columns in _columns(inspector, namespace, names, dialect).items():
            found[names[name]] = {same_name(each["name"], dialect): each["type"] for each in columns}
    return found


def _columns(
    inspector: sa.Inspector, namespace: str | None, names: Mapping[str, str], dialect: Dialect
) -> dict[str, list[Any]]:
    """By name as the dialect compares names, the columns of those tables of a namespace that are there."""
    with of_any_type():
        if dialect.tells_capitals:
            everything = inspector.get_multi_columns(
                namespace, filter_names=list(names), kind=ObjectKind.ANY, scope=ObjectScope.ANY
            )
            return {name: columns for (_, name), columns in everything.items()}
        present = {
            same_name(name, dialect): name for name in (*inspector.get_table_names(), *inspector.get_view_names())
        }
        return {name: inspector.get_columns(present[name]) for name in names if name in present}
