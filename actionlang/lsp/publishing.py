"""Telling the editor what is wrong, when it is found out and when it is not so any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
from lsprotocol import types as lsp

from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.positions import Lines
from actionlang.lsp.problems import problem, problems_of
from actionlang.lsp.workspace import Workspace

NOWHERE = Source("", "")


@attrs.frozen
class Failures:
    """What tests said that were run on a module as it was then."""

    module: Analysed
    diagnostics: tuple[Diagnostic, ...]


class Publisher:
    """Sends a script's problems whenever the script was checked anew."""

    def __init__(self, workspace: Workspace, send: Callable[[lsp.PublishDiagnosticsParams], None]) -> None:
        self.workspace = workspace
        self.send = send
        self._told: dict[str, object] = {}
        self._failures: dict[str, Failures] = {}

    def tested(self, module: Analysed, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Show what tests said, until the script changes."""
        self._failures[module.uri] = Failures(module, diagnostics)
        self._told.pop(module.uri, None)
        self.publish()

    def publish(self) -> set[str]:
        """Send what has not been sent yet; gives the names of the scripts that were checked anew."""
        uris: dict[str, str] = {}
        anew: set[str] = set()
        for module in self._modules():
            if self._told.get(module.uri) is not module:
                uris = uris or {each.source.name: each.uri for each in self._modules()}
                anew.add(module.uri)
                self._send(module, uris)
        for path, diagnostics in self._unread():
            uri = self.workspace.uri(path)
            if self._told.get(uri) is not diagnostics:
                self._told[uri] = diagnostics
                found = [problem(each, Lines(""), NOWHERE, {}) for each in diagnostics]
                self.send(lsp.PublishDiagnosticsParams(uri, found))
        return anew

    def withdraw(self) -> None:
        """Take back what was told of scripts that are not there any more. Only for when all is up to date."""
        there = {module.uri for module in self._modules()}
        there |= {self.workspace.uri(path) for path, _ in self._unread()}
        for uri in [uri for uri in self._told if uri not in there]:
            self._forget(uri)

    def _forget(self, uri: str) -> None:
        if self._told.pop(uri, None) is not None:
            self.send(lsp.PublishDiagnosticsParams(uri, []))
        self._failures.pop(uri, None)

    def _send(self, module: Analysed, uris: Mapping[str, str]) -> None:
        document = self.workspace.documents.get(module.uri)
        failures = self._failures.get(module.uri)
        if failures is not None and failures.module is not module:
            del self._failures[module.uri]
            failures = None
        found = problems_of(module, uris, failures.diagnostics if failures is not None else ())
        known = self._told.get(module.uri)
        self._told[module.uri] = module
        if found or document is not None or known is not None:
            version = None if document is None else document.version
            self.send(lsp.PublishDiagnosticsParams(module.uri, found, version))

    def _modules(self) -> Iterator[Analysed]:
        """The modules that are up to date, those of the standard library only where they are open."""
        for analysis in self.workspace.analyses():
            for module in tuple(analysis.modules.values()):
                if module.name not in standard_modules() or module.uri in self.workspace.documents:
                    yield module

    def _unread(self) -> Iterator[tuple[Path, tuple[Diagnostic, ...]]]:
        """Files that can not be read, and why."""
        yield from self.workspace.wrong.items()
        for analysis in self.workspace.analyses():
            yield from analysis.failed.items()
