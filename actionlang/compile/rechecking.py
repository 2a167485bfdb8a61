"""Modules checked once more, with what their program hangs on them.

A verb is checked by itself first, when nobody knows which hooks its steps set off, or whose override runs where it performs
something. Where what it relies on does not hold with these, its module is checked again, now with all of that known: either the
verb needs no more than holds, or it is complained of where it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from actionlang.check.hung import Hung, TableHooks
from actionlang.check.names import listed, short
from actionlang.check.program import CheckedModule, check_module, in_order
from actionlang.compile.missing_imports import with_imports
from actionlang.compile.places import line_of
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.lint.agreed import Agreed
from actionlang.lint.linting import linted
from actionlang.plan.effects import writes_of
from actionlang.plan.plan import Verb
from actionlang.plan.woven import is_hook, written_name
from actionlang.syntax.parser import ParsedModule, parse


@attrs.frozen
class Rechecked:
    """A module, checked with what its program hangs on it."""

    before: CheckedModule
    parsed: ParsedModule
    module: CheckedModule

    @classmethod
    def of(cls, module: CheckedModule, modules: Mapping[str, CheckedModule], hung: Hung) -> Rechecked:
        """Check a module of a program again."""
        imports = {qualifier: modules[name] for qualifier, name in module.imports.items()}
        parsed = parse(module.source)
        return cls(module, parsed, check_module(parsed, module.name, imports, None, hung))

    def linted(self, verbs: Mapping[str, Verb], hooks: TableHooks, agreed: Agreed) -> CheckedModule:
        """The module with what lints find in it, which look at what its verbs do in the program: `verbs` has them so, and `hooks`
        are all that are hung on its tables."""
        own = {
            name: attrs.evolve(verb, effects=(verbs.get(name) or verbs[written_name(name)]).effects)
            for name, verb in self.module.verbs.items()
        }
        seen = attrs.evolve(self.module, verbs=own, hooks=tuple(hooks))
        originals = self.before.universe.verbs  # In the module that was checked again they do what their overrides do.
        found = linted(self.parsed.module, seen, agreed, originals, verbs)
        lints = (each for each in with_imports(found, self.parsed.module) if each.code.is_lint)
        others = (each for each in self.before.diagnostics if not each.code.is_lint)
        return attrs.evolve(self.module, diagnostics=in_order(others, lints), asked=())

    def complaints(
        self,
        changed: Iterable[Verb],
        verbs: Mapping[str, Verb],
        overridden: Iterable[str],
        modules: Mapping[str, CheckedModule],
    ) -> Iterator[Diagnostic]:
        """What is wrong with the module, naming the hooks and overrides that may be why: those that the verbs perform which are
        `changed` by them. `overridden` are the verbs that have overrides."""
        causes = _causes(changed, verbs, set(overridden))
        names = listed((_in_words(cause) for cause in causes), "and")
        places = tuple(line_of(cause, modules, f"{_in_words(cause)} is written here") for cause in causes)
        for found in self.module.diagnostics:
            if found.severity is Severity.ERROR:
                message = f"With {names} in this program: {found.message}"
                labels = (*found.secondary, *places)
                yield attrs.evolve(found, code=codes.UNEXPECTED_BY_VERB, message=message, secondary=labels)


def _causes(changed: Iterable[Verb], verbs: Mapping[str, Verb], overridden: set[str]) -> list[Verb]:
    """The hooks and overrides that verbs perform and that write rows; all of them where none does."""
    performed = {name: None for verb in changed for name in verb.effects.performs}
    found = [verbs[name] for name in performed if is_hook(name) or name in overridden]
    return [each for each in found if writes_of(each.effects)] or found


def _in_words(cause: Verb) -> str:
    return f"the hook {short(cause.name)}" if is_hook(cause.name) else f"the override of {short(cause.name)}"
