"""`actionlang lsp`."""

from __future__ import annotations

import sys

import click

from actionlang.cli.help import Told


@click.command(cls=Told, examples=("lsp",))
@click.option("--stdio", is_flag=True, hidden=True, help="What there is anyway; some editors say so.")
def lsp(stdio: bool) -> None:
    """Serve an editor: problems as you type, completion, renaming and more.

    An editor starts this and speaks the Language Server Protocol with it over standard input and output. What goes wrong in the
    server itself is written to standard error, which editors show on request.
    """
    import logging

    from actionlang.lsp.server import run_server

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    if sys.stdin.isatty():
        print("This serves an editor, which starts it by itself. Ctrl-C ends it.", file=sys.stderr)
    run_server()
