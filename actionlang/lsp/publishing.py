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
from actionlang.lsp.problems import problem, problems_of, told_in
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
        self._more: dict[str, tuple[Diagnostic, ...]] = {}
        self._instead: dict[str, tuple[Diagnostic, ...]] = {}

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

    def settle(self) -> None:
        """Tell what is wrong with scripts together, and take back what was told of scripts that are not there any more. Only for
        when all is up to date."""
        self._together_anew()
        there = {module.uri for module in self._modules()}
        there |= {self.workspace.uri(path) for path, _ in self._unread()}
        for uri in [uri for uri in self._told if uri not in there]:
            self._forget(uri)

    def _together_anew(self) -> None:
        more: dict[str, tuple[Diagnostic, ...]] = {}
        instead: dict[str, tuple[Diagnostic, ...]] = {}
        for analysis in self.workspace.analyses():
            together = analysis.together()
            own = {name: each for name, each in analysis.modules.items() if name not in standard_modules()}
            uris = {module.source.name: module.uri for module in own.values()}
            instead |= {own[name].uri: found for name, found in together.instead.items() if name in own}
            for each in together.problems:
                told = told_in(uris, each)
                uri = uris[told.primary.source.name] if told.primary is not None else ""
                more[uri] = (*more.get(uri, ()), told)
        changed = _differences(self._more, more) | _differences(self._instead, instead)
        self._more, self._instead = more, instead
        for uri in changed & self._told.keys():
            self._told[uri] = None
        if changed:
            self.publish()

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
        more = failures.diagnostics if failures is not None else ()
        own = self._instead.get(module.uri, module.checked.diagnostics)
        found = problems_of(module, uris, (*own, *self._more.get(module.uri, ()), *more))
        known = module.uri in self._told
        self._told[module.uri] = module
        if found or document is not None or known:
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


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """The names for which two say something else."""
    return {name for name in {**before, **after} if before.get(name) != after.get(name)}
