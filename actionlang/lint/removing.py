"""Taking something out of a script without leaving holes, and without touching what stands around it."""

from __future__ import annotations

from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.source import Span

BLANK = " \t"


def removal(text: str, span: Span) -> Edit:
    """An edit that removes a statement or declaration with the `;` behind it, and the lines that are blank then."""
    start, end = span.start, span.end
    behind = end
    while behind < len(text) and text[behind] in " \t\n":
        behind += 1
    if behind < len(text) and text[behind] == ";":
        end = behind + 1
    return whole_lines(text, Span(start, end))


def whole_lines(text: str, span: Span) -> Edit:
    """An edit that removes a place; with its line where nothing else stands on it, else with the blanks before it."""
    start, end = span.start, span.end
    line = start
    while line > 0 and text[line - 1] in BLANK:
        line -= 1
    rest = end
    while rest < len(text) and text[rest] in BLANK:
        rest += 1
    begins = line == 0 or text[line - 1] == "\n"
    ends = rest == len(text) or text[rest] == "\n"
    if begins and ends:
        return Edit(Span(line, min(rest + 1, len(text))), "")
    if ends:
        return Edit(Span(line, rest), "")
    return Edit(Span(start, rest), "") if begins else Edit(Span(line, end), "")
