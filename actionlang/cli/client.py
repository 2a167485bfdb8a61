"""`actionlang client`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option, paths_argument
from actionlang.cli.output import write

if TYPE_CHECKING:
    from actionlang.clients.contract import Contract
    from actionlang.compile.project import Project

LANGUAGES = ("python", "typescript")
HTTP = ("httpx2", "httpx")


@attrs.frozen
class Made:
    """The files of a client, those that its user may change, and what to do with it."""

    files: Mapping[str, str]
    kept: Mapping[str, str]
    next: str


@click.command(
    cls=Told, examples=("client python -o helpdesk", "client typescript -o web/verbs", "client python --active -o desk")
)
@click.argument("language", type=click.Choice(LANGUAGES))
@paths_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the client goes. One that is there already is made anew.",
)
@click.option("--active", is_flag=True, help="Of the verbs that are active in the registry, as a server has them.")
@db_option
@click.option("--http", type=click.Choice(HTTP), default=HTTP[0], show_default=True, help="What sends, in Python.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the client is not what would be made now.")
@click.option("--force", is_flag=True, help="Write into the folder, whatever is in it.")
@json_option
def client(  # noqa: PLR0913, PLR0917 - one parameter an option
    language: str,
    paths: tuple[Path, ...],
    output: Path,
    active: bool,
    db: str | None,
    http: str,
    check: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write a typed client: a small package whose methods call verbs on a server.

    It is made from the contracts of the project's verbs, or of those that are active in a database. Calling with a
    wrong type is found by mypy or tsc, before anything runs. The same contracts make the same files.

    Exit codes: 0 written, 1 errors were found, a file can not be written, or --check found an old client, 2 wrong usage.
    """
    from actionlang.clients.writing import write_client

    if paths and (active or db):
        raise click.UsageError("PATHS name scripts; --active and --db take verbs from a database.")
    contract = _of_registry(db) if active or db else _of_project(paths)
    made = _python(contract, output, http) if language == "python" else _typescript(contract, output)
    written = write_client(made.files, output, kept=made.kept, force=force, dry=check)
    old = [each.path for each in written if each.is_new]
    if as_json:
        told = {
            "contract": contract.digest,
            "verbs": [verb.name for verb in contract.verbs],
            "files": [{"file": each.path, "written": each.is_new and not check} for each in written],
            "current": not old,
        }
        write(json.dumps(told, indent=2, ensure_ascii=False))
    elif check:
        _tell_check(old, output)
    else:
        verbs, tables = _counted(len(contract.verbs), "verb"), _counted(len(contract.tables), "table")
        write(f"{verbs} and {tables} in {output.as_posix()}{'' if old else ', unchanged'}. {made.next}")
    return 1 if check and old else 0


def _tell_check(old: list[str], output: Path) -> None:
    for path in old:
        write(f"old  {(output / path).as_posix()}")
    told = "is not what its contracts say: make it anew" if old else "is what its contracts say"
    write(f"The client in {output.as_posix()} {told}.")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


# ----------------------------------------------------------------------------------------------------------- contracts


def _of_project(paths: tuple[Path, ...]) -> Contract:
    """The contract of the project's verbs, as its scripts have them."""
    from actionlang.clients.contract import contract_of
    from actionlang.compile.compiled import compile_scripts
    from actionlang.compile.selection import select
    from actionlang.plan.codec import decode

    selection = select(paths).needed()
    compiled = compile_scripts(selection).needed()
    return contract_of((decode(compiled.plan(verb)) for verb in compiled.verbs), _namespace(selection.project))


def _of_registry(db: str | None) -> Contract:
    """The contract of all that a server has."""
    from actionlang.cli.databases import open_database
    from actionlang.clients.contract import named_contract
    from actionlang.compile.project import find_project
    from actionlang.registry.verbs import Verbs
    from actionlang.server.catalog import catalog_of

    project = find_project(Path.cwd())
    with open_database(db, project) as database:
        catalog = catalog_of(Verbs.open(database).snapshot(), _namespace(project))
    verbs = {name: active.plan.verb for name, active in catalog.verbs.items()}
    return named_contract(verbs, catalog.tables, catalog.choices, catalog.names)


def _namespace(project: Project) -> str:
    """What a server of the project has before its names."""
    from actionlang.cli.serve import resolved_settings

    return resolved_settings(project, None, {}).settings.odata.namespace


# ------------------------------------------------------------------------------------------------------------- clients


def _python(contract: Contract, folder: Path, http: str) -> Made:
    from keyword import iskeyword

    from actionlang.clients.python.package import python_client
    from actionlang.diagnostics.catalogue.server import UNFIT_PACKAGE
    from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

    name = folder.absolute().name
    if not name.isidentifier() or iskeyword(name):
        plain = "".join(sign if sign.isalnum() else "_" for sign in name).lower().strip("_")
        fit = plain if plain.isidentifier() and not iskeyword(plain) else "client"
        message = f"Python can not import a package called {name}."
        raise ActionLangError(Diagnostic(UNFIT_PACKAGE, message, hint=f"call the folder {fit}, for instance"))
    files = python_client(contract, http=http)
    return Made(files, {}, f"It needs attrs and {http}: from {name} import Client")


def _typescript(contract: Contract, folder: Path) -> Made:
    from actionlang.clients.typescript.package import package_files, typescript_client

    kept = package_files(folder.absolute().name)
    return Made(typescript_client(contract), kept, "Build it with npm install && npm run build.")
