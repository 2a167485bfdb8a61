"""What goes wrong in a command, as coded errors and an exit code: 1 found problems, 2 wrong usage, 3 run failed."""

from __future__ import annotations

import os
import sys

import click

from actionlang.cli.options import FORM, RUNNING
from actionlang.cli.output import diagnostics_text, wants_color, write
from actionlang.diagnostics.catalogue import access, audit, comparing, database, delivery, project, registry, server
from actionlang.diagnostics.catalogue.run import NO_SUCH_BACKGROUND_RUN
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.diagnostics.display import safe

PROBLEMS, USAGE, RUN_FAILED = 1, 2, 3

USAGE_CODES = frozenset(
    {
        project.NO_SUCH_FILE,
        project.NO_SCRIPTS,
        project.NO_SUCH_VERB,
        project.AMBIGUOUS_VERB,
        project.WRONG_ARGUMENT,
        project.NO_DATABASE,
        project.UNKNOWN_CODE,
        project.MISSING_EXTRA,
        database.UNKNOWN_RUN,
        NO_SUCH_BACKGROUND_RUN,
        audit.RETENTION_REFUSED,
        delivery.UNKNOWN_SUBSCRIPTION,
        delivery.SUBSCRIPTION_TAKEN,
        delivery.UNFIT_SUBSCRIPTION,
        delivery.UNKNOWN_DELIVERY,
        delivery.UNFIT_SUBSCRIBER,
        comparing.NO_GIT,
        comparing.NO_REPOSITORY,
        comparing.UNKNOWN_REF,
        comparing.NOTHING_TO_COMPARE,
        comparing.BROKEN_THEN,
        comparing.GIT_FAILED,
        registry.NOT_ACTIVE,
        registry.PRIVATE_VERB,
        registry.UNKNOWN_VERSION,
        access.NO_SUCH_ROLE,
        access.NO_ROW_SECURITY,
        access.UNKNOWN_CALLER,
        server.BAD_SETTING,
        server.UNFIT_TO_SERVE,
        server.NO_EXPORTER,
        server.NO_SUCH_KEY,
        server.UNFIT_PACKAGE,
    }
)
"""What is wrong with these is what was typed."""

OF_SCRIPTS = ("E01", "E02", "E03", "E04", "E05")
"""Families of codes that tell of scripts."""

EXTRAS = {
    "alembic": "migrate",
    "httpx2": "deliver",
    "jwt": "server",
    "lsprotocol": "lsp",
    "mcp": "mcp",
    "mcp_types": "mcp",
    "psycopg": "postgres",
    "sqlalchemy": "sql",
    "starlette": "server",
    "prompt_toolkit": "repl",
    "pygls": "lsp",
    "pygments": "repl",
    "watchfiles": "watch",
    "pygraphviz": "graph",
    "jinja2": "docs",
    "markdown_it": "docs",
    "markupsafe": "docs",
}
"""What installs a library that not everyone needs."""

SHOW_TRACEBACK = "ACTIONLANG_TRACEBACK"


def tell(error: Exception, ctx: click.Context | None = None) -> int:
    """Tell an error in the form that was asked for; gives the exit code."""
    diagnostics = _diagnostics(error)
    asked = {} if ctx is None else ctx.meta
    form = asked.get(FORM, "human")
    if form == "human":
        sys.stdout.flush()
        print(diagnostics_text(diagnostics, form, color=wants_color(sys.stderr)), file=sys.stderr)
    else:
        text = diagnostics_text(diagnostics, form)
        write(_with_run(text, error) if form == "json" else text)
    return _status(diagnostics, running=bool(asked.get(RUNNING)))


def _with_run(text: str, error: Exception) -> str:
    """The JSON of a run that failed has the id of its record, too; null where there is none."""
    run = getattr(error, "run", None)
    if run is None:
        return text
    import json

    recorded = run if getattr(error, "recorded", False) else None
    return json.dumps({"run": recorded, **json.loads(text)}, indent=2, ensure_ascii=False)


def _status(diagnostics: tuple[Diagnostic, ...], *, running: bool) -> int:
    first = diagnostics[0].code
    if first in USAGE_CODES:
        return USAGE
    return RUN_FAILED if running and not first.id.startswith(OF_SCRIPTS) else PROBLEMS


def _diagnostics(error: Exception) -> tuple[Diagnostic, ...]:
    if isinstance(error, ActionLangError):
        return error.diagnostics
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        extra = EXTRAS.get(error.name.partition(".")[0])
        if extra is not None:
            return (missing(extra, error.name.partition(".")[0]),)
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        # Bytes of the command line that are no text become halves of characters (PEP 383).
        message = f"A word of the command is no text in UTF-8: {safe(str(error.object))}."
        return (Diagnostic(project.WRONG_ARGUMENT, message, hint="see which encoding the terminal has"),)
    if os.environ.get(SHOW_TRACEBACK):
        import traceback

        traceback.print_exception(error)
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    hint = f"please report this with what you did; {SHOW_TRACEBACK}=1 before the command shows where it happened"
    return (Diagnostic(database.HOST_FAILED, f"ActionLang itself failed: {told}.", hint=hint),)


def missing(extra: str, library: str) -> Diagnostic:
    """What to say where an optional part is not installed."""
    message = f"This needs {library}, which is not installed."
    return Diagnostic(project.MISSING_EXTRA, message, hint=f"pip install 'actionlang[{extra}]'")
