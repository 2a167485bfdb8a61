"""Calling for somebody else: `CallerObjectId` and `MSCRMCallerID`, as Dataverse has them
(https://learn.microsoft.com/power-apps/developer/data-platform/webapi/impersonate-another-user-web-api).

The rights that hold are those of whom is called for. Whoever calls needs the scope `act-for`, and to be an active user; the
run's record names both.
"""

from __future__ import annotations

from uuid import UUID

import attrs
from starlette.datastructures import Headers

from actionlang.access.caller import Caller, user_of
from actionlang.access.people import USERS
from actionlang.diagnostics.catalogue.server import NOT_ONE
from actionlang.engine.store import RowRef
from actionlang.runtime.database import Database
from actionlang.server.identity.challenges import BAD_REQUEST, not_for_others, not_one, not_scoped
from actionlang.server.identity.identity import ACT_FOR, Identity
from actionlang.server.identity.people import People
from actionlang.server.refusal import Refusal

BY_OBJECT_ID, BY_ID = "CallerObjectId", "MSCRMCallerID"


def acting(identity: Identity, headers: Headers, database: Database, object_id_column: str = "id") -> Identity:
    """Whoever the headers name, called for by whose credentials these are; the identity as it is where they name nobody.

    Raises Refusal: 400 where they can not be read, 403 where these credentials are not for that, or there is nobody to call for.
    """
    named = [
        (column, value)
        for name, column in ((BY_OBJECT_ID, object_id_column), (BY_ID, "id"))
        for value in headers.getlist(name)
    ]
    if not named:
        return identity
    credentials = identity.origin or identity
    if len(named) > 1:
        raise not_one()
    if not credentials.allows(ACT_FOR):
        raise not_scoped(ACT_FOR, "calling for others")
    if database.hosting.policy is None:
        raise not_for_others("Nobody calls for others here: there are no rules of access that would tell them apart.")
    people = People(database, has_rules=True)
    caller = _id_of(credentials.caller, people)
    column, value = named[0]
    other = people.find(column, _canonical(value))
    if other == caller:
        return credentials
    scopes = None if credentials.scopes is None else credentials.scopes - {ACT_FOR}
    return attrs.evolve(
        credentials,
        subject=f"{credentials.subject} for {other}",
        caller=Caller({"id": other}, called_by=RowRef(USERS.name, caller)),
        scopes=scopes,
        origin=credentials,
    )


def _id_of(caller: object, people: People) -> str:
    """The id of the user who calls, who has to be an active one."""
    match user_of(caller):
        case {"id": named} if (found := people.find("id", str(named))) is not None:
            return found
        case {"email": named} if (found := people.find("email", str(named))) is not None:
            return found
    raise not_for_others("Only a user calls for others: these credentials are nobody's.")


def _canonical(value: str) -> str:
    """An id as it is stored. Raises Refusal."""
    try:
        return str(UUID(value.strip().strip("{}")))
    except ValueError:
        raise _no_id() from None


def _no_id() -> Refusal:
    return Refusal(
        BAD_REQUEST, NOT_ONE.id, "The user to call for is named by an id, as 00000000-0000-0000-0000-000000000000."
    )
