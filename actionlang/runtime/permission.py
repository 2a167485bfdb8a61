"""A run under the rules of access: who calls it, whether they may, and the plan that is held to their rights.

Rights are read in the run's own transaction, so what was taken away a moment ago is gone. The plan has to be bound to the
connection before that transaction begins: it is bound for the rights that the caller had the last time, and where they have
become others the run begins again with another plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from actionlang.access.caller import called_by
from actionlang.access.conditions import restrict_condition
from actionlang.access.explaining import readable
from actionlang.access.grants import RightsReader
from actionlang.access.needs import missing
from actionlang.access.people import PEOPLE
from actionlang.access.refusing import all_grants, nobody, not_allowed, private, somebody_elses
from actionlang.access.rights import READ, Depth, Rights
from actionlang.access.tables import TABLES
from actionlang.diagnostics.catalogue.database import DATABASE_DIFFERS
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.interpreter.guards import Hidden
from actionlang.engine.store import RowRef
from actionlang.plan import expressions as e
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import RUNS
from actionlang.runtime.own_tables import see_table
from actionlang.runtime.stale import Stale

if TYPE_CHECKING:
    from actionlang.access.grants import Unchanged
    from actionlang.access.policy import Policy
    from actionlang.runtime.request import Request
    from actionlang.runtime.session import ReadyPlan, Session

MOST_REMEMBERED = 1000


class Permission:
    """One run's permission. `user` is who calls, once that is known."""

    def __init__(
        self,
        policy: Policy,
        session: Session,
        connection: sa.Connection,
        plan: StepPlan,
        plan_hash: str,
        request: Request,
    ) -> None:
        self.user: RowRef | None = None
        self._policy = policy
        self._session = session
        self._connection = connection
        self._plan = plan
        self._hash = plan_hash
        self._caller = request.caller
        self._caller_name = repr(request.caller)
        self._many = plan.verb.binding is not None and request.on is None
        if called_by(request.caller) is not None:
            see_table(connection, RUNS, "calls for others")
        if session.rights_reader is None:
            for table in TABLES:
                see_table(connection, table, "rules of access")
            _see_people(connection)
            session.rights_reader = RightsReader(session.cursor, session.dialect)
        self._reader = session.rights_reader
        self._key = plan_hash
        self._rights: Rights | None = None
        self._bound_for: Rights | None = None

    def ready(self) -> ReadyPlan:
        """The plan for the rights that the caller was last seen to have, bound to the connection.

        Raises ActionLangError and the driver's errors.
        """
        remembered = self._session.rights
        self._bound_for = None
        rights = remembered.get(self._caller_name)
        if rights is None and self._caller is not None:
            rights = self._read_ahead()
            self._remember(rights)
        if rights is None:
            self._key = self._hash
            return self._session.ready(self._plan, self._hash, self._connection)
        last = self._session.restricted.get((self._hash, self._many))
        if last is None or last[0] is not rights:
            if missing(self._policy.needs(self._plan, self._hash), rights):
                self._key = self._hash
                return self._session.ready(self._plan, self._hash, self._connection)
            last = rights, self._policy.restricted(self._plan, self._hash, rights, with_people=self._many)
            if len(self._session.restricted) >= MOST_REMEMBERED:
                self._session.restricted.clear()
            self._session.restricted[self._hash, self._many] = last
        self._bound_for, (plan, self._key) = last
        return self._session.ready(plan, self._key, self._connection, recorded=self._hash)

    def unchanged(self) -> Unchanged | None:
        """What sees, in the statement that runs the plan, that the caller's rights are those that the plan is bound for; None
        where that can not be seen so, and `ask` has to be called."""
        rights = self._bound_for
        if rights is None or self._plan.verb.private or self._policy.row_security:
            return None
        return self._reader.unchanged(self._caller, self._caller_name, rights)

    def ask(self) -> Rights:
        """The caller's rights, read in the transaction that is open, where they are enough for the verb.

        Raises Failure where they are not, Stale where the plan is bound for others, and the driver's errors.
        """
        verb = self._plan.verb
        rights = None if self._caller is None else self._read()
        self.user = None if rights is None else rights.user
        if rights is not None and rights is self._bound_for and not verb.private:
            self._rights = rights
            return rights
        if rights is None:
            raise nobody(verb, self._caller)
        if verb.private:
            raise private(verb)
        lacking = missing(self._policy.needs(self._plan, self._hash), rights)
        if lacking:
            raise not_allowed(verb, rights, lacking, all_grants(self._session.cursor, self._session.dialect))
        if self._policy.restricted(self._plan, self._hash, rights, with_people=self._many).key != self._key:
            self._remember(rights)
            raise Stale
        self._remember(rights)
        self._rights = rights
        return rights

    def _read(self) -> Rights | None:
        if self._policy.row_security:
            self._reader.announce(self._caller)
        return self._reader.read(self._caller)

    def _read_ahead(self) -> Rights | None:
        """The caller's rights, read before the run begins."""
        if not self._policy.row_security:
            return self._reader.read(self._caller)
        if self._session.in_transaction:
            return self._read()
        self._session.cursor.execute(self._session.dialect.begin)
        try:
            return self._read()
        finally:
            self._session.cursor.execute("ROLLBACK")

    def hidden(self, rows: Iterable[RowRef], ready: ReadyPlan) -> set[RowRef]:
        """Those of the rows that a verb was given which the caller may not read. One that runs as the system may be given any."""
        rights = self._rights
        if self._plan.verb.system or rights is None:
            return set()
        if all(rights.depth(READ, table.name) is Depth.ALL for table in self._plan.tables):
            return set()
        asked = {row for row in rows if rights.depth(READ, row.table) is not Depth.ALL}
        return asked - set(readable(ready.bound.plan, ready.store, rights, asked))

    def see_rows(self, rows: Iterable[RowRef], ready: ReadyPlan) -> None:
        """See that rows that a verb was given are within the caller's reach, before anything is told of them.

        Raises Failure where one is not, as the verb's first steps would.
        """
        hidden = min(self.hidden(rows, ready), key=repr, default=None)
        if hidden is not None:
            raise Hidden(f"There is no such {hidden.table.rpartition('.')[2]} within reach.", hidden)

    def told(
        self, error: ActionLangError, rows: Iterable[RowRef], read: Callable[[], object], ready: ReadyPlan
    ) -> ActionLangError:
        """What is told of something that is wrong with what a verb was given: the same as if rows that the caller may not read
        were not there. `rows` are those that were given; `read` reads all that was given again."""
        hidden = self.hidden(rows, ready)
        if hidden:
            with ready.reader.without(hidden):
                try:
                    read()
                except ActionLangError as instead:
                    return instead
        return error

    def see_that_it_is(self, caller: RowRef | None) -> None:
        """See that whoever goes on with a series is the one who began it. Raises Failure."""
        if self._rights is None or caller != self._rights.user:
            raise somebody_elses(self._plan.verb)

    def where(self, condition: e.Expression | None) -> e.Expression | None:
        """A condition that chooses rows, held to the caller's rights. Raises ActionLangError when it reads more."""
        assert self._rights is not None
        return restrict_condition(self._plan, self._rights, condition)

    def _remember(self, rights: Rights | None) -> None:
        remembered = self._session.rights
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        if rights is not None:
            remembered[self._caller_name] = rights


def _see_people(connection: sa.Connection) -> None:
    """See that the database has users, teams and memberships. Raises ActionLangError."""
    began_here = not connection.in_transaction()
    there = sa.inspect(connection)
    lacking = [table.short_name for table in PEOPLE.values() if not there.has_table(table.stored)]
    if began_here:
        connection.rollback()
    if lacking:
        message = f"The database has no table {lacking[0]}, which rules of access need."
        raise ActionLangError(Diagnostic(DATABASE_DIFFERS, message, hint="actionlang access apply makes it"))
