"""Verbs of the standard library, activated by their names, or with a project that changes them: with what the project hangs on
them, and replaces of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from actionlang.compile.compiled import compile_standard
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.project import module_name
from actionlang.compile.selection import Selection
from actionlang.compile.standard import standard_modules
from actionlang.registry.store import VersionHead
from actionlang.runtime.plans import Plan


def named_in(paths: Sequence[Path], *, cached: bool) -> tuple[str, ...]:
    """The full names of those words that are no paths, and are verbs of the standard library: by full name, or by a short one
    that only one of these has."""
    words = [str(path) for path in paths if not path.exists()]
    if not words:
        return ()
    known = compile_standard(cached=cached).verbs
    found = {word: [verb.name for verb in known if word in (verb.name, verb.short_name)] for word in words}
    return tuple(names[0] for names in found.values() if len(names) == 1)


def is_named(path: Path, names: Iterable[str]) -> bool:
    """Whether a word stands for one of these verbs."""
    return not path.exists() and any(str(path) in (name, name.rpartition(".")[2]) for name in names)


def is_of_library(verb: str) -> bool:
    """Whether a verb, by its full name, is of a module of the standard library."""
    return verb.rpartition(".")[0] in standard_modules()


def changed_plans(active: Iterable[VersionHead], project: Selection, *, cached: bool) -> tuple[Plan, ...]:
    """The plans of verbs of the standard library that are active, as far as a project without errors hangs something on them or
    on what they perform, or replaces it; or did when they were activated. Raises ActionLangError."""
    heads = [head for head in active if is_of_library(head.verb)]
    if not heads:
        return ()
    standard = compile_standard(cached=cached)
    own = tuple(f"{module_name(script, project.project.root)}." for script in project.scripts)
    did = {head.verb for head in heads if any(name.startswith(own) for name in head.performs)}
    by_itself = {entry.name: Plan.loads(standard.plan(entry)).hash for entry in standard.verbs}
    names = [head.verb for head in heads if head.verb in by_itself and not head.verb.startswith(own)]
    plans = library_plans(names, project)
    return tuple(each for each in plans if each.verb.name in did or each.hash != by_itself[each.verb.name])


def library_plans(names: Sequence[str], project: Selection) -> tuple[Plan, ...]:
    """The plans of verbs of the standard library, as a project without errors has them. Raises ActionLangError."""
    if not names:
        return ()
    loader = Loader(project.project.root)
    loader.load_files(project.scripts)
    for name in names:
        loader.load_standard(name.rpartition(".")[0])
    linker = Linker(loader.program().modules, project.project.layers)
    return tuple(Plan.of(linker.plan(linker.verbs[name])) for name in names)
