"""Values of one type where another one is wanted."""

from __future__ import annotations

from actionlang.compile.dataverse_action.functions import Functions
from actionlang.compile.dataverse_action.kinds import is_exact, short_names
from actionlang.compile.dataverse_action.known_tables import KnownTables
from actionlang.compile.dataverse_action.written import ATOM, CONVERTED, CanNotSay, Way, Written
from actionlang.metadata import types as t


class Fitting:
    """Makes expressions fit. `functions` gets those that are needed for values that may be empty."""

    def __init__(self, tables: KnownTables, functions: Functions) -> None:
        self.tables = tables
        self.functions = functions

    def narrowed(self, found: Written, table: str) -> Written:
        """A row as one of just one table. Raises CanNotSay where it never is one."""
        if not isinstance(found.type, t.Row) or short_names(found.type) in ((), (table,)):
            return found
        if table not in short_names(found.type):
            raise CanNotSay(f"{found.text} never refers to a row of {table}")
        name = self.functions.narrowed(found.type, table)
        return Written(f"{name}({found.text})", ATOM, self.tables.row_type(table), True)

    def fit(self, found: Written, wanted: t.Type | None) -> Written:
        """The same value as one of another type. Raises CanNotSay where there is no way."""
        given = found.type
        if wanted is None or given is None or found.text == "empty" or given == wanted:
            return found
        if isinstance(wanted, t.Text):
            return found if isinstance(given, t.Text) else self._words(found, given)
        if isinstance(given, t.Row) and isinstance(wanted, t.Row):
            return self._row(found, given, wanted)
        if is_exact(given) and is_exact(wanted):
            return found
        way = _way(given, wanted)
        if way is None:
            told = self.tables.spelt_type
            raise CanNotSay(f"{found.text} is {told(given)}, and {told(wanted)} is wanted")
        if not found.optional:
            return Written(way.direct.format(found.text), ATOM, wanted, False)
        made = t.Decimal() if is_exact(wanted) else wanted
        name = self.functions.converted(way.name, given, made, way.direct.format("value"), way.doc)
        return Written(f"{name}({found.text})", ATOM, wanted, True)

    def _words(self, found: Written, given: t.Type) -> Written:
        """Something else as a text."""
        if not found.optional:
            return Written(f'"{{{found.text}}}"', ATOM, t.Text(), False)
        return Written(f"{self.functions.words(given)}({found.text})", ATOM, t.Text(), False)

    def _row(self, found: Written, given: t.Row, wanted: t.Row) -> Written:
        if not given.tables or not wanted.tables or set(short_names(given)) <= set(short_names(wanted)):
            return found
        if len(wanted.tables) == 1:
            return self.narrowed(found, short_names(wanted)[0])
        told = self.tables.spelt_type
        raise CanNotSay(f"{found.text} is {told(given)}, and {told(wanted)} is wanted")


def _way(given: t.Type, wanted: t.Type) -> Way | None:
    """How a value of one type becomes one of another, if there is a way; any exact number is like a decimal."""
    first = t.Decimal if is_exact(given) else type(given)
    second = t.Decimal if is_exact(wanted) else type(wanted)
    return CONVERTED.get((first, second))
