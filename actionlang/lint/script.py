"""A script as lints look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs

from actionlang.check.program import CheckedModule
from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.fix import Fix
from actionlang.diagnostics.source import Source, Span
from actionlang.lint.agreed import Agreed
from actionlang.lint.walking import Block, blocks_of
from actionlang.plan.plan import Verb
from actionlang.plan.steps import Place
from actionlang.syntax import ast


@attrs.frozen(eq=False, slots=False)
class Script:
    """A module that nothing is wrong with: its tree, what the checker made of it, what the project has agreed that its verbs may
    do, and by full name the verbs that it may override, as they are without that. `program` are all verbs that it knows, by full
    name, as they run: with hooks and overrides, where those are known."""

    module: ast.Module
    checked: CheckedModule
    agreed: Agreed = attrs.field(factory=dict)
    originals: Mapping[str, Verb] = attrs.field(factory=dict)
    program: Mapping[str, Verb] = attrs.field(factory=dict)

    @property
    def source(self) -> Source:
        """The text."""
        return self.checked.source

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of all verbs, hooks and tests, each before those inside it."""
        return tuple(block for declaration in self.module.declarations for block in blocks_of(declaration))

    @cached_property
    def binders(self) -> dict[int, ast.Statement]:
        """The statements that bind a name for those behind them, by the place of that name."""
        found: dict[int, ast.Statement] = {}
        for block in self.blocks:
            for statement in block.block.statements:
                if isinstance(statement, ast.Let):
                    found[statement.name.start] = statement
                elif (
                    isinstance(statement, ast.Create | ast.Perform | ast.Inherited | ast.Find)
                    and statement.alias is not None
                ):
                    found[statement.alias.start] = statement
        return found

    @cached_property
    def conditions(self) -> dict[int, ast.Expression]:
        """Conditions as written, by the identity of what the checker made of them."""
        return {id(asked.condition): asked.node for asked in self.checked.asked}

    def actions(self) -> Iterator[tuple[ast.Action, Verb]]:
        """The actions and functions that the script declares."""
        for node in self.module.declarations:
            if isinstance(node, ast.Action):
                verb = self._overrides.get(node.start) or self.checked.verbs.get(
                    f"{self.checked.name}.{node.name.text}"
                )
                if verb is not None:
                    yield node, verb

    def written(self) -> Iterator[Verb]:
        """The verbs, with what runs the hooks, whose steps stand in the script."""
        hooks = (hook.verb for hook in self.checked.hooks)
        return (verb for verb in (*self.checked.verbs.values(), *hooks) if verb.source == self.source.name)

    @cached_property
    def _overrides(self) -> dict[int, Verb]:
        """Overrides by the place where they are declared: they have no name of their own."""
        verbs = [self.checked.verbs[own] for own in self.checked.overrides.values()]
        by_line = {verb.line: verb for verb in verbs}
        found = {}
        for node in self.module.declarations:
            if isinstance(node, ast.Action) and node.kind == "override":
                verb = by_line.get(self.source.position(node.start).line)
                if verb is not None and verb.short_name.partition("@")[0] == node.name.text:
                    found[node.start] = verb
        return found

    def span(self, place: Place) -> Span:
        """Where a step stands."""
        starts = self.source.line_starts
        return Span(starts[place.line - 1] + place.column - 1, starts[place.end_line - 1] + place.end_column - 1)

    def diagnostic(
        self,
        code: Code,
        place: ast.Node | Span,
        message: str,
        hint: str | None = None,
        *,
        because: tuple[tuple[Span, str], ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> Diagnostic:
        """A complaint at a place of the script; `because` are places that explain it."""
        span = place.span if isinstance(place, ast.Node) else place
        labels = tuple(Label(self.source, other, words) for other, words in because)
        return Diagnostic(code, message, Label(self.source, span), labels, hint, (), fixes)
