"""Beside the answering of calls, events are sent and records are sealed, until the end."""

from __future__ import annotations

from threading import Event
from threading import enumerate as threads

import pytest
import sqlalchemy as sa

from actionlang.access.policy import Policy
from actionlang.audit.tables import SEALED
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plugins import AFTER_COMMIT, AfterCommit, Plugins
from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.server.delivering import delivering
from tests.server.world import desk_url, somebody


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_events_are_sent_and_records_are_sealed(kind: str) -> None:
    told = Event()
    plugins = Plugins()

    @plugins.on_verb("verbs.desk.TakeSample", stage=AFTER_COMMIT)
    def tell(call: AfterCommit) -> None:
        if call.arguments["code"] == "S":
            told.set()

    hosting = Hosting(plugins=plugins, policy=Policy())
    with desk_url(kind) as url, Database.connect(url, hosting=hosting) as database:
        with delivering(database):
            Verbs.open(database).perform("TakeSample", caller=somebody("ann").caller, arguments={"code": "S"})
            assert told.wait(60)
        assert not [each.name for each in threads() if each.name in ("actionlang-delivering", "actionlang-sealing")]
        with database.connection() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(SEALED)) == 1


def test_without_its_tables_it_does_not_begin() -> None:
    with Database.connect("sqlite://") as database, pytest.raises(ActionLangError), delivering(database):
        raise AssertionError
