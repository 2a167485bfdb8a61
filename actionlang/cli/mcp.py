"""`actionlang mcp`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli.help import Told
from actionlang.cli.options import db_option

if TYPE_CHECKING:
    from actionlang.diagnostics.diagnostic import ActionLangError
    from actionlang.runtime.database import Database
    from actionlang.server.identity.identity import Identity
    from actionlang.server.refusal import Refusal

KEY_VARIABLE = "ACTIONLANG_API_KEY"


@click.command(cls=Told, examples=("mcp --as ann@example.com", "mcp --as ann@example.com --db sqlite:///desk.db"))
@db_option
@click.option("--as", "as_user", metavar="USER", help="The user whose rights hold, by email.")
def mcp(db: str | None, as_user: str | None) -> None:
    """Serve the verbs in use to an assistant on this machine, as tools (MCP).

    A host of assistants starts this and speaks the Model Context Protocol with it over standard input
    and output. All that is done is done with the rights of one user: whom --as names, or whose API key
    is in the environment variable ACTIONLANG_API_KEY. With access = "off" in [server.identity] of
    actionlang.toml callers are not held to roles, as by "actionlang serve". Background actions go on
    while this serves, and wherever else somebody works on them.
    """
    import logging

    from actionlang.access.policy import Policy
    from actionlang.cli.databases import open_database
    from actionlang.cli.hosting import plugins_of
    from actionlang.cli.serve import resolved_settings
    from actionlang.compile.project import find_project
    from actionlang.registry.verbs import Verbs
    from actionlang.runtime.hosting import Hosting
    from actionlang.server.mcp.pipe import serve_pipe
    from actionlang.server.opening import WITHOUT_RULES
    from actionlang.server.refusal import Refusal
    from actionlang.server.service import Service

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    project = find_project(Path.cwd())
    has_rules = resolved_settings(project, None, {}).settings.identity.access == "rules"
    if not has_rules:
        logging.getLogger("actionlang.server").warning(WITHOUT_RULES)
    policy = Policy() if has_rules else None
    with open_database(db, project, hosting=Hosting(plugins_of(project), policy)) as database:
        who = _who(as_user, os.environ.get(KEY_VARIABLE), database)
        verbs = Verbs.open(database)
        try:
            who()
        except Refusal as refusal:
            raise _told(refusal) from None
        if sys.stdin.isatty():
            print("This serves an assistant's host, which starts it by itself. Ctrl-C ends it.", file=sys.stderr)
        service = Service(verbs)
        with service.background.working():
            serve_pipe(service, who)


def _who(as_user: str | None, key: str | None, database: Database) -> Callable[[], Identity]:
    """What finds out who calls. It raises Refusal where that is nobody, or nobody any more, and ActionLangError where the
    database fails. Raises ActionLangError."""
    from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
    from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
    from actionlang.server.identity.identity import Identity
    from actionlang.server.identity.key_uses import KeyUses
    from actionlang.server.identity.keys import identity_by_key
    from actionlang.server.identity.people import People

    people, uses = People(database, has_rules=database.hosting.policy is not None), KeyUses(database)
    if (as_user is None) == (key is None):
        told = "It is not said who calls." if key is None else f"--as and {KEY_VARIABLE} both say who calls."
        hint = f"name a user with --as, or put an API key into {KEY_VARIABLE}; actionlang key create makes one"
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, told, hint=hint))

    def who() -> Identity:
        if key is not None:
            return identity_by_key(key, database, people, uses)
        assert as_user is not None
        user = people.find("email", as_user)
        return Identity(f"user {as_user}", None if user is None else {"id": user})

    return who


def _told(refusal: Refusal) -> ActionLangError:
    """A refusal as commands tell errors."""
    from actionlang.diagnostics.catalogue import by_id
    from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

    code = by_id(refusal.code)
    assert code is not None
    return ActionLangError(Diagnostic(code, refusal.message, hint=refusal.hint))
