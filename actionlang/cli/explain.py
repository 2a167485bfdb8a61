"""`actionlang explain`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import json_option
from actionlang.cli.output import wants_color, width_of, write
from actionlang.cli.reflow import reflow
from actionlang.diagnostics.catalogue import all_codes, by_id
from actionlang.diagnostics.catalogue.project import UNKNOWN_CODE
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actionlang.engine.relational.attempts import At, Attempted
    from actionlang.engine.relational.explaining import Explained
    from actionlang.plan.plan import Verb

Layers = Sequence[Sequence[Any]]
"""For each layer of a verb its module, its script and line there, and why it stands where it stands."""

DIALECTS = ("sqlite", "postgres")
CODE = re.compile(r"[EW]?[0-9]{3,5}", re.IGNORECASE | re.ASCII)
LINT = re.compile(r"[a-z]+(-[a-z]+)+", re.IGNORECASE | re.ASCII)
"""Names of lints, which no verb has: a verb's name has no hyphen in it."""


@click.command(
    cls=Told,
    examples=(
        "explain Escalate",
        "explain helpdesk.Escalate --json",
        "explain --sql Escalate --dialect postgres",
        "explain E0301",
        "explain unused-name",
    ),
)
@click.argument("subject", metavar="VERB|CODE|LINT|RULE", shell_complete=completing.verbs_and_codes)
@click.option("--sql", is_flag=True, help="Of a verb: the statements with which it runs on many rows.")
@click.option("--dialect", type=click.Choice(DIALECTS), help="With --sql: for this database only.")
@json_option
def explain(subject: str, sql: bool, dialect: str | None, as_json: bool) -> None:
    """Tell what a verb does and needs, or what an error code means.

    Of a verb: what it takes and returns, what it reads and changes, the privileges that this needs, its steps, the hooks that it
    sets off, and where it is overridden its layers. VERB may also be a plan file. With --sql: the statements with which it runs
    on many rows, or which step has no set form and why.
    """
    if CODE.fullmatch(subject) or LINT.fullmatch(subject):
        _explain_code(_code(subject), as_json=as_json)
    elif sql or dialect is not None:
        _explain_sql(subject, DIALECTS if dialect is None else (dialect,), as_json=as_json)
    else:
        _explain_verb(subject, as_json=as_json)


def _code(word: str) -> Code:
    code = by_id(word)
    if code is not None:
        return code
    from difflib import get_close_matches

    known = {code.id: code.title for code in all_codes()}
    wanted = word.lower() if LINT.fullmatch(word) else word.upper()
    close = get_close_matches(wanted, known, n=3, cutoff=0.7)
    hint = "Did you mean " + ", ".join(f"{id_} ({known[id_]})" for id_ in close) + "?" if close else None
    raise ActionLangError(Diagnostic(UNKNOWN_CODE, f"There is no code {word}.", hint=hint))


def _explain_code(code: Code, *, as_json: bool) -> None:
    from actionlang.diagnostics.pages import error_page, plain

    page = error_page(code)
    if as_json:
        told = {"code": code.id, "title": code.title, "severity": code.severity.value, "page": page}
        write(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        text, width = plain(page, wants_color(sys.stdout)), width_of(sys.stdout)
        write(text if width is None else reflow(text, width))


def _explain_verb(word: str, *, as_json: bool) -> None:
    from actionlang.cli.contract import contract_object
    from actionlang.cli.plans import is_plan_file, read_plan
    from actionlang.plan.describe import describe

    layers: Layers = ()
    if is_plan_file(word):
        plan = read_plan(word)
    else:
        from actionlang.compile.finding import find_verb
        from actionlang.compile.selection import select
        from actionlang.plan.codec import decode

        found = find_verb(word, select())
        plan, layers = decode(found.plan), found.entry.layers
    if as_json:
        told = [dict(zip(("module", "source", "line", "why"), each, strict=True)) for each in layers]
        write(json.dumps({**contract_object(plan.verb), "layers": told}, indent=2, ensure_ascii=False))
    else:
        write(describe(plan).rstrip("\n") + _layers_text(layers))


def _layers_text(layers: Layers) -> str:
    """A verb's layers, the one that runs first."""
    if not layers:
        return ""
    rows = [(module, f"{source}, line {line}", why) for module, source, line, why in layers]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {module:{widths[0]}}  {place:{widths[1]}}  {why}" for module, place, why in rows]
    return "\n".join(["", "", "layers, the first one runs", *lines])


def _explain_sql(word: str, dialects: tuple[str, ...], *, as_json: bool) -> None:
    from actionlang.cli.plans import read_plan
    from actionlang.engine.relational.explaining import explain_set

    plan = read_plan(word)
    found = [explain_set(plan, dialect) for dialect in dialects]
    if as_json:
        write(json.dumps([_sql_object(each) for each in found], indent=2, ensure_ascii=False))
    else:
        write("\n\n".join(_sql_text(plan.verb, each) for each in found))


def _sql_object(explained: Explained) -> dict[str, object]:
    refused = explained.refused
    place = None if refused is None else refused.place
    return {
        "dialect": explained.dialect,
        "set_form": refused is None,
        "reason": None if refused is None else refused.reason,
        "verb": None if refused is None else refused.verb,
        "line": None if place is None else place.line,
        "values": dict(explained.values),
        "attempts": [_attempt_object(each) for each in explained.attempts],
        "statements": [{"purpose": each.purpose, "sql": each.text} for each in explained.statements],
    }


def _attempt_object(attempt: Attempted) -> dict[str, object]:
    def places(found: Iterable[At]) -> list[dict[str, object]]:
        return [{"verb": each.verb, "line": each.place.line} for each in found]

    return {**places([attempt.at])[0], "guards": places(attempt.guards), "one_after_another": places(attempt.ending)}


ON_MANY_ROWS = {
    False: "On many rows the interpreter runs it on one after another.",
    True: "On many rows a verb starts it, in a loop: each of them has a run of its own.",
}
"""What is done instead of a set form, for background actions and for others."""


def _sql_text(verb: Verb, explained: Explained) -> str:
    from actionlang.engine.relational.explaining import attempted, laid_out

    if explained.refused is not None:
        where = ""
        if explained.refused.place is not None:
            name = (explained.refused.verb or verb.name).rpartition(".")[2]
            where = f" (in {name}, line {explained.refused.place.line})"
        return (
            f"-- {explained.dialect}: {verb.short_name} has no set form: {explained.refused.reason}{where}.\n"
            f"-- {ON_MANY_ROWS[verb.kind == 'background']}"
        )
    parts = [f"-- {explained.dialect}: {verb.short_name} on all its rows, {len(explained.statements)} statements"]
    if explained.values:
        parts.append(
            "\n".join(["-- worked out once, before them:", *(f"--   :{n} = {v}" for n, v in explained.values)])
        )
    if explained.attempts:
        told = (f"--   {attempted(each)}" for each in explained.attempts)
        parts.append(
            "\n".join(["-- attempts (where one fails without a guard, all is done one after another):", *told])
        )
    parts += [f"-- {each.purpose}\n{laid_out(each.text)};" for each in explained.statements]
    return "\n\n".join(parts)
