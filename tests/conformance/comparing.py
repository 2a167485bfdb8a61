"""What came of a call beside what was to come of it, as texts whose lines can be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import attrs

from tests.conformance.asking import Expected
from tests.engines.call import NOTHING, Data, Outcome


def seen(outcome: Outcome, expected: Expected) -> str:
    """What came of a call, as far as something is expected of it."""
    aspects: dict[str, Any] = {"rows": _sorted(outcome.rows), "outputs": outcome.outputs, "error": outcome.code}
    if expected.message is not None:
        aspects["message"] = outcome.message
    if expected.code is None and outcome.code is not None:
        aspects["message"] = outcome.message
    if expected.changes is not None:
        aspects["changes"] = [
            _only(change, wanted)
            for change, wanted in zip_longest(outcome.changes, expected.changes, fillvalue=NOTHING)
        ]
    if expected.events is not None:
        aspects["events"] = [
            _only(event, wanted) for event, wanted in zip_longest(outcome.events, expected.events, fillvalue=NOTHING)
        ]
    if expected.started is not None:
        aspects["started"] = list(outcome.started)
    if expected.record is not None and outcome.record is not None:
        aspects["record"] = _only(outcome.record, expected.record)
    return _text(aspects)


def wanted(expected: Expected, outcome: Outcome) -> str:
    """What is expected of a call."""
    aspects: dict[str, Any] = {"rows": _sorted(expected.rows), "outputs": expected.outputs, "error": expected.code}
    if expected.message is not None:
        aspects["message"] = expected.message
    if expected.changes is not None:
        aspects["changes"] = list(expected.changes)
    if expected.events is not None:
        aspects["events"] = list(expected.events)
    if expected.started is not None:
        aspects["started"] = list(expected.started)
    if expected.record is not None and outcome.record is not None:
        aspects["record"] = expected.record
    return _text(aspects)


def everything(outcome: Outcome) -> str:
    """All that engines have to give alike."""
    return _text({**attrs.asdict(outcome, recurse=False), "record": None})


def _only(shown: Data, wanted: Data) -> Data:
    """The parts of a change or record that the case speaks of; all of it where the case has none. Empty columns are left out."""
    return {name: _filled(part) for name, part in shown.items() if name in wanted or not wanted}


def _filled(part: Any) -> Any:
    return {name: value for name, value in part.items() if value is not None} if isinstance(part, dict) else part


def _sorted(rows: Mapping[str, tuple[Data, ...]]) -> Data:
    """Tables that have rows, the rows in an order that depends on nothing but what they hold."""
    return {table: sorted(map(_line, found)) for table, found in sorted(rows.items()) if found}


def _line(row: Data) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


def _text(aspects: Data) -> str:
    return json.dumps(aspects, ensure_ascii=False, indent=1, sort_keys=True)
