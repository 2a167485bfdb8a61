"""Which verb an address means, if it means one: `cases(key)/Microsoft.Dynamics.CRM.Escalate`, `cases/NS.Verb`, `Escalate`."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.catalogue.server import NO_SUCH_RESOURCE
from actionlang.metadata.tables import Table
from actionlang.metadata.types import ListOf, Row
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Verb
from actionlang.registry.active import Active
from actionlang.server.catalog import Catalog
from actionlang.server.odata.segments import Segment
from actionlang.server.odata.wire import key_name
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import NOT_FOUND


@attrs.frozen
class VerbAt:
    """A verb where a request goes. `last` is the part of the path that names it, with the arguments of a function. `row` is the
    part that names the row of a bound one, `table` that row's table; with `on_set` it is on the rows that the body names."""

    active: Active
    last: Segment
    table: Table | None = None
    row: Segment | None = None
    on_set: bool = False

    @property
    def verb(self) -> Verb:
        """Its contract."""
        return self.active.plan.verb


def verb_at(segments: tuple[Segment, ...], catalog: Catalog) -> VerbAt | None:
    """The verb that an address means; None where it means rows. Raises Refusal where it means nothing that there is."""
    if not segments:
        return None
    *before, last = segments
    table_name = catalog.names.table_of_set(segments[0].name)
    if table_name is None:
        return _unbound(before, last, catalog)
    table = catalog.tables[table_name]
    # A name with the namespace before it is no column.
    if len(before) != 1 or ("." not in last.name and _is_property(last, table, catalog)):
        return None
    active = _active(last, catalog)
    if active is None:
        raise nothing(f"There is no verb {last.name}, and {segments[0].name} have no such column.")
    return _bound(active, before[0], last, table, catalog)


def _unbound(before: list[Segment], last: Segment, catalog: Catalog) -> VerbAt:
    if before:
        raise nothing(f"There is no table {before[0].name}.")
    active = _active(last, catalog)
    if active is None:
        raise nothing(f"There is no table and no verb {last.name}.")
    if active.plan.verb.binding is not None:
        raise nothing(f"{last.name} is on a row.", f"call {address_of(active, catalog)}")
    return VerbAt(active, last)


def _bound(active: Active, first: Segment, last: Segment, table: Table, catalog: Catalog) -> VerbAt:
    verb = active.plan.verb
    if first.inner is None:
        if verb.binding is not None and verb.binding.each and verb.binding.table == table.name:
            return VerbAt(active, last, table, on_set=True)
        if verb.binding is None and takes_rows(verb, table.name):
            return VerbAt(active, last)
    elif verb.binding is not None and verb.binding.table == table.name:
        return VerbAt(active, last, table, row=first)
    raise nothing(f"{last.name} can not be called there.", f"call {address_of(active, catalog)}")


def takes_rows(verb: Verb, table: str) -> bool:
    """Whether a verb's first parameter is a list of a table's rows: then it may be called at the table, too."""
    return bool(verb.inputs) and verb.inputs[0].type == ListOf(Row((table,)))


def address_of(active: Active, catalog: Catalog) -> str:
    """Where a verb is called, as a pattern: `cases(KEY)/Microsoft.Dynamics.CRM.Escalate`."""
    names, binding = catalog.names, active.plan.verb.binding
    if binding is None:
        return names.verb(active.name)
    return f"{names.entity_set(binding.table)}(KEY)/{names.qualified(names.verb(active.name))}"


def _active(segment: Segment, catalog: Catalog) -> Active | None:
    """The verb of a name, with the namespace before it or without."""
    name = segment.name.removeprefix(f"{catalog.names.namespace}.")
    full = catalog.names.verb_of(name)
    return None if full is None else catalog.verbs.get(full)


def _is_property(segment: Segment, table: Table, catalog: Catalog) -> bool:
    """Whether a part of a path is a column of a row, or begins with a sign of OData's own."""
    if segment.name.startswith("$"):
        return True
    for column in table.columns:
        if segment.name in (WireNames.property(column.name), key_name(column)):
            return True
        if isinstance(column.type, Row) and len(column.type.tables) > 1:
            columns = [each.name for each in table.columns]
            if any(segment.name == catalog.names.navigation(column.name, each, columns) for each in column.type.tables):
                return True
    return False


def nothing(message: str, hint: str | None = None) -> Refusal:
    """The refusal of an address where there is nothing."""
    return Refusal(NOT_FOUND, NO_SUCH_RESOURCE.id, message, hint=hint)
