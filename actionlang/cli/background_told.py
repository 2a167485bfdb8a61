"""Background runs as people read them: what they run, on which row, for whom, how far they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import attrs

from actionlang.access.caller import Caller, user_of
from actionlang.access.kept_caller import read_caller
from actionlang.access.people import USERS
from actionlang.audit.rows import read_names
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.display import safe
from actionlang.durable.background import Background
from actionlang.durable.runs import BackgroundRun
from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata.types import Row
from actionlang.plan.plan import Parameter
from actionlang.plan.units import Statement, units_of
from actionlang.registry.store import heads_of, heads_of_hashes, load_plan
from actionlang.runtime.database import Database
from actionlang.runtime.masking import MASK, names_sensitive_rows
from actionlang.runtime.plans import Plan
from actionlang.runtime.row_names import RowNames
from actionlang.runtime.shown_changes import EMPTY, value_text

PEOPLE = Schema.of([USERS], [])


@attrs.frozen(eq=False)
class Version:
    """The version of a verb that runs keep, and the names that its tables' rows have. `number` is None for runs that have not
    begun: they will have the version that is active then."""

    plan: Plan
    number: int | None
    names: RowNames


@attrs.frozen(eq=False)
class ToldRun:
    """A run, ready to be told of. `version` is None where the verb is not active any more before it has begun; then `last`, the
    last version that was, tells which row it is on, and nothing else. `runs` are those that its units were, where it is told of
    alone."""

    run: BackgroundRun
    version: Version | None
    people: RowNames
    runs: tuple[str, ...] = ()
    last: Version | None = None

    @property
    def verb(self) -> str:
        """The verb's full name, with the version that is run."""
        number = None if self.version is None else self.version.number
        return self.run.verb if number is None else f"{self.run.verb} v{number}"

    @property
    def row(self) -> RowRef | None:
        """The row that it is on."""
        version = self.version or self.last
        if version is None or self.run.row_key is None or version.plan.verb.binding is None:
            return None
        table = version.plan.verb.binding.table
        with suppress(ValueError, LookupError):
            found = from_json(json.loads(self.run.row_key), Row((table,)), version.plan.schema)
            return found if isinstance(found, RowRef) else None
        return None

    @property
    def on(self) -> str:
        """What people call the row; nothing where it is on none."""
        version = self.version or self.last
        if version is not None and self.row is not None:
            return version.names.name(self.row)
        return "" if self.run.row_key is None else safe(str(json.loads(self.run.row_key)))

    @property
    def caller(self) -> object:
        """For whom it runs."""
        return None if self.run.caller is None else read_caller(json.loads(self.run.caller))

    @property
    def by(self) -> str:
        """What people call whom it runs for; nothing where that is nobody."""
        return self._person(user_of(self.caller))

    @property
    def called_by(self) -> str:
        """What people call the user who called for that one, if another one did."""
        return self._person(self.caller.called_by) if isinstance(self.caller, Caller) else ""

    def _person(self, user: object) -> str:
        if user is None:
            return ""
        return self.people.name(user) if isinstance(user, RowRef) else safe(str(user))

    # ------------------------------------------------------------------------------------------------------------ units

    @property
    def units(self) -> Sequence[Sequence[Statement]]:
        """Its units, in their order; none where the version is not known."""
        if self.version is None:
            return ()
        plan = self.version.plan
        return units_of(plan.verb, {verb.name: verb for verb in plan.steps.verbs})

    @property
    def done(self) -> int:
        """How many of them are done. One that ends early has done its last one."""
        return max(self.run.position, 0)

    @property
    def next(self) -> Sequence[Statement]:
        """The statements of the unit that is next; nothing where it has ended well."""
        is_over = self.run.outcome in ("done", "cancelled")
        return () if is_over or self.done >= len(self.units) else self.units[self.done]

    # ----------------------------------------------------------------------------------------------------------- values

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Its arguments as JSON data. What is sensitive is masked: of one that has not begun it is masked here."""
        given: dict[str, Any] = json.loads(self.run.arguments)
        if self.run.position >= 0:
            return given
        known = {} if self.version is None else {each.name: each for each in self.version.plan.verb.inputs}
        return {name: value if self._is_open(known.get(name)) else MASK for name, value in given.items()}

    def _is_open(self, parameter: Parameter | None) -> bool:
        if parameter is None or parameter.sensitive or self.version is None:
            return False
        return not names_sensitive_rows(parameter.type, self.version.plan.schema.tables)

    def values(self, data: Mapping[str, Any], parameters: Iterable[Parameter]) -> list[tuple[str, str]]:
        """Values in words, by name."""
        known = {each.name: each for each in parameters}
        return [(name, self._words(value, known.get(name))) for name, value in data.items()]

    def _words(self, data: Any, parameter: Parameter | None) -> str:
        if data is None or data == MASK:
            return EMPTY if data is None else MASK
        if parameter is not None and self.version is not None:
            with suppress(ValueError, LookupError):
                value = from_json(data, parameter.type, self.version.plan.schema)
                return value_text(value, parameter.type, self.version.names.name)
        return safe(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False))

    def rows(self) -> list[RowRef]:
        """All rows that it tells of, but for users."""
        found = [] if self.row is None else [self.row]
        if self.version is None:
            return found
        verb, schema = self.version.plan.verb, self.version.plan.schema
        for data, parameters in ((self.arguments, verb.inputs), (self.run.outputs, verb.outputs)):
            for each in parameters:
                with suppress(ValueError, LookupError):
                    value = None if data.get(each.name) == MASK else from_json(data.get(each.name), each.type, schema)
                    found += [
                        row for row in (value if isinstance(value, tuple) else (value,)) if isinstance(row, RowRef)
                    ]
        return found


def told_runs(background: Background, runs: Sequence[BackgroundRun]) -> list[ToldRun]:
    """Runs with the versions of verbs that they keep, and with names for their rows.

    Raises ActionLangError when the database fails, or a version can not be read.
    """
    database = background.verbs.database
    versions = _versions(background, runs)
    people = RowNames(PEOPLE)
    last = _last_versions(background, {run.verb for run in runs if run.plan_hash is None} - set(versions))
    told = [ToldRun(run, versions.get(run.plan_hash or run.verb), people, (), last.get(run.verb)) for run in runs]
    for version in {id(each): each for each in (*versions.values(), *last.values())}.values():
        rows = [row for each in told if (each.version or each.last) is version for row in each.rows()]
        _read(database, version.plan.schema, version.names, rows)
    users = [user for each in told for user in _users(each.caller) if user.table == USERS.name]
    _read(database, PEOPLE, people, users)
    return told


def _users(caller: object) -> list[RowRef]:
    found = [user_of(caller), caller.called_by if isinstance(caller, Caller) else None]
    return [user for user in found if isinstance(user, RowRef)]


def _read(database: Database, schema: Schema, names: RowNames, rows: Sequence[RowRef]) -> None:
    """Read names for rows. The tables may be of another time than the version."""
    if rows:
        with suppress(ActionLangError):
            read_names(database, schema, names, rows)


def _versions(background: Background, runs: Iterable[BackgroundRun]) -> dict[str, Version]:
    """Versions by their plan's hash; for runs that have not begun the active one by the verb's name."""
    found: dict[str, Version] = {}
    hashes = {run.plan_hash for run in runs if run.plan_hash is not None}
    with background.verbs.database.connection() as connection:
        for plan_hash, head in heads_of_hashes(connection, sorted(hashes)).items():
            plan = load_plan(connection, head)
            found[plan_hash] = Version(plan, head.number, RowNames(plan.schema))
    for name in {run.verb for run in runs if run.plan_hash is None}:
        with suppress(ActionLangError):
            plan = background.verbs.find(name).plan
            found[name] = Version(plan, None, RowNames(plan.schema))
    return found


def _last_versions(background: Background, verbs: Iterable[str]) -> dict[str, Version]:
    """The last versions of verbs that are not active any more, by their names; of those that never were there are none."""
    found: dict[str, Version] = {}
    with background.verbs.database.connection() as connection:
        for name in verbs:
            heads = heads_of(connection, name)
            if heads:
                plan = load_plan(connection, max(heads, key=lambda head: head.number))
                found[name] = Version(plan, None, RowNames(plan.schema))
    return found
