"""Rules of access in runs inside the transaction of their caller: the rights of the moment hold, and the transaction stays whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from actionlang.access import roster
from actionlang.access.policy import Policy
from actionlang.access.rights import Grant
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.hosting import Hosting
from tests.access.office import Office, grants, office, plan

BY_HAND = sa.text("UPDATE job SET title = 'by hand' WHERE number = 'NONE'")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as opened:
        yield opened


def rename(connection: sa.Connection, hosting: Hosting, number: str, title: str) -> None:
    plan("Rename").run(connection, on=number, caller="ann@x.org", hosting=hosting, title=title)


def give_instead(connection: sa.Connection, given: tuple[Grant, ...]) -> None:
    """Give the role other grants, in the caller's own transaction."""
    roles = roster.roles_of(connection)
    roster.replace_roles(connection, {**roles, "role": roster.Role("role", "", roster.sorted_grants(given))})


def test_rights_that_become_others_in_the_transaction_itself(place: Office) -> None:
    hosting = Hosting(policy=Policy())
    place.allow(grants(job="all"))
    with place.free.connection() as connection, connection.begin():
        rename(connection, hosting, "EVE", "once")
        give_instead(connection, grants(job={"read": "all", "update": "own"}))
        rename(connection, hosting, "ANN", "hers")
        with pytest.raises(ActionLangError) as caught:
            rename(connection, hosting, "EVE", "again")
        assert caught.value.diagnostics[0].code.id == "E0731"
    assert (place.title("ANN"), place.title("EVE")) == ("hers", "once")


def test_after_a_rollback_runs_go_on(place: Office) -> None:
    """The plan's function on the server went with the transaction in which it was made."""
    hosting = Hosting(policy=Policy())
    place.allow(grants(job="all"))
    with place.free.connection() as connection:
        for number in range(3):
            with connection.begin() as transaction:
                for _ in range(3):
                    rename(connection, hosting, "ANN", f"lost {number}")
                transaction.rollback()
        with connection.begin():
            rename(connection, hosting, "ANN", "kept")
            connection.execute(BY_HAND)
    assert (place.title("ANN"), place.title("NONE")) == ("kept", "by hand")
