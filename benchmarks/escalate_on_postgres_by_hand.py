"""Escalate on PostgreSQL as good programmers write it: statement by statement with psycopg, as one statement with CTEs that write,
as one PL/pgSQL function, and with SQLAlchemy's ORM. All do the reads, checks, writes and records that the verb does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.escalate_by_hand import PRIORITIES, VERB, Refused, moment, owner

dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

FIND_CASE = (
    "SELECT id, title, priority, status, amount, escalated_on, escalation_reason, owner_user, owner_team"
    ' FROM "case" WHERE number = %s FOR UPDATE'
)
FIND_TEAM = "SELECT id FROM team WHERE name = %s"
RAISE = 'UPDATE "case" SET priority = 3, escalated_on = %s, escalation_reason = %s WHERE id = %s'
ASSIGN = 'UPDATE "case" SET owner_user = NULL, owner_team = %s WHERE id = %s'
CREATE_TASK = (
    "INSERT INTO task (id, subject, regarding_case, due, status, owner_team) VALUES (%s, %s, %s, %s, 'open', %s)"
)
RUN = (
    "INSERT INTO actionlang_run (id, verb, plan_hash, caller, row_table, row_key, arguments, requires, clock, zone, started, "
    "finished, outcome) VALUES (%s, %s, %s, NULL, 'helpdesk.case', %s, %s, '[\"support.escalate\"]', %s, 'UTC', %s, %s, 'done')"
)
CHANGE = (
    "INSERT INTO actionlang_change (run, sequence, row_table, row_key, operation, verb, line, stage, before, after) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def check(status: str, reason: str, level: int, amount: Decimal | None) -> None:
    """See that the case can be escalated."""
    if status != "open":
        raise Refused("Only an open case can be escalated.")
    if not reason.strip():
        raise Refused("Say why the case is escalated.")
    if level < 2:
        raise Refused("A case is escalated to the second line or a higher one.")
    if amount is not None and amount > 10_000:
        raise ValueError("no case of the benchmark is worth so much that its team would be told")


def records(
    case: str, task: str, before: dict[str, object], after: dict[str, object], owners: tuple[Any, Any], created: object
) -> list[tuple[Any, ...]]:
    """The records of the three changes, without run, line and number."""
    key = dumps(case)
    return [
        ("helpdesk.case", key, "update", "Raise", dumps(before), dumps(after)),
        ("helpdesk.case", key, "assign", "Raise", dumps({"owner": owners[0]}), dumps({"owner": owners[1]})),
        ("helpdesk.task", dumps(task), "create", None, None, dumps(created)),
    ]


def created(task: str, subject: str, case: str, due: date, tier: object) -> dict[str, object]:
    """A created task as its record has it."""
    regarding = {"table": "helpdesk.case", "key": case}
    return {
        "id": task,
        "subject": subject,
        "regarding": regarding,
        "due": due.isoformat(),
        "status": "open",
        "done_on": None,
        "owner": tier,
    }


def shown(value: datetime) -> str:
    """A moment in a record."""
    text = value.isoformat()[:-6]
    return f"{text}Z"


class Statements:
    """Statement by statement, in one transaction."""

    begin = "BEGIN ISOLATION LEVEL SERIALIZABLE"

    def __init__(self, driver: psycopg.Connection, new_id: Callable[[], str], plan_hash: str, lines: list[int]) -> None:
        self.cursor = driver.cursor()
        self.new_id, self.plan_hash, self.lines = new_id, plan_hash, lines

    def escalate(self, number: str, reason: str, level: int = 2) -> str:
        """Raise a case; gives the id of the task to call back."""
        self.cursor.execute(self.begin)
        try:
            task = self._escalate(number, reason, level)
            self.cursor.execute("COMMIT")
        except BaseException:
            self.cursor.execute("ROLLBACK")
            raise
        return task

    def _escalate(self, number: str, reason: str, level: int) -> str:
        cursor = self.cursor
        started, run, task = datetime.now(UTC), self.new_id(), self.new_id()
        found = cursor.execute(FIND_CASE, (number,)).fetchone()
        if found is None:
            raise Refused(f"There is no case {number}.")
        id_, title, priority, status, amount, escalated_on, old_reason, owner_user, owner_team = found
        check(status, reason, level, amount)
        tier_row = cursor.execute(FIND_TEAM, (f"Tier {level}",)).fetchone()
        if tier_row is None or tier_row[0] == owner_team:
            raise Refused(f"Tier {level} is not there, or has the case already.")
        team, case = tier_row[0], str(id_)
        cursor.execute(RAISE, (started, reason, id_))
        cursor.execute(ASSIGN, (team, id_))
        subject, due = f"Call back: {title}", started.date() + timedelta(days=2)
        cursor.execute(CREATE_TASK, (task, subject, id_, due, team))
        tier = {"table": "core.team", "key": str(team)}
        before: dict[str, object] = {
            "priority": PRIORITIES[priority],
            "escalated_on": None,
            "escalation_reason": old_reason,
        }
        if escalated_on is not None:
            before["escalated_on"] = shown(escalated_on)
        after: dict[str, object] = {"priority": "high", "escalated_on": shown(started), "escalation_reason": reason}
        was = owner(owner_user and str(owner_user), owner_team and str(owner_team))
        told = records(case, task, before, after, (was, tier), created(task, subject, case, due, tier))
        now = moment(started)
        cursor.execute(
            RUN,
            (run, VERB, self.plan_hash, dumps(case), dumps({"reason": reason}), now, now, moment(datetime.now(UTC))),
        )
        cursor.executemany(
            CHANGE,
            [
                (run, at, table, key, operation, VERB, line, stage, old, new)
                for at, (line, (table, key, operation, stage, old, new)) in enumerate(
                    zip(self.lines, told, strict=True), 1
                )
            ],
        )
        return task


ONE_STATEMENT = """
WITH found AS MATERIALIZED (
  SELECT id, title, priority, status, amount, escalated_on, escalation_reason, owner_user, owner_team
  FROM "case" WHERE number = %(number)s FOR UPDATE
), tier AS MATERIALIZED (
  SELECT id FROM team WHERE name = 'Tier ' || %(level)s::bigint
), good AS MATERIALIZED (
  SELECT c.*, tier.id AS tier, '"' || c.id || '"' AS key, '{"table":"core.team","key":"' || tier.id || '"}' AS tier_json,
    to_char(%(now)s::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS moment,
    (%(now)s::timestamptz AT TIME ZONE 'UTC')::date + 2 AS due
  FROM found AS c CROSS JOIN tier
  WHERE c.status = 'open' AND btrim(%(reason)s::text) <> '' AND %(level)s::bigint >= 2 AND tier.id IS DISTINCT FROM c.owner_team
    AND (c.amount > 10000) IS NOT TRUE
), raised AS (
  UPDATE "case" SET priority = 3, escalated_on = %(now)s, escalation_reason = %(reason)s, owner_user = NULL, owner_team = good.tier
  FROM good WHERE "case".id = good.id
), made AS (
  INSERT INTO task (id, subject, regarding_case, due, status, owner_team)
  SELECT %(task)s::uuid, 'Call back: ' || title, id, due, 'open', tier FROM good RETURNING id
), run AS (
  INSERT INTO actionlang_run (id, verb, plan_hash, row_table, row_key, arguments, requires, clock, zone, started, finished, outcome)
  SELECT %(run)s, 'helpdesk.Escalate', %(hash)s, 'helpdesk.case', key, '{"reason":' || to_json(%(reason)s::text) || '}',
    '["support.escalate"]', moment, 'UTC', moment,
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'done'
  FROM good
), changes AS (
  INSERT INTO actionlang_change (run, sequence, row_table, row_key, operation, verb, line, stage, before, after)
  SELECT %(run)s, v.sequence, v.tab, v.key, v.operation, 'helpdesk.Escalate', v.line, v.stage, v.before, v.after
  FROM good AS c CROSS JOIN LATERAL (VALUES
    (1, 'helpdesk.case', key, 'update', (%(lines)s::integer[])[1], 'Raise',
      '{"priority":"' || (CASE c.priority WHEN 1 THEN 'low' WHEN 2 THEN 'normal' ELSE 'high' END) || '","escalated_on":'
        || coalesce('"' || to_char(c.escalated_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
        || ',"escalation_reason":' || coalesce(to_json(c.escalation_reason)::text, 'null') || '}',
      '{"priority":"high","escalated_on":"' || moment || '","escalation_reason":' || to_json(%(reason)s::text) || '}'),
    (2, 'helpdesk.case', key, 'assign', (%(lines)s::integer[])[2], 'Raise',
      '{"owner":' || coalesce('{"table":"core.user","key":"' || c.owner_user || '"}',
        '{"table":"core.team","key":"' || c.owner_team || '"}', 'null') || '}',
      '{"owner":' || tier_json || '}'),
    (3, 'helpdesk.task', '"' || %(task)s::text || '"', 'create', (%(lines)s::integer[])[3], NULL, NULL,
      '{"id":"' || %(task)s::text || '","subject":' || to_json('Call back: ' || c.title) || ',"regarding":{"table":"helpdesk.case","key":'
        || key || '},"due":"' || due || '","status":"open","done_on":null,"owner":' || tier_json || '}')
  ) AS v(sequence, tab, key, operation, line, stage, before, after)
)
SELECT found.status, found.amount, made.id
FROM (VALUES (1)) AS one(row) LEFT JOIN found ON TRUE LEFT JOIN made ON TRUE
"""


class OneStatement:
    """The statement above, which is a serializable transaction by itself. It tells what it found, so that whatever is refused
    can be told."""

    def __init__(self, driver: psycopg.Connection, new_id: Callable[[], str], plan_hash: str, lines: list[int]) -> None:
        driver.execute("SET default_transaction_isolation = 'serializable'")
        self.cursor = driver.cursor()
        self.new_id, self.plan_hash, self.lines = new_id, plan_hash, lines

    def escalate(self, number: str, reason: str, level: int = 2) -> str:
        """Raise a case; gives the id of the task to call back."""
        given = {
            "number": number,
            "reason": reason,
            "level": level,
            "run": self.new_id(),
            "task": self.new_id(),
            "hash": self.plan_hash,
            "now": datetime.now(UTC),
            "lines": self.lines,
        }
        found = self.cursor.execute(ONE_STATEMENT, given, prepare=True).fetchone()
        assert found is not None
        status, amount, task = found
        if task is None:
            if status is None:
                raise Refused(f"There is no case {number}.")
            check(status, reason, level, amount)
            raise Refused(f"Tier {level} is not there, or has the case already.")
        return str(task)


FUNCTION = """
CREATE FUNCTION escalate_by_hand(p_number text, p_reason text, p_level bigint, p_run text, p_task uuid, p_hash text,
    p_now timestamptz, p_lines integer[])
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  c record;
  tier uuid;
  key text;
  tier_json text;
  moment text := to_char(p_now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
BEGIN
  SELECT id, title, priority, status, amount, escalated_on, escalation_reason, owner_user, owner_team INTO c
    FROM "case" WHERE number = p_number FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no case %.', p_number;
  END IF;
  IF c.status <> 'open' THEN
    RAISE EXCEPTION 'Only an open case can be escalated.';
  END IF;
  IF btrim(p_reason) = '' THEN
    RAISE EXCEPTION 'Say why the case is escalated.';
  END IF;
  IF p_level < 2 THEN
    RAISE EXCEPTION 'A case is escalated to the second line or a higher one.';
  END IF;
  SELECT id INTO tier FROM team WHERE name = 'Tier ' || p_level;
  IF NOT FOUND OR tier = c.owner_team THEN
    RAISE EXCEPTION 'Tier % is not there, or has the case already.', p_level;
  END IF;
  IF c.amount > 10000 THEN
    RAISE EXCEPTION 'no case of the benchmark is worth so much that its team would be told';
  END IF;
  UPDATE "case" SET priority = 3, escalated_on = p_now, escalation_reason = p_reason, owner_user = NULL, owner_team = tier
    WHERE id = c.id;
  INSERT INTO task (id, subject, regarding_case, due, status, owner_team)
    VALUES (p_task, 'Call back: ' || c.title, c.id, (p_now AT TIME ZONE 'UTC')::date + 2, 'open', tier);
  key := '"' || c.id || '"';
  tier_json := '{"table":"core.team","key":"' || tier || '"}';
  INSERT INTO actionlang_run (id, verb, plan_hash, row_table, row_key, arguments, requires, clock, zone, started, finished, outcome)
    VALUES (p_run, 'helpdesk.Escalate', p_hash, 'helpdesk.case', key, '{"reason":' || to_json(p_reason) || '}',
      '["support.escalate"]', moment, 'UTC', moment,
      to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'done');
  INSERT INTO actionlang_change (run, sequence, row_table, row_key, operation, verb, line, stage, before, after) VALUES
    (p_run, 1, 'helpdesk.case', key, 'update', 'helpdesk.Escalate', p_lines[1], 'Raise',
      '{"priority":"' || (CASE c.priority WHEN 1 THEN 'low' WHEN 2 THEN 'normal' ELSE 'high' END) || '","escalated_on":'
        || coalesce('"' || to_char(c.escalated_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
        || ',"escalation_reason":' || coalesce(to_json(c.escalation_reason)::text, 'null') || '}',
      '{"priority":"high","escalated_on":"' || moment || '","escalation_reason":' || to_json(p_reason) || '}'),
    (p_run, 2, 'helpdesk.case', key, 'assign', 'helpdesk.Escalate', p_lines[2], 'Raise',
      '{"owner":' || coalesce('{"table":"core.user","key":"' || c.owner_user || '"}',
        '{"table":"core.team","key":"' || c.owner_team || '"}', 'null') || '}',
      '{"owner":' || tier_json || '}'),
    (p_run, 3, 'helpdesk.task', '"' || p_task || '"', 'create', 'helpdesk.Escalate', p_lines[3], NULL, NULL,
      '{"id":"' || p_task || '","subject":' || to_json('Call back: ' || c.title) || ',"regarding":{"table":"helpdesk.case","key":'
        || key || '},"due":"' || ((p_now AT TIME ZONE 'UTC')::date + 2) || '","status":"open","done_on":null,"owner":'
        || tier_json || '}');
  RETURN p_task;
END
$$
"""


class OneFunction:
    """One call of the function above, which is a serializable transaction by itself."""

    def __init__(self, driver: psycopg.Connection, new_id: Callable[[], str], plan_hash: str, lines: list[int]) -> None:
        driver.execute(FUNCTION)
        driver.execute("SET default_transaction_isolation = 'serializable'")
        self.cursor = driver.cursor()
        self.new_id, self.plan_hash, self.lines = new_id, plan_hash, lines

    def escalate(self, number: str, reason: str, level: int = 2) -> str:
        """Raise a case; gives the id of the task to call back."""
        self.cursor.execute(
            "SELECT escalate_by_hand(%s, %s, %s, %s, %s, %s, %s, %s)",
            (number, reason, level, self.new_id(), self.new_id(), self.plan_hash, datetime.now(UTC), self.lines),
            prepare=True,
        )
        found = self.cursor.fetchone()
        assert found is not None
        return str(found[0])


class Base(DeclarativeBase):
    """The tables as a team maps them."""


class Team(Base):
    __tablename__ = "team"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    name: Mapped[str]


class Case(Base):
    __tablename__ = "case"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    number: Mapped[str]
    title: Mapped[str]
    priority: Mapped[int] = mapped_column(sa.BigInteger)
    status: Mapped[str]
    amount: Mapped[Decimal | None] = mapped_column(sa.Numeric(19, 4))
    escalated_on: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    escalation_reason: Mapped[str | None]
    owner_user: Mapped[str | None] = mapped_column(sa.Uuid(as_uuid=False))
    owner_team: Mapped[str | None] = mapped_column(sa.Uuid(as_uuid=False))


class Task(Base):
    __tablename__ = "task"
    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    subject: Mapped[str]
    regarding_case: Mapped[str | None] = mapped_column(sa.Uuid(as_uuid=False))
    due: Mapped[date | None]
    status: Mapped[str]
    owner_team: Mapped[str | None] = mapped_column(sa.Uuid(as_uuid=False))


class Run(Base):
    __tablename__ = "actionlang_run"
    id: Mapped[str] = mapped_column(primary_key=True)
    verb: Mapped[str]
    plan_hash: Mapped[str]
    row_table: Mapped[str]
    row_key: Mapped[str]
    arguments: Mapped[str]
    requires: Mapped[str]
    clock: Mapped[str]
    zone: Mapped[str]
    started: Mapped[str]
    finished: Mapped[str]
    outcome: Mapped[str]


class Change(Base):
    __tablename__ = "actionlang_change"
    run: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    row_table: Mapped[str]
    row_key: Mapped[str]
    operation: Mapped[str]
    verb: Mapped[str]
    line: Mapped[int]
    stage: Mapped[str | None]
    before: Mapped[str | None]
    after: Mapped[str | None]


class Objects:
    """Through SQLAlchemy's ORM, a session for each call."""

    def __init__(self, url: str, new_id: Callable[[], str], plan_hash: str, lines: list[int]) -> None:
        self.engine = sa.create_engine(url, isolation_level="SERIALIZABLE")
        self.new_id, self.plan_hash, self.lines = new_id, plan_hash, lines

    def escalate(self, number: str, reason: str, level: int = 2) -> str:
        """Raise a case; gives the id of the task to call back."""
        with Session(self.engine) as session, session.begin():
            started, run = datetime.now(UTC), self.new_id()
            case = session.scalars(sa.select(Case).where(Case.number == number).with_for_update()).one()
            check(case.status, reason, level, case.amount)
            team = session.scalars(sa.select(Team).where(Team.name == f"Tier {level}")).one()
            if case.owner_team == team.id:
                raise Refused(f"{team.name} has the case already.")
            tier = {"table": "core.team", "key": team.id}
            before: dict[str, object] = {
                "priority": PRIORITIES[case.priority],
                "escalated_on": case.escalated_on and shown(case.escalated_on),
                "escalation_reason": case.escalation_reason,
            }
            was = owner(case.owner_user, case.owner_team)
            case.priority, case.escalated_on, case.escalation_reason = 3, started, reason
            case.owner_user, case.owner_team = None, team.id
            task = Task(
                id=self.new_id(),
                subject=f"Call back: {case.title}",
                regarding_case=case.id,
                due=started.date() + timedelta(days=2),
                status="open",
                owner_team=team.id,
            )
            session.add(task)
            after: dict[str, object] = {"priority": "high", "escalated_on": shown(started), "escalation_reason": reason}
            assert task.due is not None
            made = created(task.id, task.subject, case.id, task.due, tier)
            now = moment(started)
            session.add(
                Run(
                    id=run,
                    verb=VERB,
                    plan_hash=self.plan_hash,
                    row_table="helpdesk.case",
                    row_key=dumps(case.id),
                    arguments=dumps({"reason": reason}),
                    requires='["support.escalate"]',
                    clock=now,
                    zone="UTC",
                    started=now,
                    finished=moment(datetime.now(UTC)),
                    outcome="done",
                )
            )
            told = records(case.id, task.id, before, after, (was, tier), made)
            for at, (line, (table, key, operation, stage, old, new)) in enumerate(
                zip(self.lines, told, strict=True), 1
            ):
                session.add(
                    Change(
                        run=run,
                        sequence=at,
                        row_table=table,
                        row_key=key,
                        operation=operation,
                        verb=VERB,
                        line=line,
                        stage=stage,
                        before=old,
                        after=new,
                    )
                )
            return task.id
