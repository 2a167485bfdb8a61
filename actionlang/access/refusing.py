"""What is told to whoever may not run a verb: all that is missing, and which roles would give it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from actionlang.access.caller import user_of
from actionlang.access.needs import Need
from actionlang.access.rights import DEPTHS, Grant, Rights
from actionlang.access.tables import GRANTS
from actionlang.diagnostics.catalogue import access as codes
from actionlang.engine.failure import Failure
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.store import RowRef
from actionlang.plan.plan import Verb


def nobody(verb: Verb, caller: object) -> Failure:
    """The failure of a call by nobody, or by somebody who is no user."""
    return _unknown(f"{verb.short_name} is called", caller)


def nobody_reads(caller: object) -> Failure:
    """The failure of reading rows as nobody, or as somebody who is no user."""
    return _unknown("Rows are read", caller)


def _unknown(what: str, caller: object) -> Failure:
    who = "nobody" if caller is None else f"{_named(caller)}, who is no user"
    return Failure(
        codes.UNKNOWN_CALLER,
        f"{what} by {who}; the rules of access have to know who calls.",
        hint="name the user who runs it by email, and see that it is a row of core.user",
    )


def _named(caller: object) -> str:
    """What was given for a caller, in one line."""
    caller = user_of(caller)
    if isinstance(caller, Mapping) and list(caller) == ["email"] and isinstance(caller["email"], str):
        caller = caller["email"]
    if isinstance(caller, RowRef):
        return f"{caller.table.rpartition('.')[2]} {caller.key}"
    text = str(caller)
    return text if text and text.isprintable() else repr(text)


def private(verb: Verb) -> Failure:
    """The failure of calling a private verb from outside."""
    return Failure(
        codes.NOT_ALLOWED,
        f"{verb.short_name} is private: only verbs of its own module perform it.",
        hint="call one of these, or leave out private in its declaration",
    )


def somebody_elses(verb: Verb) -> Failure:
    """The failure of going on with what another user began."""
    return Failure(
        codes.NOT_ALLOWED,
        f"Somebody else began this series of {verb.short_name}; only they may go on with it.",
        hint="begin a series of your own with the rows that are left",
    )


def not_allowed(verb: Verb, rights: Rights, missing: Iterable[Need], roles: Iterable[Grant]) -> Failure:
    """The failure of calling a verb without the privileges that it needs. `roles` are all grants that there are."""
    needs = tuple(missing)
    if not rights.active:
        message = f"{rights.name} may not run {verb.short_name}: the user is not active any more."
        return Failure(codes.NOT_ALLOWED, message, hint="set active on the row of core.user")
    message = f"{rights.name} may not run {verb.short_name}: missing {_listed([str(need) for need in needs])}."
    return Failure(codes.NOT_ALLOWED, message, hint=_roles_for(needs, tuple(roles)))


def _roles_for(needs: tuple[Need, ...], roles: tuple[Grant, ...]) -> str:
    """Which roles give what is missing: one that gives all of it, or for each need some."""
    by_need = {
        need: {grant.role for grant in roles if grant.is_about(need.word, need.subject) and grant.depth >= need.least}
        for need in needs
    }
    if not all(by_need.values()):
        without = [str(need) for need, found in by_need.items() if not found]
        return f"no role gives {_listed(without)} yet; add it to one in roles.toml"
    for role in sorted(set.intersection(*by_need.values())):
        return f"the role {role} gives {'it' if len(needs) == 1 else 'all of it'}: actionlang access give USER {role}"
    return "; ".join(f"{need} is in the role {min(found)}" for need, found in by_need.items())


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def all_grants(cursor: Cursor, dialect: Dialect) -> list[Grant]:
    """What roles give. Raises the driver's errors."""
    cursor.execute(f"SELECT role, word, subject, depth FROM {dialect.quoted(GRANTS.name)}")
    return [Grant(role, word, subject, DEPTHS[depth]) for role, word, subject, depth in cursor.fetchall()]
