"""`actionlang graph`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import no_cache_option

if TYPE_CHECKING:
    from actionlang.graph.linking import Link
    from actionlang.graph.picture import Picture
    from actionlang.plan.plan import StepPlan

FORMS = ("mmd", "dot", "svg", "png")
ON_SCREEN, IN_A_FOLDER = "mmd", "svg"


@click.command(
    cls=Told,
    examples=("graph Escalate", "graph Escalate -o escalate.svg", "graph -o pictures", "graph --project -o desk.png"),
)
@click.argument("subject", required=False, metavar="[VERB]", shell_complete=completing.verbs_and_plans)
@click.option(
    "--project", "of_project", is_flag=True, help="All verbs, the tables they touch, and who performs or starts whom."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE|FOLDER",
    help="Where it goes: a file whose suffix says how it is drawn, or a folder. A folder gets a picture of VERB and of each "
    "verb that it performs, linked to each other; without VERB, of all verbs.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How it is drawn, where no suffix says so (mmd; in a folder svg).",
)
@click.option(
    "--link", metavar="URL", help="Where boxes of verbs lead to; {verb} in it stands for the verb's full name."
)
@no_cache_option
def graph(
    subject: str | None, of_project: bool, output: Path | None, form: str | None, link: str | None, no_cache: bool
) -> int:
    """Draw a verb as a flow of its steps, or the project as verbs and tables.

    VERB is a verb by name, or a plan file. Without -o the picture is written to standard output as text for Mermaid, which
    GitHub, GitLab and many wikis draw by themselves. SVG and PNG need the extra `graph`, or Graphviz.
    """
    from actionlang.graph.linking import linked_verbs, no_link

    in_folder = output is not None and not output.suffix
    form = _form(output, form)
    _refuse_what_makes_no_sense(subject, of_project, output, form, link)
    cached = not no_cache
    if output is not None and in_folder and not of_project:
        return _fill(output, _plans(subject, cached), form)
    plans = _plans(subject, cached)
    picture = _of_project(plans) if of_project else _of_verb(plans[0])
    link_of = no_link if link is None else linked_verbs((verb.name for plan in plans for verb in plan.verbs), link)
    data = _drawn([picture], form, [link_of])[0]
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return 0
    return _written([(picture.title, output / f"project.{form}" if in_folder else output, data)])


def _form(output: Path | None, form: str | None) -> str:
    """How to draw: what a file's suffix says, else what was asked for."""
    if output is None or not output.suffix:
        return form or (ON_SCREEN if output is None else IN_A_FOLDER)
    found = output.suffix.lower().removeprefix(".")
    if found not in FORMS:
        raise click.BadParameter(
            f"A picture's name ends in .{', .'.join(FORMS[:-1])} or .{FORMS[-1]}.", param_hint="-o"
        )
    if form not in (None, found):
        raise click.UsageError(f"{output} is to be drawn as {form}, but its suffix says {found}.")
    return found


def _refuse_what_makes_no_sense(
    subject: str | None, of_project: bool, output: Path | None, form: str, link: str | None
) -> None:
    in_folder = output is not None and not output.suffix
    if of_project and subject is not None:
        raise click.UsageError("Either a verb or --project, not both.")
    if in_folder and not of_project and link is not None:
        raise click.UsageError("In a folder boxes lead to each other's pictures; --link is for one picture.")
    if output is None and form == "png" and sys.stdout.isatty():
        raise click.UsageError("A PNG is nothing for a terminal: name a file with -o.")
    if subject is None and not of_project and not in_folder:
        raise click.UsageError("Name a verb, or say --project; with -o FOLDER all verbs are drawn.")


def _plans(subject: str | None, cached: bool) -> list[StepPlan]:
    """The plan of a verb, or those of all verbs of the project."""
    if subject is not None:
        from actionlang.cli.plans import is_plan_file, plan_bytes, read_plan
        from actionlang.plan.codec import decode

        return [read_plan(subject) if is_plan_file(subject) else decode(plan_bytes(subject, cached=cached))]
    from actionlang.compile.compiled import NEVER_ALONE
    from actionlang.compile.link import Linker
    from actionlang.compile.loaded import loaded
    from actionlang.compile.selection import select

    # Not from the cache: there each plan has all its tables with it, and they would be read once a verb.
    selection = select()
    loader = loaded(selection)
    linker = Linker(loader.checked, selection.project.layers).needed()
    return [linker.plan(verb) for verb in linker.callable(loader.names) if verb.kind not in NEVER_ALONE]


def _of_verb(plan: StepPlan) -> Picture:
    from actionlang.graph.flow import flow_of

    return flow_of(plan)


def _of_project(plans: Sequence[StepPlan]) -> Picture:
    from actionlang.compile.project import find_project
    from actionlang.graph.touching import touching

    return touching(plans, f"Verbs and tables of {find_project(Path.cwd()).root.name}")


def _fill(folder: Path, plans: Sequence[StepPlan], form: str) -> int:
    """Draw all verbs of some plans, each in a file named after it."""
    from urllib.parse import quote

    from actionlang.graph.flow import flow_of
    from actionlang.plan.file_names import file_names

    whose = {verb.name: (plan, verb) for plan in plans for verb in plan.verbs}
    names = file_names(whose)

    def link_from(own: str) -> Link:
        # What a verb starts may have no picture here: it is no part of its plan.
        drawn = {name: f"{quote(file)}.{form}" for name, file in names.items() if name != own}
        return lambda node: drawn.get(node.verb or "")

    pictures = [flow_of(plan, verb) for _, (plan, verb) in sorted(whose.items())]
    drawn = _drawn(pictures, form, [link_from(name) for name in sorted(whose)])
    return _written(
        [(name, folder / f"{names[name]}.{form}", data) for name, data in zip(sorted(whose), drawn, strict=True)]
    )


def _drawn(pictures: Sequence[Picture], form: str, links: Sequence[Link]) -> list[bytes]:
    """Pictures as the bytes of their files. Raises ActionLangError when Graphviz is needed and there is none."""
    if form == "svg":
        from actionlang.graph.svg import to_svg

        return [svg.encode() for svg in to_svg(pictures, links)]
    if form == "mmd":
        from actionlang.graph.mermaid import to_mermaid

        return [to_mermaid(picture, link).encode() for picture, link in zip(pictures, links, strict=True)]
    from actionlang.graph.dot import to_dot

    texts = [to_dot(picture, link) for picture, link in zip(pictures, links, strict=True)]
    if form == "dot":
        return [text.encode() for text in texts]
    from actionlang.graph.layout import draw_png

    return draw_png(texts)


def _written(files: Sequence[tuple[str, Path, bytes]]) -> int:
    from actionlang.cli.compile import write_file
    from actionlang.cli.output import write

    for title, file, data in files:
        written = write_file(title, file, data)
        write(f"{'wrote    ' if written.is_new else 'unchanged'}  {file.as_posix()}")
    return 0
