"""Escalate as a good programmer writes it with nothing but `sqlite3`: the same reads, checks, writes and records as the verb."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

PRIORITIES = {1: "low", 2: "normal", 3: "high"}
FIND_CASE = (
    "SELECT id, title, priority, status, amount, escalated_on, escalation_reason, owner_user, owner_team"
    ' FROM "case" WHERE number = ?'
)
FIND_TEAM = "SELECT id FROM team WHERE name = ?"
RAISE = 'UPDATE "case" SET priority = 3, escalated_on = ?, escalation_reason = ? WHERE id = ?'
ASSIGN = 'UPDATE "case" SET owner_user = NULL, owner_team = ? WHERE id = ?'
CREATE_TASK = "INSERT INTO task (id, subject, regarding_case, due, status, owner_team) VALUES (?, ?, ?, ?, 'open', ?)"
RECORD_RUN = (
    "INSERT INTO actionlang_run (id, verb, plan_hash, caller, row_table, row_key, arguments, requires, clock, zone, started, finished, "
    "outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'done')"
)
RECORD_CHANGE = "INSERT INTO actionlang_change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
VERB = "helpdesk.Escalate"

dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Refused(Exception):
    """The case can not be escalated; nothing was changed."""


class Escalation:
    """Escalates cases on one connection."""

    def __init__(
        self, connection: sqlite3.Connection, new_id: Callable[[], str], plan_hash: str, lines: list[int]
    ) -> None:
        self.cursor = connection.cursor()
        self.new_id = new_id
        self.plan_hash = plan_hash
        self.lines = lines

    def escalate(self, number: str, reason: str, level: int = 2) -> str:
        """Raise a case to another line of support; gives the id of the task to call back."""
        self.cursor.execute("BEGIN IMMEDIATE")
        try:
            task = self._escalate(number, reason, level)
            self.cursor.execute("COMMIT")
        except BaseException:
            self.cursor.execute("ROLLBACK")
            raise
        return task

    def _escalate(self, number: str, reason: str, level: int) -> str:
        cursor, new_id = self.cursor, self.new_id
        started, run = datetime.now(UTC), new_id()
        now = moment(started)
        case = cursor.execute(FIND_CASE, (number,)).fetchone()
        if case is None:
            raise Refused(f"There is no case {number}.")
        id_, title, priority, status, amount, escalated_on, old_reason, owner_user, owner_team = case
        if status != "open":
            raise Refused("Only an open case can be escalated.")
        if not reason.strip():
            raise Refused("Say why the case is escalated.")
        if level < 2:
            raise Refused("A case is escalated to the second line or a higher one.")
        found = cursor.execute(FIND_TEAM, (f"Tier {level}",)).fetchone()
        if found is None:
            raise Refused(f"There is no team Tier {level} to escalate to.")
        team: str = found[0]
        if owner_team == team:
            raise Refused(f"Tier {level} has the case already.")
        if amount is not None and amount > 100_000_000:
            raise ValueError(
                f"Case {number} is worth so much that its team would be told, and no case of the benchmark is."
            )

        cursor.execute(RAISE, (now, reason, id_))
        cursor.execute(ASSIGN, (team, id_))
        task = new_id()
        subject, due = f"Call back: {title}", (started.date() + timedelta(days=2)).isoformat()
        cursor.execute(CREATE_TASK, (task, subject, id_, due, team))

        before: dict[str, object] = {}
        after: dict[str, object] = {}
        for name, old, new in (
            ("priority", PRIORITIES[priority], "high"),
            ("escalated_on", escalated_on, now),
            ("escalation_reason", old_reason, reason),
        ):
            if old != new:
                before[name] = old
                after[name] = new
        tier = {"table": "core.team", "key": team}
        key = dumps(id_)
        created = {
            "id": task,
            "subject": subject,
            "regarding": {"table": "helpdesk.case", "key": id_},
            "due": due,
            "status": "open",
            "done_on": None,
            "owner": tier,
        }
        raising, assigning, creating = self.lines
        changes = [
            (run, 1, "helpdesk.case", key, "update", VERB, raising, "Raise", dumps(before), dumps(after)),
            (
                run,
                2,
                "helpdesk.case",
                key,
                "assign",
                VERB,
                assigning,
                "Raise",
                dumps({"owner": owner(owner_user, owner_team)}),
                dumps({"owner": tier}),
            ),
            (run, 3, "helpdesk.task", dumps(task), "create", VERB, creating, None, None, dumps(created)),
        ]
        given = dumps({"reason": reason} if level == 2 else {"reason": reason, "level": level})
        cursor.execute(
            RECORD_RUN,
            (
                run,
                VERB,
                self.plan_hash,
                None,
                "helpdesk.case",
                key,
                given,
                '["support.escalate"]',
                now,
                "UTC",
                now,
                moment(datetime.now(UTC)),
            ),
        )
        cursor.executemany(RECORD_CHANGE, changes)
        return task


def moment(value: datetime) -> str:
    """A moment as it is stored."""
    return value.isoformat(timespec="microseconds")[:26] + "Z"


def owner(user: str | None, team: str | None) -> dict[str, str] | None:
    """An owner in a record."""
    if user is not None:
        return {"table": "core.user", "key": user}
    return None if team is None else {"table": "core.team", "key": team}
