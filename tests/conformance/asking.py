"""Cases as calls, each with what has to come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from actionlang.diagnostics.source import Source
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.times import parse_datetime
from actionlang.metadata.types import USER
from actionlang.plan.plan import StepPlan
from actionlang.syntax.lexer import Lexer
from tests.conformance.format import Case, CaseFile, case_files
from tests.conformance.scripts import MODULE, Script, compiled
from tests.conformance.values import Reader
from tests.engines.call import NOW, Call, Data, Row, in_no_order

NEVER_A_COLUMN = re.compile(r"\bdecimal(?! *\()|\blist of\b|\bdefault\b|\bsensitive\b")
"""Parameters that a column can not stand for."""

GIVEN = "given"


@attrs.frozen
class Expected:
    """What has to come of a call: rows by table and key, outputs, or the code and perhaps the message of a failure; the changes,
    the events, what is started and parts of the audit record where the case says them."""

    rows: Mapping[str, tuple[Data, ...]]
    outputs: Data | tuple[Data, ...] | None
    code: str | None
    message: str | None
    changes: tuple[Data, ...] | None
    record: Data | None
    events: tuple[Data, ...] | None = None
    started: tuple[Data, ...] | None = None


@attrs.frozen(eq=False)
class Asked:
    """A call that a case stands for, and what is expected. `how` tells several of one case apart."""

    how: str
    call: Call
    expected: Expected


@cache
def asked(case: Case) -> tuple[Asked, ...]:
    """The calls of a case: one for a run, one to three for a value."""
    file = next(file for file in case_files() if file.name == case.file)
    if case.kind == "run":
        return (_run(case, file),)
    return tuple(_values(case, file))


# ----------------------------------------------------------------------------------------------------------------- runs


def _run(case: Case, file: CaseFile) -> Asked:
    data = case.data
    script = compiled(f"{file.source}\n{data.get('source', '')}", data.get("modules", {}), data.get("layers", ()))
    plan = script.plan(data.get("verb", "Do"))
    maker = _Maker(case, script, plan)
    on = data.get("on") if plan.verb.binding and "on_each" not in data else None
    failed = "error" in data
    expected = Expected(
        maker.rows_expected({} if failed else data.get("after", {})),
        None if failed else maker.outputs(),
        data.get("error"),
        data.get("message"),
        maker.changes(),
        maker.record(),
        maker.events(),
        maker.started(),
    )
    return Asked("called", maker.call(data.get("arguments", {}), on), expected)


# --------------------------------------------------------------------------------------------------------------- values


def _values(case: Case, file: CaseFile) -> Iterator[Asked]:
    """A value's calls: its names are parameters; where columns can hold them, they are columns of a row; and a condition is that
    of a query, too."""
    data = case.data
    parameters = data.get("parameters", [])
    returns = f"returns (value {data['type']} optional)"
    columns = _columns(file)
    verbs = [f"action Do ({', '.join(parameters)}) {returns} < return value: {data['expression']} >"]
    in_columns = bool(parameters) and all(parameter in columns for parameter in parameters)
    in_query = in_columns and data["type"] == "boolean" and "empty" not in data
    if in_columns:
        verbs.append(
            f"action DoOnRow on {GIVEN} {returns} < {_lets(parameters, columns)} return value: {data['expression']} >"
        )
    if in_query:
        verbs.append(f"action DoInQuery {returns} < return value: {_query(data['expression'], parameters, columns)} >")
    script = compiled("\n".join((file.source, _table(columns), *verbs)))
    arguments = data.get("arguments", {})
    yield _value(case, script, "as parameters", "Do", arguments, None)
    row = {columns[parameter]: arguments.get(_name(parameter)) for parameter in parameters if parameter in columns}
    row = {name: value for name, value in row.items() if value is not None}
    if in_columns:
        yield _value(case, script, "as columns", "DoOnRow", {}, row)
    if in_query:
        yield _value(case, script, "in a query", "DoInQuery", {}, row)


def _value(case: Case, script: Script, how: str, verb: str, arguments: Data, row: Data | None) -> Asked:
    plan = script.plan(verb)
    maker = _Maker(case, script, plan, {} if row is None else {GIVEN: [{"number": 1, **row}]})
    data = case.data
    failed = "error" in data
    outputs = (
        None
        if failed
        else maker.reader.columns_json({"value": data["value"]} if "value" in data else {}, plan.verb.outputs)
    )
    expected = Expected(maker.rows_expected({}), outputs, data.get("error"), data.get("message"), None, None)
    return Asked(how, maker.call(arguments, 1 if plan.verb.binding else None), expected)


@cache
def _columns(file: CaseFile) -> dict[str, str]:
    """The column for each parameter of a file's values, so that the file has one table for all of them."""
    declared: dict[str, str] = {}
    for case in file.cases:
        for parameter in case.data.get("parameters", []):
            if not NEVER_A_COLUMN.search(parameter):
                declared.setdefault(parameter, f"{_name(parameter)}_{len(declared) + 1}")
    return declared


def _table(columns: Mapping[str, str]) -> str:
    declared = [f"{name} {_type(parameter)};" for parameter, name in columns.items()]
    return f"table {GIVEN} < number integer primary; {' '.join(declared)} >" if columns else ""


def _lets(parameters: list[str], columns: Mapping[str, str]) -> str:
    """Steps that give the columns the names that the expression has for them."""
    return " ".join(
        f"{'' if _is_optional(parameter) else f'require ({GIVEN}.{columns[parameter]} is not empty); '}"
        f"let {_name(parameter)} = {GIVEN}.{columns[parameter]};"
        for parameter in parameters
    )


def _query(expression: str, parameters: list[str], columns: Mapping[str, str]) -> str:
    """Whether a row fits the expression, its names being columns."""
    places = {_name(parameter): f"{GIVEN}.{columns[parameter]}" for parameter in parameters}
    known = [
        f"{GIVEN}.{columns[parameter]} is not empty and " for parameter in parameters if not _is_optional(parameter)
    ]
    tokens = Lexer(Source("expression", expression), in_parentheses=True).read().tokens
    written = expression
    for before, token, after in reversed(list(zip([None, *tokens], tokens, [*tokens[1:], None], strict=False))):
        follows_dot = before is not None and before.type == "DOT"
        names_argument = after is not None and after.type == "COLON"
        if token.type == "NAME" and token.value in places and not follows_dot and not names_argument:
            written = written[: token.start] + places[str(token.value)] + written[token.end :]
    return f"exists({GIVEN} where {''.join(known)}({written}))"


def _is_optional(parameter: str) -> bool:
    return parameter.endswith(" optional")


def _name(parameter: str) -> str:
    return parameter.split(maxsplit=1)[0]


def _type(parameter: str) -> str:
    return parameter.partition(" ")[2].removesuffix(" optional")


# ---------------------------------------------------------------------------------------------------------------- calls


class _Maker:
    """Makes the call of a case, and what is expected of it."""

    def __init__(
        self, case: Case, script: Script, plan: StepPlan, more_rows: Mapping[str, list[Data]] | None = None
    ) -> None:
        self._data = case.data
        self._plan = plan
        self.clock = parse_datetime(case.data["clock"]) if "clock" in case.data else NOW
        self.schema = script.schema_for(plan)
        self.reader = Reader(self.schema, self.clock)
        self._before = {**case.data.get("rows", {}), **(more_rows or {})}

    def call(self, arguments: Data, on: Any) -> Call:
        """The call."""
        data, verb = self._data, self._plan.verb
        types = {parameter.name: parameter.type for parameter in verb.inputs}
        zone: tzinfo = ZoneInfo(data["zone"]) if "zone" in data else UTC
        return Call(
            self._plan,
            self.schema,
            tuple(self._rows()),
            self.reader.key(on, verb.binding.table) if verb.binding and on is not None else on,
            self._on_each(),
            self.reader.key(data["caller"], USER.tables[0]) if "caller" in data else None,
            {
                name: self.reader.data(value, types[name]) if name in types else value
                for name, value in arguments.items()
            },
            self.clock,
            zone,
        )

    def _on_each(self) -> tuple[object, ...] | None:
        binding = self._plan.verb.binding
        if binding is None or "on_each" not in self._data:
            return None
        return tuple(self.reader.key(each, binding.table) for each in self._data["on_each"])

    def _rows(self) -> Iterator[Row]:
        for short_name, rows in self._before.items():
            name = self.reader.table(short_name)
            columns = self.schema.tables[name].columns
            for row in rows:
                values = self.reader.columns(row, columns)
                yield Row(name, {column: value for column, value in values.items() if value is not None})

    def rows_expected(self, after: Mapping[str, list[Data]]) -> Mapping[str, tuple[Data, ...]]:
        """All rows of all tables: as they were, unless the case says how a table is afterwards."""
        written = {self.reader.table(name): rows for name, rows in {**self._before, **after}.items()}
        return {
            name: tuple(self.reader.columns_json(row, table.columns) for row in written.get(name, ()))
            for name, table in self.schema.tables.items()
        }

    def outputs(self) -> Data | tuple[Data, ...]:
        """The outputs, of each row where the verb runs on many."""
        data, outputs = self._data, self._plan.verb.outputs
        if "on_each" not in data:
            return self.reader.columns_json(data.get("outputs", {}), outputs)
        table = self._plan.verb.binding.table.rpartition(".")[2] if self._plan.verb.binding else ""
        nothing: list[Data] = [{}] * len(data["on_each"] or self._before.get(table, ()))
        return tuple(self.reader.columns_json(each, outputs) for each in data.get("outputs_of_each", nothing))

    def changes(self) -> tuple[Data, ...] | None:
        """The changes that the case says."""
        if "changes" not in self._data:
            return None
        return tuple(self._change(change) for change in self._data["changes"])

    def _change(self, change: Data) -> Data:
        name = self.reader.table(change["table"])
        table = self.schema.tables[name]
        shown: dict[str, Any] = {**change, "table": name}
        if "key" in change:
            shown["key"] = self.reader.key(change["key"], name)
        for part in ("before", "after"):
            if part in change:
                full = self.reader.columns_json(change[part], table.columns)
                shown[part] = {column: full[column] for column in change[part]}
        return shown

    def events(self) -> tuple[Data, ...] | None:
        """The events that the case says."""
        if "events" not in self._data:
            return None
        return tuple(self._event(event) for event in self._data["events"])

    def started(self) -> tuple[Data, ...] | None:
        """What the case says is started."""
        if "starts" not in self._data:
            return None
        return in_no_order(map(self._start, self._data["starts"]))

    def _start(self, start: Data) -> Data:
        table = start.get("table")
        return {
            "verb": start["verb"],
            "key": None if table is None else self.reader.key(start["key"], self.reader.table(table)),
            "arguments": {name: self.reader.with_ids(value) for name, value in start.get("arguments", {}).items()},
            "due": write_moment(parse_datetime(start["due"]) if "due" in start else self.clock),
        }

    def _event(self, event: Data) -> Data:
        shown: dict[str, Any] = dict(event)
        if "table" in event:
            shown["table"] = self.reader.table(event["table"])
            if "key" in event:
                shown["key"] = self.reader.key(event["key"], shown["table"])
        if "values" in event:
            shown["values"] = {name: self.reader.with_ids(value) for name, value in event["values"].items()}
        return shown

    def record(self) -> Data | None:
        """What the case says of the audit record."""
        if "record" not in self._data:
            return None
        shown = dict(self._data["record"])
        verb = self._plan.verb
        if "table" in shown:
            shown["table"] = self.reader.table(shown["table"])
        if "key" in shown and verb.binding:
            shown["key"] = self.reader.key(shown["key"], verb.binding.table)
        if "arguments" in shown:
            full = self.reader.columns_json(shown["arguments"], verb.inputs)
            shown["arguments"] = {name: full[name] for name in shown["arguments"]}
        if "caller" in shown:
            shown["caller"] = self.reader.key(shown["caller"], USER.tables[0])
        for name in ("verb", "failed_verb"):
            if name in shown and "." not in shown[name]:
                shown[name] = f"{MODULE}.{shown[name]}"
        if "clock" in shown:
            shown["clock"] = write_moment(parse_datetime(shown["clock"]))
        return shown
