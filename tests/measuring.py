"""Coverage of the rooms that have a bar, measured only while the tests run that are there to reach it: `-p tests.measuring`.

Python runs half as fast while it is measured. Everywhere else that would tell nothing new.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from coverage import Coverage

TESTS = tuple(
    Path(__file__).parent / folder for folder in "audit check conformance differential engine lsp plan runtime".split()
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """What a module does when it is imported counts, whoever imports it first."""
    for name in session.config.option.cov_source:
        room = import_module(name)
        for module in pkgutil.walk_packages(room.__path__, f"{name}."):
            import_module(module.name)
    # In a process of pytest-xdist, pytest-cov has begun two, and the first goes on when the second is stopped.
    while (begun := Coverage.current()) is not None:
        begun.stop()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, object, object]:
    """Measure what their modules do when they are imported."""
    with _measuring(collector):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They come first: what others have done before, and is kept, would not be seen."""
    items.sort(key=lambda item: not _measured(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure them, with what is set up for them."""
    with _measuring(item):
        return (yield)


def _measured(node: pytest.Item | pytest.Collector) -> bool:
    return any(node.path.is_relative_to(folder) for folder in TESTS)


@contextmanager
def _measuring(node: pytest.Item | pytest.Collector) -> Iterator[None]:
    """Measure meanwhile, if this is one of those tests. What pytest-cov begins with the session and writes at its end is used."""
    if not _measured(node):
        yield
        return
    coverage: Coverage = node.config.pluginmanager.getplugin("_cov").cov_controller.cov
    coverage.start()
    try:
        yield
    finally:
        coverage.stop()
