"""Reading rows: `cases`, `cases(key)`, `cases/$count`, a property of a row, a row that it leads to.

The forms are those of OData Protocol 4.01, section 11.2, as Dataverse answers them. Rows are changed by verbs only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from json.encoder import encode_basestring
from urllib.parse import quote

import attrs

from actionlang.diagnostics.catalogue.server import NO_SUCH_ROW, ONLY_BY_VERBS, QUERY_UNSUPPORTED
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan.plan import Binding, Effects
from actionlang.runtime.readable import BOOLEAN, Columns, every
from actionlang.runtime.reading import MASKED, FoundRow, Reading, RowsQuery, reading
from actionlang.server.catalog import Catalog
from actionlang.server.etags import etag_of, is_unchanged
from actionlang.server.identity.challenges import not_scoped
from actionlang.server.identity.identity import READ
from actionlang.server.messages import Request, Response
from actionlang.server.odata.asking import NOT_IMPLEMENTED, unsupported
from actionlang.server.odata.filter_values import Operands
from actionlang.server.odata.filtering import Filter
from actionlang.server.odata.gathering import Gathering, columns_read
from actionlang.server.odata.headers import Conventions, answering, conventions_of
from actionlang.server.odata.lookup_keys import key_text
from actionlang.server.odata.properties import Navigation
from actionlang.server.odata.query_options import (
    OF_COUNT,
    RowsWanted,
    Shape,
    filter_of,
    row_wanted,
    rows_wanted,
    see_known,
    see_no_query,
)
from actionlang.server.odata.reading_settings import ReadingSettings
from actionlang.server.odata.resources import address_of as verb_address
from actionlang.server.odata.resources import nothing
from actionlang.server.odata.row_json import MASK, RowWriter
from actionlang.server.odata.segments import Segment
from actionlang.server.odata.skip_token import SkipToken, read_token, write_token
from actionlang.server.odata.surface import Surface, surface_of
from actionlang.server.odata.urls import Address, Query, key_in, query_of
from actionlang.server.odata.values import FORMATTED, writer_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, refusing
from actionlang.server.statuses import NOT_FOUND

READS = ("GET", "HEAD")
NO_CONTENT, UNCHANGED, NOT_ALLOWED = 204, 304, 405
COUNT, VALUE = "$count", "$value"


class Rows:
    """Answers requests for rows."""

    def __init__(self, settings: ReadingSettings = ReadingSettings()) -> None:  # noqa: B008 - it is frozen
        self._settings = settings

    def answer(self, request: Request, service: Service, catalog: Catalog, address: Address) -> Response:
        """The response to a request whose address begins with an entity set. Raises Refusal."""
        surface = surface_of(catalog)
        first, *rest = address.segments
        name = catalog.names.table_of_set(first.name)
        if name is None:
            raise nothing(f"There is no table {first.name}.")
        if request.method not in READS:
            raise only_by_verbs(first.name, name, catalog, service, request)
        if not request.identity.allows(READ):
            raise not_scoped(READ, "reading rows")
        query = query_of(request.query)
        see_no_query(query.others)
        asked = _Asked(
            request, surface, query, address.root, conventions_of(request.headers, query.system.get("$format"))
        )
        with (
            refusing(),
            _unsupported_told(),
            reading(service.database, surface.schema, request.identity.caller) as found,
        ):
            answering_ = _Answering(asked, found, self._settings)
            return answering_.answer(surface.table(name), first, tuple(rest))


@attrs.frozen
class _Asked:
    """A request for rows, understood as far as it says of which surface, and how it wants to be answered."""

    request: Request
    surface: Surface
    query: Query
    root: str
    conventions: Conventions


class _unsupported_told:  # noqa: N801 - read as a statement
    """Tells what databases are not asked as what this server does not have, which is no failure of it."""

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, ActionLangError) and error.diagnostics[0].code is QUERY_UNSUPPORTED:
            found = error.diagnostics[0]
            raise Refusal(NOT_IMPLEMENTED, QUERY_UNSUPPORTED.id, found.message, hint=found.hint) from None


class _Answering:
    """One request being answered."""

    def __init__(self, asked: _Asked, reading_: Reading, settings: ReadingSettings) -> None:
        self.asked = asked
        self.reading = reading_
        self.settings = settings
        self.surface = asked.surface
        self.conventions = asked.conventions
        self.names = asked.conventions.writing.formatted

    def answer(self, table: Table, first: Segment, rest: tuple[Segment, ...]) -> Response:
        """The response for rows of a table, or for one and what it leads to."""
        if first.inner is None:
            return self._of_set(table, first, rest)
        row = self._row_at(table, first)
        path = f"{first.name}({first.inner})"
        for at, segment in enumerate(rest):
            properties = self.surface.properties[table.name]
            navigation = properties.navigations.get(segment.name)
            if segment.inner is not None or (navigation is None and segment.name not in properties.names.values()):
                raise nothing(f"{table.short_name} has no property {segment.name}.")
            if navigation is None:
                return self._of_property(table, row, segment.name, path, rest[at + 1 :])
            target = self._target(row, navigation)
            if target is None:
                return self._empty()
            table, row = self.surface.table(navigation.table), target
            path = f"{self.surface.wire.names.entity_set(table.name)}({key_text(row, self.surface.wire)})"
        return self._of_row(table, row)

    # ----------------------------------------------------------------------------------------------------------- sets

    def _of_set(self, table: Table, first: Segment, rest: tuple[Segment, ...]) -> Response:
        if not rest:
            return self._page(table, first.name)
        if len(rest) == 1 and rest[0] == Segment(COUNT):
            return self._count(table)
        raise nothing(f"There is nothing at {first.name}/{rest[0].name}.")

    def _count(self, table: Table) -> Response:
        system = self.asked.query.system
        see_known(system, OF_COUNT)
        query = self._query(table, filter_of(system, self.asked.query.aliases))
        return self._plain(str(self.reading.count(query)))

    def _page(self, table: Table, name: str) -> Response:
        wanted = rows_wanted(self.asked.query.system, self.asked.query.aliases, table, self.surface)
        question = self._question(table, wanted)
        token = None
        if wanted.token is not None:
            token = read_token(wanted.token, question, table, wanted.order, self.surface.schema)
        preferred = self.conventions.preferences.page_size
        size = min(preferred or (token.size if token else self.settings.page), self.settings.largest_page)
        most = token.left if token else wanted.top
        query = attrs.evolve(
            self._query(table, wanted.filter),
            columns=columns_read(self.surface, table.name, wanted.shape),
            order=wanted.order,
            most=size if most is None else min(size, most),
            after=token.position if token else None,
            skip=0 if token else wanted.skip,
            versions=not self._is_slow(table),
        )
        page = self.reading.page(query)
        told = Gathering(self.reading, self.surface, names=self.names).told(table.name, page.rows, wanted.shape)
        writer = RowWriter(self.surface, table.name, wanted.shape, self.conventions)
        parts = [self._context_member(f"{name}{self._selected(table, wanted.shape)}")]
        if wanted.count:
            parts.append(f'"@odata.count":{self.reading.count(self._query(table, wanted.filter))}')
        parts.append(f'"value":[{",".join([writer.text(each) for each in told])}]')
        left = None if most is None else most - len(page.rows)
        if page.rest is not None and (left is None or left > 0):
            text = write_token(SkipToken(page.rest, size, left), question, table, wanted.order)
            parts.append(f'"@odata.nextLink":{encode_basestring(self._next(name, text))}')
        return self._json("{" + ",".join(part for part in parts if part) + "}", paged=preferred is not None)

    @staticmethod
    def _is_slow(table: Table) -> bool:
        """Whether it takes long to work out the version of a row: then only one that is read alone has it."""
        return any(column.sensitive for column in table.columns)

    def _query(self, table: Table, filter_: Filter | None) -> RowsQuery:
        if filter_ is None:
            return RowsQuery(table.name)
        values: dict[str, object] = {}
        now = datetime.now(UTC)

        def where(columns: Columns) -> e.Expression:
            operands = Operands(self.surface, columns, filter_.text, filter_.target, now)
            made = filter_.condition(columns, operands)
            values.update(operands.values)
            return made

        return RowsQuery(table.name, where=where, values=values)

    @staticmethod
    def _question(table: Table, wanted: RowsWanted) -> str:
        """What a token belongs to: another question has other places."""
        order = ",".join(f"{sort.column} {sort.descending}" for sort in wanted.order)
        return "\n".join((table.name, "" if wanted.filter is None else wanted.filter.text, order))

    def _next(self, name: str, token: str) -> str:
        """The link to the next page. How many rows there are is not counted again for each page."""
        options = [
            (key, value)
            for options in (self.asked.query.system, self.asked.query.aliases)
            for key, value in options.items()
            if key not in ("$skip", "$skiptoken", "$count")
        ]
        encoded = [
            f"{quote(key, safe='$@')}={quote(value, safe='')}" for key, value in (*options, ("$skiptoken", token))
        ]
        return f"{self.asked.root}/{name}?{'&'.join(encoded)}"

    # ------------------------------------------------------------------------------------------------------- one row

    def _row_at(self, table: Table, segment: Segment) -> RowRef:
        """The row that a key in an address names, if the caller may read it."""
        row = self._named(key_in(segment, table, self.surface.wire))
        if row is None:
            raise _no_such_row(table)
        return row

    def _named(self, named: object) -> RowRef | None:
        """The row that is named by its primary key, or by a table and the values of another key."""
        if isinstance(named, RowRef):
            return named
        assert isinstance(named, Mapping)
        table = self.surface.table(named["table"])
        given: dict[str, object] = {}
        for name, value in named["key"].items():
            given[name] = self._named(value) if isinstance(value, Mapping) else value
            if given[name] is None:
                return None
        found = self.reading.page(RowsQuery(table.name, (), _where_equal(table, given), given, most=1)).rows
        return found[0].row if found else None

    def _read(self, table: Table, row: RowRef, columns: tuple[str, ...], *, versions: bool = False) -> FoundRow:
        found = self.reading.by_keys(table.name, [row.key], columns, versions=versions).get(row.key)
        if found is None:
            raise _no_such_row(table)
        return found

    def _of_row(self, table: Table, row: RowRef) -> Response:
        shape = row_wanted(self.asked.query.system, table, self.surface)
        found = self._read(table, row, columns_read(self.surface, table.name, shape), versions=True)
        assert found.version is not None
        if is_unchanged(self.asked.request.headers, found.version):
            return Response(UNCHANGED, {**answering(self.conventions), "ETag": etag_of(found.version)})
        (told,) = Gathering(self.reading, self.surface, names=self.names).told(table.name, [found], shape)
        name = f"{self.surface.wire.names.entity_set(table.name)}{self._selected(table, shape)}/$entity"
        writer = RowWriter(self.surface, table.name, shape, self.conventions)
        return self._json(writer.text(told, f"{self.asked.root}/$metadata#{name}"), {"ETag": etag_of(found.version)})

    def _target(self, row: RowRef, navigation: Navigation) -> RowRef | None:
        """The row that a lookup leads to, where it is of the table that is asked for, and within reach."""
        column = navigation.column
        value = self._read(self.surface.table(row.table), row, (column.name,)).values[column.name]
        if not isinstance(value, RowRef) or value.table != navigation.table:
            return None
        return value if self.reading.by_keys(value.table, [value.key], ()) else None

    def _of_property(self, table: Table, row: RowRef, name: str, path: str, rest: tuple[Segment, ...]) -> Response:
        """One property's value, or that alone as a text."""
        if rest and rest != (Segment(VALUE),):
            raise nothing(f"There is nothing at {name}/{rest[0].name}.")
        see_known(self.asked.query.system, ("$format",))
        column = self.surface.properties[table.name].column(name)
        assert column is not None
        if isinstance(column.type, t.File):
            raise unsupported(name, "what a file holds is not told here.")
        found = self._read(table, row, (column.name,))
        value = found.values[column.name]
        if value is None or (value is MASKED and not isinstance(column.type, t.Text)):
            return self._empty()
        if rest:
            return self._plain("***" if value is MASKED else self._raw(column, value))
        text = MASK if value is MASKED else self._value(column, value)
        context = self._context_member(f"{path}/{name}")
        return self._json("{" + ",".join(part for part in (context, f'"value":{text}') if part) + "}")

    def _value(self, column: Column, value: object) -> str:
        """A value as JSON."""
        if isinstance(value, RowRef):
            return encode_basestring(key_text(value, self.surface.wire))
        return writer_of(column.type, self.surface.wire, self.conventions.writing)(value)

    def _raw(self, column: Column, value: object) -> str:
        """A value as a text by itself."""
        if isinstance(value, RowRef):
            return key_text(value, self.surface.wire)
        if isinstance(column.type, t.Text):
            return str(value)
        text = writer_of(column.type, self.surface.wire, attrs.evolve(self.conventions.writing, ieee754=False))(value)
        return text[1:-1] if text.startswith('"') else text

    # --------------------------------------------------------------------------------------------------------- answers

    def _selected(self, table: Table, shape: Shape) -> str:
        """What a context says of the properties that rows have (OData Protocol 4.01, section 10)."""
        properties = self.surface.properties[table.name]
        names = [] if shape.columns is None else [properties.names[name] for name in shape.columns]
        for each in shape.expands:
            inner = self._selected(self.surface.table(each.navigation.table), each.shape)
            names.append(f"{each.navigation.name}{inner or '()'}")
        return f"({','.join(names)})" if names else ""

    def _context_member(self, name: str) -> str:
        if self.conventions.writing.metadata == "none":
            return ""
        return f'"@odata.context":{encode_basestring(f"{self.asked.root}/$metadata#{name}")}'

    def _json(self, text: str, headers: Mapping[str, str] = {}, *, paged: bool = False) -> Response:
        applied = {
            f"odata.maxpagesize={self.conventions.preferences.page_size}": paged,
            f'odata.include-annotations="{self.conventions.preferences.annotations}"': (
                self.conventions.preferences.includes(FORMATTED)
            ),
        }
        said = {"Content-Type": self.conventions.content_type, **answering(self.conventions, applied), **headers}
        return Response(200, said, text.encode())

    def _plain(self, text: str) -> Response:
        return Response(200, {"Content-Type": "text/plain;charset=utf-8", **answering(self.conventions)}, text.encode())

    def _empty(self) -> Response:
        return Response(NO_CONTENT, answering(self.conventions))


def _where_equal(table: Table, given: Mapping[str, object]) -> Callable[[Columns], e.Expression]:
    """The condition that columns have values, by the names of these columns."""

    def where(columns: Columns) -> e.Expression:
        conditions: list[e.Expression] = []
        for name, value in given.items():
            column = columns.value(name)
            type_: t.Type = table.by_name[name].type
            if isinstance(value, RowRef):
                type_ = t.Row((value.table,))
            named: e.Expression = e.Local(type_, False, name)
            if isinstance(value, RowRef) and type_ != column.expression.type:
                named = e.Convert(column.expression.type, False, named)
            conditions += [*column.filled, e.Compare(BOOLEAN, False, "=", column.expression, named)]
        found = every(conditions)
        assert found is not None
        return found

    return where


def _no_such_row(table: Table) -> Refusal:
    return Refusal(NOT_FOUND, NO_SUCH_ROW.id, f"There is no such {table.short_name} within reach.")


def only_by_verbs(name: str, table: str, catalog: Catalog, service: Service, request: Request) -> Refusal:
    """The refusal of a request that would change rows without a verb. It names a verb that does to them what was meant, one on
    such a row before others, where there is one."""
    message = f"Rows of {name} are not made, changed or deleted directly: verbs do that."
    doing = [each for each in service.listed(request.identity) if _does(each.plan.verb.effects, request.method, table)]
    doing.sort(key=lambda each: (not _is_on(each.plan.verb.binding, table), each.name))
    hint = f"for instance POST {verb_address(doing[0], catalog)}" if doing else None
    return Refusal(NOT_ALLOWED, ONLY_BY_VERBS.id, message, hint=hint, headers={"Allow": ", ".join(READS)})


def _does(effects: Effects, method: str, table: str) -> bool:
    """Whether a verb makes (POST), deletes (DELETE) or changes (all else) rows of a table."""
    if method == "POST":
        return table in effects.creates
    if method == "DELETE":
        return table in effects.deletes
    return any(table == name for name, _ in (*effects.updates, *effects.assigns, *effects.moves))


def _is_on(binding: Binding | None, table: str) -> bool:
    return binding is not None and binding.table == table
