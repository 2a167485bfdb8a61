"""Records of runs as people read them: many as a table, one with all that it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import attrs

from actionlang.audit.tree import tree_of
from actionlang.audit.undoing import VERB
from actionlang.cli.shown_tree import TreeLines
from actionlang.diagnostics.display import safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.durable.runs import BackgroundRun, UnitOf
from actionlang.engine.json_form import from_json, key_from_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.engine.times import iso_datetime
from actionlang.metadata.types import USER, Id
from actionlang.repl.grid import Heading, grid
from actionlang.runtime.log import ChangeRecord, EventRecord, RowEvent, RunRecord
from actionlang.runtime.masking import MASK
from actionlang.runtime.row_names import RowNames
from actionlang.runtime.shown_changes import (
    CHANGED,
    CREATED,
    DELETED,
    DIM,
    EMPTY,
    STYLES,
    ShownColumn,
    ShownRow,
    change_lines,
    pair_lines,
    value_text,
)

NO_PARTS: Mapping[str, UnitOf] = {}

HEADINGS = ("run", "started (UTC)", "verb", "on", "by", "outcome", "why")
BY = HEADINGS.index("by")
SHORTEST_ID, LONGEST_ID = 13, 36
MOST_CHANGES = 100
"""Changes of a run that was not traced, that people are shown."""

UNLIMITED = 10_000
"""Cells of a line that nobody has to see whole."""

OUTCOME_STYLES = {"done": STYLES[CREATED], "failed": STYLES[DELETED], "interrupted": STYLES[CHANGED]}


class Records:
    """Shows records, with names for their rows as far as a schema and a database have any."""

    def __init__(
        self,
        schema: Schema,
        names: RowNames,
        versions: Mapping[str, str] | None = None,
        undone_by: str | None = None,
        background: Sequence[BackgroundRun] = (),
        parts: Mapping[str, UnitOf] = NO_PARTS,
    ) -> None:
        """`versions` are what to call plans, by their hashes: `v3`; `undone_by` the run that undid the one to be shown;
        `background` what that one asked for or started in the background; `parts` of which background runs which runs were
        units."""
        self._schema = schema
        self._names = names
        self._versions = versions or {}
        self._undone_by = undone_by
        self._background = background
        self._parts = parts

    def table(self, runs: Sequence[RunRecord], width: int | None) -> list[str]:
        """Runs, a line each."""
        if not runs:
            return ["No runs."]
        length = telling_apart([run.id for run in runs])
        rows = [
            (
                run.id[:length],
                f"{run.started:%Y-%m-%d %H:%M}",
                self._verb(run.verb.rpartition(".")[2], run) + self._unit(run),
                self._on(run),
                "" if run.caller is None else self._by(run),
                run.outcome,
                "" if run.error_code is None else f"{run.error_code} {run.message}",
            )
            for run in runs
        ]
        shown = [at for at in range(len(HEADINGS)) if at != BY or any(row[BY] for row in rows)]
        headings = [Heading(HEADINGS[at]) for at in shown]
        return grid(headings, [[row[at] for at in shown] for row in rows], width or UNLIMITED)

    def lines(self, run: RunRecord, width: int | None, *, color: bool) -> list[str]:
        """One run: what it was asked, how it ended, and its steps as a tree, with what each of them changed."""
        painter = Painter(color)
        pairs = [*self._facts(run)]
        told = painter.paint(run.outcome, OUTCOME_STYLES[run.outcome])
        lines = [f"{painter.paint(self._verb(run.verb, run), BOLD)} {told}", *pair_lines(pairs, width, color=color)]
        changes = run.changes or ()
        tree = tree_of(run if run.steps else attrs.evolve(run, changes=changes[:MOST_CHANGES]))
        failure = None if run.error_code is None else f"{run.error_code} {run.message}"
        shown = TreeLines(self._shown, self._event, width, color, failure).lines(tree)
        if shown:
            lines += ["", *shown]
        if not run.steps and len(changes) > MOST_CHANGES:
            lines += ["", f"and {len(changes) - MOST_CHANGES:,} more changes; --json tells of all"]
        started = [self._in_background(each, run) for each in self._background]
        if started:
            lines += ["", *started]
        elif not changes and run.outcome == "done":
            lines += ["", "It changed nothing."]
        return lines

    def history(self, events: Sequence[RowEvent], width: int | None, *, color: bool) -> list[str]:
        """What became of a row, the first thing first: when, by which verb and whom, and what it changed."""
        painter = Painter(color)
        lines: list[str] = []
        for event in events:
            run, change = event.run, event.change
            verb = self._verb((run.verb if change is None else change.verb).rpartition(".")[2], run)
            within = "" if change is None or change.verb == run.verb else f" in {run.verb.rpartition('.')[2]}"
            by = "" if run.caller is None else f" by {self._by(run)}"
            head = f"{run.started:%Y-%m-%d %H:%M:%S}Z  {painter.paint(f'{verb}{within}', BOLD)}{by}"
            lines += [*([""] if lines else ()), f"{head}  {painter.paint(f'run {run.id}', DIM)}"]
            if change is None:
                told = painter.paint(run.outcome, OUTCOME_STYLES[run.outcome])
                lines.append(f"  {told} {run.error_code} {safe(run.message or '')}")
            else:
                shown = attrs.evolve(self._shown(change), remark="")
                room = None if width is None else width - 2
                lines += (f"  {line}" for line in change_lines([shown], room, color=color))
        return lines or ["No such run changed it."]

    def rows(self, runs: Sequence[RunRecord]) -> Iterator[RowRef]:
        """All rows that are told of, as far as the schema knows their tables."""
        for run in runs:
            user = USER.tables[0]
            for row in (self._row(run.table, run.key), self._row(user, run.caller), self._row(user, run.called_by)):
                if row is not None:
                    yield row
            for change in (run.changes or ())[:MOST_CHANGES]:
                yield from self.rows_of(change)

    def rows_of(self, change: ChangeRecord) -> Iterator[RowRef]:
        """All rows that a change tells of, as far as the schema knows their tables."""
        row = self._row(change.table, change.key)
        if row is not None:
            yield row
        for values in (change.before, change.after):
            yield from self._rows_in(change.table, values or {})

    # ------------------------------------------------------------------------------------------------------------ facts

    def _facts(self, run: RunRecord) -> Iterator[tuple[str, str]]:
        yield "run", run.id
        part = self._parts.get(run.id)
        if part is not None:
            what = f"unit {part.unit}" if part.unit else "the beginning"
            yield "part of", f"the background run {part.background}: {what}"
        if run.table is not None and run.verb != VERB:
            yield "on", self._on(run)
        if run.verb == VERB:
            yield "undoes", f"run {run.arguments.get('run')}"
        else:
            yield from ((name, self._plain(value)) for name, value in run.arguments.items())
        if self._undone_by is not None:
            yield "undone by", f"run {self._undone_by}"
        if run.caller is not None:
            yield "caller", self._by(run)
        if run.called_by is not None:
            yield "called by", self._name(USER.tables[0], run.called_by)
        if run.requires:
            yield "requires", ", ".join(run.requires)
        yield "started", iso_datetime(run.started)
        yield "took", f"{(run.finished - run.started).total_seconds() * 1000:.1f} ms"
        if run.clock != run.started:
            yield "now() was", iso_datetime(run.clock)
        if run.error_code is not None:
            yield "failed with", f"{run.error_code} {run.message}"
        if run.plugin is not None:
            yield "plug-in", run.plugin
        if run.place is not None:
            yield "at", f"{run.place} in {str(run.failed_verb).rpartition('.')[2]}"

    def _verb(self, name: str, run: RunRecord) -> str:
        version = self._versions.get(run.plan_hash)
        return name if version is None else f"{name} {version}"

    def _unit(self, run: RunRecord) -> str:
        """Which unit of its background run a run was."""
        part = self._parts.get(run.id)
        if part is None:
            return ""
        return f", unit {part.unit}" if part.unit else ", begun"

    def _on(self, run: RunRecord) -> str:
        if run.verb == VERB:
            return f"run {str(run.arguments.get('run'))[:SHORTEST_ID]}"
        if run.table is None:
            return ""
        if run.key is not None:
            return self._name(run.table, run.key)
        short = run.table.rpartition(".")[2]
        return f"rows of {short}" if run.targets is None else counted(run.targets, short)

    def _by(self, run: RunRecord) -> str:
        return self._name(USER.tables[0], run.caller)

    @staticmethod
    def _in_background(background: BackgroundRun, run: RunRecord) -> str:
        if background.id == run.id:
            told = "It only saw that the call is right"
            return f"{told}; what runs in the background since is told by actionlang background show {run.id}"
        return f"started {background.verb.rpartition('.')[2]}, run {background.id} in the background"

    def _event(self, event: EventRecord) -> str:
        values = ", ".join(f"{name}: {self._plain(value)}" for name, value in event.payload.items())
        waiting = "" if event.dispatched is not None else ", not delivered yet"
        return f"{event.name.rpartition('.')[2]}({values}){waiting}"

    # ---------------------------------------------------------------------------------------------------------- changes

    def _shown(self, change: ChangeRecord) -> ShownRow:
        what = CREATED if change.before is None else DELETED if change.after is None else CHANGED
        columns = []
        for name in change.after if change.before is None else change.before:  # type: ignore[union-attr]
            if what != CHANGED and self._is_made_up(change.table, name):
                continue
            before = None if change.before is None else self._text(change.table, name, change.before[name])
            after = None if change.after is None else self._text(change.table, name, change.after[name])
            if what == CHANGED or (before or after) != EMPTY:
                columns.append(ShownColumn(name, before, after))
        stage = "" if change.stage is None else f", {change.stage}"
        remark = f"({change.verb.rpartition('.')[2]}, line {change.line}{stage})"
        return ShownRow(self._name(change.table, change.key), what, tuple(columns), remark)

    def _is_made_up(self, table: str, column: str) -> bool:
        """Whether a column is an id that says nothing to people."""
        known = self._schema.tables.get(table)
        found = known and known.by_name.get(column)
        return bool(found and found.primary and isinstance(found.type, Id))

    def _text(self, table: str, column: str, data: object) -> str:
        found = self._value(table, column, data)
        return self._plain(data) if found is None else found

    def _value(self, table: str, column: str, data: object) -> str | None:
        """The value's text, if the schema knows the column; the record may be older than the schema."""
        known = self._schema.tables.get(table)
        if known is None or column not in known.by_name or data == MASK:
            return None
        type_ = known.by_name[column].type
        try:
            return value_text(from_json(data, type_, self._schema), type_, self._names.name)
        except (ValueError, LookupError):
            return None

    def _rows_in(self, table: str, values: Mapping[str, object]) -> Iterator[RowRef]:
        known = self._schema.tables.get(table)
        for name, data in values.items():
            if known is not None and name in known.by_name and data is not None:
                with suppress(ValueError, LookupError):
                    value = from_json(data, known.by_name[name].type, self._schema)
                    if isinstance(value, RowRef):
                        yield value

    def _name(self, table: str, key: object) -> str:
        row = self._row(table, key)
        return f"{table.rpartition('.')[2]} {self._plain(key)}" if row is None else self._names.name(row)

    def _row(self, table: str | None, key: object) -> RowRef | None:
        if table is None or key is None or table not in self._schema.tables:
            return None
        with suppress(ValueError, LookupError):
            return RowRef(table, key_from_json(key, table, self._schema))
        return None

    def _plain(self, data: Any) -> str:
        """JSON data, in words as far as it has any."""
        if data is None:
            return EMPTY
        if isinstance(data, str):
            return safe(data)
        if isinstance(data, list):
            return ", ".join(map(self._plain, data))
        if isinstance(data, dict) and data.keys() == {"table", "key"}:
            return self._name(str(data["table"]), data["key"])
        return json.dumps(data, ensure_ascii=False)


def counted(count: int, short: str) -> str:
    """So many rows of a table, in words: `1 case`, `3,402 cases`, `2 rows of company`."""
    if count == 1:
        return f"1 {short}"
    return f"{count:,} {short}s" if short[-1:] not in "sxyhz" else f"{count:,} rows of {short}"


def telling_apart(ids: Sequence[str]) -> int:
    """How many characters of these ids name a run; the first thirteen are the millisecond it began in."""
    length = SHORTEST_ID
    while length < LONGEST_ID and len({id_[:length] for id_ in ids}) < len(ids):
        length += 1
    return length
