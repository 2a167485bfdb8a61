"""Ways through a verb: which conditions have to hold to get to a step."""

from __future__ import annotations

import attrs

from actionlang.engine.relational.conditions import every, negated, truth
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.value import Sql

MOST_TEXT = 200_000
"""Characters of one value's SQL beyond which the interpreter is the better way."""


@attrs.frozen
class Path:
    """Conditions that all have to hold to get somewhere, each worked out only where those before it hold: whether one may fail
    has been seen to where it stands. Without any, everything gets there; where `never` is set, nothing does."""

    parts: tuple[Sql, ...] = ()
    never: bool = False

    @property
    def always(self) -> bool:
        """Whether everything gets there."""
        return not self.parts and not self.never

    def narrowed(self, condition: Sql) -> Path:
        """The path that goes on where a condition holds."""
        if condition.known is not None:
            return self if condition.known.value else NEVER
        if self.never or any(part.cells == condition.cells for part in self.parts):
            return self
        return Path((*self.parts, condition))

    def beyond(self, other: Path) -> list[Sql]:
        """The conditions that come after those with which both paths begin."""
        common = 0
        for one, another in zip(self.parts, other.parts, strict=False):
            if one.cells != another.cells:
                break
            common += 1
        return list(self.parts[common:])

    def beside(self, left: Path, scope: Scope) -> Path:
        """The path that goes on where `left` was not gone, which began with this one."""
        return self if left.never else self.narrowed(negated(every(left.beyond(self), scope), scope))

    def condition(self, scope: Scope) -> Sql:
        """All of it as one condition.

        Raises NotRelational where it is too long.
        """
        found = truth(False, scope) if self.never else every(list(self.parts), scope)
        see_short(found.text)
        return found


ALWAYS, NEVER = Path(), Path(never=True)


def see_short(*texts: str) -> None:
    """See that SQL is not too long.

    Raises NotRelational.
    """
    if any(len(text) > MOST_TEXT for text in texts):
        raise NotRelational("it depends on too many branches to be written as one expression")
