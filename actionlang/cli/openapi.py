"""`actionlang openapi`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option, paths_argument
from actionlang.cli.output import write

if TYPE_CHECKING:
    from actionlang.compile.project import Project
    from actionlang.registry.examples import Examples
    from actionlang.server.catalog import Catalog
    from actionlang.server.settings import ServerSettings


@click.command(cls=Told, examples=("openapi -o openapi.json", "openapi --active --server https://verbs.example.com"))
@paths_argument
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where it goes; by default to the screen."
)
@click.option("--active", is_flag=True, help="Of the verbs that are active in the registry, as a server has them.")
@db_option
@click.option(
    "--server", metavar="URL", help="The root of the server that the document names; by default its public_url."
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the file is not what would be written now.")
@json_option
def openapi(
    paths: tuple[Path, ...],
    output: Path | None,
    active: bool,
    db: str | None,
    server: str | None,
    check: bool,
    as_json: bool,
) -> int:
    """Write the OpenAPI document of your verbs, as a server shows it.

    It is made from the contracts of the project's verbs and from what their tests do, which are run for that; or from
    those that are active in a database. A server answers with the same at /openapi.json.

    Exit codes: 0 written, 1 errors were found, a file can not be written, or --check found an old file, 2 wrong usage.
    """
    from importlib.util import find_spec

    if find_spec("starlette") is None:
        from actionlang.cli.failures import missing
        from actionlang.diagnostics.diagnostic import ActionLangError

        raise ActionLangError(missing("server", "starlette"))
    if paths and (active or db):
        raise click.UsageError("PATHS name scripts; --active and --db take verbs from a database.")
    if check and output is None:
        raise click.UsageError("--check needs the file that it looks at: -o FILE.")
    if as_json and output is None:
        raise click.UsageError("The document is JSON as it is; --json tells of the file of -o FILE.")
    text, verbs = _document(paths, active or bool(db), db, server)
    if output is None:
        write(text)
        return 0
    return _write(text, verbs, output, check=check, as_json=as_json)


def _write(text: str, verbs: int, output: Path, *, check: bool, as_json: bool) -> int:
    data = f"{text}\n".encode()
    if check:
        is_new = not (output.is_file() and output.read_bytes() == data)
    else:
        from actionlang.cli.compile import write_file

        is_new = write_file("openapi", output, data).is_new
    if as_json:
        told = {"file": output.as_posix(), "verbs": verbs, "written": is_new and not check, "current": not is_new}
        write(json.dumps(told, indent=2))
    elif check:
        write(f"{output.as_posix()} is {'not ' if is_new else ''}what the contracts say.")
    else:
        write(f"{verbs} verb{'' if verbs == 1 else 's'} in {output.as_posix()}{'' if is_new else ', unchanged'}.")
    return 1 if check and is_new else 0


def _document(paths: tuple[Path, ...], active: bool, db: str | None, server: str | None) -> tuple[str, int]:
    """The document's text, and how many verbs are in it."""
    from actionlang.compile.project import find_project
    from actionlang.server.openapi.document import About, Seen, document

    project = find_project(Path.cwd())
    settings = _settings(project)
    catalog, examples = _of_registry(db, project, settings) if active else _of_project(paths, settings)
    about = About(
        server=server or settings.public_url or "/",
        title=settings.title,
        asynchronous=settings.odata.async_workers > 0,
        issuers=tuple(issuer.issuer for issuer in settings.identity.issuers),
    )
    seen = Seen(tuple(catalog.verbs.values()))
    made = document(catalog, seen, about, examples)
    return json.dumps(made, indent=2, ensure_ascii=False), len(seen.verbs)


def _of_project(paths: tuple[Path, ...], settings: ServerSettings) -> tuple[Catalog, Examples]:
    """The catalog of the project's verbs, and what its tests do."""
    from actionlang.activation.drafts import drafts_of
    from actionlang.activation.showing import examples_from
    from actionlang.registry.active import Active
    from actionlang.server.catalog import catalog_of_verbs
    from actionlang.testing.collecting import collect
    from actionlang.testing.results import run

    drafts = drafts_of(paths)
    verbs = [Active(plan.verb.name, 1, plan) for plan in drafts.plans if not plan.verb.private]
    tests = run(collect(drafts.places).cases if drafts.scripts else [], recording=True)
    return catalog_of_verbs(verbs, settings.odata.namespace), examples_from(drafts, tests)


def _of_registry(db: str | None, project: Project, settings: ServerSettings) -> tuple[Catalog, Examples]:
    """The catalog of all that a server has, and the examples that are kept with it."""
    from actionlang.cli.databases import open_database
    from actionlang.registry.examples import examples_of
    from actionlang.registry.verbs import Verbs
    from actionlang.server.catalog import catalog_of

    with open_database(db, project) as database:
        catalog = catalog_of(Verbs.open(database).snapshot(), settings.odata.namespace)
        with database.connection() as connection:
            examples = examples_of(connection, [verb.plan.hash for verb in catalog.verbs.values()])
    return catalog, examples


def _settings(project: Project) -> ServerSettings:
    """The settings that a server of the project has."""
    from actionlang.cli.serve import resolved_settings

    return resolved_settings(project, None, {}).settings
