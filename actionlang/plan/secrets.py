"""Which values of a verb may tell something sensitive: what leaves a run, an event, must not carry them as they are."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.metadata.tables import Table
from actionlang.metadata.types import ListOf, Row, Type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plan.walk import nodes, type_tables


class Secrets:
    """The sensitive values of one verb: those of sensitive columns, parameters and outputs, rows named by them, and every name
    that is bound to what was made of one."""

    def __init__(self, verb: Verb, verbs: Mapping[str, Verb], tables: Mapping[str, Table]) -> None:
        self._verbs = verbs
        self._tables = tables
        self._names = {each.name for each in verb.inputs if each.sensitive}
        self._results: dict[str, str] = {}
        columns = (column.sensitive for table in tables.values() for column in table.columns)
        self._has_any = bool(self._names) or any(columns)
        for node in nodes(verb.steps):
            if isinstance(node, s.Perform) and node.result is not None:
                self._results[node.result] = node.verb
            elif isinstance(node, s.Let) and self.tells(node.value):
                self._names.add(node.name)
            elif isinstance(node, s.ForEachItem) and self.tells(node.items):
                self._names.add(node.item)

    def tells(self, value: e.Expression) -> bool:
        """Whether a value is sensitive, or made of something that is."""
        return self._names_secret_rows(value.type) or any(self._is_secret(node) for node in nodes(value))

    def _is_secret(self, node: object) -> bool:
        if isinstance(node, e.Local):
            return node.name in self._names
        if isinstance(node, e.Column) and isinstance(node.row.type, Row):
            return any(self._tables[table].by_name[node.column].sensitive for table in node.row.type.tables)
        if isinstance(node, e.OutputOf):
            return self._is_secret_output(self._verb_of(node.result), node.output)
        if isinstance(node, e.CallVerb):
            return any(output.sensitive for output in self._verbs[node.verb].outputs)
        if isinstance(node, e.Template):
            return any(isinstance(part, e.Expression) and self._shows_secret(part.type) for part in node.parts)
        # The message of whatever failed may repeat any value.
        return isinstance(node, e.FailureMessage) and self._has_any

    def _verb_of(self, result: e.Expression) -> Verb | None:
        name = self._results.get(result.name) if isinstance(result, e.Local) else None
        return None if name is None else self._verbs[name]

    def _is_secret_output(self, verb: Verb | None, output: str) -> bool:
        return verb is None or any(each.sensitive for each in verb.outputs if each.name == output)

    def _names_secret_rows(self, type_: Type) -> bool:
        """Whether values of a type are rows with a sensitive primary key."""
        inner = type_.item if isinstance(type_, ListOf) else type_
        names = inner.tables if isinstance(inner, Row) else ()
        return any(column.sensitive for name in names for column in self._tables[name].primary)

    def _shows_secret(self, type_: Type) -> bool:
        """Whether a text shows a sensitive column where it shows a row: that of its first alternate key, else its primary one."""
        pending, seen = list(type_tables(type_)), set[str]()
        while pending:
            name = pending.pop()
            seen.add(name)
            table = self._tables[name]
            shown = [table.by_name[column] for column in table.keys[0]] if table.keys else table.primary
            if any(column.sensitive for column in shown):
                return True
            pending += {inner for column in shown for inner in type_tables(column.type)} - seen
        return False
