"""How much a lint weighs in a project: `off`, `warn` (what it does by itself) or `deny`, an error."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import attrs

from actionlang.diagnostics.diagnostic import Diagnostic, Severity

OFF, WARN, DENY = "off", "warn", "deny"
LEVELS = (OFF, WARN, DENY)
ALL = "all"
"""The name that stands for every lint."""

Levels = tuple[tuple[str, str], ...]
"""Names of lints, or ALL, each with its level."""


def level_of(name: str, levels: Levels) -> str:
    """The level of a lint. What is said of it by name counts more than what is said of all."""
    known = dict(levels)
    return known.get(name, known.get(ALL, WARN))


def without_off(diagnostics: Iterable[Diagnostic], levels: Levels) -> tuple[Diagnostic, ...]:
    """The diagnostics but for those of lints that are off."""
    return tuple(each for each in diagnostics if not each.code.is_lint or level_of(each.code.id, levels) != OFF)


def with_denied(diagnostics: Iterable[Diagnostic], levels: Levels, denied: Collection[str]) -> tuple[Diagnostic, ...]:
    """The diagnostics, those of denied lints as errors; `denied` are names besides those that the project denies."""

    def weighed(diagnostic: Diagnostic) -> Diagnostic:
        code = diagnostic.code
        deny = {code.id, ALL} & set(denied) or level_of(code.id, levels) == DENY
        if not (code.is_lint and deny):
            return diagnostic
        return attrs.evolve(diagnostic, code=attrs.evolve(code, severity=Severity.ERROR))

    return tuple(map(weighed, diagnostics))
