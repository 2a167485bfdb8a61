"""A run's result as one function on the server gave it: a text, looked into when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from actionlang.engine.changes import Change
from actionlang.engine.events import MASKED, Event, EventMember
from actionlang.engine.json_form import from_json, key_from_json
from actionlang.engine.store import RowRef
from actionlang.runtime.result import Result

if TYPE_CHECKING:
    from actionlang.runtime.server import ServerPlan


DECODER = json.JSONDecoder(parse_float=Decimal)

LISTS_OF_EVENTS = 3
"""Sites, keys and payloads, where a function emits."""


class Answer(Result):
    """See `Result`."""

    _text: str
    _plan: ServerPlan

    def __init__(self, run: str | None, text: str, plan: ServerPlan, dry_run: bool) -> None:
        put = object.__setattr__
        put(self, "run", run)
        put(self, "dry_run", dry_run)
        put(self, "replayed", False)
        put(self, "version", None)
        put(self, "warnings", ())
        put(self, "_text", text)
        put(self, "_plan", plan)

    def __repr__(self) -> str:
        return repr(self.plain)

    def __eq__(self, other: object) -> bool:
        return self.plain == (other.plain if isinstance(other, Answer) else other)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def plain(self) -> Result:
        """The same, with nothing left to be looked into."""
        return Result(self.run, self.outputs, self.changes, self.dry_run, events=self.events)

    def with_warning(self, warning: str) -> Result:
        """See `Result`."""
        return self.plain.with_warning(warning)

    @cached_property
    def _data(self) -> list[Any]:
        found: list[Any] = DECODER.decode(self._text)
        return found

    @cached_property
    def outputs(self) -> Mapping[str, object]:
        """See `Result`."""
        # They come first; nobody may ask for what follows.
        data, _ = DECODER.raw_decode(self._text, len("["))
        return {
            name: None if data[name] is None else read(data[name]) for name, read in self._plan.output_readers.items()
        }

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """See `Result`."""
        function = self._plan.function
        _, single, *lists = self._data
        lists = lists[LISTS_OF_EVENTS if function.emitted else 0 :]
        # Each is site, how many are before it in the lists, key, before and after, and the last two as they are, not masked.
        found = [(at + behind, site, key, *objects) for at, (site, behind, key, *objects) in enumerate(single[:-1], 1)]
        for number, site, key, *texts in zip(*lists, strict=True):
            found.append((number, site, json.loads(key), *map(_object, texts)))
        found.sort(key=itemgetter(0))
        first = 2 if function.has_clear else 0
        return tuple(self._change(site, key, *objects[first:]) for _, site, key, *objects in found)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """See `Result`."""
        function = self._plan.function
        if not function.emitted:
            return ()
        sites, keys, payloads = self._data[2 : 2 + LISTS_OF_EVENTS]
        return tuple(self._event(*each) for each in zip(sites or (), keys or (), payloads or (), strict=True))

    def _event(self, number: int, key: str | None, payload: str) -> Event:
        function, schema = self._plan.function, self._plan.schema
        emitted, site = function.emitted[number], function.sites[number - 1]
        data = _object(payload)
        row = None
        if emitted.table is not None and key is not None:
            row = RowRef(emitted.table, key_from_json(json.loads(key), emitted.table, schema))
        members = tuple(
            EventMember(name, value.type, MASKED if hidden else from_json(data[name], value.type, schema), hidden)
            for (name, value), hidden in zip(emitted.step.values, emitted.hidden, strict=True)
        )
        return Event(emitted.step.event, site.verb, site.place.line, row, members)

    def _change(self, number: int, key: object, old: dict[str, object] | None, new: dict[str, object] | None) -> Change:
        function, schema = self._plan.function, self._plan.schema
        site, noted = function.sites[number - 1], function.noted[number]
        table = noted.table
        columns = tuple((old if new is None else new) or ())

        def values(data: dict[str, object] | None) -> tuple[object, ...] | None:
            if data is None:
                return None
            return tuple(from_json(data[name], table.by_name[name].type, schema) for name in columns)

        return Change(
            table,
            key_from_json(key, table.name, schema),
            noted.operation,
            site.verb,
            site.place.line,
            site.stage,
            columns,
            values(old),
            values(new),
        )


def _object(text: str | None) -> Any:
    return None if text is None else json.loads(text, parse_float=Decimal)
