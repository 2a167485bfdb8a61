"""Checked and compiled scripts, worked out anew or taken from the cache, where they are as they were.

This module imports neither parser nor checker until something has to be worked out.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from actionlang.compile.around_selection import other_scripts, scripts_to_load
from actionlang.compile.cache import Entry, digest_of, entry_file, read_entry, write_entry
from actionlang.compile.collecting import without_collection
from actionlang.compile.project import Project, display_name
from actionlang.compile.reading import decode_source
from actionlang.compile.records import Records, from_entry, to_entry
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import Selection
from actionlang.compile.standard import FOLDER, standard_modules, standard_source
from actionlang.compile.stored_diagnostics import from_data, to_data
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.lint.levels import without_off

if TYPE_CHECKING:
    from actionlang.compile.layers import Layer
    from actionlang.compile.link import Linker
    from actionlang.compile.modules import Loader
    from actionlang.plan.plan import Verb

AGREED = "actionlang.effects"
"""The file that says what verbs may do: what is found out depends on it as well (see `actionlang.lint.agreed`)."""

NEVER_ALONE = ("test",)
"""Kinds of verbs that nobody calls by name."""


@attrs.frozen
class VerbEntry:
    """A verb that can be called: its full name, kind, the short name of the table it is on, the first sentence of its
    documentation; where in the bytes its plan stands, and the hash of that; its layers if it is overridden, the one that callers
    get first: the module of each, its script and line there, and why it stands where it stands."""

    name: str
    kind: str
    on: str | None
    doc: str
    start: int
    length: int
    digest: str
    layers: tuple[tuple[str, str, int, str], ...] = ()

    @property
    def short_name(self) -> str:
        """The name people use."""
        return self.name.rpartition(".")[2]


@attrs.frozen
class Compiled:
    """What was found out about scripts of the project at `root`: the diagnostics, how many scripts there are; where asked for,
    and if there are no errors, the verbs' plans and the tables (`schema`, a plan without verbs)."""

    root: Path
    diagnostics: tuple[Diagnostic, ...]
    scripts: int
    verbs: tuple[VerbEntry, ...]
    schema: tuple[int, int, str] | None
    blob: bytes = attrs.field(repr=False)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors."""
        return tuple(found for found in self.diagnostics if found.severity is Severity.ERROR)

    def needed(self) -> Compiled:
        """The same. Raises ActionLangError with all errors, as seen from the current folder, when there are any."""
        if self.errors:
            raise ActionLangError(*seen_from(Path.cwd(), self.errors, self.root))
        return self

    def plan(self, verb: VerbEntry) -> bytes:
        """The plan of a verb, as the bytes of its file."""
        return self.blob[verb.start : verb.start + verb.length]

    def schema_plan(self) -> bytes:
        """The tables and choices, as the bytes of a plan without verbs."""
        assert self.schema is not None
        start, length, _ = self.schema
        return self.blob[start : start + length]

    def is_whole(self) -> bool:
        """Whether the bytes are those that the hashes are of."""
        parts = [(verb.start, verb.length, verb.digest) for verb in self.verbs]
        parts += [self.schema] if self.schema else []
        return all(_digest(self.blob[start : start + length]) == digest for start, length, digest in parts)


def check(selection: Selection, *, cached: bool = True) -> Compiled:
    """What is wrong with some scripts; their plans are not made. Without `cached` the cache is neither read nor written."""
    return _found_out(selection, plans=False, cached=cached)


def compile_scripts(selection: Selection, *, cached: bool = True) -> Compiled:
    """What is wrong with some scripts, and if nothing is, their verbs' plans."""
    return _found_out(selection, plans=True, cached=cached)


def compile_standard(*, cached: bool = True) -> Compiled:
    """The standard library's plans."""
    root = Path("/")
    return _found_out(Selection(Project(root, ()), (), ()), plans=True, cached=cached)


# ---------------------------------------------------------------------------------------------------------------- cache


def _found_out(selection: Selection, *, plans: bool, cached: bool) -> Compiled:
    if not cached:
        return _weighed(_anew(selection, plans, None)[0], selection)
    file = entry_file(str(selection.project.root), *map(str, selection.asked))
    entry = read_entry(file)
    known = _known(entry, selection, plans) if entry else None
    if known is not None:
        return _weighed(known, selection)
    began = time.time_ns()
    # Plans have the steps of all modules in them, so all are read again for those.
    compiled, loader = _anew(selection, plans, _records(entry, selection) if entry and not plans else {})
    files = {path for path in loader.names.values() if path is not None} | loader.looked_for
    files.add(selection.project.root / AGREED)
    files |= set(other_scripts(selection))
    if not any(_changed_since(path, began) for path in files):
        modules, interfaces = to_entry(loader.records.values(), len(compiled.blob))
        head = {**_head(compiled, selection, files, plans), "modules": modules, "length": len(compiled.blob)}
        write_entry(file, head, compiled.blob + interfaces)
    return _weighed(compiled, selection)


def _read_entry(data: list[Any]) -> VerbEntry:
    """A verb as the cache has it: with lists for tuples."""
    *plain, layers = data
    return attrs.evolve(VerbEntry(*plain), layers=tuple(tuple(layer) for layer in layers))


def _weighed(compiled: Compiled, selection: Selection) -> Compiled:
    """Without what the project does not want to be told of; the cache keeps that, for the project may change its mind."""
    left = without_off(compiled.diagnostics, selection.project.lints)
    return attrs.evolve(compiled, diagnostics=left)


def _known(entry: Entry, selection: Selection, plans: bool) -> Compiled | None:
    """What the cache has, if it still holds as a whole."""
    head, blob = entry
    if head["scripts"] != _names(selection) or (plans and not head["plans"]):
        return None
    if any(digest_of(Path(path)) != digest for path, digest in head["files"]):
        return None
    texts = _Texts(selection.project.root, [Path(path) for path, _ in head["files"]])
    try:
        diagnostics = tuple(from_data(data, texts.source) for data in head["diagnostics"])
    except (LookupError, OSError, ActionLangError):
        return None
    checked = Compiled(selection.project.root, diagnostics, len(selection.scripts), (), None, b"")
    if not plans:
        return checked
    schema = None if head["schema"] is None else tuple(head["schema"])
    verbs = tuple(map(_read_entry, head["verbs"]))
    compiled = attrs.evolve(checked, verbs=verbs, schema=schema, blob=blob[: head["length"]])
    return compiled if compiled.is_whole() else None


def _records(entry: Entry, selection: Selection) -> Records:
    """What the cache has of each module, all of which may hold or not; nothing where what verbs may do has been changed."""
    head, blob = entry
    agreed = selection.project.root / AGREED
    if [str(agreed), digest_of(agreed)] not in head["files"]:
        return {}
    return from_entry(head["modules"], blob)


def _head(compiled: Compiled, selection: Selection, files: Iterable[Path], plans: bool) -> dict[str, Any]:
    return {
        "scripts": _names(selection),
        "files": [[str(path), digest_of(path)] for path in sorted(files)],
        "plans": plans,
        "diagnostics": [to_data(diagnostic) for diagnostic in compiled.diagnostics],
        "schema": compiled.schema,
        "verbs": [attrs.astuple(verb) for verb in compiled.verbs],
    }


def _names(selection: Selection) -> list[str]:
    """The scripts that what is found out depends on, beside what they import."""
    return [*map(str, selection.scripts), *selection.project.layers, *map(str, other_scripts(selection))]


def _changed_since(path: Path, moment: int) -> bool:
    """Whether a file may have been written while it was being checked."""
    try:
        return path.stat().st_mtime_ns >= moment
    except OSError:
        return False


class _Texts:
    """The sources that diagnostics of the cache point into."""

    def __init__(self, root: Path, files: Sequence[Path]) -> None:
        self._paths = {display_name(path, root): path for path in files}
        self._sources: dict[str, Source] = {}

    def source(self, name: str) -> Source:
        """The source of a name. Raises KeyError, OSError or ActionLangError when it is not to be had."""
        if name not in self._sources:
            self._sources[name] = self._read(name)
        return self._sources[name]

    def _read(self, name: str) -> Source:
        folder, _, rest = name.partition("/")
        module = rest.removesuffix(".act")
        if name not in self._paths and folder == FOLDER and module in standard_modules():
            return standard_source(module)
        return decode_source(self._paths[name].read_bytes(), name)


# ----------------------------------------------------------------------------------------------------------------- anew


def _anew(selection: Selection, plans: bool, known: Records | None) -> tuple[Compiled, Loader]:
    """What is found out by checking the modules of which `known` has nothing that holds; all of them where it is None."""
    from actionlang.plan.decoding import Mismatch

    with without_collection():
        try:
            loader = _load(selection, known)
        except (Mismatch, LookupError, ValueError, TypeError):
            if not known:
                raise
            loader = _load(selection, {})  # The cache has something else than what is written into it.
        if known and loader.hangs_something:
            loader = _load(selection, {})  # What hooks and overrides do to verbs is seen in all steps of all modules.
        return _compiled(loader, selection, plans), loader


def _load(selection: Selection, known: Records | None) -> Loader:
    from actionlang.compile.agreement import agreed_in
    from actionlang.compile.incremental import IncrementalLoader
    from actionlang.compile.modules import Loader

    root = selection.project.root
    loader = Loader(root) if known is None else IncrementalLoader(root, known)
    loader.agreed = agreed_in(selection.project.root)
    loader.load_files(scripts_to_load(selection))
    if not selection.scripts:
        for name in standard_modules():
            loader.load_standard(name)
    return loader


def _compiled(loader: Loader, selection: Selection, plans: bool) -> Compiled:
    from actionlang.compile.link import Linker
    from actionlang.compile.own_tables import own_tables
    from actionlang.plan.codec import encode
    from actionlang.plan.plan import StepPlan

    program = loader.program()
    compiled = Compiled(selection.project.root, program.diagnostics, len(selection.scripts), (), None, b"")
    if compiled.errors or not (plans or loader.hangs_something):
        return compiled
    linker = Linker(program.modules, selection.project.layers, loader.agreed)
    compiled = attrs.evolve(compiled, diagnostics=loader.linked(linker))
    if linker.problems or not plans:
        return compiled
    blob = bytearray(encode(StepPlan("", (), own_tables(linker), tuple(linker.choices.values()))))
    schema = (0, len(blob), _digest(bytes(blob)))
    entries: list[VerbEntry] = []
    found: list[Diagnostic] = []
    for verb in _callable_verbs(loader, selection, linker):
        try:
            plan = encode(linker.plan(verb))
        except ActionLangError as error:
            found += error.diagnostics
        else:
            entries.append(_entry(verb, len(blob), plan, linker.layers(verb.name)))
            blob += plan
    if found:
        return attrs.evolve(compiled, diagnostics=(*compiled.diagnostics, *found))
    return attrs.evolve(compiled, verbs=tuple(entries), schema=schema, blob=bytes(blob))


def _callable_verbs(loader: Loader, selection: Selection, linker: Linker) -> list[Verb]:
    """The verbs that others may call of the scripts asked for, and those that these override, by name."""
    wanted = set(selection.scripts)
    modules = [name for name in loader.checked if not wanted or loader.names.get(name) in wanted]
    return [verb for verb in linker.callable(modules) if verb.kind not in NEVER_ALONE and not verb.private]


def _entry(verb: Verb, start: int, plan: bytes, layers: Sequence[Layer]) -> VerbEntry:
    on = verb.binding.table.rpartition(".")[2] if verb.binding else None
    if verb.binding and verb.binding.each:
        on = f"each {on}"
    sentence, stop, _ = " ".join(verb.doc.split()).partition(". ")
    told = tuple((each.module, each.verb.source, each.verb.line, each.why) for each in reversed(layers))
    return VerbEntry(verb.name, verb.kind, on, f"{sentence}{stop.strip()}", start, len(plan), _digest(plan), told)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
