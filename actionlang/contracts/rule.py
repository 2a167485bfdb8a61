"""What a rule of compatibility is, and the categories that rules are in.

Categories are those of `buf breaking` (https://buf.build/docs/breaking/rules), in the words of this language: each has all rules
of those behind it, and the first is what counts where nothing is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cached_property

import attrs

from actionlang.contracts.contracts import Contracts
from actionlang.diagnostics.diagnostic import Code
from actionlang.plan.plan import Verb

SOURCE, CALL, WIRE = "source", "call", "wire"

CATEGORIES = {
    SOURCE: "Scripts that perform a verb: they check as before, and what they do stays what it was.",
    CALL: "Whoever calls by name and sends JSON: what was accepted still is, what comes back has the form that it had.",
    WIRE: "What is written down already: recorded arguments, stored choices, functions of the database called by position.",
}
"""Each with what it protects, the strictest first."""


@attrs.frozen
class Finding:
    """A change that somebody would notice: the code of its rule, the full name of the verb (of the choice or table) that it is
    about, what happened and who notices that, how to mend it. `parameter` or `output` names which one it is about."""

    code: Code
    subject: str
    message: str
    hint: str
    parameter: str | None = None
    output: str | None = None


@attrs.frozen
class Pair:
    """A verb as it was and as it is."""

    old: Verb
    new: Verb


@attrs.frozen(slots=False)
class Comparison:
    """What rules look at: the contracts before and after a change, and the day, by which deprecations have ended or not."""

    before: Contracts
    after: Contracts
    today: dt.date

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The verbs that could be called before and still can."""
        new = {verb.name: verb for verb in self.after.public()}
        return tuple(Pair(verb, new[verb.name]) for verb in self.before.public() if verb.name in new)


@attrs.frozen
class Rule:
    """A rule: its code, whose id is its name; `category` is the least strict of those that have it; what it is for, in one
    sentence; what finds what it is about."""

    code: Code
    category: str
    purpose: str
    find: Callable[[Comparison], Iterator[Finding]]

    @property
    def name(self) -> str:
        """What it is called, in messages, project files and on the command line."""
        return self.code.id

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories that have it, the strictest first."""
        names = tuple(CATEGORIES)
        return names[: names.index(self.category) + 1]
