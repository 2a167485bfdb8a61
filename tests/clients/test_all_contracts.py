"""Whatever a contract has in it, clients of it are sound: Python compiles and passes mypy, TypeScript passes tsc, and nothing that
was documentation is code."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.clients.python.package import python_client
from tests.clients.contracts import contract_of_seed
from tests.clients.made import mypy, python_package, typescript_package
from tests.clients.node_tools import tsc

SOME = 6
KNOWN_NODES = (ast.Assign, ast.AnnAssign, ast.ClassDef, ast.Expr, ast.If, ast.Import, ast.ImportFrom)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_python_compiles_and_documentation_stays_documentation(seed: int) -> None:
    contract = contract_of_seed(seed)
    files = python_client(contract)
    assert files == python_client(contract), "the same each time"
    for name in ("__init__.py", "client.py", "model.py"):
        module = ast.parse(files[name])
        compile(module, name, "exec")
        for node in module.body:
            assert isinstance(node, KNOWN_NODES)
            assert not isinstance(node, ast.Expr) or isinstance(node.value, ast.Constant)
        comments = [
            each
            for each in tokenize.generate_tokens(io.StringIO(files[name]).readline)
            if each.type == tokenize.COMMENT
        ]
        assert [each.start[0] for each in comments] == [1], "none but that of the first line"
        assert all(sign.isprintable() or sign == "\n" for sign in files[name])
    model = ast.parse(files["model.py"])
    for found in (each for each in model.body if isinstance(each, ast.ClassDef)):
        names = [
            each.target.id
            for each in found.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        ]
        assert len(names) == len(set(names)), found.name


@pytest.mark.process
def test_mypy_takes_all_of_some(tmp_path: Path) -> None:
    packages = [python_package(tmp_path / f"client_{seed}", contract_of_seed(seed)) for seed in range(SOME)]
    files = [package / name for package in packages for name in ("__init__.py", "client.py", "model.py")]
    assert mypy(*files) == []


@pytest.mark.process
def test_tsc_takes_all_of_some(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for seed in range(SOME):
        package = typescript_package(tmp_path / f"client-{seed}", contract_of_seed(seed))
        (package / "src").rename(tmp_path / "src" / package.name)
    for name in ("package.json", "tsconfig.json"):
        (tmp_path / "client-0" / name).rename(tmp_path / name)
    assert tsc(tmp_path, "--noEmit") == []
