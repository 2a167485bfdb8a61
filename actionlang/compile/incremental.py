"""A loader that checks only the modules for which what was found out before does not hold any more."""

from __future__ import annotations

from pathlib import Path

from actionlang.check.names import Names, Universe
from actionlang.check.program import PRELUDE, CheckedModule, qualifier_of
from actionlang.compile.interfaces import interface_of, restored
from actionlang.compile.modules import CORE, Loader
from actionlang.compile.project import module_name
from actionlang.compile.records import ImportRecord, ModuleRecord, Records, hash_of_interface, hash_of_source
from actionlang.compile.stored_diagnostics import from_data, to_data
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedModule


class IncrementalLoader(Loader):
    """Loads modules as a Loader does, and says the same of them. What `known` has of a module is taken over where it still
    holds; `records` is what is known of all of them afterwards."""

    def __init__(self, root: Path, known: Records) -> None:
        super().__init__(root)
        self.known = known
        self.interfaces: dict[str, str] = {}
        self.anew: dict[str, CheckedModule] = {}
        """Modules that were checked, or whose interface was restored because one that imports them is checked."""

        self._sources: dict[str, Source] = {}
        self._places: dict[tuple[Path, str], tuple[Path, str]] = {}
        """Where imports lead from a folder, and the names of the modules there."""

        self._imported: dict[str, list[str]] = {}
        self._imports_of: dict[str, tuple[ImportRecord, ...] | None] = {}

    @property
    def hangs_something(self) -> bool:
        """Whether any module has hooks or overrides."""
        return super().hangs_something or any(record.hangs for record in self.records.values())

    def load_source(self, name: str, source: Source, folder: Path | None) -> CheckedModule:
        """Take a module over, or parse and check it."""
        self._sources[source.name] = source
        record = self.known.get(name)
        if record is not None and record.text == hash_of_source(source) and self._imports_hold(record, folder):
            found = self._taken_over(record, source)
            if found is not None:
                return found
        module = super().load_source(name, source, folder)
        self._note(module)
        return module

    def check(self, parsed: ParsedModule, name: str, imports: dict[str, CheckedModule]) -> CheckedModule:  # type: ignore[override]
        """A script, checked with the interfaces of what it imports."""
        self._imports_of[name] = self._recorded(parsed, name, imports)
        self._imported[name] = [module.name for module in imports.values()]
        return super().check(parsed, name, {qualifier: self._whole(each) for qualifier, each in imports.items()})

    # ------------------------------------------------------------------------------------------------------- taking over

    def _imports_hold(self, record: ModuleRecord, folder: Path | None) -> bool:
        """Whether each import of a module leads where it led, to the same interface."""
        self.loading.append(record.name)
        try:
            return all(
                self._leads_to(each, folder) and self.interfaces[each.name] == each.interface for each in record.imports
            )
        except ActionLangError:
            return False
        finally:
            self.loading.pop()

    def _leads_to(self, record: ImportRecord, folder: Path | None) -> bool:
        """Load an import; whether it is the module that it was."""
        if record.name in self.loading:
            return False
        if not record.is_path:
            self.load_standard(record.name)
            return True
        if folder is None:
            return False
        place = self._places.get((folder, record.target))
        if place is None:
            path = (folder / record.target).resolve()
            place = self._places[folder, record.target] = (path, module_name(path, self.root))
        path, name = place
        if name != record.name:
            return False
        return (name in self.checked and self.names.get(name) == path) or self.load_file(path) is not None

    def _taken_over(self, record: ModuleRecord, source: Source) -> CheckedModule | None:
        """A module of which only the diagnostics are at hand; None when they can not be read."""
        try:
            found = tuple(from_data(data, self._sources.__getitem__) for data in record.diagnostics)
        except LookupError:
            return None
        module = CheckedModule(record.name, source, Names(), Universe(), {}, {}, {}, {}, (), (), {}, found)
        self.checked[record.name] = module
        self.interfaces[record.name] = record.interface
        self.records[record.name] = record
        return module

    def _whole(self, module: CheckedModule) -> CheckedModule:
        """A module with all that others see of it."""
        found = self.anew.get(module.name)
        if found is None:
            record = self.records[module.name]
            imports = [self._whole(self.checked[each.name]) for each in record.imports]
            found = self.anew[module.name] = restored(record.data, module.name, module.source, imports)
        return found

    # --------------------------------------------------------------------------------------------------------- recording

    def _recorded(
        self, parsed: ParsedModule, name: str, imports: dict[str, CheckedModule]
    ) -> tuple[ImportRecord, ...] | None:
        """A module's imports; None when one of them was not found, so that files that come or go may change what is said."""
        always = [each for each in (PRELUDE, CORE) if name not in (PRELUDE, each)]
        written = {each: (each, False) for each in always}
        for node in parsed.module.declarations:
            if not isinstance(node, ast.Import):
                continue
            qualifier = qualifier_of(node)
            module = imports.get(qualifier)
            again = qualifier in written and (node.is_path or module is None or node.target != module.name)
            if module is None or again:
                return None
            written.setdefault(qualifier, (node.target, node.is_path))
        return tuple(
            ImportRecord(module.name, *written[qualifier], self.interfaces[module.name])
            for qualifier, module in imports.items()
        )

    def _note(self, module: CheckedModule) -> None:
        """Keep a record of a module that was checked."""
        self.anew[module.name] = module
        imports = self._imports_of[module.name]
        data = interface_of(module)
        text = hash_of_source(module.source)
        # What leaves something unknown is known by its text, and is checked again whenever it is met.
        seen = (self.interfaces[each] for each in self._imported[module.name])
        interface = hash_of_interface(text.encode() if data is None else data, seen)
        self.interfaces[module.name] = interface
        if imports is not None and data is not None:
            diagnostics = tuple(to_data(found) for found in module.diagnostics)
            hangs = bool(module.hooks or module.overrides)
            self.records[module.name] = ModuleRecord(module.name, text, imports, interface, diagnostics, hangs, data)
