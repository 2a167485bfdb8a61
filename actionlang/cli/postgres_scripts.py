"""`actionlang compile --target postgres`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from actionlang.cli.compile import write_file
from actionlang.cli.output import write
from actionlang.cli.plans import is_plan_file, plan_bytes, read_plan
from actionlang.diagnostics.catalogue.plans import NO_SERVER_FORM
from actionlang.diagnostics.catalogue.project import MISSING_EXTRA
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.schema import Schema
from actionlang.engine.sql.storage import Storage
from actionlang.plan.codec import decode, plan_hash
from actionlang.plan.file_names import file_names
from actionlang.plan.plan import StepPlan


def write_scripts(words: list[str], schema: str, folder: Path | None, *, cached: bool, as_json: bool) -> int:
    """Write a script for each verb that is named, all or none of them.

    Raises ActionLangError when a verb is not there, has errors, or is one that PostgreSQL can not run by itself.
    """
    if not words:
        raise click.UsageError("Name the verbs to make functions of: actionlang compile --target postgres Escalate")
    plans = [read_plan(word) if is_plan_file(word) else decode(plan_bytes(word, cached=cached)) for word in words]
    scripts = [(plan.verb.name, script_of(plan, schema)) for plan in plans]
    if folder is None:
        told = json.dumps({"scripts": [{"verb": verb, "script": text} for verb, text in scripts]}, indent=2)
        write(told if as_json else "\n".join(text.rstrip("\n") for _, text in scripts))
        return 0
    names = file_names(verb for verb, _ in scripts)
    written = [write_file(verb, folder / f"{names[verb]}.sql", text.encode()) for verb, text in scripts]
    if as_json:
        listed = [{"verb": each.verb, "file": each.file.as_posix(), "written": each.is_new} for each in written]
        write(json.dumps({"scripts": listed}, indent=2, ensure_ascii=False))
    else:
        for each in written:
            write(f"{'wrote    ' if each.is_new else 'unchanged'}  {each.file.as_posix()}")
    return 0


def script_of(plan: StepPlan, schema: str) -> str:
    """A verb's script. Raises ActionLangError when it has none."""
    try:
        from actionlang.engine.sql.postgres import POSTGRES
    except ModuleNotFoundError as error:
        hint = "install it: pip install 'actionlang[postgres]'"
        message = f"Scripts for PostgreSQL need a module that is not installed: {error.name}."
        raise ActionLangError(Diagnostic(MISSING_EXTRA, message, hint=hint)) from None
    from actionlang.engine.plpgsql.script import script

    try:
        return script(plan, plan_hash(plan), Storage(Schema.of_plan(plan), POSTGRES), schema)
    except NotRelational as refused:
        raise ActionLangError(_refusal(plan, refused)) from None


def _refusal(plan: StepPlan, refused: NotRelational) -> Diagnostic:
    sources = {verb.name: verb.source for verb in plan.verbs}
    notes: tuple[str, ...] = ()
    if refused.place is not None and refused.verb is not None:
        short = refused.verb.rpartition(".")[2]
        notes = (f"in {short}, the step at {sources[refused.verb]} line {refused.place.line}",)
    return Diagnostic(
        NO_SERVER_FORM,
        f"{plan.verb.short_name} is no verb that PostgreSQL can run by itself: {refused.reason}.",
        hint="let ActionLang run it, which does such steps one by one, or say it another way",
        notes=notes,
    )
