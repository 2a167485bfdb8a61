"""A Python client, whole: a package of a few modules, some of which are the same for all clients."""

from __future__ import annotations

from importlib.resources import files

from actionlang.clients.contract import MADE_BY, Contract
from actionlang.clients.python.client import client
from actionlang.clients.python.code import bracketed, comment
from actionlang.clients.python.model import model
from actionlang.clients.python.names import PythonNames
from actionlang.clients.python.types import PythonTypes

SAME = ("_client.py", "_reading.py", "_started.py", "_transport.py", "_values.py")
"""Modules that are as they are in `actionlang.clients.python.runtime`."""

HTTP = ("httpx2", "httpx")
"""Libraries that can be told to send requests: httpx2 is the one that is kept, httpx the one that it comes from. What is used of
them here is the same in both."""

CLIENTS = ("AsyncClient", "Client")
SHARED = (
    ("_started", ("AsyncStarted", "Pending", "Started")),
    ("_transport", ("ActionLangError",)),
    ("_values", ("JSON", "Row", "UnexpectedAnswer")),
)


def python_client(contract: Contract, *, http: str = HTTP[0]) -> dict[str, str]:
    """The files of a package that calls a contract's verbs, by name."""
    names = PythonNames.of(contract)
    head = "\n".join(comment(f"{MADE_BY}{contract.origin}: what is changed here is lost when it is made anew.")) + "\n"
    made = {
        "__init__.py": _front(names),
        "client.py": client(PythonTypes(contract, names)),
        "model.py": model(PythonTypes(contract, names)),
        **{name: _same(name, http) for name in SAME},
    }
    return {**{name: head + text for name, text in sorted(made.items())}, "py.typed": ""}


def _same(name: str, http: str) -> str:
    text = files("actionlang.clients.python.runtime").joinpath(name).read_text("utf-8")
    return text if http == HTTP[0] else text.replace(f"import {HTTP[0]} as httpx\n", "import httpx\n")


def _front(names: PythonNames) -> str:
    """The package's own module: all that callers use, in one place."""
    classes = sorted(names.classes.values())
    exported = sorted([*CLIENTS, *classes, *(name for _, shared in SHARED for name in shared)])
    lines = ['"""Verbs to call: `Client` has a method for each, and so has `AsyncClient`."""', ""]
    for module, shared in SHARED:
        lines.append(f"from .{module} import {', '.join(shared)}")
    lines.append(f"from .client import {', '.join(CLIENTS)}")
    lines += bracketed("from .model import (", classes, ")", 0)
    lines += ["", *bracketed("__all__ = [", (f'"{name}"' for name in exported), "]", 0)]
    return "\n".join(lines) + "\n"
