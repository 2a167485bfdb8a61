"""Reading the case files (see README.md for what they say) as data, nothing compiled yet."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from jsonschema import Draft202012Validator

HERE = Path(__file__).parent
CASES = HERE / "cases"
SCHEMA = HERE / "case-file.schema.json"


@attrs.frozen
class CaseFile:
    """A file: its path below the folder of cases, without suffix; the declarations that its cases share; its cases."""

    name: str
    source: str
    cases: tuple[Case, ...]


@attrs.frozen(eq=False)
class Case:
    """One case. `data` is what the file says of it, with what it takes from the file."""

    file: str
    name: str
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"

    @property
    def kind(self) -> str:
        """What is asked: `refused` scripts are only checked, a `value` is one expression's, a `run` calls a verb."""
        if "refused" in self.data:
            return "refused"
        return "value" if "expression" in self.data else "run"


@cache
def case_files() -> tuple[CaseFile, ...]:
    """All files, by name.

    Raises AssertionError when one does not say what a case file may say.
    """
    return tuple(read_file(path) for path in sorted(CASES.rglob("*.toml")))


def cases(*kinds: str) -> Iterator[Case]:
    """All cases of these kinds, file by file."""
    return (case for file in case_files() for case in file.cases if case.kind in kinds)


def read_file(path: Path) -> CaseFile:
    """Read one file. Raises what `case_files` raises."""
    name = path.relative_to(CASES).with_suffix("").as_posix()
    data = tomllib.loads(path.read_text("utf-8"))
    _valid(data, "", name)
    defaults = data.get("defaults", {})
    found = tuple(Case(name, case["name"], {**defaults, **case}) for case in data["case"])
    for case in found:
        _valid(case.data, "complete", str(case))
    names = [case.name for case in found]
    assert len(set(names)) == len(names), f"{name}: {sorted({one for one in names if names.count(one) > 1})} twice"
    return CaseFile(name, data.get("source", ""), found)


def _valid(data: object, part: str, where: str) -> None:
    for error in _validator(part).iter_errors(data):
        raise AssertionError(f"{where}: {error.json_path}: {error.message}")


@cache
def _validator(part: str) -> Draft202012Validator:
    """What checks data against the schema, or against one of its parts."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    if part:
        schema = {"$schema": schema["$schema"], "$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}
    return Draft202012Validator(schema)
