"""The contracts of a set of verbs, with the metadata that they mention: what is compared with those of another time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.metadata.tables import Choice, Table
from actionlang.plan.plan import StepPlan, Verb

NOT_CALLED = ("test", "override")
"""Kinds of verbs that nobody calls by their own name: an override is called by the name of the verb that it replaces."""


@attrs.frozen
class Contracts:
    """Verbs, tables and choices by full name. `entries` are the verbs that are compared, in order; the others are there because
    those perform them."""

    entries: tuple[str, ...]
    verbs: Mapping[str, Verb]
    tables: Mapping[str, Table]
    choices: Mapping[str, Choice]

    @classmethod
    def of(
        cls,
        verbs: Iterable[Verb],
        tables: Iterable[Table] = (),
        choices: Iterable[Choice] = (),
        performed: Iterable[Verb] = (),
    ) -> Contracts:
        """Contracts of verbs by themselves. `performed` are verbs that they perform, which are not compared."""
        own = {verb.name: verb for verb in verbs}
        return cls(
            tuple(sorted(name for name, verb in own.items() if verb.kind not in NOT_CALLED)),
            {**{verb.name: verb for verb in performed}, **own},
            {table.name: table for table in tables},
            {choice.name: choice for choice in choices},
        )

    @classmethod
    def of_plans(cls, plans: Iterable[StepPlan], private: Iterable[Verb] = (), known: Iterable[Verb] = ()) -> Contracts:
        """Contracts of the verbs that plans are of. `private` ones, which have no plan, are compared, too; `known` are verbs that
        are there, without being compared."""
        found = list(plans)
        performed = {verb.name: verb for plan in found for verb in plan.verbs}
        return cls.of(
            (*(plan.verb for plan in found), *private),
            {table.name: table for plan in found for table in plan.tables}.values(),
            {choice.name: choice for plan in found for choice in plan.choices}.values(),
            {**{verb.name: verb for verb in known if verb.kind not in NOT_CALLED}, **performed}.values(),
        )

    def public(self) -> tuple[Verb, ...]:
        """The verbs that may be called from outside."""
        return tuple(self.verbs[name] for name in self.entries if not self.verbs[name].private)
