"""Versions of a verb by their numbers, each with its plan."""

from __future__ import annotations

import attrs
import sqlalchemy as sa

from actionlang.registry.history import known_verb, what_became_of
from actionlang.registry.refusals import not_active, unknown_version
from actionlang.registry.store import active_heads, heads_of, load_plan, scripts_of, see_registry
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan


@attrs.frozen(eq=False)
class Version:
    """A version: the verb's full name, its number, its plan, the texts of the scripts that this was made from."""

    verb: str
    number: int
    plan: Plan
    scripts: dict[str, str] = attrs.field(repr=False)


def version(database: Database, verb: str, number: int | None = None) -> Version:
    """A version of a verb by its full or short name; the active one where no number is given.

    Raises ActionLangError when there is none, or it can not be read.
    """
    with database.connection() as connection:
        see_registry(connection)
        return _version(connection, verb, number)


def _version(connection: sa.Connection, verb: str, number: int | None) -> Version:
    name = known_verb(connection, verb)
    heads = heads_of(connection, name)
    if number is None:
        active = active_heads(connection).get(name)
        if active is None:
            raise not_active(verb, (), what_became_of(connection, name))
        number = active.number
    head = next((each for each in heads if each.number == number), None)
    if head is None:
        raise unknown_version(name, number, heads)
    return Version(name, number, load_plan(connection, head), scripts_of(connection, head))
