"""Clients for the desk of the server's tests, made as `actionlang client --active` makes them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from actionlang.clients.contract import Contract, named_contract
from actionlang.clients.python.package import python_client
from actionlang.clients.typescript.package import package_files, typescript_client
from actionlang.server.catalog import catalog_of
from tests.server.world import desk, service


@cache
def desk_contract() -> Contract:
    """All that the desk's callers know."""
    with desk("sqlite") as database:
        catalog = catalog_of(service(database).snapshot())
    verbs = {name: active.plan.verb for name, active in catalog.verbs.items()}
    return named_contract(verbs, catalog.tables, catalog.choices, catalog.names)


def write(files: Mapping[str, str], folder: Path) -> Path:
    """Put files into a folder."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def python_package(folder: Path, contract: Contract | None = None) -> Path:
    """A Python client in a folder."""
    return write(python_client(contract or desk_contract()), folder)


def typescript_package(folder: Path, contract: Contract | None = None) -> Path:
    """A TypeScript client in a folder."""
    return write({**typescript_client(contract or desk_contract()), **package_files(folder.name)}, folder)


@contextmanager
def imported(folder: Path) -> Iterator[ModuleType]:
    """A package, imported for as long as this lasts."""
    sys.path.insert(0, str(folder.parent))
    try:
        yield import_module(folder.name)
    finally:
        sys.path.remove(str(folder.parent))
        for name in [each for each in sys.modules if each.partition(".")[0] == folder.name]:
            del sys.modules[name]


def mypy(*files: Path) -> list[str]:
    """What `mypy --strict` says of files, a line each without the path of the folder; nothing where all is well."""
    cache_folder = files[0].parents[1] / "mypy_cache"
    words = ["--strict", "--config-file=", f"--cache-dir={cache_folder}", "--no-error-summary", "--hide-error-context"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words, *files], check=False, capture_output=True, text=True, cwd=files[0].parent
    )
    assert not done.stderr, done.stderr
    assert (done.returncode == 0) == (not done.stdout), done
    return done.stdout.splitlines()
