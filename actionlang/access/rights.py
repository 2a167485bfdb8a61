"""What a user may do: how deep into each table, and with which verbs and named privileges."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from functools import cached_property

import attrs

from actionlang.engine.store import RowRef


class Depth(IntEnum):
    """How far into a table a privilege reaches: to no row, to the user's own, to those of the user's teams, to all."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3

    def __str__(self) -> str:
        return self.name.lower()


DEPTHS = {str(depth): depth for depth in Depth}
"""Depths by the words that stand for them."""

READ = "read"
TABLE_WORDS = (READ, "create", "update", "delete", "assign", "move")
"""What may be done with rows."""

PERFORM, REQUIRES = "perform", "requires"
"""The words of grants that are about a verb, and about a privilege that a verb requires by name."""

WORDS = (*TABLE_WORDS, PERFORM, REQUIRES)


@attrs.frozen
class Grant:
    """What a role gives: a word about a table, a verb or a named privilege (`subject`: its full name, `module.*` or `*`), and how
    deep it reaches. Words other than those about tables reach everywhere or nowhere."""

    role: str
    word: str
    subject: str
    depth: Depth = Depth.ALL

    def is_about(self, word: str, subject: str) -> bool:
        """Whether the grant says anything of a subject."""
        return self.word == word and matches(self.subject, subject)


def matches(pattern: str, name: str) -> bool:
    """Whether a full name is meant by a grant's subject."""
    return pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


@attrs.frozen
class Given:
    """A grant as a user has it: through `team` (its name), or directly."""

    grant: Grant
    team: str | None = None


@attrs.frozen(slots=False)
class Rights:
    """All that one user was given. `name` is how people call the user."""

    user: RowRef
    name: str
    given: tuple[Given, ...]
    active: bool = True

    def about(self, word: str, subject: str) -> list[Given]:
        """What was given for a word about a table, a verb or a privilege, the deepest first."""
        found = [each for each in self.given if each.grant.is_about(word, subject)] if self.active else []
        return sorted(found, key=lambda each: -each.grant.depth)

    def depth(self, word: str, table: str) -> Depth:
        """How deep a word about a table reaches: as deep as the deepest grant. Whoever may act at all may read what the database
        says of them: their own user, teams and memberships (see `rules.PERSONAL`)."""
        known = self._depths.get((word, table))
        if known is None:
            floor = Depth.OWN if word == READ and table in PERSONAL and self.active else Depth.NONE
            known = max([floor, *(each.grant.depth for each in self.about(word, table))])
            self._depths[word, table] = known
        return known

    def has(self, word: str, subject: str) -> bool:
        """Whether a verb may be performed, or a named privilege is given."""
        return any(each.grant.depth is Depth.ALL for each in self.about(word, subject))

    def signature(self, tables: Iterable[str]) -> str:
        """The depths in these tables as a text: the same for all users for whom a plan looks the same."""
        return ";".join(
            f"{table}:{''.join(str(int(self.depth(word, table))) for word in TABLE_WORDS)}" for table in tables
        )

    @cached_property
    def _depths(self) -> dict[tuple[str, str], Depth]:
        return {}


PERSONAL = frozenset({"core.user", "core.team", "core.membership"})
"""The tables that say who somebody is. They have no owner; whose a row is follows from what it says."""
