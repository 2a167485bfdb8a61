"""Who calls a verb, with which rights, and when: for commands that call verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from actionlang.compile.project import Project
    from actionlang.diagnostics.diagnostic import ActionLangError
    from actionlang.runtime.hosting import Hosting


def who_calls(caller: str | None, as_user: str | None, *, is_run: bool = True) -> str | None:
    """Who calls, of what `--caller` and `--as` say.

    Raises ActionLangError where both say it, or `--as` does where nothing is run.
    """
    if as_user is not None and not is_run:
        raise wrong("--show-version is for whoever has the database, and --as for a run.", "leave --as out")
    if as_user is not None and caller is not None:
        hint = "leave --caller out; --as asks for the user's rights, too"
        raise wrong("--as and --caller both say who calls.", hint)
    return as_user or caller


def hosting_for(as_user: str | None, project: Project) -> Hosting:
    """What is added to the run: plug-ins; rules of access, where it is to be run with a user's rights.

    Raises ActionLangError when a plug-in can not be loaded.
    """
    from actionlang.cli.hosting import plugins_of
    from actionlang.runtime.hosting import Hosting

    plugins = plugins_of(project)
    if as_user is None:
        return Hosting(plugins)
    from actionlang.access.policy import Policy

    return Hosting(plugins, Policy())


def moment_of(text: str) -> datetime:
    """The moment that `--at` gives. Raises ActionLangError when it is none."""
    from actionlang.engine.times import parse_datetime

    try:
        return parse_datetime(text)
    except ValueError:
        message = f'--at takes a moment with its offset, not "{text}".'
        raise wrong(message, "for example --at 2026-11-24T09:30:00Z") from None


def wrong(message: str, hint: str) -> ActionLangError:
    """What is said of options that do not fit."""
    from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
    from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

    return ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=hint))
