"""Blocks without steps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.lint.removing import BLANK
from actionlang.lint.script import Script
from actionlang.lint.walking import Block
from actionlang.syntax import ast

WORDS: dict[type, str] = {
    ast.Action: "The verb",
    ast.Hook: "The hook",
    ast.Test: "The test",
    ast.ForEach: "The loop",
    ast.Stage: "The stage",
    ast.Expect: "The block that is expected to fail",
}


def empty_blocks(script: Script) -> Iterator[Diagnostic]:
    """Blocks in which there is neither a step nor a comment that says why."""
    comments = [comment.start for comment in script.module.comments]
    for found in script.blocks:
        block = found.block
        inside = bisect_left(comments, block.start)
        explained = inside < len(comments) and comments[inside] < block.end
        if not block.statements and not explained:
            yield _complaint(found, script)


def _complaint(found: Block, script: Script) -> Diagnostic:
    owner, block = found.owner, found.block
    if isinstance(owner, ast.Attempt) and block is owner.otherwise:
        message = "A failure is passed over in silence here."
        hint = "Say in a comment between < and > why that is right, or deal with it."
        return script.diagnostic(codes.EMPTY_BLOCK, block, message, hint)
    fixes: tuple[Fix, ...] = ()
    if isinstance(owner, ast.If):
        what = "This way" if block is not owner.otherwise else "The else"
        fixes = _without_else(owner, script) if block is owner.otherwise else ()
    else:
        what = WORDS.get(type(owner), "The block")
    message = f"{what} does nothing."
    hint = "Write its steps, or remove it; or say in a comment between < and > why there are none."
    return script.diagnostic(codes.EMPTY_BLOCK, block, message, hint, fixes=fixes)


def _without_else(owner: ast.If, script: Script) -> tuple[Fix, ...]:
    """A fix that removes an empty else."""
    block = owner.otherwise
    assert block is not None
    start = owner.branches[-1].end
    between = script.source.text[start : block.start]
    if between.strip(BLANK + "\n") != "else":
        return ()
    return (Fix("Remove the else", (Edit(Span(start, block.end), ""),), safe=True),)
