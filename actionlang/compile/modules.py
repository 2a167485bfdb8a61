"""Scripts to checked modules: find what each imports, order them, check each once.

`import helpdesk;` names a module of the standard library, `import "tables.act";` a file next to the script.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from actionlang.check.program import PRELUDE, CheckedModule, check_module, qualifier_of
from actionlang.compile.link import Linker
from actionlang.compile.missing_imports import import_meant, with_imports
from actionlang.compile.project import display_name, module_name
from actionlang.compile.reading import read_source
from actionlang.compile.records import ModuleRecord
from actionlang.compile.standard import standard_modules, standard_source
from actionlang.diagnostics.catalogue import names as codes
from actionlang.diagnostics.catalogue import project as project_codes
from actionlang.diagnostics.catalogue import syntax as syntax_codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.lint.agreed import Agreed
from actionlang.lint.linting import linted
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedModule, parse

CORE = "core"


@attrs.frozen
class Program:
    """Checked modules by name, each after those it imports; what was wrong with them and with their files."""

    modules: dict[str, CheckedModule]
    diagnostics: tuple[Diagnostic, ...]


class Loader:
    """Loads and checks modules, each once, in a project rooted at a folder. `read`, `parse` and `check` are the steps of it that
    a host with its own texts, or with more to keep of each module, replaces."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.agreed: Agreed = {}
        self.checked: dict[str, CheckedModule] = {}
        self.diagnostics: list[Diagnostic] = []
        self.names: dict[str, Path | None] = {}
        self.loading: list[str] = []
        self.looked_for: set[Path] = set()
        """Files that an import which was not found might have meant: what is said of it depends on them."""

        self.records: dict[str, ModuleRecord] = {}
        """What to keep of each module for the next time; empty in a loader that keeps nothing."""

    @property
    def hangs_something(self) -> bool:
        """Whether any module has hooks or overrides."""
        return any(module.hooks or module.overrides for module in self.checked.values())

    def read(self, path: Path) -> Source:
        """The text of a file. Raises ActionLangError when it can not be read."""
        return read_source(path, display_name(path, self.root))

    def parse(self, source: Source) -> ParsedModule:
        """A script's tree."""
        return parse(source)

    def check(self, parsed: ParsedModule, name: str, imports: Mapping[str, CheckedModule]) -> CheckedModule:
        """A script, checked."""
        return check_module(parsed, name, imports)

    def program(self) -> Program:
        """All that has been loaded."""
        found = [diagnostic for module in self.checked.values() for diagnostic in module.diagnostics]
        return Program(dict(self.checked), (*self.diagnostics, *found))

    def linked(self, linker: Linker) -> tuple[Diagnostic, ...]:
        """What there is to say of all that has been loaded, now that it is linked."""
        found = [diagnostic for module in self.checked.values() for diagnostic in linker.diagnostics(module)]
        return (*self.diagnostics, *found, *linker.problems)

    def load_files(self, paths: Iterable[Path]) -> None:
        """Load files and what they import; a file that can not be read becomes a diagnostic."""
        for path in paths:
            try:
                self.load_file(path.resolve())
            except ActionLangError as error:
                self.diagnostics += error.diagnostics

    def load_file(self, path: Path) -> CheckedModule | None:
        """Load one file. Raises ActionLangError when it can not be read or its module's name is taken."""
        name = module_name(path, self.root)
        if name in standard_modules() or self.names.get(name, path) != path:
            message = f"The module of {display_name(path, self.root)} would be named {name}, but there is one already."
            hint = "Rename the file." if name in standard_modules() else "Rename one of the two files."
            raise ActionLangError(Diagnostic(project_codes.MODULE_NAME_TWICE, message, hint=hint))
        self.names[name] = path
        if name in self.checked:
            return self.checked[name]
        return self.load_source(name, self.read(path), path.parent)

    def load_standard(self, name: str) -> CheckedModule:
        """Load a module of the standard library."""
        if name not in self.checked:
            self.load_source(name, standard_source(name), None)
        return self.checked[name]

    def load_source(self, name: str, source: Source, folder: Path | None) -> CheckedModule:
        """Parse and check a source whose relative imports start at `folder`."""
        self.loading.append(name)
        parsed = self.parse(source)
        found: list[Diagnostic] = []
        if not parsed.module.declarations and not parsed.diagnostics:
            message = f"{source.name} declares nothing."
            hint = "A script declares tables, choices, actions, functions or tests."
            found.append(Diagnostic(syntax_codes.EMPTY_FILE, message, Label(source, Span(0, 0)), hint=hint))
        imports = self._imports(parsed, folder, found)
        checked = self.check(parsed, name, imports)
        diagnostics = (*found, *with_imports(linted(parsed.module, checked, self.agreed), parsed.module))
        self.checked[name] = attrs.evolve(checked, diagnostics=diagnostics, asked=())
        self.loading.pop()
        return self.checked[name]

    def _imports(self, parsed: ParsedModule, folder: Path | None, found: list[Diagnostic]) -> dict[str, CheckedModule]:
        """The modules a script imports, by the qualifier it uses for each."""
        imports: dict[str, CheckedModule] = {}
        name = self.loading[-1]
        if name != PRELUDE:
            imports[PRELUDE] = self.load_standard(PRELUDE)
            if name != CORE:
                imports[CORE] = self.load_standard(CORE)
        for declaration in parsed.module.declarations:
            if isinstance(declaration, ast.Import):
                module = self._import(declaration, parsed.source, folder, found)
                if module is not None:
                    self._add_import(declaration, module, imports, parsed.source, found)
        return imports

    @staticmethod
    def _add_import(
        node: ast.Import,
        module: CheckedModule,
        imports: dict[str, CheckedModule],
        source: Source,
        found: list[Diagnostic],
    ) -> None:
        """Add a module under the qualifier that the script gives it, unless another one has it."""
        qualifier = qualifier_of(node)
        known = imports.setdefault(qualifier, module)
        if known is not module:
            message = f"Two imports are called {qualifier}: {known.name} and {module.name}."
            hint = f"Give one of them another name: import ... as other_{qualifier};"
            found.append(Diagnostic(codes.DECLARED_TWICE, message, Label(source, node.span), hint=hint))

    def _import(
        self, declaration: ast.Import, source: Source, folder: Path | None, found: list[Diagnostic]
    ) -> CheckedModule | None:
        """One imported module, or None and a diagnostic."""
        label = Label(source, declaration.span)
        target = declaration.target
        if folder is not None and target not in standard_modules():
            self.looked_for |= {folder / target, folder / f"{target}.act"}
        fix = import_meant(declaration, source, folder)
        if fix is not None:
            message = f"There is no {'file' if declaration.is_path else 'module'} {target}."
            hint = f"{fix.title}: a module of the standard library goes by its name, a file by its name in quotes."
            found.append(Diagnostic(codes.UNKNOWN_MODULE, message, label, (), hint, (), (fix,)))
            return None
        if declaration.is_path and folder is not None:
            path = (folder / target).resolve()
            name = module_name(path, self.root)
        else:
            path, name = None, target
            if declaration.is_path or name not in standard_modules():
                hint = (
                    f'The standard library has {", ".join(standard_modules())}; a file is imported as "{target}.act".'
                )
                found.append(Diagnostic(codes.UNKNOWN_MODULE, f"There is no module {target}.", label, hint=hint))
                return None
        if name in self.loading:
            circle = " imports ".join([*self.loading[self.loading.index(name) :], name])
            hint = "Move what both need into a third module."
            found.append(
                Diagnostic(codes.IMPORT_CYCLE, f"These modules import each other: {circle}.", label, hint=hint)
            )
            return None
        try:
            return self.load_standard(name) if path is None else self.load_file(path)
        except ActionLangError as error:
            found += [attrs.evolve(diagnostic, primary=diagnostic.primary or label) for diagnostic in error.diagnostics]
            return None
