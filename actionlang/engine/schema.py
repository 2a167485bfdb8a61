"""The tables and choices that a plan brings along, by full name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.metadata.tables import Choice, Table
from actionlang.plan.plan import StepPlan


@attrs.frozen
class Schema:
    """Tables and choices by full name."""

    tables: Mapping[str, Table]
    choices: Mapping[str, Choice]

    @staticmethod
    def of(tables: Iterable[Table], choices: Iterable[Choice] = ()) -> Schema:
        """From tables and choices."""
        return Schema({table.name: table for table in tables}, {choice.name: choice for choice in choices})

    @staticmethod
    def of_plan(plan: StepPlan) -> Schema:
        """From a plan's tables and choices."""
        return Schema.of(plan.tables, plan.choices)
