"""`actionlang import dataverse`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli.help import Told
from actionlang.cli.output import write
from actionlang.diagnostics.catalogue import importing, project, syntax
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from io import BufferedReader

    from actionlang.metadata.sources.dataverse import Imported

STDIN = "-"
MODULE = "tables"
"""The module's name where the script goes to standard output."""


@click.command(
    cls=Told,
    examples=(
        "import dataverse metadata.xml -o tables.act",
        "import dataverse metadata.xml --tables 'contoso_*'",
        "curl ... | actionlang import dataverse - -o tables.act",
    ),
)
@click.argument("document", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--tables", "patterns", multiple=True, metavar="GLOB", help="Only entity types whose name fits; repeatable."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The script to write. The default is standard output."
)
@click.option("--force", is_flag=True, help="Write over a script that is there.")
def dataverse(document: Path, patterns: tuple[str, ...], output: Path | None, force: bool) -> None:
    """Write a script with the tables, choices and operations of a Dataverse organisation.

    DOCUMENT is what the organisation answers to GET [organisation]/api/data/v9.2/$metadata?annotations=true: XML, which may be
    compressed by gzip; - is standard input. Operations become extern actions and functions. What the language can not express is
    in comments, with its place in the document.
    """
    from actionlang.metadata.sources.dataverse import read_dataverse

    name = "<stdin>" if str(document) == STDIN else document.as_posix()
    if output is not None and output.exists() and not force:
        message = f"{output.as_posix()} is there already."
        raise _error(
            Diagnostic(project.CAN_NOT_WRITE, message, hint="Name another file, or write over it with --force.")
        )
    with _opened(document, name) as file:
        found = read_dataverse(file, name, output.stem if output else MODULE, patterns)
    if not found.tables:
        raise _nothing(name, patterns)
    text = found.text()
    _check_size(text)
    if output is None:
        write(text.rstrip("\n"))
    else:
        _write(output, text)
    told = "\n".join(_summary(found, output))
    print(told, file=sys.stderr if output is None else sys.stdout)


def _opened(document: Path, name: str) -> AbstractContextManager[BufferedReader]:
    """The document's bytes. Raises ActionLangError when there is no such file, or it can not be read."""
    if str(document) == STDIN:
        return nullcontext(sys.stdin.buffer)  # type: ignore[arg-type]  # a BufferedReader, when it is bytes
    try:
        return document.open("rb")
    except FileNotFoundError:
        hint = "See how the path is written, and from which folder."
        raise _error(Diagnostic(project.NO_SUCH_FILE, f"There is no file {name}.", hint=hint)) from None
    except OSError as error:
        raise _error(Diagnostic(project.NO_SUCH_FILE, f"{name} can not be read: {error.strerror}.")) from None


def _nothing(name: str, patterns: tuple[str, ...]) -> ActionLangError:
    """An error for a document without a table to import."""
    if not patterns:
        return _error(Diagnostic(importing.NOTHING_TO_IMPORT, f"{name} has no entity types."))
    message = f"No entity type of {name} has a name like {' or '.join(patterns)}."
    hint = "Names are those of the Web API, in small letters: --tables incident, --tables 'contoso_*'."
    return _error(Diagnostic(importing.NOTHING_TO_IMPORT, message, hint=hint))


def _check_size(text: str) -> None:
    """A script that could not be read afterwards is not written."""
    from actionlang.compile.reading import MAXIMUM_BYTES

    size = len(text.encode())
    if size > MAXIMUM_BYTES:
        message = f"The script would have {size:,} bytes, and a script may have at most {MAXIMUM_BYTES:,}."
        hint = "Choose the tables that your verbs need: --tables incident --tables 'contoso_*'."
        raise _error(Diagnostic(syntax.FILE_TOO_LARGE, message, hint=hint))


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        message = f"{output.as_posix()} can not be written: {error.strerror}."
        raise _error(Diagnostic(project.CAN_NOT_WRITE, message)) from None


def _summary(found: Imported, output: Path | None) -> list[str]:
    """What was written."""
    functions = sum(contract.function for contract in found.contracts)
    counts = (
        _counted(len(found.tables), "table"),
        _counted(len(found.choices), "choice"),
        _counted(len(found.contracts) - functions, "action"),
        _counted(functions, "function"),
    )
    wrote = "" if output is None else f"Wrote {output.as_posix()}: "
    lines = [f"{wrote}{', '.join(counts)}."]
    if found.left_out:
        they = "it is" if found.left_out == 1 else "they are"
        lines.append(f"{_counted(found.left_out, 'operation')} left out: {they} not on the tables asked for.")
    told = len(found.notices) + sum(len(contract.notices) for contract in found.contracts)
    if told:
        tell = "tells" if told == 1 else "tell"
        lines.append(f"{_counted(told, 'comment')} in it {tell} what the document has and the script can not say.")
    return lines


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _error(diagnostic: Diagnostic) -> ActionLangError:
    return ActionLangError(diagnostic)
