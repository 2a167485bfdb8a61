"""Escalate over HTTP as good programmers write it: a FastAPI application with psycopg, statement by statement, once with functions
that wait in threads and once with coroutines. All check a key, validate the body, use a pool of connections, and begin again where
serializable transactions were in each other's way. `rights` is the one with coroutines that also reads what the roles of the caller
and of the caller's teams grant, in the same transaction, sees that it is enough, and logs a line a request.

`python -m benchmarks.http_by_hand threads|coroutines|rights PORT WORKERS` serves it; the rest is in the environment.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import uvicorn
from fastapi import FastAPI, Header, HTTPException
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from pydantic import BaseModel, Field

from actionlang.engine.ids import ClockIds
from benchmarks import escalate_on_postgres_by_hand as by_hand
from benchmarks.escalate_by_hand import PRIORITIES, VERB, Refused, moment, owner

POOL = 8
LOGGER = logging.getLogger("by_hand")

RIGHTS = (
    'SELECT g.word, g.subject FROM "user" u JOIN actionlang_role_member h ON h.member = u.id::text '
    "JOIN actionlang_grant g ON g.role = h.role WHERE u.id = %s AND u.active AND g.depth = 'all' "
    'UNION ALL SELECT g.word, g.subject FROM membership m JOIN "user" u ON u.id = m."user" '
    "JOIN actionlang_role_member h ON h.member = m.team::text "
    "JOIN actionlang_grant g ON g.role = h.role WHERE u.id = %s AND u.active AND g.depth = 'all'"
)
NEEDED = {
    ("perform", "helpdesk.Escalate"),
    ("requires", "support.escalate"),
    *(("read", table) for table in ("helpdesk.case", "helpdesk.task", "core.team", "core.membership", "core.user")),
    ("update", "helpdesk.case"),
    ("assign", "helpdesk.case"),
    ("create", "helpdesk.task"),
    ("create", "core.notification"),
}
BEGIN = "BEGIN"


class Reason(BaseModel):
    """The body of a call."""

    reason: str = Field(max_length=400)
    level: int = 2


class Made:
    """What both applications are told by their environment."""

    def __init__(self) -> None:
        self.url, self.key = os.environ["BY_HAND_URL"], os.environ["BY_HAND_KEY"]
        self.plan_hash = os.environ["BY_HAND_HASH"]
        self.lines = [int(line) for line in os.environ["BY_HAND_LINES"].split(",")]
        self.user = os.environ["BY_HAND_USER"]
        self.new_id = ClockIds()

    def see_key(self, authorization: str) -> None:
        """Raises HTTPException when the key is not the one."""
        if not hmac.compare_digest(authorization, f"Bearer {self.key}"):
            raise HTTPException(401, "who are you?")


def threads() -> FastAPI:
    """The application whose functions wait in threads."""
    made = Made()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        with ConnectionPool(made.url, min_size=POOL, max_size=POOL, kwargs={"autocommit": True}) as app.state.pool:
            yield

    app = FastAPI(lifespan=life)

    @app.post("/cases/{number}/escalate")
    def escalate(number: str, body: Reason, authorization: str = Header()) -> dict[str, str]:
        made.see_key(authorization)
        with app.state.pool.connection() as driver:
            statements = by_hand.Statements(driver, made.new_id, made.plan_hash, made.lines)
            statements.begin = BEGIN
            while True:
                try:
                    return {"task": statements.escalate(number, body.reason, body.level)}
                except psycopg.errors.SerializationFailure:
                    continue
                except Refused as refused:
                    raise HTTPException(422, str(refused)) from None

    return app


def rights() -> FastAPI:
    """The application of coroutines that reads the caller's rights."""
    handler = logging.StreamHandler()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    return coroutines(with_rights=True)


def coroutines(*, with_rights: bool = False) -> FastAPI:
    """The application of coroutines."""
    made = Made()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        pool = AsyncConnectionPool(made.url, min_size=POOL, max_size=POOL, kwargs={"autocommit": True}, open=False)
        async with pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=life)

    @app.post("/cases/{number}/escalate")
    async def escalate(number: str, body: Reason, authorization: str = Header()) -> dict[str, str]:
        made.see_key(authorization)
        async with app.state.pool.connection() as driver:
            while True:
                cursor = driver.cursor()
                await cursor.execute(BEGIN)
                try:
                    if with_rights:
                        await _see_rights(cursor, made)
                    task = await _escalate(cursor, made, number, body)
                    await cursor.execute("COMMIT")
                except psycopg.errors.SerializationFailure:
                    await cursor.execute("ROLLBACK")
                    continue
                except Refused as refused:
                    await cursor.execute("ROLLBACK")
                    raise HTTPException(422, str(refused)) from None
                except BaseException:
                    await cursor.execute("ROLLBACK")
                    raise
                if with_rights:
                    told = {"time": str(datetime.now(UTC)), "method": "POST", "verb": VERB, "status": 200, "task": task}
                    LOGGER.info(json.dumps(told))
                return {"task": task}

    return app


async def _see_rights(cursor: psycopg.AsyncCursor[Any], made: Made) -> None:
    """See that the caller may do it. Raises HTTPException."""
    found = await (await cursor.execute(RIGHTS, (made.user, made.user))).fetchall()
    if not NEEDED.issubset(found):
        raise HTTPException(403, "You may not.")


async def _escalate(cursor: psycopg.AsyncCursor[Any], made: Made, number: str, body: Reason) -> str:
    """What `Statements` does, awaited."""
    started, run, task = datetime.now(UTC), made.new_id(), made.new_id()
    found = await (await cursor.execute(by_hand.FIND_CASE, (number,))).fetchone()
    if found is None:
        raise Refused(f"There is no case {number}.")
    id_, title, priority, status, amount, escalated_on, old_reason, owner_user, owner_team = found
    by_hand.check(status, body.reason, body.level, amount)
    tier_row = await (await cursor.execute(by_hand.FIND_TEAM, (f"Tier {body.level}",))).fetchone()
    if tier_row is None or tier_row[0] == owner_team:
        raise Refused(f"Tier {body.level} is not there, or has the case already.")
    team, case = tier_row[0], str(id_)
    await cursor.execute(by_hand.RAISE, (started, body.reason, id_))
    await cursor.execute(by_hand.ASSIGN, (team, id_))
    subject, due = f"Call back: {title}", started.date() + timedelta(days=2)
    await cursor.execute(by_hand.CREATE_TASK, (task, subject, id_, due, team))
    tier = {"table": "core.team", "key": str(team)}
    before: dict[str, object] = {
        "priority": PRIORITIES[priority],
        "escalated_on": by_hand.shown(escalated_on) if escalated_on is not None else None,
        "escalation_reason": old_reason,
    }
    after: dict[str, object] = {
        "priority": "high",
        "escalated_on": by_hand.shown(started),
        "escalation_reason": body.reason,
    }
    was = owner(owner_user and str(owner_user), owner_team and str(owner_team))
    task_record = by_hand.created(task, subject, case, due, tier)
    told = by_hand.records(case, task, before, after, (was, tier), task_record)
    now = moment(started)
    reason, key = by_hand.dumps({"reason": body.reason}), by_hand.dumps(case)
    await cursor.execute(by_hand.RUN, (run, VERB, made.plan_hash, key, reason, now, now, moment(datetime.now(UTC))))
    numbered = enumerate(zip(made.lines, told, strict=True), 1)
    await cursor.executemany(
        by_hand.CHANGE,
        [
            (run, at, table, row, operation, VERB, line, stage, old, new)
            for at, (line, (table, row, operation, stage, old, new)) in numbered
        ],
    )
    return task


if __name__ == "__main__":
    kind, port, workers = sys.argv[1:4]
    uvicorn.run(
        f"benchmarks.http_by_hand:{kind}",
        factory=True,
        port=int(port),
        workers=int(workers),
        log_level="warning",
        access_log=False,
    )
