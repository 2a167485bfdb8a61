"""What a request says about the rows that it wants: `$select`, `$filter`, `$orderby`, `$expand`, `$top`, `$skip`, `$count`.

Names are those on the wire; whether there are such properties is seen here, what may be asked about them where rows are read. The
forms are those of OData URL Conventions 4.01, section 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from actionlang.metadata.tables import Table
from actionlang.runtime.positions import Sort
from actionlang.server.odata.asking import too_large, unsupported, wrong
from actionlang.server.odata.filtering import Filter
from actionlang.server.odata.literals import split_outside
from actionlang.server.odata.properties import Navigation
from actionlang.server.odata.surface import Surface

DEEPEST_EXPAND = 4
MOST_NAMED = 200
"""Names in one `$select`, `$orderby` or `$expand`."""

MOST_SKIPPED = 5_000
OF_ROWS = ("$select", "$filter", "$orderby", "$expand", "$top", "$skip", "$count", "$skiptoken", "$format")
OF_ONE = ("$select", "$expand", "$format")
OF_COUNT = ("$filter",)
OF_ODATA = frozenset(
    (*OF_ROWS, "$apply", "$compute", "$deltatoken", "$id", "$index", "$levels", "$schemaversion", "$search")
)
"""All options that OData has (URL Conventions 4.01, 5.1); others are no options."""

OF_DATAVERSE = ("fetchXml", "savedQuery", "userQuery")
"""Dataverse's own options that say which rows are wanted. To leave them alone, as others, would give all rows."""

EXPANDED = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\((.*)\)\s*)?", re.ASCII | re.DOTALL)
ORDERED = re.compile(r"\s*([A-Za-z_][\w/]*)(?:\s+(asc|desc))?\s*", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


@attrs.frozen
class Expand:
    """A lookup whose rows are wanted within those that are read."""

    navigation: Navigation
    shape: Shape


@attrs.frozen
class Shape:
    """What of a row is wanted: names of columns (None: all), and rows that it leads to."""

    columns: tuple[str, ...] | None = None
    expands: tuple[Expand, ...] = ()


@attrs.frozen
class RowsWanted:
    """All that is said of a set of rows; `top` and `skip` are None and 0 where nothing is."""

    shape: Shape
    filter: Filter | None = None
    order: tuple[Sort, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    token: str | None = None


def rows_wanted(system: Mapping[str, str], aliases: Mapping[str, str], table: Table, surface: Surface) -> RowsWanted:
    """What a request for rows of a table says. Raises Refusal."""
    see_known(system, OF_ROWS)
    reader = _Reader(surface)
    return RowsWanted(
        reader.shape(system, table, "", 0),
        filter_of(system, aliases),
        reader.order(system["$orderby"], table) if "$orderby" in system else (),
        _number(system, "$top") if "$top" in system else None,
        _skipped(system),
        _truth(system, "$count"),
        system.get("$skiptoken"),
    )


def row_wanted(system: Mapping[str, str], table: Table, surface: Surface) -> Shape:
    """What a request for one row says. Raises Refusal."""
    see_known(system, OF_ONE)
    return _Reader(surface).shape(system, table, "", 0)


def filter_of(system: Mapping[str, str], aliases: Mapping[str, str]) -> Filter | None:
    """The filter, if there is one. Raises Refusal."""
    return Filter.of(system["$filter"], "$filter", aliases) if "$filter" in system else None


def see_known(system: Mapping[str, str], known: Iterable[str]) -> None:
    """See that only some options are there. Raises Refusal."""
    for name in system:
        if name not in known:
            if name not in OF_ODATA:
                raise wrong(name, "OData has no such option.")
            raise unsupported(name, f"{name} is not offered here.")


def see_no_query(others: Mapping[str, str]) -> None:
    """See that no query of Dataverse's own is there. Raises Refusal (501)."""
    for name in others:
        if name in OF_DATAVERSE:
            raise unsupported(
                name, f"{name} is not offered here.", hint="ask with $filter, $select, $orderby and $expand"
            )


def _skipped(system: Mapping[str, str]) -> int:
    if "$skip" not in system:
        return 0
    skip = _number(system, "$skip")
    if skip > MOST_SKIPPED:
        hint = "follow @odata.nextLink, which comes as far as there are rows"
        raise too_large("$skip", f"at most {MOST_SKIPPED:,} rows are skipped.", hint)
    return skip


def _number(system: Mapping[str, str], name: str) -> int:
    if not WHOLE.fullmatch(system[name].strip()):
        raise wrong(name, f"{system[name][:40]!r} is no whole number from 0 on.")
    return int(system[name])


def _truth(system: Mapping[str, str], name: str) -> bool:
    value = system.get(name, "false").strip().lower()
    if value not in ("true", "false"):
        raise wrong(name, f"{value[:40]!r} is neither true nor false.")
    return value == "true"


class _Reader:
    """Reads options that name properties."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface

    def shape(self, system: Mapping[str, str], table: Table, within: str, depth: int) -> Shape:
        """What `$select` and `$expand` say of a table's rows; `within` is where they stand."""
        expands: tuple[Expand, ...] = ()
        if "$expand" in system:
            expands = tuple(
                self.expand(part, table, f"{within}$expand", depth)
                for part in self._parts(system["$expand"], f"{within}$expand")
            )
            names = [each.navigation.name for each in expands]
            if len(set(names)) < len(names):
                raise wrong(f"{within}$expand", "a property stands there twice.")
        columns = None
        if "$select" in system:
            columns = self.select(system["$select"], table, f"{within}$select")
        return Shape(columns, expands)

    def select(self, text: str, table: Table, target: str) -> tuple[str, ...] | None:
        """The columns that are selected; None for all. Navigation properties may be named, and say nothing."""
        properties = self.surface.properties[table.name]
        found: dict[str, None] = {}
        for name in (part.strip() for part in self._parts(text, target)):
            if name == "*":
                return None
            column = properties.column(name)
            if column is not None:
                found[column.name] = None
            elif name not in properties.navigations:
                raise self._missing(target, table, name)
        return tuple(found)

    def expand(self, text: str, table: Table, target: str, depth: int) -> Expand:
        """One lookup, with what is wanted of its rows."""
        if depth >= DEEPEST_EXPAND:
            raise too_large(target, f"rows are given at most {DEEPEST_EXPAND} deep in one another.")
        found = EXPANDED.fullmatch(text)
        if found is None:
            raise wrong(target, f"{text[:60]!r} is no lookup, with options in parentheses.")
        navigation = self.surface.properties[table.name].navigations.get(found[1])
        if navigation is None:
            hint = self.surface.properties[table.name].hint(found[1])
            raise wrong(target, f"{table.short_name} has no lookup {found[1][:100]}.", hint=hint)
        inner = self._inner(found[2] or "", target)
        others = [name for name in inner if name not in ("$select", "$expand")]
        if others:
            raise unsupported(target, f"{others[0]} is not offered of a lookup, which leads to one row.")
        shape = self.shape(inner, self.surface.table(navigation.table), f"{target}/{found[1]}/", depth + 1)
        return Expand(navigation, shape)

    def _inner(self, text: str, target: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in self._parts(text, target, ";") if text.strip() else ():
            name, equals, value = part.partition("=")
            name = name.strip()
            name = name if name.startswith("$") else f"${name}"
            if not equals or name in found:
                raise wrong(target, f"{part[:60]!r} is no option, or stands there twice.")
            found[name] = value
        return found

    def order(self, text: str, table: Table) -> tuple[Sort, ...]:
        """What rows are put in order by."""
        properties = self.surface.properties[table.name]
        found: dict[str, Sort] = {}
        for part in self._parts(text, "$orderby"):
            match = ORDERED.fullmatch(part)
            if match is None:
                refused = unsupported if "(" in part else wrong
                raise refused("$orderby", f"{part.strip()[:60]!r} is no property with asc or desc behind it.")
            if "/" in match[1]:
                raise unsupported("$orderby", "rows are put in order by their own properties only.")
            column = properties.column(match[1])
            if column is None:
                raise self._missing("$orderby", table, match[1])
            found.setdefault(column.name, Sort(column.name, match[2] == "desc"))
        return tuple(found.values())

    @staticmethod
    def _parts(text: str, target: str, sign: str = ",") -> list[str]:
        try:
            parts = list(split_outside(text, sign))
        except ValueError:
            raise wrong(target, "quotes or parentheses are not closed.") from None
        if len(parts) > MOST_NAMED:
            raise too_large(target, f"more than {MOST_NAMED} names stand there.")
        if not all(part.strip() for part in parts):
            raise wrong(target, "a name is missing.")
        return parts

    @staticmethod
    def _missing(target: str, table: Table, name: str) -> Exception:
        return wrong(target, f"{table.short_name} has no property {name[:100]}.")
