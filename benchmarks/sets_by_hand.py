"""Escalate on many cases, by hand: the few statements that someone who knows the database would write, with the same rows and the
same records in the end, whatever the cases hold."""

from __future__ import annotations

from typing import Any

import attrs

from actionlang.engine.ids import IdBlock

TASK_SUBJECT = "'Call back: ' || t.title"


@attrs.frozen
class Escalation:
    """What one run writes: ids, the moment, the lines of the steps that the records name."""

    run: str
    ids: IdBlock
    moment: str
    due: str
    reason: str
    tier: str
    plan_hash: str
    lines: tuple[int, int, int, int]


def on_sqlite(cursor: Any, known: Escalation) -> None:
    """All open cases, on SQLite."""
    values = {
        "run": known.run, "moment": known.moment, "due": known.due, "reason": known.reason, "tier": known.tier,
        "prefix": known.ids.prefix + "-", "base": known.ids.base, "stride": known.ids.stride,
        "update": known.lines[0], "assign": known.lines[1], "create": known.lines[2], "notify": known.lines[3],
        "text": f"Escalated: {known.reason}",
    }  # fmt: skip
    cursor.execute(
        """CREATE TEMP TABLE target AS SELECT *, :prefix || printf('%012x', :base + (place - 1 + earlier) * :stride) AS task,
             :prefix || printf('%012x', :base + (place + earlier) * :stride) AS note FROM (
             SELECT *, row_number() OVER rows AS place, sum(told) OVER rows - told AS earlier FROM (
               SELECT rowid AS r, id, title, priority, escalated_on, escalation_reason, owner_user, owner_team,
                 coalesce(amount, 0) > 100000000 AS told FROM "case" WHERE status = 'open')
             WINDOW rows AS (ORDER BY id ROWS UNBOUNDED PRECEDING))""",
        values,
    )
    cursor.execute(
        "SELECT count(*) FROM target WHERE owner_team = :tier OR length('Call back: ' || title) > 300", values
    )
    assert cursor.fetchone() == (0,)
    cursor.execute(
        """INSERT INTO task (id, subject, regarding_case, due, status, owner_team)
           SELECT t.task, 'Call back: ' || t.title, t.id, :due,
             'open', :tier FROM target AS t ORDER BY t.rowid""",
        values,
    )
    cursor.execute(
        """INSERT INTO notification (id, recipient_team, text, sent_on, read)
           SELECT t.note, :tier, :text, :moment, 0
           FROM target AS t WHERE t.told ORDER BY t.rowid""",
        values,
    )
    cursor.execute(
        """UPDATE "case" SET priority = 3, escalated_on = :moment, escalation_reason = :reason, owner_user = NULL,
             owner_team = :tier FROM target AS t WHERE "case".rowid = t.r""",
        values,
    )
    _records(cursor, SQLITE_RECORDS, values)


def _records(cursor: Any, statements: tuple[str, ...], values: dict[str, Any]) -> None:
    for statement in statements:
        cursor.execute(statement, values)


_HEAD = (
    "INSERT INTO actionlang_change (run, sequence, row_table, row_key, operation, verb, line, stage, before, after) "
)

SQLITE_RECORDS = (
    _HEAD
    + """SELECT :run, (t.rowid - 1) * 3 + t.earlier + k.n,
           CASE k.n WHEN 3 THEN 'helpdesk.task' WHEN 4 THEN 'core.notification' ELSE 'helpdesk.case' END,
           '"' || CASE k.n WHEN 3 THEN t.task WHEN 4 THEN t.note ELSE t.id END || '"',
           CASE k.n WHEN 1 THEN 'update' WHEN 2 THEN 'assign' ELSE 'create' END,
           CASE k.n WHEN 4 THEN 'core.Notify' ELSE 'helpdesk.Escalate' END,
           CASE k.n WHEN 1 THEN :update WHEN 2 THEN :assign WHEN 3 THEN :create ELSE :notify END,
           CASE WHEN k.n < 3 THEN 'Raise' END,
           CASE k.n WHEN 1 THEN
             '{' || substr(CASE WHEN t.priority <> 3 THEN ',"priority":"' || CASE t.priority WHEN 1 THEN 'low' ELSE 'normal' END || '"'
               ELSE '' END || ',"escalated_on":' || CASE WHEN t.escalated_on IS NULL THEN 'null' ELSE '"'
               || replace(t.escalated_on, '.000000Z', 'Z') || '"' END || CASE WHEN t.escalation_reason IS NOT :reason
               THEN ',"escalation_reason":' || coalesce(json_quote(t.escalation_reason), 'null') ELSE '' END, 2) || '}'
           WHEN 2 THEN
             '{"owner":' || CASE WHEN t.owner_user IS NOT NULL THEN '{"table":"core.user","key":"' || t.owner_user || '"}'
               WHEN t.owner_team IS NOT NULL THEN '{"table":"core.team","key":"' || t.owner_team || '"}' ELSE 'null' END || '}'
           END,
           CASE k.n WHEN 1 THEN
             '{' || substr(CASE WHEN t.priority <> 3 THEN ',"priority":"high"' ELSE '' END || ',"escalated_on":"' || :moment || '"'
               || CASE WHEN t.escalation_reason IS NOT :reason THEN ',"escalation_reason":' || json_quote(:reason) ELSE '' END, 2)
               || '}'
           WHEN 2 THEN '{"owner":{"table":"core.team","key":"' || :tier || '"}}'
           WHEN 3 THEN
             '{"id":"' || t.task || '","subject":' || json_quote('Call back: ' || t.title) || ',"regarding":{"table":"helpdesk.case",'
               || '"key":"' || t.id || '"},"due":"' || :due || '","status":"open","done_on":null,"owner":{"table":"core.team","key":"'
               || :tier || '"}}'
           ELSE
             '{"id":"' || t.note || '","recipient":{"table":"core.team","key":"' || :tier || '"},"text":' || json_quote(:text)
               || ',"sent_on":"' || :moment || '","read":false,"read_on":null}'
           END
         FROM target AS t CROSS JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS k
         WHERE k.n < 4 OR t.told""",
)  # fmt: skip
"""In one pass and in order, which is quicker than a statement for each kind of change."""


def on_postgres(cursor: Any, known: Escalation) -> None:
    """All open cases, on PostgreSQL."""
    values = {
        "run": known.run, "moment": known.moment, "due": known.due, "reason": known.reason, "tier": known.tier,
        "prefix": known.ids.prefix + "-", "base": known.ids.base, "stride": known.ids.stride,
        "update": known.lines[0], "assign": known.lines[1], "create": known.lines[2], "notify": known.lines[3],
        "text": f"Escalated: {known.reason}",
    }  # fmt: skip
    cursor.execute(
        """CREATE TEMP TABLE target ON COMMIT DROP AS SELECT *,
             sum(told) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) - told AS earlier FROM (
             SELECT row_number() OVER (ORDER BY id) AS place, id, title, priority, escalated_on, escalation_reason, owner_user,
               owner_team, (coalesce(amount, 0) > 10000)::int AS told FROM "case" WHERE status = 'open' ORDER BY id) AS t"""
    )
    cursor.execute(
        "SELECT count(*) FROM target WHERE owner_team = %(tier)s OR length('Call back: ' || title) > 300", values
    )
    assert cursor.fetchone() == (0,)
    number = "lpad(to_hex(%(base)s::bigint + ({0}) * %(stride)s), 12, '0')"
    task = f"(%(prefix)s || {number.format('t.place - 1 + t.earlier')})"
    note = f"(%(prefix)s || {number.format('t.place + t.earlier')})"
    moment = "replace(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000Z', 'Z')"
    cursor.execute(
        f"""INSERT INTO task (id, subject, regarding_case, due, status, owner_team)
            SELECT {task}::uuid, 'Call back: ' || t.title, t.id, %(due)s, 'open', %(tier)s FROM target AS t ORDER BY t.place""",
        values,
    )
    cursor.execute(
        f"""INSERT INTO notification (id, recipient_team, text, sent_on, read)
            SELECT {note}::uuid, %(tier)s, %(text)s, %(moment)s, FALSE FROM target AS t WHERE t.told = 1 ORDER BY t.place""",
        values,
    )
    cursor.execute(
        """UPDATE "case" AS c SET priority = 3, escalated_on = %(moment)s, escalation_reason = %(reason)s, owner_user = NULL,
             owner_team = %(tier)s FROM target AS t WHERE c.id = t.id""",
        values,
    )
    head = _HEAD.replace("before, after", '"before", "after"')
    statements = (
        head
        + f"""SELECT %(run)s, (t.place - 1) * 3 + t.earlier + 1, 'helpdesk.case', '"' || t.id || '"', 'update',
              'helpdesk.Escalate', %(update)s, 'Raise',
              '{{' || substr(CASE WHEN t.priority <> 3 THEN ',"priority":"' || CASE t.priority WHEN 1 THEN 'low' ELSE 'normal' END
                || '"' ELSE '' END || ',"escalated_on":' || coalesce('"' || {moment.format("t.escalated_on")} || '"', 'null')
                || CASE WHEN t.escalation_reason IS DISTINCT FROM %(reason)s THEN ',"escalation_reason":'
                || coalesce(to_json(t.escalation_reason)::text, 'null') ELSE '' END, 2) || '}}',
              '{{' || substr(CASE WHEN t.priority <> 3 THEN ',"priority":"high"' ELSE '' END || ',"escalated_on":"'
                || {moment.format("%(moment)s::timestamptz")} || '"' || CASE WHEN t.escalation_reason IS DISTINCT FROM %(reason)s
                THEN ',"escalation_reason":' || to_json(%(reason)s::text)::text ELSE '' END, 2) || '}}'
              FROM target AS t ORDER BY t.place""",
        head
        + """SELECT %(run)s, (t.place - 1) * 3 + t.earlier + 2, 'helpdesk.case', '"' || t.id || '"', 'assign',
             'helpdesk.Escalate', %(assign)s, 'Raise',
             '{"owner":' || CASE WHEN t.owner_user IS NOT NULL THEN '{"table":"core.user","key":"' || t.owner_user || '"}'
               WHEN t.owner_team IS NOT NULL THEN '{"table":"core.team","key":"' || t.owner_team || '"}' ELSE 'null' END || '}',
             '{"owner":{"table":"core.team","key":"' || %(tier)s || '"}}' FROM target AS t ORDER BY t.place""",
        head
        + f"""SELECT %(run)s, (t.place - 1) * 3 + t.earlier + 3, 'helpdesk.task', '"' || {task} || '"', 'create',
              'helpdesk.Escalate', %(create)s, NULL, NULL,
              '{{"id":"' || {task} || '","subject":' || to_json('Call back: ' || t.title)::text || ',"regarding":{{"table":'
                || '"helpdesk.case","key":"' || t.id || '"}},"due":"' || %(due)s || '","status":"open","done_on":null,"owner":'
                || '{{"table":"core.team","key":"' || %(tier)s || '"}}}}' FROM target AS t ORDER BY t.place""",
        head
        + f"""SELECT %(run)s, (t.place - 1) * 3 + t.earlier + 4, 'core.notification', '"' || {note} || '"', 'create',
              'core.Notify', %(notify)s, NULL, NULL,
              '{{"id":"' || {note} || '","recipient":{{"table":"core.team","key":"' || %(tier)s || '"}},"text":'
                || to_json(%(text)s::text)::text || ',"sent_on":"' || {moment.format("%(moment)s::timestamptz")}
                || '","read":false,"read_on":null}}' FROM target AS t WHERE t.told = 1 ORDER BY t.place""",
    )
    _records(cursor, statements, values)
