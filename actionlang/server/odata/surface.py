"""What of a catalog is needed again and again while rows are read: its schema, and the properties of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from weakref import WeakKeyDictionary

import attrs

from actionlang.engine.schema import Schema
from actionlang.metadata.tables import Table
from actionlang.server.catalog import Catalog
from actionlang.server.odata.properties import Properties
from actionlang.server.odata.wire import Wire


@attrs.frozen(eq=False)
class Surface:
    """A catalog's tables, as clients see them. `properties` are by the full name of the table."""

    catalog: Catalog
    wire: Wire
    properties: Mapping[str, Properties]

    @property
    def schema(self) -> Schema:
        """The tables and choices."""
        return self.wire.schema

    def table(self, name: str) -> Table:
        """A table by its full name."""
        return self.catalog.tables[name]


_surfaces: WeakKeyDictionary[Catalog, Surface] = WeakKeyDictionary()
_making = Lock()


def surface_of(catalog: Catalog) -> Surface:
    """The surface of a catalog, made once."""
    with _making:
        found = _surfaces.get(catalog)
        if found is None:
            wire = Wire(Schema(catalog.tables, catalog.choices), catalog.names)
            properties = {name: Properties.of(table, catalog.names) for name, table in catalog.tables.items()}
            # The catalog is not kept alive by what it is the key of.
            found = _surfaces[catalog] = Surface(attrs.evolve(catalog), wire, properties)
        return found
