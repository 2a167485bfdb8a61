"""Who calls: what all doors know of a caller once a request's credentials were verified."""

from __future__ import annotations

import json

import attrs

from actionlang.access.kept_caller import write_caller
from actionlang.access.rights import matches

READ, ACT_FOR = "read", "act-for"
VERB = "verb:"


@attrs.frozen
class Identity:
    """Somebody who may call. `subject` says who that is in logs and for rates ("key 3f2a", "https://issuer sub"). `caller` is the
    user of the database whose rights hold, as `Verbs.perform` takes it; None where there is none. `scopes` are what credentials
    are limited to, None where to nothing: see `allows`. `anonymous` credentials were none. `origin` is whoever calls for the
    caller, if somebody does. `key` names the API key that was sent, if it was one."""

    subject: str
    caller: object = None
    scopes: frozenset[str] | None = None
    anonymous: bool = False
    origin: Identity | None = None
    key: str | None = None

    @property
    def holder(self) -> str:
        """Who may ask after what was asked for: the same credentials, calling for the same user."""
        return json.dumps([self.subject, write_caller(self.caller)], sort_keys=True)

    def allows(self, scope: str) -> bool:
        """Whether these credentials go so far, rights apart. Scopes are `read` (rows), `verb:helpdesk.Escalate`,
        `verb:helpdesk.*`, `verb:*`, and `act-for` (to call for others)."""
        if self.scopes is None or scope in self.scopes:
            return True
        name = scope.removeprefix(VERB)
        return name != scope and any(
            each.startswith(VERB) and matches(each.removeprefix(VERB), name) for each in self.scopes
        )


def is_scope(text: str) -> bool:
    """Whether a text is a scope."""
    name = text.removeprefix(VERB)
    return text in (READ, ACT_FOR) or (name not in (text, "") and not any(each.isspace() for each in name))
