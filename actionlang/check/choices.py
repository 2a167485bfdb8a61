"""Choices and statuses: their members, numbers and moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actionlang.check.body import Reporter
from actionlang.check.names import listed, suggest
from actionlang.check.references import Kind
from actionlang.check.spelling import respelt
from actionlang.diagnostics.catalogue import metadata as codes
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.source import Span
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Member, Moves
from actionlang.plan.values import LARGEST_INTEGER
from actionlang.syntax import ast


def check_choice(node: ast.Choice, full: str, reporter: Reporter) -> Choice:
    """The choice that a declaration makes. It has a member whatever is wrong with it."""
    written = [member for member in node.members if isinstance(member, ast.Member)]
    if not node.members:
        hint = f"Write its members: choice {node.name.text} < low; normal; high >"
        reporter.report(codes.NO_COLUMNS, node.name, f"The choice {node.name.text} has no members.", hint)
    if reporter.seen is not None:
        reporter.seen.declare(Kind.CHOICE, full, node.name, t.Choice(full), doc=node.doc)
        _declare(written, full, reporter)
    return Choice(full, _members(written, node.name.text, reporter), node.doc)


def check_status(node: ast.StatusColumn, full: str, reporter: Reporter) -> tuple[Choice, tuple[Moves, ...]]:
    """The choice and the moves that a status column makes."""
    if not node.states:
        hint = f"Write its states and their moves: {node.name.text} < open -> done; done >"
        reporter.report(codes.NO_COLUMNS, node.name, f"The status {node.name.text} has no states.", hint)
    choice = Choice(full, _members(node.states, node.name.text, reporter), node.doc)
    _declare(node.states, full, reporter)
    moves: dict[str, Moves] = {}
    for state in node.states:
        moves.setdefault(state.name.text, Moves(state.name.text, _targets(state, choice, reporter)))
    return choice, tuple(moves.values()) or (Moves("", ()),)


def _declare(written: Sequence[ast.Member | ast.State], choice: str, reporter: Reporter) -> None:
    """Note where members or states are declared, if that is asked for."""
    if reporter.seen is not None:
        for member in written:
            full = f"{choice}.{member.name.text}"
            reporter.seen.declare(Kind.MEMBER, full, member.name, t.Choice(choice), doc=member.doc)


def _targets(state: ast.State, choice: Choice, reporter: Reporter) -> tuple[str, ...]:
    """The states that one state moves to."""
    targets: list[str] = []
    for target in state.moves:
        if target.text not in choice.by_name:
            hint = suggest(target.text, choice.by_name) or f"Its states are {listed(choice.by_name, 'and')}."
            message = f"{state.name.text} moves to {target.text}, which is not declared."
            fixes = respelt(target, target.text, choice.by_name, reporter.source.text)
            reporter.report(codes.UNKNOWN_STATE, target, message, hint, (), fixes)
        elif target.text in targets:
            message = f"The move from {state.name.text} to {target.text} is declared twice."
            reporter.report(name_codes.DECLARED_TWICE, target, message, "Leave one of the two out.")
        else:
            targets.append(target.text)
        if reporter.seen is not None and target.text in choice.by_name:
            full = f"{choice.name}.{target.text}"
            reporter.seen.use(Kind.MEMBER, full, target, target.text, t.Choice(choice.name))
    return tuple(targets)


def _members(written: Sequence[ast.Member | ast.State], what: str, reporter: Reporter) -> tuple[Member, ...]:
    """Members as declared, each name once."""
    _check_numbers(written, what, reporter)
    first: dict[str, ast.Name] = {}
    members: list[Member] = []
    for member in written:
        if complain_of_second(member.name, first, f"{what} has two members named {member.name.text}.", reporter):
            members.append(Member(member.name.text, member.number, member.label))
    return tuple(members) or (Member(""),)


def _check_numbers(written: Sequence[ast.Member | ast.State], what: str, reporter: Reporter) -> None:
    """See that all members have numbers or none has, each its own."""
    without = [member for member in written if member.number is None]
    numbered = [member for member in written if member.number is not None]
    if without and numbered:
        message = f"{without[0].name.text} has no number, and other members of {what} have."
        places = ((numbered[0].span, "numbered here"),)
        reporter.report(codes.NUMBERED_IN_PART, without[0], message, "Number all members, or none.", places)
    seen: dict[int, Span] = {}
    for member in numbered:
        assert member.number is not None
        if member.number in seen:
            message = f"Two members of {what} have the number {member.number}."
            places = ((seen[member.number], "first used here"),)
            reporter.report(codes.NUMBER_TWICE, member, message, "Give each member a number of its own.", places)
        elif not -LARGEST_INTEGER - 1 <= member.number <= LARGEST_INTEGER:
            message = f"The number of {member.name.text} does not fit 64 bits."
            reporter.report(codes.WRONG_SIZE, member, message, f"The largest number is {LARGEST_INTEGER}.")
        seen.setdefault(member.number, member.span)


def complain_of_second(name: ast.Name, first: dict[str, ast.Name], message: str, reporter: Reporter) -> bool:
    """Whether a name is the first of its kind; `first` remembers it, and a second one is complained about."""
    known = first.setdefault(name.text, name)
    if known is name:
        return True
    places = ((known.span, "first declared here"),)
    reporter.report(name_codes.DECLARED_TWICE, name, message, "Rename one of the two, or remove it.", places)
    return False


def distinct(names: Iterable[ast.Name], message: str, reporter: Reporter) -> tuple[ast.Name, ...]:
    """Names, each once; `message` has a place for the name that stands twice."""
    first: dict[str, ast.Name] = {}
    return tuple(name for name in names if complain_of_second(name, first, message.format(name.text), reporter))
