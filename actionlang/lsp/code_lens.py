"""What can be done from above a declaration: run a test."""

from __future__ import annotations

from lsprotocol import types as lsp

from actionlang.lsp.workspace import Found
from actionlang.syntax import ast

RUN_TEST = "actionlang.runTest"


def code_lenses(found: Found, _: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    """Above each test "run test"; above the first of several also "run all tests"."""
    lines, uri = found.module.lines, found.document.uri
    tests = [node for node in found.module.parsed.module.declarations if isinstance(node, ast.Test)]
    lenses = []
    if len(tests) > 1:
        place = lines.range(tests[0].start, tests[0].start + len("test"))
        lenses.append(lsp.CodeLens(place, lsp.Command("run all tests", RUN_TEST, arguments=[uri])))
    for test in tests:
        place = lines.range(test.start, test.start + len("test"))
        lenses.append(lsp.CodeLens(place, lsp.Command("run test", RUN_TEST, arguments=[uri, test.title])))
    return lenses
