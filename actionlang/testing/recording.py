"""Calls that tests make: what each verb was called with and what came of it, for those who show how a verb is used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import RULES
from actionlang.engine.interpreter.frame import UNIT, Frame
from actionlang.engine.interpreter.scope import BoundVerb, PlanBinding, Rules
from actionlang.engine.json_form import to_json
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan.plan import Parameter, Verb
from actionlang.runtime.masking import MASK, names_sensitive_rows

LONGEST_RECORD = 4_000
"""Characters of JSON; a call that needs more shows nobody anything."""


@attrs.frozen
class Call:
    """A verb that a test called by itself. `row` is the primary key of the row that it was on, `arguments` what it was given
    (defaults are left out), `outputs` what it returned: all as JSON data (see `engine.json_form`), sensitive values masked.
    `code` and `message` are of its failure, if it failed; then it has no outputs."""

    verb: str
    arguments: Mapping[str, Any]
    row: Any = None
    outputs: Mapping[str, Any] | None = None
    code: str | None = None
    message: str | None = None


class Recorder:
    """Writes down the calls of one test after another."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._depth = 0

    @property
    def rules(self) -> Rules:
        """How a plan is bound so that its calls are written down."""
        return RULES._replace(verb=self._recorded)

    def take(self) -> tuple[Call, ...]:
        """What was written down since it was last taken."""
        taken, self._calls, self._depth = tuple(self._calls), [], 0
        return taken

    def _recorded(self, verb: Verb, plan: PlanBinding) -> BoundVerb:
        bound = RULES.verb(verb, plan)
        inner, written = bound.call, _Written(bound, plan)

        def call(frame: Frame) -> tuple[object, ...]:
            # A test is the verb on the outside; what it calls is one deep.
            is_called_by_test = self._depth == 1
            before = written.before(frame) if is_called_by_test else None
            self._depth += 1
            try:
                outputs = inner(frame)
            except Failure as failure:
                if before is not None:
                    self._keep(attrs.evolve(before, code=failure.code.id, message=failure.message))
                raise
            finally:
                self._depth -= 1
            if before is not None:
                self._keep(attrs.evolve(before, outputs=written.outputs(outputs)))
            return outputs

        return bound._replace(call=call)

    def _keep(self, call: Call) -> None:
        if len(json.dumps(attrs.asdict(call))) <= LONGEST_RECORD:
            self._calls.append(call)


class _Written:
    """How the calls of one verb are written."""

    def __init__(self, bound: BoundVerb, plan: PlanBinding) -> None:
        self._bound = bound
        self._tables = plan.schema.tables

    def before(self, frame: Frame) -> Call:
        """What is known of a call that begins."""
        bound, verb = self._bound, self._bound.verb
        row = None
        if bound.row is not None and verb.binding is not None:
            type_ = t.Row((verb.binding.table,))
            row = MASK if names_sensitive_rows(type_, self._tables) else to_json(frame[bound.row], type_)
        given = ((each, frame[bound.parameters[each.name]]) for each in verb.inputs)
        arguments = {
            each.name: self._value(each, value) for each, value in given if not _is_left_out(each, value, frame)
        }
        return Call(verb.name, arguments, row)

    def outputs(self, values: tuple[object, ...]) -> Mapping[str, Any]:
        """What a verb returned."""
        pairs = zip(self._bound.verb.outputs, values, strict=True)
        return {output.name: self._value(output, value) for output, value in pairs}

    def _value(self, parameter: Parameter, value: object) -> Any:
        if parameter.sensitive or names_sensitive_rows(parameter.type, self._tables):
            return MASK
        return to_json(value, parameter.type)


def _is_left_out(parameter: Parameter, value: object, frame: Frame) -> bool:
    """Whether a value is what stands there where nothing is given."""
    if parameter.default is None:
        return value is None
    if parameter.default.function is not None:
        unit: Unit = frame[UNIT]
        return value == (unit.now if parameter.default.function == "now" else unit.today)
    return value == parameter.default.value
