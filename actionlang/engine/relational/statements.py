"""The statements of a set run: stage, number, look, write, record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import attrs

from actionlang.engine.ids import IdBlock
from actionlang.engine.relational import emitting, records
from actionlang.engine.relational.attempts import Written
from actionlang.engine.relational.compiling import Compiler
from actionlang.engine.relational.levels import LATE, Level
from actionlang.engine.relational.numbering import Numbering
from actionlang.engine.relational.setscope import SetScope
from actionlang.engine.relational.sqlite import SqliteSpelling
from actionlang.engine.relational.state import Bound, Create, Delete, Emitted, Event, KnownRow
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.storage import Cell
from actionlang.metadata.types import Integer, Text

EVENT_CELLS = ("sequence", "name", "verb", "row_table", "row_key", "payload", "number")
MARK = re.compile(f"{LATE}([0-9]+){LATE}")
LEVEL = re.compile(r"\b[sn]([0-9]+)\.")
CHANGE_COLUMNS = (
    "run", "sequence", "row_table", "row_key", "operation", "verb", "line", "stage", "before", "after",
)  # fmt: skip


@attrs.frozen
class Statement:
    """A statement and what it is for."""

    purpose: str
    text: str


@attrs.frozen
class Check(Statement):
    """A query that gives a row where the set form does not do, and what then is the reason."""

    reason: str


@attrs.frozen
class Targets:
    """Where targets come from: a condition on them (`t0` being the target), and joins that it needs."""

    where: str | None = None
    joins: tuple[str, ...] = ()


@attrs.frozen
class Ids:
    """What the ids of new rows are made of: a block of ids, and the number of the first one."""

    block: IdBlock | None
    first: int = 0


class Writer:
    """Writes the statements of what a compiler has collected. `run` and `moment` are the texts of the run's id and
    of the moment of its writing; `with_rowid` are the tables
    whose rows can be found by SQLite's rowid. With `leaves_out` rows at which a guard does not hold are marked; else they end
    the statement."""

    def __init__(
        self,
        compiler: Compiler,
        scope: SetScope,
        run: str,
        moment: str,
        ids: Ids,
        with_rowid: frozenset[str],
        targets: Targets,
        leaves_out: bool = False,
    ) -> None:
        self._compiler = compiler
        self._scope = scope
        self._spelling = compiler.spelling
        self._run = run
        self._moment = moment
        self._ids = ids
        self._with_rowid = with_rowid if isinstance(compiler.spelling, SqliteSpelling) else frozenset()
        self._targets = targets
        self._leaves_out = leaves_out
        self._numbering = Numbering(compiler.levels, compiler.spelling)

    # --------------------------------------------------------------------------------------------------------- all of it

    def writes(self) -> list[Statement]:
        """What changes rows: those made first, for others may refer to them, those deleted last. It is asked for before
        `staging`, since it says what has to be staged."""
        found = [self._insert(made) for made in self._compiler.creates]
        changed = [known for known in self._compiler.rows.values() if known.written and known.created is None]
        found += [self._update(known) for known in changed]
        return found + [self._delete(gone) for gone in self._compiler.deletes]

    def audit(self) -> list[Statement]:
        """What records the changes."""
        return [self._record(level) for level in self._compiler.levels if any(isinstance(x, Event) for x in level.flow)]

    def events(self) -> list[Statement]:
        """What puts the events into the outbox, in their order."""
        found = self._all_events()
        if found is None:
            return []
        names = ", ".join(map(self._spelling.quoted, emitting.COLUMNS))
        id_ = self._spelling.event_id(self._run, "e.sequence")
        told = "e.sequence, e.name, e.verb, e.row_table, e.row_key, e.payload"
        text = (
            f"INSERT INTO actionlang_event ({names}) SELECT {id_}, {self._run}, {told}, {self._moment} "
            f"FROM ({found}) AS e ORDER BY e.sequence"
        )
        return [Statement("the events", text)]

    def event_numbers(self) -> str | None:
        """The query of the number of each event, in their order; None where there are none."""
        found = self._all_events()
        return None if found is None else f"SELECT e.number FROM ({found}) AS e ORDER BY e.sequence"

    def _all_events(self) -> str | None:
        levels = [level for level in self._compiler.levels if any(isinstance(x, Emitted) for x in level.flow)]
        return " UNION ALL ".join(self._events(level) for level in levels) or None

    def checks(self, tables: Iterable[str]) -> list[Check]:
        """Queries that give a row where two targets reach one row of these tables, or where an attempt undoes what the database
        might have refused."""
        doubts = (self._undone(written) for written in self._compiler.trials.doubts)
        return [*(self._distinct(name) for name in sorted(tables)), *doubts]

    def outputs(self, outputs: Sequence[Bound]) -> str:
        """The query that gives the verb's outputs, by target, their cells one after another."""
        level = self._compiler.levels[0]
        cells = [cell for bound in outputs for cell in level.stage(bound.value).cells]
        spelt = [self._late(cell) for cell in cells] or ["1"]
        return f"SELECT {', '.join(spelt)} {self._from(level, spelt)} ORDER BY {self._numbering.place(level)}"

    def select_targets(self) -> str:
        """The query of the targets in order, with what is staged of them."""
        return self._stage(self._compiler.levels[0])

    def staging(self) -> list[Statement]:
        """What fills the staging tables and numbers their rows."""
        found = [
            Statement(self._purpose(level), self._table(level.name, self._stage(level)))
            for level in self._compiler.levels
        ]
        return found + [
            Statement("number the changes and the new ids", self._table(name, query))
            for name, query in self._numbering.tables()
        ]

    def cleaning(self) -> list[str]:
        """What drops the staging tables."""
        names = [level.name for level in self._compiler.levels] + [name for name, _ in self._numbering.tables()]
        return [f"DROP TABLE IF EXISTS {self._temporary}{name}" for name in names]

    @property
    def _temporary(self) -> str:
        return "temp." if self._spelling.name == "sqlite" else "pg_temp."

    def _table(self, name: str, query: str) -> str:
        return f"CREATE TEMPORARY TABLE {name} AS {query}"

    def _purpose(self, level: Level) -> str:
        if level.parent is None:
            return "the targets in order, with all that is read of them or written"
        assert level.table is not None
        return f"the rows of a loop over {level.table.short_name}"

    # ------------------------------------------------------------------------------------------------------------ staging

    def _stage(self, level: Level) -> str:
        columns = [f"{text} AS {name}" for text, name in level.staged.items()]
        guard = self._guard(level)
        if guard is not None:
            columns.append(f"{guard} AS guard")
        if level.parent is None:
            return self._stage_targets(level, columns)
        parents = level.ancestors
        numbers = [f"{self._numbering.place(each)} AS p{each.number}" for each in parents]
        order = [*(self._numbering.place(each) for each in parents), *level.order]
        assert level.table is not None
        source = f"{level.parent.name} AS {level.parent.alias}"
        for each in parents[:-1]:
            source += f" JOIN {each.name} AS {each.alias} ON {self._numbering.place(each)} = {level.parent.alias}.p{each.number}"
        source += f" CROSS JOIN {self._spelling.table(level.table)} AS {level.row}"
        conditions = [f"{level.path} = {self._spelling.true}"] if level.path else []
        conditions += [level.where] if level.where else []
        return self._select(numbers + columns, source, level.joins, conditions, order)

    def _stage_targets(self, level: Level, columns: list[str]) -> str:
        conditions = [self._targets.where] if self._targets.where else []
        if level.table is None:
            return self._select(columns, "(SELECT 1 AS one) AS t0", level.joins, conditions, ["t0.one"])
        cells = self._compiler.storage.table(level.table.name).key_cells
        order = [
            self._spelling.key_order(f"{level.row}.{self._spelling.quoted(cell.name)}", cell.type) for cell in cells
        ]
        source = f"{self._spelling.table(level.table)} AS {level.row}"
        return self._select(columns, source, [*self._targets.joins, *level.joins], conditions, order)

    def _select(
        self, columns: list[str], source: str, joins: Sequence[str], conditions: list[str], order: list[str]
    ) -> str:
        """A query whose rows are numbered by its order: on SQLite by the rowid that they get."""
        ordered = ", ".join(order)
        if self._spelling.name != "sqlite":
            columns = [f"row_number() OVER (ORDER BY {ordered}) AS place", *columns]
        text = f"SELECT {', '.join(columns) or '1 AS one'} FROM {source}"
        text += "".join(f" {join}" for join in joins)
        if conditions:
            text += f" WHERE {' AND '.join(conditions)}"
        return f"{text} ORDER BY {ordered}"

    def _guard(self, level: Level) -> str | None:
        """A column that raises where a guard does not hold, or is not 0 there."""
        if not level.guards:
            return None
        cases = " ".join(
            f"WHEN NOT {guard.condition} THEN {1 if self._leaves_out else self._spelling.fail(guard.code, Integer())}"
            for guard in level.guards
        )
        return f"CASE {cases} ELSE 0 END"

    def left_out(self) -> str | None:
        """The query of the keys of targets at which a guard does not hold; None where there is no guard."""
        failing = self._failing()
        if failing is None or self._compiler.target is None:
            return None
        root = self._compiler.levels[0]
        key = root.stage(self._compiler.target.key)
        cells = ", ".join(f"{cell} AS k{number}" for number, cell in enumerate(key.cells, 1))
        place = self._numbering.place(root)
        return f"SELECT {cells} FROM {root.name} AS {root.alias} WHERE {place} IN ({failing}) ORDER BY {place}"

    def left_out_checks(self) -> list[Check]:
        """Queries that give a row where a target at which a guard does not hold might have been refused something before."""
        failing = self._failing()
        return [] if failing is None else [self._refused(each, failing) for each in self._compiler.trials.refusable]

    def _failing(self) -> str | None:
        """The places of targets at which a guard does not hold."""
        found = [
            f"SELECT {self._target_place(level)} FROM {level.name} AS {level.alias} WHERE {level.alias}.guard <> 0"
            for level in self._compiler.levels
            if level.guards
        ]
        return " UNION ".join(found) if found else None

    def _target_place(self, level: Level) -> str:
        return self._numbering.place(level) if level.parent is None else f"{level.alias}.p0"

    def _refused(self, written: Written, failing: str) -> Check:
        level, reached = written.made.level, written.reached.flag
        conditions = [*([f"{reached} = 1"] if reached else []), f"{self._target_place(level)} IN ({failing})"]
        text = f"SELECT 1 FROM {level.name} AS {level.alias} WHERE {' AND '.join(conditions)} LIMIT 1"
        asked = f"does a row that fails have a {written.name} that might have been refused?"
        return Check(asked, text, f"a row that fails has a {written.name} that the database might have refused before")

    def _undone(self, written: Written) -> Check:
        reached, made = written.reached.flag, written.made.flag
        assert made is not None
        conditions = [*([f"{reached} = 1"] if reached else []), f"{made} = 0"]
        source = self._from(written.made.level, conditions)
        text = f"SELECT 1 {source} WHERE {' AND '.join(conditions)} LIMIT 1"
        asked = f"does an attempt undo a {written.name} that might have been refused?"
        return Check(asked, text, f"an attempt undoes a {written.name} that the database might have refused before")

    def _distinct(self, name: str) -> Check:
        table = self._compiler.storage.schema.tables[name]
        selects: list[str] = []
        for known in self._compiler.rows.values():
            if known.table.name != name or known.created is not None:
                continue
            key = known.level.stage(known.key)
            cells = ", ".join(f"{cell} AS k{number}" for number, cell in enumerate(key.cells))
            conditions = [f"{key.cells[0]} IS NOT NULL"]
            if known.reached and None not in known.reached:
                reached = " OR ".join(sorted(str(path) for path in known.reached))
                conditions.append(known.level.column(f"({reached})"))
            source = self._from(known.level, [*key.cells, *conditions])
            selects.append(f"SELECT {cells} {source} WHERE {' AND '.join(conditions)}")
        keys = ", ".join(f"k{number}" for number, _ in enumerate(self._compiler.storage.table(name).key_cells))
        together = " UNION ALL ".join(selects)
        text = f"SELECT 1 FROM ({together}) AS reached GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
        told = f"do two targets reach one {table.short_name}?"
        return Check(told, text, "two targets reach one row, so that the order counts")

    # ------------------------------------------------------------------------------------------------------------- writes

    def _from(self, level: Level, texts: Sequence[str]) -> str:
        """FROM with a level's staging table and whatever else texts mention."""
        mentioned = {int(number) for text in texts for number in LEVEL.findall(text)}
        numbered = {int(text[1:-1]) for each in texts for text in re.findall(r"\bn[0-9]+\.", each)}
        source = f"FROM {level.name} AS {level.alias}"
        for outer in level.ancestors:
            if outer.number in mentioned:
                source += f" JOIN {outer.name} AS {outer.alias} ON {self._numbering.place(outer)} = {level.alias}.p{outer.number}"
        for each in (*level.ancestors, level):
            join = self._numbering.join(each)
            if each.number in numbered and join is not None:
                source += f" {join}"
        return source

    def _late(self, text: str) -> str:
        """A text with the ids of new rows worked out."""
        return MARK.sub(lambda found: self._id(self._compiler.creates[int(found[1])]), text)

    def _id(self, made: Create) -> str:
        """The id of a row that a step makes."""
        level = made.level
        event = next(each for each in level.flow if isinstance(each, Event) and each.row is made.row)
        base, offset = self._numbering.base(level).ids, self._numbering.offset(level, event).ids
        block = self._ids.block
        prefix, start, stride = (":prefix", ":base", ":stride") if block is None else (
            self._spelling.constant_text(f"{block.prefix}-", Text()),
            str(block.base + self._ids.first * block.stride),
            str(block.stride),
        )  # fmt: skip
        number = f"{start} + ({base} + {offset}) * {stride}"
        if self._spelling.name == "sqlite":
            return f"({prefix} || printf('%012x', {number}))"
        return f"(({prefix} || lpad(to_hex(({number})::bigint), 12, '0'))::uuid)"

    def _insert(self, made: Create) -> Statement:
        known = made.row
        assert known is not None
        stored = self._compiler.storage.table(made.table.name)
        cells: list[Cell] = []
        texts: list[str] = []
        for column in stored.columns.values():
            if column.column.name in known.values:
                cells += column.cells
                texts += made.level.stage(known.values[column.column.name]).cells
        written = [self._spelling.writing(cell, self._late(text)) for cell, text in zip(cells, texts, strict=True)]
        filled = [(cell, text) for cell, text in zip(cells, written, strict=True) if not text.startswith("NULL")]
        names = ", ".join(self._spelling.quoted(cell.name) for cell, _ in filled)
        flag = made.made.flag
        condition = f" WHERE {flag} = 1" if flag else ""
        texts = [text for _, text in filled]
        text = (
            f"INSERT INTO {self._spelling.table(made.table)} ({names}) SELECT {', '.join(texts)} "
            f"{self._from(made.level, [*texts, flag or ''])}{condition} ORDER BY {self._numbering.place(made.level)}"
        )
        return Statement(f"the new {made.table.short_name} rows", text)

    def _found_by(self, known: KnownRow) -> tuple[list[str], list[str]]:
        """What finds a row again: the names in its table, and the texts of the staging table."""
        level, table = known.level, known.table
        alias = level.joined.get((table.name, *self._compiler.identity(known.key.cells)))
        if alias is not None and table.name in self._with_rowid:
            return ["rowid"], [level.column(f"{alias}.rowid")]
        cells = self._compiler.storage.table(table.name).key_cells
        return [self._spelling.quoted(cell.name) for cell in cells], list(level.stage(known.key).cells)

    def _update(self, known: KnownRow) -> Statement:
        level, table = known.level, known.table
        stored = self._compiler.storage.table(table.name)
        names, texts = self._found_by(known)
        settings: list[str] = []
        for name in known.written:
            values = [self._late(cell) for cell in level.stage(known.values[name]).cells]
            texts += values
            settings += [
                f"{self._spelling.quoted(cell.name)} = {self._spelling.writing(cell, value)}"
                for cell, value in zip(stored.columns[name].cells, values, strict=True)
            ]
        conditions = [f"u.{name} = {text}" for name, text in zip(names, texts, strict=False)]
        flags = list(dict.fromkeys(each.flag for each in known.changes))
        if None not in flags:
            conditions.append("(" + " OR ".join(f"{flag} = 1" for flag in flags) + ")")
        text = (
            f"UPDATE {self._spelling.table(table)} AS u SET {', '.join(settings)} "
            f"{self._from(level, texts + conditions)} WHERE {' AND '.join(conditions)}"
        )
        return Statement(f"the changed {table.short_name} rows", text)

    def _delete(self, gone: Delete) -> Statement:
        known = gone.row
        names, texts = self._found_by(known)
        flag = gone.made.flag
        condition = f" WHERE {flag} = 1" if flag else ""
        found = f"({', '.join(names)})" if len(names) > 1 else names[0]
        source = self._from(known.level, [*texts, flag or ""])
        text = f"DELETE FROM {self._spelling.table(known.table)} WHERE {found} IN (SELECT {', '.join(texts)} {source}{condition})"
        return Statement(f"the deleted {known.table.short_name} rows", text)

    # ------------------------------------------------------------------------------------------------------------ records

    def _record(self, level: Level) -> Statement:
        """All changes of a level in one statement: each row with the number of each change."""
        events = [item for item in level.flow if isinstance(item, Event)]
        cells = [self._change(level, event) for event in events]
        columns, source = self._a_row_each(level, cells, [event.made.flag for event in events])
        names = ", ".join(self._spelling.quoted(name) for name in CHANGE_COLUMNS)
        text = f"INSERT INTO actionlang_change ({names}) SELECT {', '.join(columns)} {source}"
        return Statement("the record of the changes", text)

    def _a_row_each(self, level: Level, cells: list[list[str]], flags: list[str | None]) -> tuple[list[str], str]:
        """The columns of a query that gives a row for each of these where its flag is set, and all that follows behind them."""
        columns = [self._by_event(list(each)) for each in zip(*cells, strict=True)]
        source = self._from(level, [*columns, *(flag or "" for flag in flags)])
        if len(cells) > 1:
            numbers = " UNION ALL ".join(f"SELECT {number} AS n" for number in range(1, len(cells) + 1))
            source += f" CROSS JOIN ({numbers}) AS e"
        if any(flag is not None for flag in flags):
            source += f" WHERE {self._by_event([f'{flag or 1}' for flag in flags])} = 1"
        return columns, source

    def _events(self, level: Level) -> str:
        """The query of all events of a level, a number of their place after what is written."""
        events = [item for item in level.flow if isinstance(item, Emitted)]
        cells = [self._event(level, event) for event in events]
        columns, source = self._a_row_each(level, cells, [event.made.flag for event in events])
        named = [f"{text} AS {name}" for text, name in zip(columns, EVENT_CELLS, strict=True)]
        return f"SELECT {', '.join(named)} {source}"

    def _event(self, level: Level, event: Emitted) -> list[str]:
        base, offset = self._numbering.base(level).events, self._numbering.offset(level, event).events
        constant = self._spelling.constant_text
        table, key = emitting.row_cells(event, self._scope)
        return [
            f"({base} + {offset} + 1)",
            constant(event.name, Text()),
            constant(event.site.verb, Text()),
            table,
            self._late(key),
            self._late(emitting.payload(event, self._scope)),
            str(event.number),
        ]

    def _by_event(self, texts: list[str]) -> str:
        """A text for each event."""
        if len(set(texts)) == 1:
            return texts[0]
        return "CASE e.n " + " ".join(f"WHEN {number} THEN {text}" for number, text in enumerate(texts, 1)) + " END"

    def _change(self, level: Level, event: Event) -> list[str]:
        spelling, scope = self._spelling, self._scope
        base, offset = self._numbering.base(level).changes, self._numbering.offset(level, event).changes
        key = level.stage(event.row.key)
        text = Text()

        def json(values: tuple[Sql, ...] | None) -> str:
            if values is None:
                return spelling.null(text)
            if event.before is None or event.after is None:
                return self._late(records.whole(event, values, scope))
            return self._late(records.changed(event, values, scope))

        stage = event.site.stage
        return [
            self._run,
            f"({base} + {offset} + 1)",
            spelling.constant_text(event.row.table.name, text),
            self._late(records.put_together(records.key(event.row.table, key.cells, scope), scope)),
            spelling.constant_text(event.operation, text),
            spelling.constant_text(event.site.verb, text),
            str(event.site.place.line),
            spelling.null(text) if stage is None else spelling.constant_text(stage, text),
            json(event.before),
            json(event.after),
        ]
