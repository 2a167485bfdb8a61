"""Loading modules for the server: texts that are open in the editor count before their files, and more is kept of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Protocol

import attrs

from actionlang.check.program import CheckedModule, check_module
from actionlang.check.references import References
from actionlang.compile.modules import Loader
from actionlang.compile.project import display_name, module_name
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.source import Source
from actionlang.lint.agreed import Agreed
from actionlang.lint.levels import Levels, with_denied, without_off
from actionlang.lsp.analysed import Analysed
from actionlang.syntax import ast
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.parser import ParsedModule, Parser
from actionlang.syntax.tokens import Token


class Texts(Protocol):
    """The texts that are open in the editor, and how it names and counts."""

    encoding: str | None

    def open_text(self, path: Path) -> str | None:
        """The text of a file that is open, with plain line feeds."""

    def uri(self, path: Path) -> str:
        """How the editor names a file."""


@cache
def standard_folder() -> Path:
    """Where the scripts of the standard library are."""
    return Path(str(resources.files("actionlang.stdlib"))).resolve()


@attrs.frozen
class HouseRules:
    """What a project says of its scripts: how much each lint weighs, what it has agreed that its verbs may do, and which module's
    overrides are above which."""

    levels: Levels = ()
    agreed: Agreed = attrs.field(factory=dict)
    layers: tuple[str, ...] = ()


class Analyser(Loader):
    """Loads modules into `analysed`, by name. `given` are the names and texts of scripts that are in no file; `shared` gives the
    standard library's modules, already checked."""

    def __init__(
        self,
        root: Path,
        texts: Texts,
        known: Mapping[str, Analysed],
        shared: Callable[[str], Analysed] | None,
        house: HouseRules,
    ) -> None:
        super().__init__(root)
        self.house = house
        self.agreed = house.agreed
        self.texts = texts
        self.shared = shared
        self.analysed: dict[str, Analysed] = dict(known)
        self.checked = {name: each.checked for name, each in known.items()}
        self.names = {name: each.path for name, each in known.items() if name not in standard_modules()}
        self.folders: list[Path | None] = []
        self.uris: dict[str, str] = {}
        self._tokens: dict[Source, tuple[Token, ...]] = {}

    def load_standard(self, name: str) -> CheckedModule:
        """A module of the standard library: the shared one, or one of its own."""
        if name not in self.checked:
            if self.shared is None:
                path = standard_folder() / f"{name}.act"
                source = Source(f"stdlib/{name}.act", self.texts.open_text(path) or path.read_text("utf-8"))
                self.load_source(name, source, None)
            else:
                self.analysed[name] = self.shared(name)
                self.checked[name] = self.analysed[name].checked
                for imported in self.analysed[name].imports:
                    self.load_standard(imported)
        return self.checked[name]

    def load_source(self, name: str, source: Source, folder: Path | None) -> CheckedModule:
        """Parse and check a source, and keep what came out of it."""
        self.folders.append(folder)
        try:
            checked = super().load_source(name, source, folder)
        finally:
            self.folders.pop()
        levels = self.house.levels
        checked = attrs.evolve(checked, diagnostics=with_denied(without_off(checked.diagnostics, levels), levels, ()))
        self.checked[name] = checked
        self.analysed[name] = attrs.evolve(self.analysed[name], checked=checked)
        return checked

    def read(self, path: Path) -> Source:
        """The text of a file, as it is in the editor if it is open there."""
        text = self.texts.open_text(path)
        return super().read(path) if text is None else Source(display_name(path, self.root), text)

    def parse(self, source: Source) -> ParsedModule:
        """A script's tree. The parser leaves in the tokens what each of them turned out to be."""
        parser = Parser(source, Lexer(source).read())
        declarations = parser.run("module")
        self._tokens[source] = tuple(parser.tokens.tokens)
        module = ast.Module(declarations or (), tuple(parser.tokens.comments))
        return ParsedModule(source, module, parser.diagnostics(), parser.unfinished())

    def check(self, parsed: ParsedModule, name: str, imports: Mapping[str, CheckedModule]) -> CheckedModule:
        """A script, checked, with the places of its names."""
        seen = References(name, parsed.source)
        checked = check_module(parsed, name, imports, seen)
        path = self._path(name)
        uri = self.uris[name] if path is None else self.texts.uri(path)
        targets = dict(self._targets(parsed.module))
        self.analysed[name] = Analysed(
            checked,
            parsed,
            self._tokens.pop(parsed.source),
            seen,
            uri,
            path,
            frozenset(targets.values()),
            targets,
            self.texts.encoding,
        )
        return checked

    def _path(self, name: str) -> Path | None:
        if name in standard_modules() and self.names.get(name) is None:
            return standard_folder() / f"{name}.act"
        return self.names.get(name)

    def _targets(self, module: ast.Module) -> Iterator[tuple[int, str]]:
        """The names of the modules that a script asks for, by where it does."""
        folder = self.folders[-1]
        for node in module.declarations:
            if isinstance(node, ast.Import):
                if node.is_path and folder is not None:
                    yield node.start, module_name((folder / node.target).resolve(), self.root)
                else:
                    yield node.start, node.target
