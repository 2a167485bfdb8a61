"""Plug-ins after the commit: announced by an event that the run writes, called by whoever delivers the events.

Values travel as JSON, with their types beside them; what is sensitive stays behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from actionlang.engine.events import Event, EventMember
from actionlang.engine.json_form import from_json, reader_of, to_json
from actionlang.engine.schema import Schema
from actionlang.engine.secret_texts import MASK
from actionlang.engine.store import RowRef
from actionlang.metadata.types import USER, Choice, Choices, Json, ListOf, Row, Text, Type, parse_type
from actionlang.plugins.members import Member, Members

if TYPE_CHECKING:
    from actionlang.plugins.context import Image
    from actionlang.plugins.place import Occasion
    from actionlang.plugins.registration import Registration

EVENT = "actionlang.after_commit"
"""The name of the events that are for plug-ins of the host."""

NO_SCHEMA = Schema({}, {})


class AboutRow(Protocol):
    """The row that an event is about, with its key as JSON data."""

    @property
    def table(self) -> str: ...
    @property
    def key(self) -> Any: ...


class Delivered(Protocol):
    """An event out of the outbox, as its deliverer has it. `attempt` counts from 1."""

    @property
    def id(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def run(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def row(self) -> AboutRow | None: ...
    @property
    def attempt(self) -> int: ...


@attrs.frozen
class AfterCommit:
    """One call of a plug-in after the commit of a run. It may come more than once, each time with the same `event` id; `attempt`
    counts the times from 1. What the plug-in raises makes its deliverer try again later.

    `verb`, `operation`, `table`, `target`, `arguments`, `outputs`, `before`, `after`, `changed` and `caller` are what a plug-in
    at the stage AFTER of that run is given; sensitive values are `***`.
    """

    plugin: str
    event: str
    attempt: int
    run: str
    verb: str
    table: str | None
    operation: str | None
    target: RowRef | None
    arguments: Mapping[str, object]
    outputs: Mapping[str, object]
    before: Image | None
    after: Image | None
    changed: tuple[str, ...]
    caller: RowRef | None


# ---------------------------------------------------------------------------------------------------------------- writing

_json_text = reader_of(Json(), NO_SCHEMA)


def after_commit(registration: Registration, occasion: Occasion) -> Event:
    """The event that calls a plug-in."""
    place = occasion.place
    caller = occasion.unit.caller
    values = {
        "arguments": _data(occasion.arguments, place.arguments),
        "outputs": _data(occasion.outputs, place.gives),
        "before": _data(registration.seen(occasion.before), place.columns),
        "after": _data(registration.seen(occasion.after), place.columns),
        "changed": list(occasion.changed),
        "caller": None if caller is None else to_json(caller, USER),
    }
    members = (
        EventMember("plugin", Text(), registration.name),
        EventMember("subject", Text(), registration.subject),
        EventMember("operation", Text(), registration.operation),
        *(EventMember(name, Json(), _json_text(data)) for name, data in values.items()),
    )
    return Event(EVENT, place.verb, place.site.place.line, occasion.target, members)


def _data(values: Mapping[str, object] | None, members: Members) -> dict[str, Any] | None:
    """Values by name, each with its type."""
    if values is None:
        return None
    return {name: _typed(value, members[name]) for name, value in values.items() if name in members}


def _typed(value: object, member: Member) -> list[Any]:
    return [str(member.type), MASK if member.sensitive else to_json(value, member.type), *[True] * member.sensitive]


def naming(event: Event) -> tuple[EventMember, ...]:
    """The members of such an event that name the plug-in, and what it is on."""
    return event.members[:3]


# ---------------------------------------------------------------------------------------------------------------- reading


def read(delivered: Delivered) -> AfterCommit:
    """The call that a delivered event asks for. Raises ValueError, KeyError or TypeError when it is none."""
    payload = delivered.payload
    caller, operation = payload["caller"], payload["operation"]
    return AfterCommit(
        payload["plugin"],
        delivered.id,
        delivered.attempt,
        delivered.run,
        delivered.verb,
        None if operation is None else payload["subject"],
        operation,
        None if delivered.row is None else RowRef(delivered.row.table, _key(delivered.row.key)),
        _values(payload["arguments"]) or {},
        _values(payload["outputs"]) or {},
        _values(payload["before"]),
        _values(payload["after"]),
        tuple(payload["changed"]),
        None if caller is None else RowRef(USER.tables[0], _key(caller)),
    )


def _values(data: Mapping[str, list[Any]] | None) -> dict[str, object] | None:
    if data is None:
        return None
    return {
        name: value if hidden else _value(parse_type(type_), value) for name, (type_, value, *hidden) in data.items()
    }


def _value(type_: Type, data: Any) -> object:
    if data is None:
        return None
    if isinstance(type_, ListOf):
        return tuple(_value(type_.item, item) for item in data)
    if isinstance(type_, Choices):
        return tuple(data)
    if isinstance(type_, Choice):
        return data
    if isinstance(type_, Row):
        if len(type_.tables) == 1:
            return RowRef(type_.tables[0], _key(data))
        return RowRef(data["table"], _key(data["key"]))
    return from_json(data, type_, NO_SCHEMA)


def _key(data: Any) -> object:
    """A primary key: the values of several columns are a tuple."""
    return tuple(map(_key, data)) if isinstance(data, list) else data
