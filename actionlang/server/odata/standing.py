"""Whether whoever made a call that is answered later still may when its turn has come."""

from __future__ import annotations

from actionlang.access import api_keys
from actionlang.access.caller import user_of
from actionlang.runtime.database import Database
from actionlang.runtime.own_tables import see_table
from actionlang.server.idempotency import has_run, key_of
from actionlang.server.identity.challenges import not_accepted
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.people import People
from actionlang.server.messages import Request
from actionlang.server.refusal import Refusal
from actionlang.server.service import refusing


class Standing:
    """Sees that the API key which a call was sent with was not revoked meanwhile, and that its users are active. Whether they may
    call the verb is seen by the run. That credentials have expired meanwhile takes nothing back: they held when the call came."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._people = People(database, has_rules=database.hosting.policy is not None)

    def __call__(self, request: Request) -> None:
        """Look. A call whose run came to its end already is let pass: it is only told what came of it.

        Raises Refusal: 401 for a key that was revoked, 403 for a user who is none any more, 503 where the database fails.
        """
        with refusing():
            try:
                self._see(request.identity)
            except Refusal:
                if not self._was_done(request):
                    raise

    def _see(self, identity: Identity) -> None:
        if identity.key is not None:
            self._see_key(identity.key)
        for each in (identity.origin, identity):
            match None if each is None else user_of(each.caller):
                case {"id": named}:
                    self._people.find("id", str(named))
                case {"email": named}:
                    self._people.find("email", str(named))

    def _see_key(self, name: str) -> None:
        with self._database.connection() as connection:
            see_table(connection, api_keys.KEYS, "API keys")
            is_revoked = api_keys.is_revoked(connection, name)
        if is_revoked:
            raise not_accepted("The API key is revoked.")

    def _was_done(self, request: Request) -> bool:
        """Whether a run has the call's key: a server was killed, or out of time, before it could say so."""
        with self._database.connection() as connection:
            return has_run(connection, key_of(request.headers), request.identity)
