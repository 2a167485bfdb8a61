"""ActionLang for host programs: load a compiled verb and run it.

    from actionlang import Database, Plan

    with Database.connect("sqlite:///helpdesk.db") as database:
        result = Plan.load("Escalate.json").run(database, on="CAS-0042", reason="smoke")
        print(result["ticket"])

Names are imported when they are first used, so that `import actionlang` costs next to nothing, and running a plan loads
neither parser nor checker.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actionlang.access.policy import Policy as Policy
    from actionlang.audit.sealing import Sealer as Sealer
    from actionlang.diagnostics.diagnostic import ActionLangError as ActionLangError
    from actionlang.diagnostics.diagnostic import Diagnostic as Diagnostic
    from actionlang.durable.background import Background as Background
    from actionlang.engine.changes import Change as Change
    from actionlang.engine.schema import Schema as Schema
    from actionlang.engine.store import RowRef as RowRef
    from actionlang.registry.verbs import Verbs as Verbs
    from actionlang.runtime.database import Database as Database
    from actionlang.runtime.hosting import Hosting as Hosting
    from actionlang.runtime.log import Log as Log
    from actionlang.runtime.plans import Plan as Plan
    from actionlang.runtime.positions import Sort as Sort
    from actionlang.runtime.reading import RowsQuery as RowsQuery
    from actionlang.runtime.result import OutcomeUnknown as OutcomeUnknown
    from actionlang.runtime.result import Result as Result
    from actionlang.runtime.result import RunFailed as RunFailed
    from actionlang.runtime.result import RunInterrupted as RunInterrupted
    from actionlang.runtime.retry import Retry as Retry

HOMES = {
    "ActionLangError": "diagnostics.diagnostic",
    "Background": "durable.background",
    "Change": "engine.changes",
    "Database": "runtime.database",
    "Diagnostic": "diagnostics.diagnostic",
    "Hosting": "runtime.hosting",
    "Log": "runtime.log",
    "OutcomeUnknown": "runtime.result",
    "Plan": "runtime.plans",
    "Policy": "access.policy",
    "Result": "runtime.result",
    "Retry": "runtime.retry",
    "RowRef": "engine.store",
    "RowsQuery": "runtime.reading",
    "RunFailed": "runtime.result",
    "RunInterrupted": "runtime.result",
    "Schema": "engine.schema",
    "Sealer": "audit.sealing",
    "Sort": "runtime.positions",
    "Verbs": "registry.verbs",
}
"""The module that each name is in."""


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
