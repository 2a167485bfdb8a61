"""`actionlang serve`."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option

if TYPE_CHECKING:
    from actionlang.compile.project import Project
    from actionlang.server.opening import Launch
    from actionlang.server.setting_sources import Resolved

NEEDED = ("uvicorn", "starlette", "httptools", "prometheus_client", "jwt")
"""What the extra installs."""


@click.command(cls=Told, examples=("serve", "serve --port 9000 --deliver", "serve --db postgresql:///desk --workers 4"))
@db_option
@click.option("--host", metavar="ADDRESS", help="Where to listen. The default is 127.0.0.1: this machine alone.")
@click.option("--port", type=int, metavar="PORT", help="The port; 0 is any that is free. The default is 8000.")
@click.option("--workers", type=int, metavar="N", help="How many processes answer. More than one need PostgreSQL.")
@click.option("--deliver", is_flag=True, default=None, help="Send the events that verbs emit, too.")
@click.option(
    "--config",
    metavar="FILE",
    help="A file with the settings, in place of [server] in actionlang.toml.",
)
@click.option("--print-config", is_flag=True, help="Show which settings hold, and where each is from; then end.")
@json_option
def serve(
    db: str | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    deliver: bool | None,
    config: str | None,
    print_config: bool,
    as_json: bool,
) -> None:
    """Serve the verbs in use over HTTP, for any OData client, for OpenAPI and for assistants (MCP).

    It goes on until it is stopped (Ctrl-C, SIGTERM), when it finishes the calls that are under way. SIGHUP replaces its workers
    one by one without losing a call. Settings come from [server] in actionlang.toml, from the environment
    (ACTIONLANG_SERVER_PORT) and from these options; what comes later counts.
    """
    for library in NEEDED:
        if find_spec(library) is None:
            from actionlang.cli.failures import missing
            from actionlang.diagnostics.diagnostic import ActionLangError

            raise ActionLangError(missing("server", library))
    from actionlang.compile.project import find_project

    options: dict[str, object] = {"database": db, "host": host, "port": port, "workers": workers, "deliver": deliver}

    def resolve() -> tuple[Project, Resolved]:
        project = find_project(Path.cwd())
        return project, resolved_settings(project, config, options)

    project, resolved = resolve()
    if print_config:
        from actionlang.cli.serve_config import print_settings

        print_settings(resolved, as_json=as_json)
        return
    from actionlang.cli.databases import tell_errors_only
    from actionlang.cli.serve_banner import banner
    from actionlang.server.listening import listening_socket
    from actionlang.server.running import run

    tell_errors_only()
    launch = launch_of(project, resolved)
    with listening_socket(launch.settings.host, launch.settings.port) as listening:
        tell = banner(launch, listening, as_json=as_json)
        run(launch, listening, lambda: launch_of(*resolve()), tell)


def resolved_settings(project: Project, config: str | None, options: dict[str, object]) -> Resolved:
    """The settings that hold. Raises ActionLangError (E1107) for one that is wrong."""
    from actionlang.compile.project import FILE_NAME, display_name
    from actionlang.server.setting_sources import CONFIG_VARIABLE, Sources, read_file

    sources = Sources()
    file = config or os.environ.get(CONFIG_VARIABLE)
    if file:
        sources.file(read_file(Path(file), file), file)
    else:
        sources.file(project.server, display_name(project.root / FILE_NAME, Path.cwd()), section="server")
    sources.environment(os.environ)
    for name, value in options.items():
        sources.option(name, value, "--db" if name == "database" else f"--{name}")
    return sources.resolved()


def launch_of(project: Project, resolved: Resolved) -> Launch:
    """What is to be served. Raises ActionLangError where that would not be sound."""
    from actionlang.cli.databases import url_of
    from actionlang.server.opening import Launch, see_that_it_is_sound

    settings = resolved.settings
    launch = Launch(
        url_of(settings.database, project),
        settings.time_zone or project.time_zone,
        (*project.plugins, *(each for each in settings.plugins if each not in project.plugins)),
        str(project.root),
        settings,
    )
    see_that_it_is_sound(launch)
    return launch
