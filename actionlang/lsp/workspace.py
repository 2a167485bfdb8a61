"""What the editor has open, and the projects that this belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs
from lsprotocol import types as lsp
from pygls.uris import from_fs_path, to_fs_path

from actionlang.compile.agreement import agreed_in
from actionlang.compile.project import FILE_NAME, Project, read_project, scripts_under
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.lint.agreed import FILE_NAME as AGREED
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.analysis import Analysis, library_of, shared_by
from actionlang.lsp.loading import HouseRules, standard_folder
from actionlang.lsp.positions import changed

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
UNTITLED = "untitled"
SUFFIX = ".act"
PROJECT_FILES = (FILE_NAME, AGREED)
"""Files that say how the scripts around them are to be taken."""


@attrs.define
class Document:
    """A text that is open. `path` is None where it has no file."""

    uri: str
    path: Path | None
    version: int
    text: str

    @property
    def line_end(self) -> str:
        """What its lines end with."""
        return "\r\n" if "\r\n" in self.text else "\n"


@attrs.frozen
class Found:
    """What a document is to the server: its module, up to date, and what that is part of."""

    document: Document
    module: Analysed
    analysis: Analysis
    workspace: Workspace


class Workspace:
    """Open documents by name, and the projects that they, and the editor's folders, belong to."""

    def __init__(self) -> None:
        self.encoding: str | None = lsp.PositionEncodingKind.Utf16
        self.shows_markdown = False
        self.documents: dict[str, Document] = {}
        self.library = library_of(self)
        self.wrong: dict[Path, tuple[Diagnostic, ...]] = {}
        self._folders: list[Path] = []
        self._by_path: dict[Path, Document] = {}
        self._analyses: dict[Path, Analysis] = {}
        self._alone: dict[str, Analysis] = {}
        self._projects: dict[Path, Project] = {}

    def documentation(self, text: str) -> lsp.MarkupContent | str | None:
        """Documentation in the form that the editor can show; None where there is none."""
        if not text:
            return None
        return lsp.MarkupContent(lsp.MarkupKind.Markdown, text) if self.shows_markdown else text

    # ----------------------------------------------------------------------------------------------------------- documents

    def open(self, uri: str, version: int, text: str) -> Document:
        """A document is opened."""
        path = path_of(uri)
        document = self.documents[uri] = Document(uri, path, version, _clean(text))
        if path is not None:
            self._by_path[path] = document
        self._changed(document)
        return document

    def change(self, uri: str, version: int, changes: list[lsp.TextDocumentContentChangeEvent]) -> None:
        """A document has another text."""
        document = self.documents.get(uri)
        if document is not None:
            document.text = _clean(changed(document.text, changes, self.encoding))
            document.version = version
            self._changed(document)

    def close(self, uri: str) -> None:
        """A document is closed: from now on its file counts."""
        document = self.documents.pop(uri, None)
        if document is not None and document.path is not None:
            self._by_path.pop(document.path, None)
            analysis = self.analysis_of(document.path)
            analysis.changed(document.path)
            if not self._belongs(document.path):
                analysis.drop(document.path)
        self._alone.pop(uri, None)

    def _changed(self, document: Document) -> None:
        if document.path is not None:
            self.analysis_of(document.path).changed(document.path)
        else:
            analysis = self._alone.setdefault(document.uri, Analysis(Path("/"), (), self, shared_by(self.library)))
            analysis.untitled(UNTITLED, document.uri, _plain(document.text))

    def found(self, uri: str) -> Found | None:
        """What the server knows of an open document, up to date; None when that can not be checked at all."""
        document = self.documents.get(uri)
        if document is None:
            return None
        if document.path is None:
            analysis = self._alone[uri]
            return Found(document, analysis.current_untitled(UNTITLED), analysis, self)
        analysis = self.analysis_of(document.path)
        module = analysis.current(document.path)
        return None if module is None else Found(document, module, analysis, self)

    def recent(self, uri: str) -> Found | None:
        """What the server knows of an open document, as it was when it was checked last: for what has to be answered while the
        text changes with every key."""
        document = self.documents.get(uri)
        if document is not None and document.path is not None:
            analysis = self.analysis_of(document.path)
            module = analysis.last(document.path)
            if module is not None:
                return Found(document, module, analysis, self)
        return self.found(uri)

    def text_of(self, document: Document) -> str:
        """A document's text, with plain line feeds."""
        return _plain(document.text)

    # ------------------------------------------------------------------------------------------------- what an analysis asks

    def open_text(self, path: Path) -> str | None:
        """The text of a file that is open, with plain line feeds."""
        document = self._by_path.get(path)
        return None if document is None else _plain(document.text)

    def uri(self, path: Path) -> str:
        """How the editor names a file."""
        document = self._by_path.get(path)
        return document.uri if document is not None else from_fs_path(str(path)) or path.as_uri()

    # ------------------------------------------------------------------------------------------------------------ projects

    def set_folders(self, folders: Iterable[Path]) -> None:
        """The editor's folders are these now: all scripts in them are looked at."""
        self._folders = [folder.resolve() for folder in folders]
        self.forget_projects()

    def file_changed(self, path: Path) -> None:
        """A file was written, made or removed. What is open in the editor counts as it is there."""
        if path.suffix == SUFFIX and path not in self._by_path:
            analysis = self.analysis_of(path)
            if analysis.knows(path) or self._belongs(path):
                analysis.changed(path)

    def _belongs(self, path: Path) -> bool:
        """Whether a file is looked at whether it is open or not."""
        return any(path.is_relative_to(source) for source in self._project_of(path).sources)

    def check_untitled(self) -> None:
        """Bring the texts without a file up to date."""
        for analysis in self._alone.values():
            analysis.current_untitled(UNTITLED)

    def forget_projects(self) -> None:
        """Find out anew which projects there are."""
        self._analyses.clear()
        self._projects.clear()
        self.wrong.clear()
        for folder in self._folders:
            for script in scripts_under(folder) if folder.is_dir() else ():
                self.analysis_of(script.resolve())
        for path in self._by_path:
            self.analysis_of(path).changed(path)

    def analyses(self) -> Iterator[Analysis]:
        """All projects, then the texts without a file, then the standard library."""
        yield from tuple(self._analyses.values())
        yield from tuple(self._alone.values())
        yield self.library

    def analysis_of(self, path: Path) -> Analysis:
        """The project that a file is part of: the one of the nearest project file, else of the editor's folder, else its own
        folder, of which then only what is open and what that imports is looked at."""
        if path.parent == standard_folder():
            return self.library
        project = self._project_of(path)
        analysis = self._analyses.get(project.root)
        if analysis is None:
            scripts, house = self._scripts(project), self._house(project)
            analysis = Analysis(project.root, scripts, self, shared_by(self.library), house)
            self._analyses[project.root] = analysis
        return analysis

    def time_zone(self, document: Document) -> str:
        """What `today()` goes by in a document's project."""
        return "UTC" if document.path is None else self._project_of(document.path).time_zone

    def _project_of(self, path: Path) -> Project:
        folder = path.parent
        project = self._projects.get(folder)
        if project is None:
            project = self._projects[folder] = self._find_project(folder)
        return project

    def _find_project(self, start: Path) -> Project:
        for folder in (start, *start.parents):
            if (folder / FILE_NAME).is_file():
                try:
                    return read_project(folder / FILE_NAME)
                except ActionLangError as error:
                    self.wrong[folder / FILE_NAME] = error.diagnostics
                    return Project(folder, (folder,))
        around = [folder for folder in self._folders if start.is_relative_to(folder)]
        if around:
            folder = max(around, key=lambda each: len(each.parts))
            return Project(folder, (folder,))
        return Project(start, ())

    def _house(self, project: Project) -> HouseRules:
        try:
            agreed = agreed_in(project.root)
        except ActionLangError as error:
            self.wrong[project.root / AGREED] = error.diagnostics
            agreed = {}
        return HouseRules(project.lints, agreed, project.layers)

    def _scripts(self, project: Project) -> list[Path]:
        """The scripts of a project, without those of projects inside it and those of the standard library."""
        try:
            scripts = [script.resolve() for script in project.scripts()]
        except ActionLangError as error:
            self.wrong[project.root / FILE_NAME] = error.diagnostics
            return []
        own = (script for script in scripts if self._project_of(script).root == project.root)
        return [script for script in own if script.parent != standard_folder()]


def path_of(uri: str) -> Path | None:
    """The file that a document is, if it is one."""
    path = to_fs_path(uri)
    return None if path is None else Path(path).resolve()


def _plain(text: str) -> str:
    """A text as files are read: with plain line feeds."""
    return text.replace("\r\n", "\n")


def _clean(text: str) -> str:
    """A text without halves of characters, which an editor may send while something is typed."""
    return LONE_SURROGATE.sub("\ufffd", text)
