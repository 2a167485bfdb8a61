"""Starting a verb in the background: the call is seen to be right, by a run of its own, which keeps what is to be done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import attrs

from actionlang.diagnostics.catalogue.database import DATABASE_DIFFERS
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.durable.kept_values import masked_text, values_text, with_defaults
from actionlang.durable.parts import Parts
from actionlang.durable.runs import Runs
from actionlang.engine.json_form import to_json
from actionlang.engine.unit import Unit
from actionlang.metadata.types import Row
from actionlang.plan.flow import PERFORMABLE
from actionlang.registry.active import Active
from actionlang.registry.verbs import Verbs
from actionlang.runtime.audit import Call
from actionlang.runtime.background import BACKGROUND, BackgroundWriter, NewRun, kept_caller
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.own_tables import HINT
from actionlang.runtime.plans import NOTHING, Plan, warned
from actionlang.runtime.request import Request, Then
from actionlang.runtime.result import Result
from actionlang.runtime.run import run_on_database
from actionlang.runtime.session import Session


@attrs.frozen
class Asked:
    """What is to be started, as `Background.start` says. `subject` is whose credentials ask for it, `api_key` the key among
    them."""

    on: object = None
    caller: object = None
    at: datetime | None = None
    key: str | None = None
    expected: str | None = None
    dry_run: bool = False
    arguments: Mapping[str, object] = NOTHING
    subject: str | None = None
    api_key: str | None = None


@attrs.frozen(eq=False)
class Start:
    """A start that is ready to be made: `part` is to be run with what was asked for, and `then` at its end."""

    active: Active
    part: Plan
    then: Then


def ready_to_start(active: Active, runs: Runs, hosting: Hosting, asked: Asked) -> Start:
    """What starts a version of a verb. Raises ActionLangError where it is a function, or the database has no room for it."""
    see_that_it_starts(active, hosting)
    if not runs.are_there:
        message = f"The database has no table {BACKGROUND.name}, which background runs need."
        raise ActionLangError(Diagnostic(DATABASE_DIFFERS, message, hint=HINT))
    return Start(active, Parts(active.plan).asking, _keeping(active, asked))


def see_that_it_starts(active: Active, hosting: Hosting) -> None:
    """See that a verb is no function, and that no plug-in is on it if it is a background action, which has no place for one: it
    is not one run. Raises ActionLangError when that is not so."""
    verb = active.plan.verb
    if verb.kind == "background" and hosting.plugins is not None:
        hosting.plugins.see_none_on(verb.name)
    if verb.kind not in PERFORMABLE:
        message = f"{verb.short_name} is a function: it answers, and there is nothing to start."
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint="call it as other functions are called"))


def start(verbs: Verbs, runs: Runs, name: str, asked: Asked) -> Result:
    """Start the active version of a verb. The id of the run that is given is that of the background run; a dry run has none.

    Raises what `Verbs.perform` and `ready_to_start` raise.
    """
    snapshot, database = verbs.snapshot(), verbs.database
    with verbs.holding(snapshot):
        ready = ready_to_start(verbs.find(name), runs, database.hosting, asked)
        request = _request(ready, database, asked)
        result = run_on_database(ready.part.steps, ready.part.hash, database, request)
    return warned(ready.active.plan, result, asked.arguments)


def _request(ready: Start, database: Database, asked: Asked) -> Request:
    return Request(
        asked.on,
        asked.caller,
        None,
        database.zone,
        asked.dry_run,
        asked.arguments,
        asked.key,
        key_lifetime=database.key_lifetime,
        expected=asked.expected,
        then=ready.then,
    )


def _keeping(active: Active, asked: Asked) -> Then:
    """What keeps the run, in the transaction of the one that asks for it."""
    verb = active.plan.verb

    def keep(session: Session, unit: Unit, call: Call, outputs: Mapping[str, object]) -> None:
        key = None if call.row is None else to_json(call.row, Row((call.row.table,)))
        writer = BackgroundWriter(session.cursor, session.dialect, session.hosting)
        arguments = with_defaults(verb.inputs, call.arguments, unit)
        run = NewRun(
            id=call.run,
            verb=active.name,
            plan_hash=active.plan.hash,
            row_key=None if key is None else json.dumps(key),
            arguments=masked_text(verb.inputs, arguments, active.plan.schema),
            caller=kept_caller(unit, asked.caller),
            subject=asked.subject,
            api_key=asked.api_key,
            ruled=writer.ruled,
            started_by=None,
            position=0,
            kept=values_text(verb.inputs, arguments),
            due=asked.at or unit.now,
        )
        writer.write(run)

    return keep
