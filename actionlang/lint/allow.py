"""Comments that suppress lints: `# allow: magic-id`, `# allow: magic-id, unused-name and why that is right`.

Such a comment stands on the line that it is about, behind the code; or above it, on a line of its own. On the first line of a
verb, or above that, it is about the whole verb, and the same for a hook, a test, a table.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import attrs

from actionlang.check.spelling import nearest
from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.lint.removing import whole_lines
from actionlang.lint.script import Script
from actionlang.syntax import ast

ALLOW = re.compile(r"#\s*allow:")
NAME = re.compile(r"[A-Za-z][\w-]*")
NEXT = re.compile(r"\s*,\s*(?=[A-Za-z][\w-]*)")


@attrs.define(eq=False)
class Allowed:
    """One lint that a comment allows: its name and where that is written, the lines it is allowed on, and whether that has
    suppressed anything yet."""

    name: str
    span: Span
    lines: range
    used: bool = False


class Allowances:
    """What the comments of a script allow."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.comments: list[list[Allowed]] = []
        self.of_line: dict[tuple[str, int], list[Allowed]] = {}
        self.of_more: dict[str, list[Allowed]] = {}
        declarations = script.module.declarations
        starts = [declaration.start for declaration in declarations]
        for comment in script.module.comments:
            if not comment.is_doc and comment.text.lstrip().startswith("allow:"):
                lines = _lines(comment, script, starts)
                allowed = [Allowed(name, span, lines) for name, span in _names(comment, script)]
                self.comments.append(allowed)
                for each in allowed:
                    if len(lines) > 1:
                        self.of_more.setdefault(each.name, []).append(each)
                    else:
                        self.of_line.setdefault((each.name, lines.start), []).append(each)

    def left(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics that no comment allows."""
        return [diagnostic for diagnostic in found if not (diagnostic.code.is_lint and self._allows(diagnostic))]

    def _allows(self, diagnostic: Diagnostic) -> bool:
        if diagnostic.primary is None or not self.comments:
            return False
        name = diagnostic.code.id
        line = self.script.source.position(diagnostic.primary.span.start).line
        allowed = self.of_line.get((name, line))
        if allowed is None:
            more = self.of_more.get(name, [])
            index = bisect_right(more, line, key=lambda each: each.lines.start) - 1
            allowed = more[index : index + 1] if index >= 0 and line in more[index].lines else []
        for each in allowed[:1]:
            each.used = True
        return bool(allowed)

    def complaints(self, known: Iterable[str]) -> Iterator[Diagnostic]:
        """What is wrong with the comments themselves: names of no lint, and allowances that nothing needs."""
        names = frozenset(known)
        for allowed in self.comments:
            for number, each in enumerate(allowed):
                if each.name not in names:
                    yield self._unknown(each, names)
                elif not each.used:
                    message = f"Nothing here needs to be allowed: {each.name} finds nothing."
                    fix = Fix("Remove it", (self._removal(allowed, number),), safe=True)
                    yield self.script.diagnostic(codes.UNUSED_ALLOW, each.span, message, "Remove it.", fixes=(fix,))

    def _unknown(self, allowed: Allowed, names: frozenset[str]) -> Diagnostic:
        near = nearest(allowed.name, names)
        hint = f"Did you mean {near}?" if near else "actionlang check --lints lists them."
        fixes = (Fix(f"Write {near}", (Edit(allowed.span, near),)),) if near else ()
        message = f"There is no lint {allowed.name}."
        return self.script.diagnostic(codes.UNKNOWN_LINT, allowed.span, message, hint, fixes=fixes)

    def _removal(self, allowed: list[Allowed], number: int) -> Edit:
        """Removal of one name of a comment; of the whole comment when it has no other."""
        text, span = self.script.source.text, allowed[number].span
        if len(allowed) == 1:
            line_end = text.find("\n", span.end)
            return whole_lines(text, Span(text.rindex("#", 0, span.start), line_end if line_end >= 0 else len(text)))
        if number == 0:
            return Edit(Span(span.start, allowed[1].span.start), "")
        return Edit(Span(allowed[number - 1].span.end, span.end), "")


def _names(comment: ast.Comment, script: Script) -> Iterator[tuple[str, Span]]:
    """The names that a comment allows. What stands behind the last is for the reader."""
    text = script.source.text
    opening = ALLOW.match(text, comment.start)
    position = comment.end if opening is None else opening.end()
    while position < comment.end and text[position] in " \t":
        position += 1
    while name := NAME.match(text, position, comment.end):
        yield name[0], Span(*name.span())
        more = NEXT.match(text, name.end(), comment.end)
        if more is None:
            return
        position = more.end()


def _lines(comment: ast.Comment, script: Script, starts: Sequence[int]) -> range:
    """The lines that a comment is about; `starts` is where the script's declarations begin."""
    source = script.source
    number = source.position(comment.start).line
    if not source.line(number)[: comment.start - source.line_starts[number - 1]].strip():
        last = len(source.line_starts)
        while number < last and _is_comment(source.line(number)):
            number += 1
    line_end = source.line_starts[number - 1] + len(source.line(number))
    index = bisect_right(starts, line_end) - 1
    if index >= 0:
        first, end = (source.position(place).line for place in (starts[index], script.module.declarations[index].end))
        if first == number:
            return range(first, end + 1)
    return range(number, number + 1)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
