"""Escalate over HTTP as good programmers write it: a FastAPI application with psycopg, statement by statement, once with functions
that wait in threads and once with coroutines. Both check a key, validate the body, use a pool of connections, and begin again where
serializable transactions were in each other's way.

`python -m benchmarks.http_by_hand threads|coroutines PORT WORKERS URL KEY PLAN_HASH LINES` serves it.
"""

from __future__ import annotations

import hmac
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

POOL = 10
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


def coroutines() -> FastAPI:
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
                return {"task": task}

    return app


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
