"""Verbs run on many rows, as a set and one after another, on the same rows: all that can be seen of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.many import ManyResult
from actionlang.runtime.plans import Plan
from tests.engines.call import Call, outputs_of
from tests.engines.database import DatabaseEngine
from tests.engines.place import Place


@attrs.frozen
class Seen:
    """What a run on many rows came to."""

    rows: Mapping[str, Any]
    changes: tuple[Any, ...]
    events: tuple[Any, ...]
    started: tuple[Any, ...]
    outputs: tuple[Any, ...]
    code: str | None
    message: str | None
    record: Any


class ManyEngine(DatabaseEngine):
    """Runs verbs on all rows of their table. `result` is what the last one that did not fail gave."""

    def __init__(self, place: Place) -> None:
        super().__init__("many", place)
        self.result: ManyResult | None = None

    def on_all(self, call: Call, engine: str, **options: Any) -> Seen:
        """Run a call on all rows."""
        database = self._place.ready(call)
        self.result = code = message = None
        outputs: tuple[Any, ...] = ()
        try:
            self.result = Plan.of(call.plan).run_many(
                database,
                caller=call.caller,
                at=call.clock,
                zone=call.zone,
                arguments=call.arguments,
                outputs=True,
                engine=engine,
                **options,
            )
            outputs = tuple((row, outputs_of(call.plan, given)) for row, given in self.result.outputs or ())
        except ActionLangError as error:
            code, message = error.diagnostics[0].code.id, error.diagnostics[0].message
        record, changes, events, started, rows = self._found(database, call)
        return Seen(rows, changes, events, started, outputs, code, message, record)


@attrs.define
class Engines:
    """An engine on each database, made when it is first asked for."""

    made: dict[str, tuple[Place, ManyEngine]] = attrs.field(factory=dict)

    def on(self, name: str) -> ManyEngine:
        """The engine on a database, by name."""
        self.place(name)
        return self.made[name][1]

    def place(self, name: str) -> Place:
        """A database, by name."""
        if name not in self.made:
            place = Place.on_sqlite() if name == "sqlite" else Place.on_postgres()
            self.made[name] = place, ManyEngine(place)
        return self.made[name][0]

    def close(self) -> None:
        """Close all of them."""
        for place, _ in self.made.values():
            place.close()
