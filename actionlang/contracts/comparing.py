"""Contracts before and after a change, compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rule import Comparison, Finding, Rule
from actionlang.contracts.rules import RULES


def compare(
    before: Contracts, after: Contracts, *, today: dt.date | None = None, rules: Iterable[Rule] = RULES
) -> tuple[Finding, ...]:
    """What callers of the verbs of `before` would notice of a change to `after`, by verb, then in the order of the rules.

    `today` decides which deprecations have ended: what they announced may go. It is this day in UTC where nothing is said.
    """
    comparison = Comparison(before, after, today or dt.datetime.now(dt.UTC).date())
    found = [finding for rule in rules for finding in rule.find(comparison)]
    return tuple(sorted(found, key=lambda finding: finding.subject))
