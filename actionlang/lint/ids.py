"""Ids that are written into steps."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.lint.script import Script
from actionlang.lint.walking import nodes
from actionlang.syntax import ast


def magic_ids(script: Script) -> Iterator[Diagnostic]:
    """Id literals in the steps of verbs and hooks; a test makes up its own rows and may name them as it likes."""
    if 'id "' not in script.source.text:  # Most scripts have none, and their trees need not be gone through.
        return
    for declaration in script.module.declarations:
        if isinstance(declaration, ast.Action | ast.Hook) and declaration.body is not None:
            for node in nodes(declaration.body):
                if isinstance(node, ast.TypedLiteral) and node.kind == "id":
                    message = "This id is that of a row of one database: in every other one there is no such row."
                    hint = 'Find the row by a key, as in team("Tier 2"), or take it as a parameter.'
                    yield script.diagnostic(codes.MAGIC_ID, node, message, hint)
