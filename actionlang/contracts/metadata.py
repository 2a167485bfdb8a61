"""Rules about what values are made of: members of choices, keys by which rows are named."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.contracts.rule import Comparison, Finding
from actionlang.contracts.values import includes
from actionlang.contracts.wording import listed
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.metadata.tables import Choice, Member, Table
from actionlang.plan.expression_text import short


def member_removed(comparison: Comparison) -> Iterator[Finding]:
    """Members that callers give, and rows hold, and that are gone."""
    for old, new in _choices(comparison):
        for member in old.members:
            if member.name not in new.by_name:
                what = "state" if _is_status(old, comparison) else "member"
                renamed = _renamed(member, old, new)
                message = (
                    f"The {what} {member.name} of {_named(old, comparison)} is gone: who gives it is refused, and rows that "
                    "hold it can not be read."
                )
                hint = f"Is it called {renamed} now? Keep the name." if renamed else f"Keep {member.name}."
                yield Finding(codes.CHOICE_MEMBER_REMOVED, old.name, message, hint)


def member_renumbered(comparison: Comparison) -> Iterator[Finding]:
    """Members whose number is another one: rows are stored by number, and read as another member then."""
    for old, new in _choices(comparison):
        for member in old.members:
            now = new.by_name.get(member.name)
            if now is not None and now.number != member.number:
                was, is_now = _number(member.number, "was"), _number(now.number, "is")
                message = (
                    f"{member.name} of {_named(old, comparison)} {was}, and {is_now} now: rows that are stored mean "
                    "something else."
                )
                yield Finding(codes.CHOICE_MEMBER_RENUMBERED, old.name, message, _as_it_was(member))


def _as_it_was(member: Member) -> str:
    return f"Write {member.name}{'' if member.number is None else f' = {member.number}'} again."


def _number(number: int | None, word: str) -> str:
    return f"{'had' if word == 'was' else 'has'} no number" if number is None else f"{word} {number}"


def _renamed(member: Member, old: Choice, new: Choice) -> str | None:
    """The name that a member may have now: that of the new one with its number."""
    added = [each.name for each in new.members if each.name not in old.by_name and each.number == member.number]
    return added[0] if len(added) == 1 else None


def _choices(comparison: Comparison) -> Iterator[tuple[Choice, Choice]]:
    for name in sorted(comparison.before.choices.keys() & comparison.after.choices.keys()):
        yield comparison.before.choices[name], comparison.after.choices[name]


def _is_status(choice: Choice, comparison: Comparison) -> bool:
    return choice.name.rpartition(".")[0] in comparison.before.tables


def _named(choice: Choice, comparison: Comparison) -> str:
    """A choice in a sentence; that of a status column goes by its table's name, too."""
    table, _, name = choice.name.rpartition(".")
    return f"{short(table)}.{name}" if _is_status(choice, comparison) else name


def key_changed(comparison: Comparison) -> Iterator[Finding]:
    """Keys by which callers and scripts name rows, and that are no keys any more, or take other values."""
    for name in sorted(comparison.before.tables.keys() & comparison.after.tables.keys()):
        old, new = comparison.before.tables[name], comparison.after.tables[name]
        for columns in (tuple(column.name for column in old.primary), *old.keys):
            problem = _lost(columns, old, new)
            if problem:
                message = f"Rows of {old.short_name} were named by {listed(columns)}, which {problem}."
                yield Finding(codes.ROW_KEY_CHANGED, name, message, "Keep the key, also beside one that fits better.")


def _lost(columns: tuple[str, ...], old: Table, new: Table) -> str | None:
    """Why rows can no longer be named by some columns; None when they can."""
    if columns not in (tuple(column.name for column in new.primary), *new.keys):
        return "is no key any more"
    is_primary = columns == tuple(column.name for column in old.primary)
    if is_primary and columns != tuple(column.name for column in new.primary):
        return "is not the primary key any more"
    for column in columns:
        was, is_now = old.by_name[column].type, new.by_name[column].type
        if was != is_now if is_primary else not includes(is_now, was):
            return "takes other values now"
    return None
