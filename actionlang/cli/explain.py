"""`actionlang explain`."""

from __future__ import annotations

import json
import re
import sys

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import json_option
from actionlang.cli.output import wants_color, width_of, write
from actionlang.cli.reflow import reflow
from actionlang.diagnostics.catalogue import all_codes, by_id
from actionlang.diagnostics.catalogue.project import UNKNOWN_CODE
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic

CODE = re.compile(r"[EW]?[0-9]{3,5}", re.IGNORECASE | re.ASCII)


@click.command(cls=Told, examples=("explain Escalate", "explain helpdesk.Escalate --json", "explain E0301"))
@click.argument("subject", metavar="VERB|CODE", shell_complete=completing.verbs_and_codes)
@json_option
def explain(subject: str, as_json: bool) -> None:
    """Tell what a verb does and needs, or what an error code means.

    Of a verb: what it takes and returns, what it reads and changes, the privileges that this needs, and its steps. VERB may
    also be a plan file.
    """
    if CODE.fullmatch(subject):
        _explain_code(_code(subject), as_json=as_json)
    else:
        _explain_verb(subject, as_json=as_json)


def _code(word: str) -> Code:
    code = by_id(word)
    if code is not None:
        return code
    from difflib import get_close_matches

    known = {code.id: code.title for code in all_codes()}
    close = get_close_matches(word.upper(), known, n=3, cutoff=0.7)
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
    from actionlang.cli.plans import read_plan
    from actionlang.plan.describe import describe

    plan = read_plan(word)
    if as_json:
        write(json.dumps(contract_object(plan.verb), indent=2, ensure_ascii=False))
    else:
        write(describe(plan).rstrip("\n"))
