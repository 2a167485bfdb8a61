"""The roles that a database has, and who has them: read and changed by SQLAlchemy, for the command line."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import sqlalchemy as sa

from actionlang.access.people import TEAMS, USERS
from actionlang.access.rights import DEPTHS, TABLE_WORDS, Depth, Grant
from actionlang.access.tables import GRANTS, MEMBERS, METADATA, ROLES
from actionlang.diagnostics.catalogue.access import NO_SUCH_ROLE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic


@attrs.frozen
class Role:
    """A role: what it gives, each word about a subject once, sorted."""

    name: str
    doc: str
    grants: tuple[Grant, ...]


@attrs.frozen
class Member:
    """Who has a role: a user by email, or a team by name."""

    kind: str
    name: str
    role: str


@attrs.frozen
class Change:
    """A difference between the roles that are there and those that are wanted. `operation` is add, change or remove."""

    operation: str
    role: str
    what: str


def make_tables(connection: sa.Connection) -> None:
    """Make the tables of roles that are not there yet."""
    METADATA.create_all(connection)


def see_tables(connection: sa.Connection) -> None:
    """See that the tables of roles are there. Raises ActionLangError."""
    if not sa.inspect(connection).has_table(ROLES.name):
        message = "The database has no roles yet."
        hint = "actionlang access apply roles.toml brings them in"
        raise ActionLangError(Diagnostic(NO_SUCH_ROLE, message, hint=hint))


def roles_of(connection: sa.Connection) -> dict[str, Role]:
    """All roles by name."""
    grants: dict[str, list[Grant]] = {}
    for role, word, subject, depth in connection.execute(
        sa.select(GRANTS.c.role, GRANTS.c.word, GRANTS.c.subject, GRANTS.c.depth)
    ):
        grants.setdefault(role, []).append(Grant(role, word, subject, DEPTHS[depth]))
    return {
        name: Role(name, doc, sorted_grants(grants.get(name, ())))
        for name, doc in connection.execute(sa.select(ROLES.c.name, ROLES.c.doc).order_by(ROLES.c.name))
    }


def sorted_grants(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Grants in the order in which they are told."""
    return tuple(sorted(grants, key=lambda each: (each.subject, each.word)))


def changes_to(there: dict[str, Role], wanted: dict[str, Role]) -> tuple[Change, ...]:
    """What has to change for the wanted roles to be those that are there."""
    found: list[Change] = []
    for name in sorted({*there, *wanted}):
        old, new = there.get(name), wanted.get(name)
        if new is None:
            found.append(Change("remove", name, "the role, and who has it"))
            continue
        if old is None:
            found.append(Change("add", name, "the role"))
        elif old.doc != new.doc:
            found.append(Change("change", name, "its description"))
        before = {(each.word, each.subject): each.depth for each in (old.grants if old else ())}
        after = {(each.word, each.subject): each.depth for each in new.grants}
        for key in sorted({*before, *after}, key=lambda key: (key[1], key[0])):
            text = f"{key[0]} {key[1]}"
            if key not in after:
                found.append(Change("remove", name, text + _depth(key[0], before[key])))
            elif key not in before:
                found.append(Change("add", name, text + _depth(key[0], after[key])))
            elif before[key] != after[key]:
                found.append(Change("change", name, f"{text} ({before[key]} -> {after[key]})"))
    return tuple(found)


def _depth(word: str, depth: Depth) -> str:
    return f" ({depth})" if word in TABLE_WORDS else ""


def replace_roles(connection: sa.Connection, wanted: dict[str, Role]) -> None:
    """Make the wanted roles those that are there; whoever has a role that stays keeps it."""
    gone = [name for name in roles_of(connection) if name not in wanted]
    connection.execute(GRANTS.delete())
    for name in gone:
        connection.execute(MEMBERS.delete().where(MEMBERS.c.role == name))
        connection.execute(ROLES.delete().where(ROLES.c.name == name))
    there = set(connection.scalars(sa.select(ROLES.c.name)))
    for role in wanted.values():
        if role.name in there:
            connection.execute(ROLES.update().where(ROLES.c.name == role.name).values(doc=role.doc))
        else:
            connection.execute(ROLES.insert().values(name=role.name, doc=role.doc))
        for each in role.grants:
            connection.execute(
                GRANTS.insert().values(role=role.name, word=each.word, subject=each.subject, depth=str(each.depth))
            )


def members_of(connection: sa.Connection) -> tuple[Member, ...]:
    """Who has which role, users first."""
    user, team = _users(), _teams()
    users = (
        sa.select(user.c.email, MEMBERS.c.role)
        .join(MEMBERS, sa.and_(MEMBERS.c.member == sa.cast(user.c.id, sa.Text), MEMBERS.c.kind == "user"))
        .order_by(user.c.email, MEMBERS.c.role)
    )
    teams = (
        sa.select(team.c.name, MEMBERS.c.role)
        .join(MEMBERS, sa.and_(MEMBERS.c.member == sa.cast(team.c.id, sa.Text), MEMBERS.c.kind == "team"))
        .order_by(team.c.name, MEMBERS.c.role)
    )
    found = [Member("user", email, role) for email, role in connection.execute(users)]
    return (*found, *(Member("team", name, role) for name, role in connection.execute(teams)))


def member_id(connection: sa.Connection, kind: str, name: str) -> str | None:
    """The id of a user by email, or of a team by name; None when there is none."""
    table = _users() if kind == "user" else _teams()
    column = table.c.email if kind == "user" else table.c.name
    found = connection.execute(sa.select(table.c.id).where(column == name)).scalar()
    return None if found is None else str(found)


def give(connection: sa.Connection, kind: str, member: str, role: str) -> bool:
    """Give somebody a role. Says whether they did not have it."""
    had = sa.select(MEMBERS.c.role).where(MEMBERS.c.member == member, MEMBERS.c.role == role)
    if connection.execute(had).first() is not None:
        return False
    connection.execute(MEMBERS.insert().values(member=member, role=role, kind=kind))
    return True


def take(connection: sa.Connection, member: str, role: str) -> bool:
    """Take a role from somebody. Says whether they had it."""
    done = connection.execute(MEMBERS.delete().where(MEMBERS.c.member == member, MEMBERS.c.role == role))
    return done.rowcount > 0


def _users() -> sa.TableClause:
    return sa.table(USERS.stored, sa.column("id"), sa.column("email"))


def _teams() -> sa.TableClause:
    return sa.table(TEAMS.stored, sa.column("id"), sa.column("name"))
