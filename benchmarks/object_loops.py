"""A verb on many cases at once, against loops over objects as teams write them with SQLAlchemy's ORM, with the same reads, checks,
rows and records.

Two verbs: the one of the README's first lines, which raises a case and hands it over, and the standard library's, which also plans a
task and tells the team. Two loops: one that calls for each case what an application has for one case, a transaction each; and one
that is written for many, in one transaction, a thousand cases loaded at a time.

A loop takes as long for each case however many there are, so it goes over fewer; what is compared is the time for one case.
PostgreSQL is the server that `ACTIONLANG_TEST_POSTGRES` names, or one that is started.
"""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.orm import Session, registry

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.engine.ids import ClockIds
from actionlang.plan.codec import encode
from actionlang.plan.steps import Assign, Create, Update
from actionlang.plan.walk import nodes
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from benchmarks.calls import escalate_plan
from benchmarks.sets import NOW, REASON, made

CASES = 100_000
LOOPED = 10_000
CALLED = 2_000
AT_A_TIME = 1_000
BARS = {"SQLite": 100, "PostgreSQL": 40}

PRIORITIES = {1: "low", 2: "normal", 3: "high"}
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


SHORT = """
import helpdesk;

action Escalate on case < update case set priority = high; assign case to team("Tier 2") >
"""


def short_plan() -> Plan:
    """The verb of the README's first lines."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "escalate.act")
        script.write_text(SHORT)
        loader = Loader(Path(folder))
        module = loader.load_file(script)
        assert module is not None
        (verb,) = module.verbs.values()
        return Plan.loads(encode(Linker(loader.program().modules).plan(verb)))


def own_engine(database: Database) -> sa.Engine:
    """An engine as an application makes it, with SQLAlchemy's usual pool of open connections, and SQLite set as it is for the
    verb."""
    engine = sa.create_engine(database.engine.url)
    if database.dialect.name == "sqlite":

        def settle(driver: Any, _: object) -> None:
            for setting in ("foreign_keys = ON", "synchronous = normal"):
                driver.execute(f"PRAGMA {setting}").close()

        sa.event.listen(engine, "connect", settle)
    return engine


@attrs.frozen
class Classes:
    """The mapped classes of a database's own tables."""

    case: Any
    team: Any
    task: Any
    notification: Any
    run: Any
    change: Any

    @staticmethod
    def of(engine: sa.Engine) -> Classes:
        """Map the tables as they are found."""
        metadata = sa.MetaData()
        names = ("case", "team", "task", "notification", "actionlang_run", "actionlang_change")
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
        self.engine = own_engine(database)
        self.sqlite = database.dialect.name == "sqlite"
        self.classes = Classes.of(self.engine)
        self.cases = cases
        self.plan = plan
        self.name = plan.verb.name
        self.new_id = ClockIds()
        self.now: Any = NOW.isoformat("T", "microseconds")[:26] + "Z" if self.sqlite else NOW
        due = date(2026, 11, 25) + timedelta(2)
        self.due: Any = due.isoformat() if self.sqlite else due
        steps = [node for node in nodes(plan.verb.steps) if isinstance(node, Update | Assign | Create)]
        self.lines = [step.place.line for step in steps]
        self.escalate = self.escalate_and_plan if len(steps) > 2 else self.escalate_shortly
        self.limit = 10_000 * (10_000 if self.sqlite else 1)
        self.written = 0

    def at_once(self) -> None:
        """Escalate all cases; the end keeps all of it."""
        case = self.classes.case
        with Session(self.engine) as session, session.begin():
            self.begin(session)
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
            self.end()

    def one_by_one(self) -> None:
        """Escalate all cases, each by what is there for one case."""
        case = self.classes.case
        with Session(self.engine) as session:
            ids = session.scalars(sa.select(case.id).order_by(case.id)).all()
        for id_ in ids:
            with Session(self.engine) as session, session.begin():
                self.begin(session)
                self.escalate(session.get_one(case, id_, with_for_update=not self.sqlite))
                self.end(id_)

    def begin(self, session: Session) -> None:
        """A run begins."""
        self.session = session
        self.team = session.scalars(sa.select(self.classes.team).filter_by(name="Tier 2")).one()
        self.run_id, self.sequence = self.new_id(), 0

    def end(self, row: Any = None) -> None:
        """Record the run."""
        run = self.classes.run()
        run.id, run.verb, run.plan_hash, run.requires, run.zone = self.run_id, self.name, self.plan.hash, "[]", "UTC"
        run.row_table, run.row_key = "helpdesk.case", None if row is None else dumps(str(row))
        run.arguments = dumps({"reason": REASON}) if self.plan.verb.inputs else "{}"
        run.clock = run.started = shown(NOW)
        run.finished, run.outcome = shown(datetime.now(UTC)), "done"
        self.session.add(run)

    def escalate_shortly(self, case: Any) -> None:
        """Raise one case and hand it over."""
        team = self.team
        key = dumps(str(case.id))
        was = {"table": "core.team", "key": str(case.owner_team)}
        if case.priority != 3:
            before = {"priority": PRIORITIES[case.priority]}
            case.priority = 3
            self.record("helpdesk.case", key, "update", 0, dumps(before), dumps({"priority": "high"}))
        if case.owner_team != team.id:
            case.owner_user, case.owner_team = None, team.id
            tier = {"table": "core.team", "key": str(team.id)}
            self.record("helpdesk.case", key, "assign", 1, dumps({"owner": was}), dumps({"owner": tier}))

    def escalate_and_plan(self, case: Any) -> None:
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
        self.written += 1
        self.sequence += 1
        change = self.classes.change()
        change.run, change.sequence, change.row_table, change.row_key = self.run_id, self.sequence, table, key
        change.operation, change.verb, change.line = operation, self.name, self.lines[line]
        change.before, change.after = before, after
        self.session.add(change)


def measure(
    plan: Plan, name: str, cases: int = CASES, looped: int = LOOPED, called: int = CALLED
) -> tuple[float, float, float]:
    """Microseconds a case: of the loop that calls, of the loop for many, of the verb.

    Raises AssertionError when they did not change as many rows.
    """
    loops = []
    for all_at_once, count in ((False, called), (True, looped)):
        with made(name, escalate_plan(), count) as database:
            loop = Loop(database, plan, count)
            begun = perf_counter()
            (loop.at_once if all_at_once else loop.one_by_one)()
            loops.append((perf_counter() - begun) / count * 1e6)
            loop.engine.dispose()
            with database.connection() as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM actionlang_change").scalar() == loop.written
                runs = connection.exec_driver_sql("SELECT count(*) FROM actionlang_run").scalar()
                assert runs == (1 if all_at_once else count)
    with made(name, escalate_plan(), cases) as database:
        begun = perf_counter()
        result = plan.run_many(database, at=NOW, arguments={"reason": REASON} if plan.verb.inputs else {})
        verb = (perf_counter() - begun) / cases * 1e6
    assert result.engine == "relational", result.reason
    assert result.changes * looped == loop.written * cases, "the sides did not change as many rows"
    return loops[0], loops[1], verb


def main() -> None:
    """Print the table."""
    print(f"Microseconds a case: loops over {CALLED:,} and {LOOPED:,} cases, the verb on {CASES:,}.\n")
    print("| | database | a call each | times faster | bar | a loop for many | times faster | the verb on all |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for told, plan in (("the README's Escalate", short_plan()), ("helpdesk.Escalate", escalate_plan())):
        for name, bar in BARS.items():
            each, many, verb = measure(plan, name)
            print(
                f"| {told} | {name} | {each:.0f} | {each / verb:.0f} | {bar} | {many:.0f} | {many / verb:.0f} | {verb:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
