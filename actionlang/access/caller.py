"""A caller of whom more is known than the database says: by credentials that a server has verified."""

from __future__ import annotations

import attrs

from actionlang.engine.store import RowRef


@attrs.frozen
class Caller:
    """Stands for a user wherever one is named as a run's caller. `user` is the user, as a run takes one; `roles` are roles that
    the user has for this call besides those given in the database: names that are no role there give nothing. `called_by` is the
    user who calls for the caller, if another one does: the run's record has both."""

    user: object
    roles: tuple[str, ...] = ()
    called_by: RowRef | None = None


def user_of(caller: object) -> object:
    """The user, as a run takes one."""
    return caller.user if isinstance(caller, Caller) else caller


def roles_of(caller: object) -> tuple[str, ...]:
    """The roles that the user has for this call only."""
    return caller.roles if isinstance(caller, Caller) else ()


def called_by(caller: object) -> RowRef | None:
    """Who calls for the user, if another one does."""
    return caller.called_by if isinstance(caller, Caller) else None
