"""The audit records, written by the function itself: one row for the run, one for each row that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actionlang.engine.plpgsql.changes import Noted, number_of
from actionlang.engine.plpgsql.json_texts import compact

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

MOMENT = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
RUN_COLUMNS = (
    "id",
    "verb",
    "plan_hash",
    "caller",
    "row_table",
    "row_key",
    "arguments",
    "requires",
    "clock",
    "zone",
    "started",
    "finished",
    "outcome",
)
FAILURE_COLUMNS = ("error_code", "message", "failed_verb", "place")


def moment_text(moment: str) -> str:
    """A moment as the records hold it, as SQL."""
    return f"to_char({moment} AT TIME ZONE 'UTC', {MOMENT})"


def record_run(plan_hash: str, row_key: str | None, scope: ServerScope, failure: tuple[str, ...] = ()) -> str:
    """The statement that records the run as done, or as failed with these values for `FAILURE_COLUMNS`."""
    verb = scope.verb
    assert row_key is None or verb.binding is not None
    table = "NULL" if verb.binding is None else scope.text(verb.binding.table)
    values = [
        "run_",
        scope.text(verb.name),
        scope.text(plan_hash),
        "caller_json_",
        table,
        row_key or "NULL",
        "arguments_",
        scope.text(_spaced(verb.requires)),
        "clock_",
        "zone_",
        "started_",
        moment_text("clock_timestamp()"),
        "'failed'" if failure else "'done'",
        *failure,
    ]
    columns = RUN_COLUMNS + (FAILURE_COLUMNS if failure else ())
    return f"INSERT INTO actionlang_run ({', '.join(columns)}) VALUES ({', '.join(values)});"


def _spaced(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(compact(name) for name in names) + "]"


def record_changes(scope: ServerScope) -> list[str]:
    """The statements that record the changes noted; none where nothing can change."""
    noted = scope.function.noted
    return [*_record_single(noted, scope), *_record_lists(noted, scope)]


COLUMNS = "run, sequence, row_table, row_key, operation, verb, line, stage, before, after"


def _record_single(noted: list[Noted], scope: ServerScope) -> list[str]:
    """Of the places that the run gets to once at most."""
    values = []
    for each in noted:
        if each.single is not None:
            table, operation, verb, line, stage = _told(each, scope)
            key, before, after = each.single.key, each.single.before, each.single.after
            texts = (number_of(each, noted), table, key, operation, verb, line, stage, before, after)
            values.append(f"    ({', '.join(texts)})")
    if not values:
        return []
    return [
        f"INSERT INTO actionlang_change ({COLUMNS})",
        "  SELECT run_, v.* FROM (VALUES",
        *(f"{value}," for value in values[:-1]),
        values[-1],
        "  ) AS v(sequence, tab, key, operation, verb, line, stage, before, after)",
        "  WHERE v.before IS NOT NULL OR v.after IS NOT NULL;",
    ]


def _record_lists(noted: list[Noted], scope: ServerScope) -> list[str]:
    """Of all others, whose changes are in lists."""
    several = [_told(each, scope) for each in noted if each.single is None]
    if not several:
        return []
    sites = [each.site for each in noted if each.single is None]
    told = [
        f"(CASE c.site {' '.join(f'WHEN {site} THEN {text}' for site, text in zip(sites, texts, strict=True))} END)"
        for texts in zip(*several, strict=True)
    ]
    table, operation, verb, line, stage = told
    return [
        "IF cardinality(sites_) > 0 THEN",
        f"  INSERT INTO actionlang_change ({COLUMNS})",
        f"    SELECT run_, c.number, {table}, c.key, {operation}, {verb}, {line}, {stage}, c.before, c.after",
        "    FROM unnest(numbers_, sites_, keys_, befores_, afters_) AS c(number, site, key, before, after);",
        "END IF;",
    ]


def _told(noted: Noted, scope: ServerScope) -> tuple[str, str, str, str, str]:
    """Table, operation, verb, line and stage of a place, as SQL."""
    site = scope.function.sites[noted.site - 1]
    table, operation, verb = (scope.text(text) for text in (noted.table.name, noted.operation, site.verb))
    return table, operation, verb, str(site.place.line), "NULL::text" if site.stage is None else scope.text(site.stage)
