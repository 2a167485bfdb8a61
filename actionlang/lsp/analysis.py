"""A project's modules, checked anew as they change: each only when it was edited, or when what it imports looks different."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from actionlang.check.program import EVERYWHERE, CheckedModule
from actionlang.check.references import Occurrence, Symbol
from actionlang.compile.collecting import without_collection
from actionlang.compile.link import Linker
from actionlang.compile.project import module_name
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.lint.levels import with_denied, without_off
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.loading import Analyser, HouseRules, Texts, standard_folder

Place = tuple[Analysed, Occurrence]
"""A place of a name: the module and where in it."""


@attrs.frozen
class Together:
    """What there is to say of a project's modules as one program, with what hooks and overrides make of it: problems of several
    of them, and by name what is to be said of a module instead of what was found in it by itself."""

    problems: tuple[Diagnostic, ...] = ()
    instead: Mapping[str, tuple[Diagnostic, ...]] = attrs.field(factory=dict)


class Analysis:
    """The modules of the project at `root`, among them all in `scripts`. `shared` gives those of the standard library; without it
    this is the standard library. `house` has the project's rules for lints."""

    def __init__(
        self,
        root: Path,
        scripts: Iterable[Path],
        texts: Texts,
        shared: Callable[[str], Analysed] | None = None,
        house: HouseRules | None = None,
    ) -> None:
        self.root = root
        self.house = house or HouseRules()
        self.texts = texts
        self.shared = shared
        self.modules: dict[str, Analysed] = {}
        self.failed: dict[Path, tuple[Diagnostic, ...]] = {}
        self._untitled: dict[str, tuple[str, str]] = {}
        self._last: dict[str, Analysed] = {}
        self._waiting: dict[str, Path] = {}
        self._linked: list[CheckedModule] = []
        self._together = Together()
        for path in scripts:
            self.add(path)

    # ----------------------------------------------------------------------------------------------------------- changes

    def add(self, path: Path) -> None:
        """A script of the project that is to be loaded."""
        self._waiting.setdefault(self.name_of(path), path)

    def name_of(self, path: Path) -> str:
        """The name of a file's module."""
        return path.stem if self.shared is None else module_name(path, self.root)

    def changed(self, path: Path) -> None:
        """Take note that a file has another text now, or that there is none any more."""
        name = self.name_of(path)
        self.failed.pop(path, None)
        gone = self.texts.open_text(path) is None and not path.is_file()
        before = self.modules.get(name) or self._last.get(name)
        if before is None or gone or name in self._around(before):
            self._forget(self.dependents(name))
        self._forget([name])
        if gone:
            self._waiting.pop(name, None)
            self._last.pop(name, None)
        else:
            self.add(path)

    def drop(self, path: Path) -> None:
        """Take no more note of a file, unless a module imports it."""
        name = self.name_of(path)
        if not self.dependents(name):
            for known in (self.modules, self._last, self._waiting):
                known.pop(name, None)
            self.failed.pop(path, None)

    def knows(self, path: Path) -> bool:
        """Whether a file is, or ought to be, one of the modules."""
        name = self.name_of(path)
        return self.last(path) is not None or name in self._waiting or bool(self.dependents(name))

    def untitled(self, name: str, uri: str, text: str) -> None:
        """Take note of the text of a module that has no file."""
        self._forget([name])
        self._untitled[name] = (uri, text)

    def dependents(self, name: str) -> list[str]:
        """The modules that import a module, or import one that does."""
        found: dict[str, None] = {}
        pending = [name]
        while pending:
            wanted = pending.pop()
            for each in (*self.modules.values(), *self._last.values()):
                if wanted in each.imports and each.name not in found and each.name != name:
                    found[each.name] = None
                    pending.append(each.name)
        return list(found)

    def _around(self, module: Analysed) -> set[str]:
        """The modules that a module imports, and those that they do: with its own name among them, it is in a circle."""
        found: set[str] = set()
        pending = list(module.imports)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                known = self.modules.get(name) or self._last.get(name)
                pending += known.imports if known is not None else ()
        return found

    def _circle(self, name: str) -> set[str]:
        """The modules that import each other with this one."""
        known = self.modules.get(name) or self._last.get(name)
        return set() if known is None else self._around(known) & {name, *self.dependents(name)}

    def _forget(self, names: Iterable[str]) -> None:
        """Have modules loaded again."""
        for name in names:
            module = self.modules.pop(name, None)
            if module is not None:
                self._last[name] = module
                if module.path is not None and name not in standard_modules():
                    self._waiting[name] = module.path

    # ----------------------------------------------------------------------------------------------------------- answers

    def current(self, path: Path) -> Analysed | None:
        """A file's module, up to date; None when the file can not be read."""
        return self._current(self.name_of(path), path)

    def current_untitled(self, name: str) -> Analysed:
        """The module of a text without a file."""
        module = self.modules.get(name)
        if module is None:
            uri, text = self._untitled[name]
            loader = self._loader()
            loader.uris[name] = uri
            with without_collection():
                loader.load_source(name, Source(uri.rpartition(":")[2], text), None)
            self._take(loader)
            module = self.modules[name]
        return module

    def last(self, path: Path) -> Analysed | None:
        """A file's module as it was when it was checked last."""
        name = self.name_of(path)
        return self.modules.get(name) or self._last.get(name)

    def step(self) -> tuple[Path, Analysed | None] | None:
        """Bring one more module up to date; None when there is none left to do."""
        name = next(iter(self._waiting), None)
        if name is None:
            return None
        path = self._waiting[name]
        module = self._current(name, path)
        self._waiting.pop(name, None)
        return path, module

    def complete(self) -> None:
        """Bring every module up to date."""
        while self.step():
            pass

    def places(self, symbol: Symbol) -> Iterator[Place]:
        """Where a thing is declared and used, in the modules that are up to date."""
        for module in self.modules.values():
            yield from ((module, each) for each in module.by_symbol.get(symbol, ()))

    def declarations(self, symbol: Symbol) -> list[Place]:
        """Where a thing is declared."""
        return [place for place in self.places(symbol) if place[1].declares]

    def together(self) -> Together:
        """What there is to say of the modules as one program. Only for when all is up to date."""
        known = [module.checked for module in self.modules.values()]
        if not any(each.hooks or each.overrides for each in known):
            return Together()
        if len(known) != len(self._linked) or any(a is not b for a, b in zip(known, self._linked, strict=True)):
            self._linked, self._together = known, self._as_one_program()
        return self._together

    def _as_one_program(self) -> Together:
        checked = {name: module.checked for name, module in self.modules.items()}
        if any(found.severity is Severity.ERROR for each in checked.values() for found in each.diagnostics):
            return Together()
        linker = Linker(checked, self.house.layers, self.house.agreed)
        levels = self.house.levels
        instead = {
            name: with_denied(without_off(linker.diagnostics(module), levels), levels, ())
            for name, module in checked.items()
            if linker.diagnostics(module) is not module.diagnostics
        }
        return Together(linker.problems, instead)

    # ----------------------------------------------------------------------------------------------------------- loading

    def _current(self, name: str, path: Path) -> Analysed | None:
        self._refresh_imports(name)
        module = self.modules.get(name)
        if (module is None or module.path != path) and path not in self.failed:
            self._load(name, path)
            module = self.modules.get(name)
        return module if module is not None and module.path == path else None

    def _refresh_imports(self, name: str) -> None:
        """Load what a module imports and is not up to date; where that looks different now, the module is not either."""
        known = self.modules.get(name) or self._last.get(name)
        if known is not None and self._waiting:
            for imported in self._around(known) & self._waiting.keys() - {name}:
                if imported in self._waiting and imported not in self.modules:
                    self._load(imported, self._waiting[imported])

    def _load(self, name: str, path: Path) -> None:
        """Load one file and what it imports."""
        loader = self._loader()
        try:
            with without_collection():
                if self.shared is None:
                    loader.load_standard(name)
                else:
                    loader.load_file(path)
            self.failed.pop(path, None)
        except ActionLangError as error:
            self.failed[path] = error.diagnostics
            self._waiting.pop(name, None)
        self._take(loader)

    def _loader(self) -> Analyser:
        return Analyser(self.root, self.texts, self.modules, self.shared, self.house)

    def _take(self, loader: Analyser) -> None:
        """Keep what was loaded. Modules that import one that looks different now have to be loaded again."""
        loaded = {name: each for name, each in loader.analysed.items() if self.modules.get(name) is not each}
        self.modules.update(loaded)
        for name, module in loaded.items():
            self._waiting.pop(name, None)
            before = self._last.pop(name, None)
            if (before is None or before.imports != module.imports) and not self._circle(name) <= loaded.keys():
                # Modules that have come to import each other have to be loaded together for that to be noticed.
                self._forget(self._circle(name))
            elif before is None or before.interface != module.interface:
                self._forget(each for each in self.dependents(name) if each not in loaded)


def library_of(texts: Texts) -> Analysis:
    """The standard library."""
    return Analysis(standard_folder(), (), texts)


def shared_by(library: Analysis) -> Callable[[str], Analysed]:
    """What gives a module of the library, with what every module has around it."""

    def module(name: str) -> Analysed:
        for each in (*EVERYWHERE, name):
            if each not in library.modules:
                library.current(standard_folder() / f"{each}.act")
        return library.modules[name]

    return module
