"""What roles can be about: the tables, verbs and privileges of the project and of the standard library."""

from __future__ import annotations

from pathlib import Path

from actionlang.access.people import PEOPLE
from actionlang.access.roles import Known
from actionlang.cli.described import described_by
from actionlang.compile.compiled import compile_standard
from actionlang.compile.finding import known_verbs
from actionlang.compile.project import display_name
from actionlang.compile.selection import select
from actionlang.diagnostics.catalogue.project import NO_SUCH_FILE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.plan.codec import decode


def known_of() -> Known:
    """All of it. Raises ActionLangError when the project has errors."""
    described = described_by(())
    plans = described.plans()
    verbs = {verb.name for verb in known_verbs(select())} | {plan.entry for plan in plans}
    standard = compile_standard().needed()
    all_plans = [*plans, *(decode(standard.plan(verb)) for verb in standard.verbs)]
    tables = {table.name: table for plan in all_plans for table in plan.tables}
    privileges = {name for plan in all_plans for verb in plan.verbs for name in verb.requires}
    return Known({**tables, **PEOPLE, **described.schema.tables}, frozenset(verbs), frozenset(privileges))


def source_of(file: Path) -> Source:
    """A file of roles. Raises ActionLangError when there is none."""
    try:
        return Source(display_name(file, Path.cwd()), file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"The file of roles {file} can not be read: {getattr(error, 'strerror', None) or error}."
        hint = "write one, or name it: actionlang access apply FILE"
        raise ActionLangError(Diagnostic(NO_SUCH_FILE, message, hint=hint)) from None
