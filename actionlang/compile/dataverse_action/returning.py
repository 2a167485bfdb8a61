"""Outputs as a verb has them: set all at once by the `return` that ends it.

An action sets an output with a step and goes on. Where steps follow a branch that sets one, they are taken into the branch; so
each way through the verb ends in a `return` of what was set on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import attrs

from actionlang.compile.dataverse_action import statements as s

MOST_COPIES = 200
"""Statements that may be written anew, in all, for the sake of branches."""


@attrs.frozen
class Ended:
    """A verb's statements; outputs that some way leaves unset, or may leave empty, and those that could not be set."""

    statements: tuple[s.Statement, ...]
    unset: frozenset[str]
    lost: tuple[str, ...]


def with_returns(statements: Sequence[s.Statement], outputs: Sequence[str]) -> Ended:
    """The statements with `return` where outputs are set."""
    returning = _Returning(tuple(outputs))
    done = returning.block(tuple(statements), {})
    return Ended(done, frozenset(returning.unset), tuple(returning.lost))


class _Returning:
    def __init__(self, outputs: tuple[str, ...]) -> None:
        self.outputs = outputs
        self.unset: set[str] = set()
        self.lost: list[str] = []
        self.copies = 0
        self.names: set[str] = set()

    def block(self, statements: tuple[s.Statement, ...], given: Mapping[str, s.Output]) -> tuple[s.Statement, ...]:
        """A block behind which the verb ends; `given` are the outputs that are set already."""
        pending, done = dict(given), list[s.Statement]()
        for number, statement in enumerate(statements):
            rest = statements[number + 1 :]
            if isinstance(statement, s.Output):
                done += self._set(statement, rest, pending)
            elif isinstance(statement, s.Returned):
                return (*done, self._return(statement.comments, pending), *_never(rest))
            elif isinstance(statement, s.Failed):
                return (*done, statement, *_never(rest))
            elif isinstance(statement, s.Staged):
                if rest and _sets_in(statement.statements) and not self._is_flat(statement, rest):
                    opened = s.Notice((*statement.comments, f"Stage: {statement.title}"))
                    return (*done, opened, *self.block((*statement.statements, *rest), pending))
                done.append(self._stage(statement, rest, pending))
            elif isinstance(statement, s.Choice) and not statement.inert:
                done.append(self._choice(statement, rest, pending))
            else:
                done.append(statement)
            if _always_ends(done[-1:]):
                taken = isinstance(statement, s.Choice) and _sets_in((statement,))
                return (*done, *([] if taken else _never(rest)))
        return (*done, *self._end(pending))

    @staticmethod
    def _is_flat(stage: s.Staged, rest: tuple[s.Statement, ...]) -> bool:
        """Whether a stage sets outputs in no branch, and to values that need no name."""
        direct = [found for found in stage.statements if isinstance(found, s.Output)]
        fixed = all(found.fixed for found in direct) or not _writes((*stage.statements, *rest))
        return fixed and len(direct) == len(_outputs(stage.statements))

    def _stage(self, stage: s.Staged, rest: tuple[s.Statement, ...], pending: dict[str, s.Output]) -> s.Statement:
        if not rest and _sets_in(stage.statements):
            return attrs.evolve(stage, statements=self.block(stage.statements, pending))
        for found in _outputs(stage.statements):
            pending[found.name] = found
        kept = tuple(found for found in stage.statements if not isinstance(found, s.Output))
        return attrs.evolve(stage, statements=self._ending(kept, pending))

    def _choice(self, choice: s.Choice, rest: tuple[s.Statement, ...], pending: Mapping[str, s.Output]) -> s.Statement:
        """Branches, each with what follows in it where it sets an output."""
        ways = []
        for way in choice.ways:
            inner = way.statements
            if not _sets_in(inner):
                inner = self._ending(inner, pending)
            elif self.copies + len(rest) > MOST_COPIES:
                self.lost += [
                    f"the output {found.name} is set where too many branches follow" for found in _outputs(inner)
                ]
            else:
                self.copies += len(rest)
                inner = self.block((*inner, *rest), pending)
            ways.append(attrs.evolve(way, statements=inner))
        return attrs.evolve(choice, ways=tuple(ways))

    def _ending(self, statements: tuple[s.Statement, ...], pending: Mapping[str, s.Output]) -> tuple[s.Statement, ...]:
        """A block that sets no output, and ends the verb in some of its ways."""
        done: list[s.Statement] = []
        for number, statement in enumerate(statements):
            if isinstance(statement, s.Returned | s.Failed):
                ended = self._return(statement.comments, pending) if isinstance(statement, s.Returned) else statement
                return (*done, ended, *_never(statements[number + 1 :]))
            if isinstance(statement, s.Choice) and not statement.inert:
                ways = (attrs.evolve(way, statements=self._ending(way.statements, pending)) for way in statement.ways)
                done.append(attrs.evolve(statement, ways=tuple(ways)))
            elif isinstance(statement, s.Staged):
                done.append(attrs.evolve(statement, statements=self._ending(statement.statements, pending)))
            else:
                done.append(statement)
        return tuple(done)

    def _set(self, output: s.Output, rest: tuple[s.Statement, ...], pending: dict[str, s.Output]) -> list[s.Statement]:
        """Keep an output for the `return`; its value has a name where later steps could change it."""
        if output.fixed or not _writes(rest):
            said = [s.Notice(output.comments)] if output.comments and rest else []
            pending[output.name] = output if not said else attrs.evolve(output, comments=())
            return list(said)
        name, number = f"{_snake(output.name)}_value", 1
        while name in self.names:
            number += 1
            name = f"{_snake(output.name)}_value_{number}"
        self.names.add(name)
        pending[output.name] = attrs.evolve(output, comments=(), text=name)
        return [s.Plain(output.comments, f"let {name} = {output.text}", False)]

    def _return(self, comments: tuple[str, ...], pending: Mapping[str, s.Output]) -> s.Statement:
        self.unset |= {name for name in self.outputs if name not in pending or pending[name].optional}
        said = dict.fromkeys(comment for output in pending.values() for comment in output.comments)
        given = tuple((name, pending[name].text) for name in self.outputs if name in pending)
        return s.Returned((*comments, *said), given)

    def _end(self, pending: Mapping[str, s.Output]) -> list[s.Statement]:
        """The end of the verb without a step that ends it."""
        ended = self._return((), pending)
        assert isinstance(ended, s.Returned)
        return [ended] if ended.outputs else []


def _snake(name: str) -> str:
    found = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return re.sub(r"\W", "_", found, flags=re.ASCII)


def _inside(statements: Sequence[s.Statement]) -> Iterator[s.Statement]:
    for statement in statements:
        yield statement
        if isinstance(statement, s.Staged):
            yield from _inside(statement.statements)
        elif isinstance(statement, s.Choice) and not statement.inert:
            for way in statement.ways:
                yield from _inside(way.statements)


def _outputs(statements: Sequence[s.Statement]) -> list[s.Output]:
    return [found for found in _inside(statements) if isinstance(found, s.Output)]


def _sets_in(statements: Sequence[s.Statement]) -> bool:
    return bool(_outputs(statements))


def _writes(statements: Sequence[s.Statement]) -> bool:
    return any(
        isinstance(found, s.Setting | s.Calling) or (isinstance(found, s.Plain) and found.writes)
        for found in _inside(statements)
    )


def _always_ends(statements: Sequence[s.Statement]) -> bool:
    """Whether nothing behind some statements is ever reached."""
    return any(_ends(statement) for statement in statements)


def _ends(statement: s.Statement) -> bool:
    if isinstance(statement, s.Returned | s.Failed):
        return True
    if isinstance(statement, s.Staged):
        return _always_ends(statement.statements)
    if not isinstance(statement, s.Choice) or statement.inert or statement.ways[-1].condition:
        return False
    return all(_always_ends(way.statements) for way in statement.ways)


def _never(statements: tuple[s.Statement, ...]) -> list[s.Statement]:
    """Steps behind an end: they never run, and stand there as comments."""
    return [s.Choice(("What follows never runs.",), (s.Way("", statements),), inert=True)] if statements else []
