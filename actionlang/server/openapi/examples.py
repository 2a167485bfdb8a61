"""Examples of calls as they are on the wire, from what the tests of the verbs did."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema as Metadata
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb
from actionlang.registry.examples import Example
from actionlang.server.catalog import Catalog
from actionlang.server.odata.literals import write_literal
from actionlang.server.odata.values import Writing, writer_of
from actionlang.server.odata.wire import Wire
from actionlang.server.openapi.failures import refused
from actionlang.server.statuses import status_of
from actionlang.server.value_schemas import Schema

MASKED = "***"
NO_LONGER_FITS = (ValueError, KeyError)


class WireExamples:
    """Writes the examples of one catalog's verbs. An example that its tables, as they are now, have no place for is left out."""

    def __init__(self, catalog: Catalog, examples: Mapping[str, Sequence[Example]]) -> None:
        self._wire = Wire(Metadata(catalog.tables, catalog.choices), catalog.names)
        self._examples = examples

    def of(self, plan_hash: str) -> Sequence[Example]:
        """What there is of a version."""
        return self._examples.get(plan_hash, ())

    def requests(self, verb: Verb, plan_hash: str) -> Schema:
        """Bodies of calls, by name: of all that the tests did, those that were refused, too."""
        return self._named(self.of(plan_hash), lambda example: self.arguments(verb, example))

    def answers(self, verb: Verb, plan_hash: str) -> Schema:
        """Bodies of answers, by the names that their requests have."""
        well = [example for example in self.of(plan_hash) if example.outputs is not None]
        return self._named(well, lambda example: self._outputs(verb, example))

    def refusals(self, plan_hash: str) -> dict[int, Schema]:
        """Bodies of refusals by status, by the names that their requests have."""
        found: dict[int, Schema] = {}
        for name, example in _titled(self.of(plan_hash)):
            if example.code is not None and example.message is not None:
                body = refused(example.code, example.message)
                found.setdefault(status_of(example.code), {})[name] = {"summary": example.test, "value": body}
        return found

    def row(self, verb: Verb, plan_hash: str) -> str | None:
        """The key of a row that the verb was called on, as it stands in an address."""
        for example in self.of(plan_hash):
            if verb.binding is not None and example.row not in (None, MASKED):
                with suppress(*NO_LONGER_FITS):
                    address = self._row(t.Row((verb.binding.table,)), example.row)
                    return address.partition("(")[2].removesuffix(")")
        return None

    def literals(self, verb: Verb, plan_hash: str) -> dict[str, Any]:
        """What a function was called with, by parameter, as it stands behind the question mark."""
        found: dict[str, Any] = {}
        for example in self.of(plan_hash):
            for each in verb.inputs:
                if each.name in example.arguments and each.name not in found:
                    with suppress(*NO_LONGER_FITS):
                        found[each.name] = self._literal(each, example.arguments[each.name])
        return {name: value for name, value in found.items() if value is not None}

    def arguments(self, verb: Verb, example: Example) -> dict[str, Any]:
        """The body of a call."""
        given = {each.name: each for each in verb.inputs if each.name in example.arguments}
        return {
            WireNames.property(name): self._given(each.type, example.arguments[name]) for name, each in given.items()
        }

    def _outputs(self, verb: Verb, example: Example) -> dict[str, Any]:
        outputs = example.outputs or {}
        return {
            WireNames.property(each.name): self._sent(each.type, outputs[each.name])
            for each in verb.outputs
            if each.name in outputs
        }

    @staticmethod
    def _named(examples: Iterable[Example], body: Callable[[Example], dict[str, Any]]) -> Schema:
        found: Schema = {}
        for name, example in _titled(examples):
            with suppress(*NO_LONGER_FITS):
                found[name] = {"summary": example.test, "value": body(example)}
        return found

    # -------------------------------------------------------------------------------------------------------------- values

    def _sent(self, type_: t.Type, data: Any) -> Any:
        """A recorded value as the server writes it."""
        if data in (None, MASKED):
            return data
        value = from_json(data, type_, self._wire.schema)
        return json.loads(writer_of(type_, self._wire, Writing())(value))

    def _given(self, type_: t.Type, data: Any) -> Any:
        """A recorded value as a client writes it: rows by their address."""
        if data in (None, MASKED):
            return data
        if isinstance(type_, t.ListOf) and isinstance(data, list):
            return [self._given(type_.item, item) for item in data]
        if isinstance(type_, t.Row):
            return {"@odata.id": self._row(type_, data)}
        return self._sent(type_, data)

    def _row(self, type_: t.Row, data: Any) -> str:
        row: RowRef = from_json(data, type_, self._wire.schema)
        return self._wire.address(row)

    def _literal(self, parameter: Parameter, data: Any) -> Any:
        type_ = parameter.type
        if data in (None, MASKED) or isinstance(type_, t.Json):
            return None
        if isinstance(type_, t.ListOf):
            return self._given(type_, data)
        if isinstance(type_, t.Row):
            return json.dumps(self._given(type_, data), separators=(",", ":"))
        written = self._sent(type_, data)
        quoted = isinstance(written, str) and isinstance(type_, t.Text | t.Choice | t.Choices)
        return write_literal(written) if quoted else written


def _titled(examples: Iterable[Example]) -> list[tuple[str, Example]]:
    """Examples by names for them: letters, digits and hyphens of what their tests are called, each one once."""
    found: dict[str, Example] = {}
    for example in examples:
        name = "".join(char if char.isalnum() and char.isascii() else "-" for char in example.test.lower())
        name = "-".join(filter(None, name.split("-"))) or "example"
        number, unique = 1, name
        while unique in found:
            number += 1
            unique = f"{name}-{number}"
        found[unique] = example
    return list(found.items())
