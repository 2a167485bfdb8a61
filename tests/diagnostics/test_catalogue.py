"""The codes: found, unique, well formed, each in the family of its number."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

from actionlang.diagnostics import catalogue
from actionlang.diagnostics.catalogue import all_codes, by_id, lints, types
from actionlang.diagnostics.diagnostic import Code, Severity

FAMILIES = sorted(found.name for found in iter_modules(catalogue.__path__))
NUMBERED = [family for family in FAMILIES if family not in ("breaking", "lints")]


def codes_of(family: str) -> list[Code]:
    module = import_module(f"actionlang.diagnostics.catalogue.{family}")
    return [value for value in vars(module).values() if isinstance(value, Code)]


def test_every_family_is_found() -> None:
    assert {"syntax", "names", "types", "run"} <= set(FAMILIES)
    assert len(all_codes()) == sum(len(codes_of(family)) for family in FAMILIES)


def test_ids_are_unique() -> None:
    ids = [code.id for family in FAMILIES for code in codes_of(family)]
    assert sorted(set(ids)) == sorted(ids) == [code.id for code in sorted(all_codes(), key=lambda code: code.id)]


@pytest.mark.parametrize("code", all_codes(), ids=str)
def test_well_formed(code: Code) -> None:
    assert re.fullmatch(r"[EW]\d{4}|[a-z]+(-[a-z]+)+", code.id)
    assert (code.is_lint or code.is_breaking) == ("-" in code.id)
    assert (code.severity is Severity.WARNING) == (code.id.startswith("W") or code.is_lint)
    assert code.title and not code.title.endswith(".")


@pytest.mark.parametrize("family", NUMBERED)
def test_codes_belong_to_their_family(family: str) -> None:
    """A family's first line names its range: `E03xx: ...`, a half of it, or ten: `E073x: ...`."""
    first_line = (import_module(f"actionlang.diagnostics.catalogue.{family}").__doc__ or "").splitlines()[0]
    said = re.match(r"E(\d\d)([\dx])x(?:, (first|second) half)?: ", first_line)
    assert said, first_line
    low, high = {None: (0, 99), "first": (0, 49), "second": (50, 99)}[said[3]]
    if said[2] != "x":
        low, high = int(f"{said[2]}0"), int(f"{said[2]}9")
    for code in codes_of(family):
        assert code.id[1:3] == said[1] and low <= int(code.id[3:]) <= high, code


def test_rules_of_compatibility_go_by_names() -> None:
    rules = codes_of("breaking")
    assert rules and all(code.is_breaking and not code.is_lint for code in rules)
    assert not any(code.is_breaking for family in NUMBERED for code in codes_of(family))


def test_by_id() -> None:
    assert by_id("E0301") is by_id("e0301") is types.MAY_BE_EMPTY
    assert by_id("unused-name") is by_id("Unused-Name") is lints.UNUSED_NAME
    assert by_id("E9999") is None
