"""The set form of a verb, to be looked at: its statements for a database, or why there is none."""

from __future__ import annotations

import re

import attrs

from actionlang.engine.relational.attempts import At, Attempted
from actionlang.engine.relational.constants import Unknown
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.running import spelling_of
from actionlang.engine.relational.setplan import Known, Selection, make_set_plan
from actionlang.engine.relational.statements import Ids, Statement
from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.storage import Storage
from actionlang.plan.plan import StepPlan

DIALECTS = ("sqlite", "postgres")

BREAKS = (
    "FROM ",
    "LEFT JOIN ",
    "CROSS JOIN ",
    "JOIN ",
    "WHERE ",
    "ORDER BY ",
    "SET ",
    "SELECT ",
    "GROUP BY ",
    "HAVING ",
)
STRINGS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
WIDE = 100


@attrs.frozen
class Explained:
    """A verb's set form on a database. `values` are names that stand in the statements for what is worked out once, before
    them, each with what it is. `attempts` says what parts the rows at each attempt. `refused` says why there is no set form;
    there are no statements then."""

    dialect: str
    statements: tuple[Statement, ...]
    values: tuple[tuple[str, str], ...]
    refused: NotRelational | None
    attempts: tuple[Attempted, ...] = ()


def explain_set(plan: StepPlan, name: str) -> Explained:
    """The set form of a verb on all rows of its table, on a database (one of `DIALECTS`) whose tables we made."""
    dialect = _dialect(name)
    schema = Schema.of_plan(plan)
    unknown = Unknown()
    spelling = spelling_of(dialect.name, schema)
    with_rowid = frozenset(schema.tables)
    known = Known(plan, spelling, Storage(schema, dialect), ":run", Ids(None), with_rowid)
    try:
        made = make_set_plan(known, unknown, {}, Selection())
    except NotRelational as refused:
        return Explained(name, (), (), refused)
    statements = (*made.staging, *made.checks, *made.writes, *made.audit, *made.events)
    used = "\n".join(statement.text for statement in statements)
    values = tuple((name, _told(text)) for name, text in unknown.told.items() if f":{name}" in used)
    return Explained(name, statements, values, None, made.attempts)


def attempted(attempt: Attempted) -> str:
    """What is told of an attempt: which guards part the rows, and what ends the set run."""
    guards, ending = (_lines(found, attempt.at.verb) for found in (attempt.guards, attempt.ending))
    verb = attempt.at.verb.rpartition(".")[2]
    told = f"line {attempt.at.place.line} of {verb}: "
    told += f"the rows are parted by the guard in {guards}" if guards else "it has no guard that parts the rows"
    return told + (f"; where {ending} fails, all is done one after another" if ending else "")


def _lines(found: tuple[At, ...], verb: str) -> str:
    """Where guards stand."""
    named = [
        f"line {each.place.line}" + ("" if each.verb == verb else f" of {each.verb.rpartition('.')[2]}")
        for each in found
    ]
    return ", ".join(dict.fromkeys(named))


def _told(text: str) -> str:
    return text if len(text) <= WIDE else f"{text[:WIDE]}..."


def _dialect(name: str) -> Dialect:
    if name == "sqlite":
        from actionlang.engine.sql.sqlite import SQLITE

        return SQLITE
    from actionlang.engine.sql.postgres import POSTGRES

    return POSTGRES


def laid_out(text: str) -> str:
    """A statement on several lines: one for each clause and each column, as far as they stand in no parentheses."""
    lines: list[str] = []
    line, depth, at = "", 0, 0
    while at < len(text):
        string = STRINGS.match(text, at)
        if string:
            line += string[0]
            at = string.end()
            continue
        sign = text[at]
        depth += (sign == "(") - (sign == ")")
        if (
            depth == 0
            and text[at - 1 : at] == " "
            and text.startswith(BREAKS, at)
            and line.strip() not in ("", "LEFT", "CROSS")
        ):
            lines.append(line.rstrip())
            line = ""
        line += sign
        at += 1
        if depth == 0 and sign == "," and len(text) > WIDE:
            lines.append(line)
            line = "   "
    return "\n".join(found for found in (*lines, line.rstrip()) if found.strip())
