"""Conditions as the checker found them, with what the flow had shown before: what a lint goes by."""

from __future__ import annotations

import attrs

from actionlang.plan import expressions as e
from actionlang.plan.facts import Facts
from actionlang.syntax import ast


@attrs.frozen
class Asked:
    """A whole condition (of an `if`, a `require`, a `where`): as written, as checked, and what is known where it is asked."""

    node: ast.Expression
    condition: e.Expression
    facts: Facts
