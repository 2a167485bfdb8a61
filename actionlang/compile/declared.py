"""Where in the scripts of today something stands that was found by comparing contracts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from actionlang.compile.modules import Loader
from actionlang.contracts.rule import Finding
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax import ast
from actionlang.syntax.parser import parse


class Declared:
    """Finds places in the scripts that a loader has loaded. A script is read again when it is first needed."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._paths = {name: path for name, path in loader.names.items() if path is not None}
        self._read = cache(self._parsed)

    def diagnostic(self, finding: Finding) -> Diagnostic:
        """A finding at its place. Raises ActionLangError when the script can not be read any more."""
        return Diagnostic(finding.code, finding.message, self._label(finding), hint=finding.hint)

    def _parsed(self, path: Path) -> tuple[Source, ast.Module]:
        parsed = parse(self._loader.read(path))
        return parsed.source, parsed.module

    def _label(self, finding: Finding) -> Label | None:
        """The parameter, else the declaration, else the beginning of the script that had it; None where that is gone, too."""
        module = finding.subject
        while module and module not in self._paths:
            module = module.rpartition(".")[0]
        if not module:
            return None
        source, tree = self._read(self._paths[module])
        name, _, column = finding.subject.removeprefix(f"{module}.").partition(".")
        for declaration in tree.declarations:
            if isinstance(declaration, ast.Action) and declaration.name.text == name:
                return Label(source, _parameter(declaration, finding).span)
            if isinstance(declaration, ast.Choice | ast.Table) and declaration.name.text == name:
                return Label(source, _column(declaration, column).span)
        return Label(source, Span(0, 0))


def _parameter(verb: ast.Action, finding: Finding) -> ast.Node:
    """The name of what a finding about a verb is about."""
    for name, written in ((finding.parameter, verb.parameters), (finding.output, verb.returns)):
        for each in written:
            if each.name.text == name:
                return each.name
    return verb.name


def _column(node: ast.Choice | ast.Table, name: str) -> ast.Node:
    """The name of a table's column, of the whole where none of that name is there."""
    items = node.items if isinstance(node, ast.Table) else ()
    named = (each.name for each in items if isinstance(each, ast.Column | ast.StatusColumn))
    return next((each for each in named if each.text == name), node.name)
