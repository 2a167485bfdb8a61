"""What is loaded, and what was declared at the prompt: modules like any others, checked anew as they change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from actionlang.check.program import CheckedModule
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.project import module_name
from actionlang.compile.selection import Selection
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.engine.schema import Schema
from actionlang.plan.plan import Verb
from actionlang.plan.walk import type_choices, type_tables
from actionlang.repl.values import text_literal
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedModule

MODULE = "prompt"
"""The module that what is declared at the prompt is in."""

ALWAYS_THERE = "import core;"


@attrs.frozen
class Declared:
    """What an entry declared, each in words (`table case`); the names that it declared anew; its tests; warnings."""

    names: tuple[str, ...]
    again: tuple[str, ...]
    tests: tuple[Verb, ...]
    warnings: tuple[Diagnostic, ...]


@attrs.frozen
class _State:
    """Everything that is loaded at one time. `typed` are the texts of the declarations typed, by what they declare."""

    files: tuple[Path, ...]
    typed: Mapping[str, str]
    loader: Loader
    module: CheckedModule


class Workspace:
    """The scripts of a session, and one more script that grows with every declaration typed."""

    def __init__(self, selection: Selection) -> None:
        """Load the scripts asked for.

        Raises ActionLangError when they can not be read or have errors.
        """
        self.root = selection.project.root
        self._layers = selection.project.layers
        self._use(self._load(selection.scripts, {}))

    # ---------------------------------------------------------------------------------------------------------- what there is

    @property
    def module(self) -> CheckedModule:
        """The script that was typed; it can name all that is loaded."""
        return self._state.module

    @property
    def files(self) -> tuple[Path, ...]:
        """The scripts that were asked for."""
        return self._state.files

    def module_source(self, name: str) -> Source | None:
        """The text of a module."""
        found = self._state.loader.checked.get(name)
        return found.source if found is not None else None

    def typed_tables(self) -> tuple[str, ...]:
        """Full names of the tables declared at the prompt."""
        return tuple(self.module.tables)

    def schema(self) -> Schema:
        """All tables and choices."""
        return Schema(self.linker.tables, self.linker.choices)

    def own_schema(self) -> Schema:
        """The tables that the scripts asked for declare, and those that these refer to."""
        loader = self._state.loader
        wanted = {module_name(path.resolve(), self.root) for path in self.files}
        pending = [name for module in wanted & loader.checked.keys() for name in loader.checked[module].tables]
        tables: set[str] = set()
        choices: set[str] = set()
        while pending:
            name = pending.pop()
            if name not in tables:
                tables.add(name)
                for column in self.linker.tables[name].columns:
                    pending += type_tables(column.type)
                    choices.update(type_choices(column.type))
        return Schema.of(
            (self.linker.tables[name] for name in sorted(tables)), (self.linker.choices[name] for name in choices)
        )

    # -------------------------------------------------------------------------------------------------------------- changing it

    def declare(self, parsed: ParsedModule) -> Declared:
        """Add declarations; what has the name of one declared at the prompt before takes its place.

        Raises ActionLangError, and changes nothing, when something is wrong with them, or with what was declared before now that
        they are there.
        """
        new = dict(_declarations(parsed))
        kept = {what: text for what, text in self._state.typed.items() if what not in new}
        before = self._state.typed
        state = self._check(self._state.files, kept, self._state.loader, parsed.source)
        _raise_errors(state.module.diagnostics)
        self._use(attrs.evolve(state, typed={**kept, **new}))
        titles = {each.title for each in parsed.module.declarations if isinstance(each, ast.Test)}
        return Declared(
            tuple(new),
            tuple(what for what in new if what in before),
            tuple(test for test in state.module.tests if test.doc in titles),
            tuple(_own_warnings(state.module.diagnostics, parsed)),
        )

    def load(self, paths: Iterable[Path]) -> tuple[Diagnostic, ...]:
        """Load more scripts; gives warnings. Raises ActionLangError, and changes nothing, when something is wrong with them."""
        files = tuple(dict.fromkeys((*self.files, *(path.resolve() for path in paths))))
        self._use(self._load(files, self._state.typed))
        return self.warnings

    def reload(self) -> tuple[Diagnostic, ...]:
        """Load all scripts as they are now; gives warnings. Raises ActionLangError, and changes nothing, when something is wrong
        with them."""
        self._use(self._load(self.files, self._state.typed))
        return self.warnings

    # ------------------------------------------------------------------------------------------------------------------ loading

    def _use(self, state: _State) -> None:
        linker = Linker(state.loader.checked, self._layers)
        _raise_errors(linker.problems)
        self._state, self.linker = state, linker
        self.sources = {module.source.name: module.source for module in state.loader.checked.values()}
        diagnostics = [
            found
            for name, each in state.loader.checked.items()
            if name != state.module.name
            for found in each.diagnostics
        ]
        self.warnings = tuple(found for found in diagnostics if found.severity is Severity.WARNING)

    def _load(self, files: Iterable[Path], typed: Mapping[str, str]) -> _State:
        loader = Loader(self.root)
        paths = tuple(files)
        loader.load_files(paths)
        _raise_errors(loader.program().diagnostics)
        state = self._check(paths, typed, loader, Source("<input>", ""))
        _raise_errors(state.module.diagnostics)
        return state

    def _check(self, files: tuple[Path, ...], typed: Mapping[str, str], loader: Loader, new: Source) -> _State:
        """Check the script that is typed: the new text first, so that places in it are those of the input. The modules loaded
        before are used as they are."""
        name = MODULE
        while name in loader.names or name in standard_modules():
            name += "_"
        text = "\n".join([new.text, *typed.values(), *self._imports(files), ALWAYS_THERE])
        fresh = Loader(self.root)
        fresh.checked, fresh.names = {**loader.checked}, {**loader.names}
        fresh.checked.pop(name, None)
        module = fresh.load_source(name, Source(new.name, text), self.root)
        _raise_errors(found for each in fresh.checked.values() if each is not module for found in each.diagnostics)
        return _State(files, typed, fresh, module)

    def _imports(self, files: tuple[Path, ...]) -> Iterator[str]:
        """What imports the scripts, each under a name of its own."""
        taken: set[str] = set()
        for path in files:
            alias = path.stem
            while alias in taken:
                alias += "_"
            taken.add(alias)
            as_alias = "" if alias == path.stem else f" as {alias}"
            yield f"import {text_literal(str(path.resolve()))}{as_alias};"


def _declarations(parsed: ParsedModule) -> Iterator[tuple[str, str]]:
    """Each declaration by what it declares, with its text and the comments above it."""
    begin = 0
    for declaration in parsed.module.declarations:
        yield _what(declaration), parsed.source.text[begin : declaration.end].strip()
        begin = declaration.end


def _what(declaration: ast.Declaration) -> str:
    match declaration:
        case ast.Import():
            return f"import {declaration.target}"
        case ast.Test():
            return f'test "{declaration.title}"'
        case ast.Action():
            return f"{declaration.kind} {declaration.name}"
        case ast.Table():
            return f"table {declaration.name.text}"
        case ast.Choice():
            return f"choice {declaration.name.text}"
        case ast.Hook():
            return f"on {declaration.time} {declaration.event} of {declaration.target}"
    return "declaration"


def _raise_errors(diagnostics: Iterable[Diagnostic]) -> None:
    errors = [found for found in diagnostics if found.severity is Severity.ERROR]
    if errors:
        raise ActionLangError(*errors)


def _own_warnings(diagnostics: Iterable[Diagnostic], parsed: ParsedModule) -> Iterator[Diagnostic]:
    """The warnings about what was just typed. An import that nothing uses yet is for what will be typed later."""
    imports = [each for each in parsed.module.declarations if isinstance(each, ast.Import)]
    for found in diagnostics:
        if found.severity is Severity.WARNING and found.primary is not None:
            start = found.primary.span.start
            if start < len(parsed.source.text) and not any(each.start <= start < each.end for each in imports):
                yield found
