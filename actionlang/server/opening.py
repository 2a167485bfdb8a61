"""Opening what is served: the database with its rules of access and plug-ins, and the verbs in use in it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from zoneinfo import ZoneInfo

import attrs

from actionlang.access.policy import Policy
from actionlang.diagnostics.catalogue.server import UNFIT_TO_SERVE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.plugins.attached import attach
from actionlang.plugins.calls import Calls
from actionlang.plugins.loading import GROUP
from actionlang.plugins.plugins import Plugins
from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.settings import ServerSettings

LOGGER = logging.getLogger("actionlang.server")

WITHOUT_RULES = "callers are not held to roles: identity.access is off"

MAX_AGE = 0.3
"""Seconds after which what others activate is seen at the latest."""


BUSY_TIMEOUT = 5.0
"""Seconds to wait for a connection, and on SQLite for another writer, if calls may take so long."""


@attrs.frozen
class Launch:
    """What is to be served: the database's URL, the time zone of `today()`, the modules of plug-ins and the folder that they are
    looked for in, and the settings."""

    url: str
    time_zone: str
    plugins: tuple[str, ...]
    folder: str
    settings: ServerSettings


@contextmanager
def opened(launch: Launch) -> Iterator[tuple[Database, Verbs]]:
    """The database, open for as long as this lasts, and the verbs in use in it.

    Raises ActionLangError when it can not be opened, has no registry, or a plug-in is missing that a verb in use needs.
    """
    settings = launch.settings
    plugins = plugins_of(launch.plugins, launch.folder)
    if settings.identity.access == "off":
        LOGGER.warning(WITHOUT_RULES)
    hosting = Hosting(
        plugins=plugins,
        policy=None if settings.identity.access == "off" else Policy(),
        trace=settings.observing.steps_are_traced,
    )
    with Database.connect(
        launch.url,
        zone=ZoneInfo(launch.time_zone),
        hosting=hosting,
        connections=settings.connections,
        busy_timeout=min(BUSY_TIMEOUT, settings.call_timeout),
        synchronous=settings.synchronous,
    ) as database:
        verbs = Verbs.open(database, max_age=MAX_AGE)
        see_that_all_is_implemented(verbs, plugins)
        yield database, verbs


def plugins_of(modules: tuple[str, ...], folder: str) -> Plugins | None:
    """The plug-ins of modules and of installed packages; None where there are none.

    Raises ActionLangError when something can not be loaded, or registers what can not be.
    """
    if not modules and not entry_points(group=GROUP):
        return None
    if modules and folder not in sys.path:
        # As Python itself finds modules of the folder that it is started in.
        sys.path.insert(0, folder)
    plugins = Plugins()
    for name in modules:
        plugins.load_module(name)
    plugins.load_entry_points()
    return plugins


def see_that_all_is_implemented(verbs: Verbs, plugins: Plugins | None) -> None:
    """Raises ActionLangError (E0972) when a verb in use is for the host to implement, and it does not."""
    for active in verbs.list():
        attach(plugins, active.plan.steps, Calls())


def see_that_it_is_sound(launch: Launch) -> None:
    """Raises ActionLangError (E1109) where settings and database do not go together."""
    settings = launch.settings
    if settings.workers > 1 and launch.url.startswith("sqlite"):
        _unfit(
            f"{settings.workers} workers can not serve SQLite: only one process at a time writes to it.",
            "serve it with one worker, or use PostgreSQL",
        )
    identity = settings.identity
    if not settings.is_loopback and identity.loopback_only:
        why = "callers without credentials are taken" if identity.anonymous else "it was not said who may call"
        _unfit(
            f"{settings.host} can be reached from other machines, and {why}.",
            f"{_who_may_call(identity)}, or listen on 127.0.0.1",
        )


def _who_may_call(identity: IdentitySettings) -> str:
    """What is to be changed for other machines to reach the server."""
    say_who = "say in the section [identity] of the settings who may call (api_keys = true, or issuers)"
    if identity.anonymous is None:
        return say_who
    if identity.configured:
        return "take `anonymous` out of the section [identity] of the settings"
    return f"take `anonymous` out, and {say_who}"


def _unfit(message: str, hint: str) -> None:
    raise ActionLangError(Diagnostic(UNFIT_TO_SERVE, message, hint=hint))
