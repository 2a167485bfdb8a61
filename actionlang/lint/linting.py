"""Lints run on a checked module."""

from __future__ import annotations

from collections.abc import Mapping

from actionlang.check.program import CheckedModule, in_order
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.lint.agreed import Agreed
from actionlang.lint.allow import Allowances
from actionlang.lint.lints import LINTS, NAMES
from actionlang.lint.script import Script
from actionlang.lint.unused import with_fixes
from actionlang.plan.plan import Verb
from actionlang.syntax import ast


def linted(
    module: ast.Module,
    checked: CheckedModule,
    agreed: Agreed,
    originals: Mapping[str, Verb] | None = None,
    program: Mapping[str, Verb] | None = None,
) -> tuple[Diagnostic, ...]:
    """The diagnostics of a checked module with those of the lints, without what comments in the script allow. `agreed` is what
    the project has agreed that verbs may do, `originals` what overridden verbs do without their overrides, where the module
    itself does not say that, `program` the verbs of the whole program, where that is known.

    While there are errors no lint is run: what it finds may be a consequence of them.
    """
    known = checked.universe.verbs
    script = Script(
        module, checked, agreed, known if originals is None else originals, known if program is None else program
    )
    allowances = Allowances(script)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in checked.diagnostics):
        return tuple(allowances.left(checked.diagnostics))
    found = [with_fixes(diagnostic, script) for diagnostic in checked.diagnostics]
    for lint in LINTS:
        if lint.rule is not None:
            found += lint.rule(script)
    left = allowances.left(found)
    return in_order(left, allowances.complaints(NAMES))
