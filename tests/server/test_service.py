"""What all doors do: verbs are called with the caller's rights, and refusals say what callers may know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.runtime.database import Database
from actionlang.server.identity.identity import Identity
from actionlang.server.refusal import Refusal
from actionlang.server.service import VerbCall
from tests.server.world import desk, service, somebody


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


def test_a_verb_is_called(database: Database) -> None:
    made = service(database).call(VerbCall("TakeSample", somebody("ann"), arguments={"code": "S-1", "price": "12.50"}))
    assert made.verb.name == "verbs.desk.TakeSample"
    assert str(made.result["price"]) == "12.5000"


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (VerbCall("Escalate", somebody("dan"), "CAS-1", {"reason": "x"}), 403, "E0730"),
        (VerbCall("Escalate", somebody("nobody"), "CAS-1", {"reason": "x"}), 403, "E0733"),
        (VerbCall("Escalate", somebody("ann"), "CAS-1"), 400, "E0907"),
        (VerbCall("Escalate", somebody("ann"), "CAS-1", {"reason": " "}), 422, "E0701"),
        (VerbCall("Hidden", somebody("ann"), "S-1"), 404, "E0922"),
        (VerbCall("Nothing", somebody("ann")), 404, "E0921"),
        (VerbCall("Touch", Identity("key", scopes=frozenset({"verb:helpdesk.Escalate"})), "S"), 403, "E1110"),
    ],
)
def test_refusals(database: Database, call: VerbCall, status: int, code: str) -> None:
    with pytest.raises(Refusal) as raised:
        service(database).call(call)
    assert (raised.value.status, raised.value.code) == (status, code)
