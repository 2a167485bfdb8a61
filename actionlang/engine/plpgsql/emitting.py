"""Events: noted in lists as they are emitted, and put into the outbox together when the run's record is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actionlang.engine.plpgsql.emit_sites import EmitSite
from actionlang.engine.plpgsql.json_texts import MASKED, json_object, json_pieces, key_json
from actionlang.engine.plpgsql.records import moment_text
from actionlang.engine.relational.emitting import COLUMNS
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.plan import steps as s
from actionlang.plan.secrets import Secrets

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

EVENT_LISTS = ("event_sites_", "event_keys_", "event_payloads_")
"""Of each event the number of its site, the key of its row (NULL where it has none), what it carries."""

NO_KEY = "NULL::text"


def emit(step: s.Emit, scope: ServerScope) -> None:
    """Write that an event is noted."""
    function = scope.function
    secrets = Secrets(scope.verb, function.verbs, scope.schema.tables)
    hidden = tuple(secrets.tells(value) for _, value in step.values)
    members: list[tuple[str, list[str], str | None]] = []
    for (name, node), is_hidden in zip(step.values, hidden, strict=True):
        value = scope.kept(node, scope.translate(node), name)
        members.append((name, [MASKED] if is_hidden else json_pieces(value, scope), None))
    table, key = _row(scope)
    values = (str(scope.at), key, json_object(members, scope))
    scope.block.say(
        *(f"{name} := array_append({name}, {value});" for name, value in zip(EVENT_LISTS, values, strict=True))
    )
    function.emitted.append(EmitSite(scope.at, step, table, hidden))


def _row(scope: ServerScope) -> tuple[str | None, str]:
    """The table and the key of the row that the verb is on, else of that which the run is on."""
    binding = scope.verb.binding
    row = scope.function.target if binding is None else scope.values[binding.row]
    if row is None:
        return None, NO_KEY
    assert isinstance(row.type, t.Row)
    table = scope.schema.tables[row.type.tables[0]]
    key = Sql(row.cells, t.Row((table.name,)), simple=True)
    return table.name, key_json(key, scope, tuple(column.sensitive for column in table.primary))


def record_events(scope: ServerScope) -> list[str]:
    """The statements that put the events into the outbox; none where none can be emitted."""
    emitted = scope.function.emitted
    if not emitted:
        return []
    sites = scope.function.sites

    def by_site(texts: list[str]) -> str:
        ways = " ".join(f"WHEN {each.site} THEN {text}" for each, text in zip(emitted, texts, strict=True))
        return texts[0] if len(set(texts)) == 1 else f"(CASE e.site {ways} END)"

    name = by_site([scope.text(each.step.event) for each in emitted])
    verb = by_site([scope.text(sites[each.site - 1].verb) for each in emitted])
    table = by_site([NO_KEY if each.table is None else scope.text(each.table) for each in emitted])
    id_ = scope.spelling.event_id("run_", "e.number")
    return [
        "IF cardinality(event_sites_) > 0 THEN",
        f"  INSERT INTO actionlang_event ({', '.join(COLUMNS)})",
        f"    SELECT {id_}, run_, e.number, {name}, {verb}, {table}, e.key, e.payload, {moment_text('clock_timestamp()')}",
        f"    FROM unnest({', '.join(EVENT_LISTS)}) WITH ORDINALITY AS e(site, key, payload, number) ORDER BY e.number;",
        "END IF;",
    ]


def mark(scope: ServerScope) -> str | None:
    """Write that it is kept how many events there are; gives what `undo` takes."""
    if not scope.function.plan.verb.effects.emits:
        return None
    length = scope.function.variable("events", "integer")
    scope.block.say(f"{length} := coalesce(cardinality(event_sites_), 0);")
    return length


def undo(length: str | None, scope: ServerScope) -> None:
    """Write that all events since are forgotten: they were undone."""
    if length is not None:
        scope.block.say(*(f"{name} := {name}[:{length}];" for name in EVENT_LISTS))
