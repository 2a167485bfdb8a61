"""Events of a verb over a set of targets: what each carries is worked out with all else, and all of them are written by one
statement, in the order in which the runs one after another emit them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actionlang.engine.relational import records
from actionlang.engine.relational.setscope import SetScope
from actionlang.engine.relational.state import Emitted, Member
from actionlang.engine.relational.value import Sql
from actionlang.engine.relational.writing import site
from actionlang.metadata import types as t
from actionlang.plan import steps as s
from actionlang.plan.secrets import Secrets

if TYPE_CHECKING:
    from actionlang.engine.relational.blocks import Ended, Frame
    from actionlang.engine.relational.scope import Scope

TEXT = t.Text()
COLUMNS = ("id", "run", "sequence", "name", "verb", "row_table", "row_key", "payload", "emitted")
"""The columns of `actionlang_event` that a run writes."""


def emit(step: s.Emit, scope: SetScope, frame: Frame) -> Ended:
    """An event, with its values as they are here."""
    compiler, level = scope.compiler, scope.level
    secrets = Secrets(scope.verb, compiler.verbs, scope.schema.tables)
    members = []
    for name, node in step.values:
        value = compiler.worked_out(scope, compiler.forced(scope, scope.translate(node)))
        kept = value if value.known is not None else level.stage(value)
        members.append(Member(name, node.type, kept, secrets.tells(node)))
    made = compiler.written(scope, "event", refusable=False).made
    row = _row(scope)
    event = Emitted(len(compiler.emitted), step.event, site(step, scope), made, row, tuple(members))
    compiler.emitted.append(event)
    level.flow.append(event)
    return ()


def _row(scope: SetScope) -> Sql | None:
    """The key of the row that the verb is on, else of that which the run is on."""
    if scope.verb.binding is not None:
        key = scope.seen(scope.locals[scope.verb.binding.row])
    elif scope.compiler.target is not None:
        target = scope.compiler.target
        key = target.key if target.level is scope.level else target.level.stage(target.key)
    else:
        return None
    return scope.level.stage(key)


def row_cells(event: Emitted, scope: Scope) -> tuple[str, str]:
    """The table and the key of an event's row."""
    if event.row is None:
        return scope.spelling.null(TEXT), scope.spelling.null(TEXT)
    assert isinstance(event.row.type, t.Row)
    (name,) = event.row.type.tables
    key = records.key(scope.schema.tables[name], event.row.cells, scope)
    return scope.spelling.constant_text(name, TEXT), records.put_together(key, scope)


def payload(event: Emitted, scope: Scope) -> str:
    """What an event carries, as a JSON object."""
    pieces: list[records.Piece] = [(True, "{")]
    for number, each in enumerate(event.members):
        pieces += [(True, ",")] if number else []
        pieces += records.named(each.name, each.type, each.value, each.hidden, scope)
    return records.put_together([*pieces, (True, "}")], scope)
