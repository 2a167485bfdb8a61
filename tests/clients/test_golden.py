"""What clients look like: those of some of the desk's verbs, to be read as their users read them."""

from __future__ import annotations

import attrs
import pytest

from actionlang.clients.contract import Contract
from actionlang.clients.python.package import python_client
from actionlang.clients.typescript.package import package_files, typescript_client
from tests.clients.made import desk_contract
from tests.golden import compare

VERBS = (
    "helpdesk.Escalate",
    "verbs.desk.CountAll",
    "verbs.desk.CountSlowly",
    "verbs.desk.Reweigh",
    "verbs.desk.TakeSample",
    "verbs.desk.weight_of",
)


def _contract() -> Contract:
    desk = desk_contract()
    verbs = tuple(verb for verb in desk.verbs if verb.name in VERBS)
    return attrs.evolve(desk, verbs=verbs)


def _without_origin(text: str) -> str:
    return text.replace(_contract().origin, "ORIGIN")


@pytest.mark.parametrize("name", ["__init__.py", "client.py", "model.py"])
def test_python(name: str) -> None:
    compare(f"clients/python/{name}.txt", _without_origin(python_client(_contract())[name]))


@pytest.mark.parametrize("name", ["client.ts", "index.ts", "model.ts"])
def test_typescript(name: str) -> None:
    compare(f"clients/typescript/{name}.txt", _without_origin(typescript_client(_contract())[f"src/{name}"]))


def test_package() -> None:
    compare("clients/typescript/package.json", package_files("Web Client!")["package.json"])


def test_the_origin_is_the_contract_s_and_not_that_of_documentation() -> None:
    contract = _contract()
    verb = contract.verbs[0]
    told = attrs.evolve(contract, verbs=(attrs.evolve(verb, doc="Other words.", line=99), *contract.verbs[1:]))
    assert told.digest == contract.digest
    assert told.origin.startswith("actionlang ")
    changed = attrs.evolve(contract, verbs=(attrs.evolve(verb, inputs=()), *contract.verbs[1:]))
    assert changed.digest != contract.digest
