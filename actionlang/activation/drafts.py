"""Drafts of verbs: scripts, checked and compiled, ready to be published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import attrs

from actionlang.activation.library import changed_plans, is_named, library_plans, named_in
from actionlang.compile.compiled import Compiled, compile_scripts
from actionlang.compile.project import Project
from actionlang.compile.reading import read_source
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import Selection, select
from actionlang.compile.standard import FOLDER, standard_modules, standard_source
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.lint.levels import with_denied
from actionlang.plan.plan import StepPlan
from actionlang.registry.settlement import Draft
from actionlang.registry.store import VersionHead
from actionlang.runtime.plans import Plan


@attrs.frozen(slots=False, eq=False)
class Drafts:
    """Verbs of a project. `asked` are the scripts that they are of, None when that is the whole project; `places` are where all
    its scripts are. `warnings` are what checking these had to say, seen from the current folder."""

    project: Project
    asked: frozenset[Path] | None
    places: tuple[Path, ...]
    scripts: int
    plans: tuple[Plan, ...] = attrs.field(repr=False)
    warnings: tuple[Diagnostic, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The verbs' full names, in order."""
        return tuple(plan.verb.name for plan in self.plans)

    @cached_property
    def drafts(self) -> tuple[Draft, ...]:
        """The verbs, each with the scripts that its plan was made from."""
        texts: dict[str, str | None] = {}
        return tuple(Draft(plan, _scripts(plan.steps, self.project.root, texts)) for plan in self.plans)


def drafts_of(paths: Sequence[Path] = (), *, active: Iterable[VersionHead] = (), cached: bool = True) -> Drafts:
    """The verbs of the scripts under some paths; without any, of the whole project around the current folder. A path that is not
    there, and is the name of a verb of the standard library, stands for that. With the whole project go those verbs of the
    standard library that are `active` and that it changes.

    The project is checked as a whole in any case: what its other scripts hang on these verbs, or replace of them, is theirs, too.
    Raises ActionLangError with all that is wrong in it, lints that the project denies among it, or when there is no script.
    """
    library = named_in(paths, cached=cached)
    given = tuple(path for path in paths if not is_named(path, library))
    asked = select(given)
    whole = _whole(asked if library else asked.needed())
    if not whole.scripts:
        return Drafts(whole.project, frozenset(), whole.asked, 0, library_plans(library, whole), ())
    compiled = compile_scripts(whole, cached=cached)
    warnings = _without_errors(compiled, whole.project)
    is_whole = not library and set(asked.scripts) == set(whole.scripts)
    wanted = compiled.verbs
    if library and not given:
        wanted = ()
    elif not is_whole:
        names = {verb.name for verb in compile_scripts(asked, cached=cached).needed().verbs}
        wanted = tuple(verb for verb in wanted if verb.name in names)
    plans = [Plan.loads(compiled.plan(verb)) for verb in wanted]
    if is_whole:
        replaced = {verb.name for verb in wanted}
        others = [head for head in active if head.verb not in replaced]
        plans += changed_plans(others, whole, cached=cached)
    return Drafts(
        whole.project,
        None if is_whole else frozenset(asked.scripts if given else ()),
        whole.asked,
        len(whole.scripts),
        (*plans, *library_plans(library, whole)),
        warnings,
    )


def project_of(paths: Sequence[Path]) -> Project:
    """The project that some paths are of: that around the first one that is there, else around the current folder.

    Raises ActionLangError when its project file can not be used, or none of several paths is there.
    """
    library = named_in(paths, cached=True)
    return select(tuple(path for path in paths if not is_named(path, library))).project


def _without_errors(compiled: Compiled, project: Project) -> tuple[Diagnostic, ...]:
    """The warnings, seen from the current folder. Raises ActionLangError with the errors, if there are any."""
    found = seen_from(Path.cwd(), with_denied(compiled.diagnostics, project.lints, ()), compiled.root)
    errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
    if errors:
        raise ActionLangError(*errors)
    return tuple(found)


def _whole(asked: Selection) -> Selection:
    """All scripts of a project, and those that are asked for, should they stand elsewhere."""
    project = asked.project
    own = set(project.scripts())
    outside = tuple(sorted(set(asked.scripts) - own))
    return Selection(project, tuple(sorted(own.union(outside))), (*project.sources, *outside))


def _scripts(plan: StepPlan, root: Path, texts: dict[str, str | None]) -> Mapping[str, str]:
    """The scripts of a plan's verbs, as far as they are there; `texts` keeps those that were read."""
    found = {}
    for name in sorted({verb.source for verb in plan.verbs}):
        if name not in texts:
            texts[name] = _text(name, root)
        text = texts[name]
        if text is not None:
            found[name] = text
    return found


def _text(name: str, root: Path) -> str | None:
    folder, _, file = name.partition("/")
    module = file.removesuffix(".act")
    try:
        if folder == FOLDER and module in standard_modules() and not (root / name).is_file():
            return standard_source(module).text
        return read_source(root / name, name).text
    except ActionLangError:
        return None
