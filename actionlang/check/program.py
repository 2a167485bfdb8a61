"""A module, checked: its tables, choices, verbs and tests, and all that is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TypeVar

import attrs

from actionlang.check.asked import Asked
from actionlang.check.body import Body, Reporter
from actionlang.check.call_order import in_call_order
from actionlang.check.choices import check_choice, complain_of_second
from actionlang.check.contracts import check_contract, host_function
from actionlang.check.declarations import check_table
from actionlang.check.hooks import check_hook
from actionlang.check.hung import Hook, Hung
from actionlang.check.names import HostFunction, Names, Universe, import_names
from actionlang.check.overrides import check_override, replaced_by
from actionlang.check.references import Kind, References
from actionlang.check.statements import RULES
from actionlang.check.verbs import check_test, check_verb
from actionlang.diagnostics.catalogue import lints
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import syntax as syntax_codes
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.metadata.tables import Choice, Table
from actionlang.plan.plan import Parameter, Verb
from actionlang.plan.woven import INHERITED, layer_name
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedModule

PRELUDE = "prelude"
EVERYWHERE = (PRELUDE, "core")
"""Modules that every other one has without importing them."""

D = TypeVar("D", bound=ast.Declaration)
N = TypeVar("N", ast.Choice, ast.Table)


@attrs.frozen(eq=False)
class CheckedModule:
    """A module. `tables`, `choices` and `verbs` are its own, by full name; `functions` those of the host that it declares.

    `names` are what it can name, and what a module that imports it gets; `universe` has all that these stand for.
    `overrides` has the full names of the verbs that replace others, by the full name of the one replaced. `asked` are the
    conditions of its verbs, in no order. `imports` are the names of the modules that it imports, by the qualifier it uses for
    each.
    """

    name: str
    source: Source
    names: Names
    universe: Universe
    tables: dict[str, Table]
    choices: dict[str, Choice]
    verbs: dict[str, Verb]
    functions: dict[str, tuple[HostFunction, ...]]
    tests: tuple[Verb, ...]
    hooks: tuple[Hook, ...]
    overrides: dict[str, str]
    diagnostics: tuple[Diagnostic, ...]
    asked: tuple[Asked, ...] = ()
    imports: Mapping[str, str] = attrs.field(factory=dict)


def check_module(
    parsed: ParsedModule,
    name: str,
    imports: Mapping[str, CheckedModule],
    seen: References | None = None,
    hung: Hung | None = None,
) -> CheckedModule:
    """Check a script. `imports` are the modules that it imports, by the qualifier it uses for each; among them prelude and
    core, unless it is one of them. `seen` notes where names are declared and used. `hung` is what a program hangs on the module,
    where that is known.

    Never raises: all that is wrong, the parser's complaints included, is in the result's diagnostics, in the order of the
    script. What is made of a script with errors is good for checking others that import it, and for nothing else.
    """
    return _ModuleCheck(parsed, name, imports, seen, hung).run()


class _ModuleCheck:
    """One check of one module."""

    def __init__(
        self,
        parsed: ParsedModule,
        name: str,
        imports: Mapping[str, CheckedModule],
        seen: References | None,
        hung: Hung | None,
    ) -> None:
        self.parsed = parsed
        self.name = name
        self.imports = imports
        self.hung = hung
        self.reporter = Reporter(parsed.source, seen)
        self.reporter.incomplete = any(
            isinstance(node, ast.BrokenDeclaration)
            or (isinstance(node, ast.Import) and qualifier_of(node) not in imports)
            for node in parsed.module.declarations
        )
        self.imported = import_names({qualifier: module.names for qualifier, module in imports.items()})
        self.names = attrs.evolve(
            self.imported,
            module=name,
            tables=dict(self.imported.tables),
            choices=dict(self.imported.choices),
            verbs=dict(self.imported.verbs),
        )
        self.universe = Universe()
        for module in imports.values():
            self.universe.include(module.universe)
        if hung is not None:
            self.universe.verbs.update((name, hung.as_it_runs(verb)) for name, verb in self.universe.verbs.items())
        self.tables: dict[str, Table] = {}
        self.verbs: dict[str, Verb] = {}
        self.functions: dict[str, tuple[HostFunction, ...]] = {}
        self.overrides: dict[str, str] = {}
        self.replaced: dict[str, Verb] = {}
        self.hooks: list[Hook] = []
        self.tests: list[Verb] = []

    def run(self) -> CheckedModule:
        """Check declarations first, then contracts, then steps."""
        known = set(self.universe.choices)
        self._check_metadata()
        self._check_verbs()
        self._check_hooks_and_tests()
        self._complain_of_unused_imports()
        return CheckedModule(
            self.name,
            self.parsed.source,
            self.names,
            self.universe,
            self.tables,
            {name: choice for name, choice in self.universe.choices.items() if name not in known},
            self.verbs,
            self.functions,
            tuple(self.tests),
            tuple(self.hooks),
            self.overrides,
            in_order(self.parsed.diagnostics, self.reporter.diagnostics),
            tuple(self.reporter.asked.values()),
            {qualifier: module.name for qualifier, module in self.imports.items()},
        )

    def _all(self, kind: type[D]) -> Iterator[D]:
        return (each for each in self.parsed.module.declarations if isinstance(each, kind))

    def _full(self, name: str) -> str:
        return f"{self.name}.{name}"

    def _body(self, kind: str, names: Names | None = None, outputs: tuple[Parameter, ...] = ()) -> Body:
        names = names or self.names
        return Body(self.reporter, self.universe, names, self.name, kind, outputs, rules=RULES, hung=self.hung)

    def _as_it_runs(self, verb: Verb) -> Verb:
        return verb if self.hung is None else self.hung.as_it_runs(verb)

    # -------------------------------------------------------------------------------------------- tables and choices

    def _check_metadata(self) -> None:
        first: dict[str, ast.Name] = {}
        choices = self._named(ast.Choice, first)
        tables = self._named(ast.Table, first)
        for name in choices:
            self.names.choices[name] = (self._full(name),)
            self.names.tables.pop(name, None)
        for name in tables:
            self.names.tables[name] = (self._full(name),)
            self.names.choices.pop(name, None)
        for name, choice in choices.items():
            full = self._full(name)
            self.universe.choices[full] = check_choice(choice, full, self.reporter)
        body = self._body("table")
        for name, table in tables.items():
            full = self._full(name)
            with guarded(table.name, self.reporter):
                self.tables[full] = self.universe.tables[full] = check_table(table, full, body)

    def _named(self, kind: type[N], first: dict[str, ast.Name]) -> dict[str, N]:
        """Declarations of a kind by name; a name that was declared before is complained about."""
        found: dict[str, N] = {}
        for node in self._all(kind):
            message = f"There are two declarations of {node.name.text}: tables and choices share their names."
            if complain_of_second(node.name, first, message, self.reporter):
                found[node.name.text] = node
        return found

    # ---------------------------------------------------------------------------------------------------------- verbs

    def _check_verbs(self) -> None:
        actions = self._declared_actions()
        for full, node in actions.items():
            verb = self.verbs[full] = self.universe.verbs[full] = check_contract(node, full, self._body(node.kind))
            if full in self.replaced:
                check_override(node, verb, self.replaced[full], self._body(node.kind))
        for full in in_call_order(actions, self.names, self.reporter):
            node = actions[full]
            verb = self.verbs[full]
            with guarded(node.name, self.reporter):
                verb = check_verb(node, verb, self._verb_body(node, verb))
            self.verbs[full] = verb
            self.universe.verbs[full] = self._as_it_runs(verb)

    def _declared_actions(self) -> dict[str, ast.Action]:
        """The module's own verbs by full name; the prelude's functions become the host's."""
        actions: dict[str, ast.Action] = {}
        first: dict[str, ast.Name] = {}
        for node in self._all(ast.Action):
            if self.name == PRELUDE and node.kind == "extern function":
                self._add_host_function(node)
                continue
            if node.kind == "override":
                self._declare_override(node, actions)
                continue
            name = ast.Name(node.name.start, node.name.end, node.name.text)
            if complain_of_second(name, first, f"There are two verbs named {name.text}.", self.reporter):
                actions[self._full(name.text)] = node
                self.names.verbs[name.text] = (self._full(name.text),)
        return actions

    def _add_host_function(self, node: ast.Action) -> None:
        name = node.name.text
        function = host_function(node, check_contract(node, self._full(name), self._body(node.kind)))
        self.functions[name] = self.universe.functions[name] = (*self.functions.get(name, ()), function)
        if self.reporter.seen is not None:
            self.reporter.seen.declare(Kind.FUNCTION, name, node.name, function.result, function.optional, node.doc)
        self.names.functions |= {name}

    def _declare_override(self, node: ast.Action, actions: dict[str, ast.Action]) -> None:
        """Add an override under the name of a layer of the verb that it replaces: nobody performs it by a name of its own."""
        own = {each.name.text for each in self._all(ast.Action) if each.kind != "override"}
        replaced = replaced_by(node, self._body(node.kind, self.imported), own)
        full = layer_name(self._full(node.name.text) if replaced is None else replaced.name, self.name)
        if full in actions:
            places = ((actions[full].name.span, "the first one"),)
            message = f"There are two overrides of {node.name} in this file."
            self.reporter.report(name_codes.DECLARED_TWICE, node.name, message, "Make one of the two.", places)
            return
        actions[full] = node
        if replaced is not None:
            self.replaced[full] = replaced
            self.overrides[replaced.name] = full
            # What is performed is told from what is inherited, or an override would seem to perform itself.
            below = layer_name(replaced.name, INHERITED)
            effects = replaced.effects if self.hung is None else self.hung.effects[below]
            self.universe.verbs[below] = attrs.evolve(replaced, effects=effects)

    def _verb_body(self, node: ast.Action, verb: Verb) -> Body:
        body = self._body(node.kind, outputs=verb.outputs)
        replaced = self.replaced.get(verb.name)
        body.inherited = replaced and attrs.evolve(replaced, binding=verb.binding)
        return body

    # ------------------------------------------------------------------------------------------------ hooks and tests

    def _check_hooks_and_tests(self) -> None:
        alike: Counter[tuple[str, str, str]] = Counter()
        for node in self._all(ast.Hook):
            kind = node.time, node.event, node.target.text
            alike[kind] += 1
            with guarded(node.target, self.reporter):
                hook = check_hook(node, alike[kind], self._body("hook"))
                self.hooks += [hook] if hook else []
        for number, test in enumerate(self._all(ast.Test), 1):
            with guarded(ast.Name(test.start, test.start + len("test"), "test"), self.reporter):
                self.tests.append(check_test(test, f"{self.name}.test {number}", self._body("test")))

    # -------------------------------------------------------------------------------------------------------- imports

    def _complain_of_unused_imports(self) -> None:
        """Warn of imports that nothing uses. Where something is wrong, it may be just what would have used them."""
        found = (*self.parsed.diagnostics, *self.reporter.diagnostics)
        if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
            return
        for node in self._all(ast.Import):
            module = self.imports.get(qualifier_of(node))
            if module is not None and module.name not in EVERYWHERE and not self._uses(module):
                message = f"Nothing of {module.name} is used."
                self.reporter.report(lints.UNUSED_IMPORT, node, message, "Remove the import.")

    def _uses(self, module: CheckedModule) -> bool:
        brought = module.universe
        return bool(module.hooks or module.overrides or module.name in self.reporter.used) or any(
            name in brought.tables or name in brought.verbs or name in brought.choices for name in self.reporter.used
        )


def qualifier_of(node: ast.Import) -> str:
    """The name by which a script can say that something is an import's."""
    if node.alias is not None:
        return node.alias.text
    name = PurePosixPath(node.target).stem if node.is_path else node.target
    return name.rpartition(".")[2]


def in_order(*found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics in the order of the script."""
    everything = [diagnostic for some in found for diagnostic in some]
    everything.sort(key=lambda diagnostic: diagnostic.primary.span.start if diagnostic.primary else 0)
    return tuple(everything)


@contextmanager
def guarded(place: ast.Node, reporter: Reporter) -> Iterator[None]:
    """Say so when a declaration is nested too deeply to be checked."""
    try:
        yield
    except RecursionError:
        hint = "Name parts of long expressions with let."
        reporter.report(syntax_codes.NESTED_TOO_DEEP, place, "This is nested too deeply to be checked.", hint)
