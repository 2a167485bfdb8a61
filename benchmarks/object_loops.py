"""Escalate on many cases at once, against a loop over objects as teams write it with SQLAlchemy's ORM: the same reads, checks, rows and
records, in one transaction, a thousand cases loaded at a time.

A loop takes as long for each case however many there are, so it goes over fewer; what is compared is the time for one case.
PostgreSQL is the server that `ACTIONLANG_TEST_POSTGRES` names, or one that is started.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.orm import Session, registry

from actionlang.engine.ids import ClockIds
from actionlang.plan.steps import Assign, Create, Update
from actionlang.plan.walk import nodes
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from benchmarks.calls import escalate_plan
from benchmarks.sets import NOW, REASON, made

CASES = 100_000
LOOPED = 10_000
AT_A_TIME = 1_000
BARS = {"SQLite": 100, "PostgreSQL": 40}

PRIORITIES = {1: "low", 2: "normal", 3: "high"}
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@attrs.frozen
class Classes:
    """The mapped classes of a database's own tables."""

    case: Any
    team: Any
    task: Any
    notification: Any
    change: Any

    @staticmethod
    def of(engine: sa.Engine) -> Classes:
        """Map the tables as they are found."""
        metadata = sa.MetaData()
        names = ("case", "team", "task", "notification", "actionlang_change")
        metadata.reflect(engine, only=names)
        mapper = registry()
        found = []
        for name in names:
            mapped = type(name, (), {})
            mapper.map_imperatively(mapped, metadata.tables[name])
            found.append(mapped)
        return Classes(*found)


def shown(value: datetime | str | None) -> str | None:
    """A moment as the records write it."""
    if value is None or isinstance(value, str):
        return value
    return value.astimezone(UTC).isoformat()[:26] + "Z"


class Loop:
    """Goes over cases with objects."""

    def __init__(self, database: Database, plan: Plan, cases: int) -> None:
        self.engine = database.engine
        self.sqlite = database.dialect.name == "sqlite"
        self.classes = Classes.of(database.engine)
        self.cases = cases
        self.new_id = ClockIds()
        self.now: Any = NOW.isoformat("T", "microseconds")[:26] + "Z" if self.sqlite else NOW
        due = date(2026, 11, 25) + timedelta(2)
        self.due: Any = due.isoformat() if self.sqlite else due
        steps = [node for node in nodes(plan.verb.steps) if isinstance(node, Update | Assign | Create)]
        self.lines = [step.place.line for step in steps]
        self.limit = 10_000 * (10_000 if self.sqlite else 1)

    def run(self) -> None:
        """Escalate all cases; the end keeps all of it."""
        case = self.classes.case
        with Session(self.engine) as session, session.begin():
            self.session = session
            self.team = session.scalars(sa.select(self.classes.team).filter_by(name="Tier 2")).one()
            self.run_id, self.sequence = self.new_id(), 0
            last = ""
            for _ in range(0, self.cases, AT_A_TIME):
                query = sa.select(case).order_by(case.id).limit(AT_A_TIME)
                found = session.scalars(query.where(case.id > last) if last else query).all()
                for each in found:
                    self.escalate(each)
                session.flush()
                last = found[-1].id
                session.expunge_all()
                self.team = session.scalars(sa.select(self.classes.team).filter_by(name="Tier 2")).one()

    def escalate(self, case: Any) -> None:
        """Raise one case."""
        team = self.team
        if case.status != "open" or not REASON.strip() or case.owner_team == team.id:
            raise ValueError("the case can not be escalated")
        key = dumps(str(case.id))
        tier = {"table": "core.team", "key": str(team.id)}
        before = {
            "priority": PRIORITIES[case.priority],
            "escalated_on": shown(case.escalated_on),
            "escalation_reason": case.escalation_reason,
        }
        was = {"table": "core.team", "key": str(case.owner_team)}
        case.priority, case.escalated_on, case.escalation_reason = 3, self.now, REASON
        case.owner_user, case.owner_team = None, team.id
        after = {"priority": "high", "escalated_on": shown(self.now), "escalation_reason": REASON}
        self.record("helpdesk.case", key, "update", 0, dumps(before), dumps(after))
        self.record("helpdesk.case", key, "assign", 1, dumps({"owner": was}), dumps({"owner": tier}))
        task = self.classes.task()
        task.id, task.subject, task.regarding_case = self.new_id(), f"Call back: {case.title}", case.id
        task.due, task.status, task.owner_team = self.due, "open", team.id
        self.session.add(task)
        regarding = {"table": "helpdesk.case", "key": str(case.id)}
        made = {"id": task.id, "subject": task.subject, "regarding": regarding, "due": str(self.due), "status": "open"}
        self.record("helpdesk.task", dumps(task.id), "create", 2, None, dumps({**made, "done_on": None, "owner": tier}))
        if (case.amount or 0) > self.limit:
            note = self.classes.notification()
            note.id, note.recipient_team, note.text = self.new_id(), team.id, f"Escalated: {REASON}"
            note.sent_on, note.read = self.now, 0 if self.sqlite else False
            self.session.add(note)
            told = {"id": note.id, "recipient": tier, "text": note.text, "sent_on": shown(self.now), "read": False}
            self.record("core.notification", dumps(note.id), "create", 2, None, dumps({**told, "read_on": None}))

    def record(self, table: str, key: str, operation: str, line: int, before: str | None, after: str) -> None:
        """Note a change."""
        self.sequence += 1
        change = self.classes.change()
        change.run, change.sequence, change.row_table, change.row_key = self.run_id, self.sequence, table, key
        change.operation, change.verb, change.line = operation, "helpdesk.Escalate", self.lines[line]
        change.before, change.after = before, after
        self.session.add(change)


def measure(plan: Plan, name: str, cases: int = CASES, looped: int = LOOPED) -> tuple[float, float]:
    """Microseconds a case, of the loop and of the verb.

    Raises AssertionError when they did not change as many rows.
    """
    with made(name, plan, looped) as database:
        loop = Loop(database, plan, looped)
        begun = perf_counter()
        loop.run()
        by_objects = (perf_counter() - begun) / looped
        with database.connection() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM task").scalar() == looped
            assert connection.exec_driver_sql("SELECT count(*) FROM actionlang_change").scalar() == loop.sequence
    with made(name, plan, cases) as database:
        begun = perf_counter()
        result = plan.run_many(database, at=NOW, reason=REASON)
        verb = (perf_counter() - begun) / cases
    assert result.engine == "relational", result.reason
    assert result.changes * looped == loop.sequence * cases, "the sides did not change as many rows"
    return by_objects * 1e6, verb * 1e6


def main() -> None:
    """Print the table."""
    plan = escalate_plan()
    print(f"Microseconds a case: the loop over {LOOPED:,} cases, the verb on {CASES:,}.\n")
    print("| database | loop over objects | ActionLang | times faster | bar |")
    print("|---|---:|---:|---:|---:|")
    for name, bar in BARS.items():
        loop, verb = measure(plan, name)
        print(f"| {name} | {loop:.0f} | {verb:.1f} | {loop / verb:.0f} | {bar} |", flush=True)


if __name__ == "__main__":
    main()
