"""What contracts are compared with: those of a git ref, of a folder of scripts or plans, of the verbs in use."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

from actionlang.cli.git import Repository, repository_of
from actionlang.cli.plans import SUFFIX
from actionlang.compile.contracted import contracts_of, under
from actionlang.compile.modules import Loader
from actionlang.compile.project import FILE_NAME, Project, read_project
from actionlang.contracts.contracts import Contracts
from actionlang.diagnostics.catalogue import comparing as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity

REGISTRY = "registry"
"""The word for the verbs that are in use in the project's database."""


@attrs.frozen
class Before:
    """The contracts to compare with, and what they are those of, in a sentence."""

    contracts: Contracts
    named: str


def before(against: str, paths: Sequence[Path], now: Contracts, project: Project, db: str | None) -> Before:
    """The contracts of a project's verbs as they were; if there are paths, of the verbs under these, and of the others that have
    contracts `now`, which are overridden under them. Where `against` is the word registry it is those in use, where it is a
    folder those in it, else those at a git ref.

    Raises ActionLangError when there is no such thing, it can not be read, or its scripts do not check.
    """
    folder, root = Path(against).resolve(), project.root.resolve()
    if root.is_relative_to(folder):
        what = "The folder to compare with is the project itself: nothing would ever be found."
        message = what if folder == root else "The project itself is in the folder to compare with."
        raise ActionLangError(Diagnostic(codes.NOTHING_TO_COMPARE, message, hint=OTHER_HINT))
    if against == REGISTRY:
        found = Before(_in_use(project, db), "the verbs in use")
    elif Path(against).is_dir():
        found = Before(_of_folder(Path(against)), against)
    else:
        found = Before(_of_ref(against, project), against)
    if not found.contracts.entries:
        message = f"There are no verbs in {found.named}: nothing to compare with."
        raise ActionLangError(Diagnostic(codes.NOTHING_TO_COMPARE, message, hint=HINTS.get(against, OTHER_HINT)))
    return attrs.evolve(found, contracts=under(found.contracts, paths, project.root, now)) if paths else found


HINTS = {REGISTRY: "Verbs are put to use with actionlang activate."}
OTHER_HINT = "Name a branch, tag or commit that has the project's scripts, or a folder of scripts or plans."


# --------------------------------------------------------------------------------------------------------- the registry


def _in_use(project: Project, db: str | None) -> Contracts:
    from actionlang.cli.databases import open_database
    from actionlang.registry.verbs import Verbs

    with open_database(db, project) as database:
        return Contracts.of_plans(active.plan.steps for active in Verbs.open(database).list())


# ------------------------------------------------------------------------------------------------------------- a folder


def _of_folder(folder: Path) -> Contracts:
    plans = sorted(folder.glob(f"*{SUFFIX}"))
    return _of_plans(plans) if plans else _of_scripts(folder.resolve(), folder)


def _of_plans(files: Iterable[Path]) -> Contracts:
    from actionlang.runtime.plans import Plan

    return Contracts.of_plans(Plan.load(file).steps for file in files)


def _of_scripts(folder: Path, named: object) -> Contracts:
    """The contracts of the verbs in a folder, which is a project of its own. `named` is how it is called in messages."""
    file = folder / FILE_NAME
    project = read_project(file) if file.is_file() else Project(folder, (folder,))
    scripts = project.scripts()
    loader = Loader(project.root)
    loader.load_files(scripts)
    errors = [found for found in loader.program().diagnostics if found.severity is Severity.ERROR]
    if errors:
        raise _broken(errors, named)
    return contracts_of(loader, scripts, project.layers)


def _broken(errors: list[Diagnostic], named: object) -> ActionLangError:
    first = errors[0]
    place = ""
    if first.primary is not None:
        source = first.primary.source
        place = f" ({source.name}, line {source.position(first.primary.span.start).line})"
    message = f"The scripts in {named} have {len(errors)} error{'' if len(errors) == 1 else 's'}."
    notes = (f"the first is {first.code}: {first.message}{place}",)
    hint = "Compare with scripts that check, or with plans that were made of them: --against FOLDER"
    return ActionLangError(Diagnostic(codes.BROKEN_THEN, message, hint=hint, notes=notes))


# ------------------------------------------------------------------------------------------------------------ a git ref


def _of_ref(ref: str, project: Project) -> Contracts:
    repository = repository_of(project.root)
    if repository is None:
        message = (
            f"There is no folder {ref}, and the project is in no git repository that could have a ref of that name."
        )
        hint = "Name a folder of scripts or plans, or registry for the verbs in use."
        raise ActionLangError(Diagnostic(codes.NO_REPOSITORY, message, hint=hint))
    commit = repository.commit(ref)
    if commit is None:
        message = f"There is no folder {ref}, and the git repository has no branch, tag or commit of that name."
        raise ActionLangError(Diagnostic(codes.UNKNOWN_REF, message, hint=_fetch_hint(ref)))
    return _at(repository, commit, project, ref)


def _fetch_hint(ref: str) -> str:
    branches = "git branch --all lists branches."
    branch = ref.removeprefix("origin/")
    if MAY_BE_FETCHED.fullmatch(branch) is None:
        return branches
    return f"{branches} A build that fetched one commit only has to fetch it: git fetch origin {branch}"


MAY_BE_FETCHED = re.compile(r"\w[\w./+-]*", re.ASCII)
"""What may be the name of a branch or a tag, and stands in a command as it is."""


def _at(repository: Repository, commit: str, project: Project, ref: str) -> Contracts:
    with tempfile.TemporaryDirectory(prefix="actionlang-") as made:
        folder = Path(made).resolve()
        repository.write_scripts(commit, folder)
        root = folder / project.root.resolve().relative_to(repository.root.resolve())
        if not root.is_dir():
            return Contracts.of(())
        return _of_scripts(root, ref)
