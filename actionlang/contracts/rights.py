"""Rules about rights: whoever could call a verb still can."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rule import Comparison, Finding
from actionlang.contracts.wording import listed, privilege_text
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.plan.plan import Verb
from actionlang.plan.walk import mentions


def privilege_added(comparison: Comparison) -> Iterator[Finding]:
    """Privileges that callers did not need: those that a verb requires, and, unless it runs with rights of its own, those that
    its steps need, and that verbs require which it performs."""
    for pair in comparison.pairs:
        known = _required(pair.old, comparison.before)
        more = [name for name in _required(pair.new, comparison.after) if name not in known]
        if not pair.old.system:
            more += [privilege_text(name) for name in _of_effects(pair.new) if name not in _of_effects(pair.old)]
        if more:
            message = f"Who calls {pair.new.short_name} needs {_rights(more)} now, and may not have that."
            own = "" if pair.new.requires else ", or have the verb run with rights of its own: as system"
            hint = f"Give it to the roles that call the verb first{own}."
            yield Finding(codes.PRIVILEGE_ADDED, pair.new.name, message, hint)


def system_removed(comparison: Comparison) -> Iterator[Finding]:
    """Verbs that ran with rights of their own, and run with their caller's now."""
    for pair in comparison.pairs:
        if pair.old.system and not pair.new.system:
            needed = [privilege_text(name) for name in _of_effects(pair.new)]
            told = f" Who calls it needs {_rights(needed)}." if needed else ""
            message = f"{pair.new.short_name} ran with rights of its own, and runs with those of its caller now.{told}"
            yield Finding(codes.SYSTEM_REMOVED, pair.new.name, message, "Leave as system in.")


def _required(verb: Verb, contracts: Contracts) -> list[str]:
    """What callers of a verb need by name: its own privileges first, then those of verbs that run with their rights. Of one that
    runs as the system, nothing of what it performs is asked for."""
    found: dict[str, None] = {}
    seen = {verb.name}
    pending = [verb]
    while pending:
        each = pending.pop()
        found |= dict.fromkeys(each.requires)
        inner = set() if each.system else mentions(each).verbs - seen
        seen |= inner
        pending += [contracts.verbs[name] for name in sorted(inner) if name in contracts.verbs]
    return list(found)


def _of_effects(verb: Verb) -> tuple[str, ...]:
    return () if verb.system else verb.effects.privileges


def _rights(names: list[str]) -> str:
    return f"the privilege{'s' if len(names) > 1 else ''} {listed(names)}"
