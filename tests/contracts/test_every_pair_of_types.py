"""Every change of a type of a parameter or output: a rule finds it just when a call or a script would notice.

Nothing here is taken from the rules: whether a call notices is asked of what reads arguments and writes outputs, whether a
script notices of the checker's own conversions.
"""

from __future__ import annotations

from itertools import product

import pytest

from actionlang.check.conversion import converts
from actionlang.contracts.comparing import compare
from actionlang.contracts.contracts import Contracts
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.json_form import to_json
from actionlang.metadata import types as t
from actionlang.plan.plan import Effects, Parameter, StepPlan, Verb
from actionlang.plan.verify_place import fits
from actionlang.plan.walk import type_tables
from tests.contracts.values import CHOICES, TABLES, TYPES, VALUES, filled_store


def verb(inputs: tuple[Parameter, ...] = (), outputs: tuple[Parameter, ...] = ()) -> Verb:
    """An action that does nothing."""
    return Verb("desk.Do", "action", None, inputs, outputs, (), False, False, None, "", Effects(), (), "desk.act", 1)


def contracts(made: Verb) -> Contracts:
    return Contracts.of([made], TABLES, CHOICES)


STORE = filled_store()
READERS = {
    type_: ArgumentReader(StepPlan("desk.Do", (verb((Parameter("x", type_),)),), TABLES, CHOICES), STORE)
    for type_ in TYPES
}


def reads_as(data: object, type_: t.Type) -> tuple[object]:
    """What a parameter of a type makes of JSON data. Raises ActionLangError when it refuses it."""
    return (READERS[type_].arguments({"x": data})["x"],)


def takes(type_: t.Type, data: object, value: object) -> bool:
    """Whether a parameter of a type takes JSON data, and as this value."""
    try:
        return reads_as(data, type_) == (value,)
    except ActionLangError:
        return False


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_the_values_are_values_of_their_types(type_: t.Type) -> None:
    assert all(takes(type_, to_json(value, type_), value) for value in VALUES[type_])


@pytest.mark.parametrize("old", TYPES, ids=str)
def test_parameters(old: t.Type) -> None:
    for new in TYPES:
        before, after = (contracts(verb((Parameter("x", type_),))) for type_ in (old, new))
        noticed = [finding.code.id for finding in compare(before, after)]
        calls = all(takes(new, to_json(value, old), value) for value in VALUES[old])
        scripts = fits(old, new) or converts(old, new)
        assert (noticed == []) == (calls and scripts), f"{old} to {new}: {noticed}, calls {calls}, scripts {scripts}"


@pytest.mark.parametrize("old", TYPES, ids=str)
def test_outputs(old: t.Type) -> None:
    for new in TYPES:
        before, after = (contracts(verb(outputs=(Parameter("x", type_),))) for type_ in (old, new))
        noticed = [finding.code.id for finding in compare(before, after)]
        calls = all(is_known(old, to_json(value, new), value) for value in VALUES[new])
        asked = set(type_tables(old)) <= set(type_tables(new))
        scripts = asked and (fits(new, old) or converts(new, old))
        assert (noticed == []) == (calls and scripts), f"{old} to {new}: {noticed}, calls {calls}, scripts {scripts}"


def is_known(type_: t.Type, data: object, value: object) -> bool:
    """Whether JSON data is just what an output of this type and value is written as."""
    return takes(type_, data, value) and to_json(*reads_as(data, type_), type_) == data


def test_there_are_changes_of_both_kinds() -> None:
    noticed = [
        bool(compare(*(contracts(verb((Parameter("x", type_),))) for type_ in pair))) for pair in product(TYPES, TYPES)
    ]
    assert noticed.count(False) > len(TYPES) + 20
    assert noticed.count(True) > 500
