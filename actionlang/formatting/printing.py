"""Documents to text."""

from __future__ import annotations

from actionlang.formatting.documents import (
    WIDTH,
    Comment,
    Concatenation,
    Document,
    Group,
    Indented,
    Line,
    Lines,
    Space,
    Tail,
    Text,
    Unbroken,
)

Command = tuple[int, bool, Document]
"""A document to print, how far its lines are indented, and whether its lines are broken."""


def printed(document: Document, indentation: int) -> str:
    """A document as text. Its first line begins at a column, to which its other lines are indented; that of the first
    line is not part of the result."""
    flat = document.flat
    if flat is not None and not document.leads and indentation + len(flat) <= WIDTH:
        return flat
    return _Printer(document, indentation).run()


class _Printer:
    """Prints one document. Line breaks and blanks are held back until the next word: a comment may still go before them."""

    def __init__(self, document: Document, indentation: int) -> None:
        self.stack: list[Command] = [(indentation, True, document)]
        self.out: list[str] = []
        self.column = indentation
        self.line_break: int | None = None
        self.space = False
        self.after_comment = False

    def run(self) -> str:
        """Print until nothing is left."""
        stack = self.stack
        while stack:
            indentation, broken, document = stack.pop()
            if isinstance(document, Text):
                self.write(document.text)
            elif isinstance(document, Concatenation):
                stack.extend((indentation, broken, part) for part in reversed(document.parts))
            elif isinstance(document, Line):
                self.line(document, indentation, broken)
            elif isinstance(document, Space):
                self.space = True
            elif isinstance(document, Group):
                self.group(document, indentation, broken)
            elif isinstance(document, Indented):
                stack.append((indentation + 2, broken, document.inner))
            elif isinstance(document, Comment):
                self.comment(document, indentation)
            elif isinstance(document, Lines):
                self.lines(document, indentation)
            elif isinstance(document, Tail):
                self.tail(document, indentation, broken)
            elif isinstance(document, Unbroken):
                stack.append((indentation, False, document.inner))
        return "".join(self.out)

    def write(self, characters: str) -> None:
        """A word, behind the line break or blank held back."""
        if self.line_break is not None:
            self.out.append("\n" + " " * self.line_break)
            self.column = self.line_break
        elif self.space and self.out:
            self.out.append(" ")
            self.column += 1
        self.out.append(characters)
        last = characters.rfind("\n")
        self.column = self.column + len(characters) if last < 0 else len(characters) - last - 1
        self.line_break, self.space, self.after_comment = None, False, False

    def line(self, line: Line, indentation: int, broken: bool) -> None:
        """A place to break."""
        sign = line.ending if broken else (line.flat or "").rstrip()
        if sign:
            self.write(sign)
        if broken:
            self.line_break, self.space = indentation, False
        else:
            self.space = self.space or (line.flat or "").endswith(" ")

    def comment(self, comment: Comment, indentation: int) -> None:
        """A comment, behind which a line ends in any case."""
        start = indentation if self.line_break is None else self.line_break
        if self.out and not comment.alone and not self.after_comment:
            self.out.append("  " + comment.text)
        else:
            blank = comment.blank and bool(self.out) and (self.after_comment or self.out[-1][-1] not in "(<")
            self.out.append("\n" * (1 + blank) + " " * start + comment.text)
        self.line_break, self.space, self.after_comment = start, False, True

    def lines(self, lines: Lines, indentation: int) -> None:
        """Finished lines; what follows stands below them."""
        self.out.append(lines.text)
        self.line_break, self.space, self.after_comment = indentation, False, False

    def group(self, group: Group, indentation: int, broken: bool) -> None:
        """A group on one line, if it fits there."""
        flat = group.flat
        if flat is None or not broken or not self.fits(group, indentation):
            self.stack.append((indentation, broken, group.inner))
        elif group.leads:
            self.stack.append((indentation, False, group.inner))
        else:
            self.write(flat)

    def tail(self, tail: Tail, indentation: int, broken: bool) -> None:
        """A last part, beside or below what is before it."""
        behind_parenthesis = self.column == indentation + 1 and self.line_break is None
        if not broken or behind_parenthesis or (tail.flat is not None and self.fits(tail, indentation)):
            self.space = True
        else:
            indentation += 2
            self.line_break, self.space = indentation, False
        self.stack.append((indentation, broken, tail.inner))

    def fits(self, group: Group | Tail, indentation: int) -> bool:
        """Whether a group's text and what must stand behind it have room on the line."""
        column = self.column + self.space if self.line_break is None else self.line_break
        room = WIDTH - len(group.flat or "") - (indentation if group.leads else column)
        pending = [*self.stack[-1:]]
        below = len(self.stack) - 1
        while room >= 0 and pending:
            _, broken, document = pending.pop()
            if isinstance(document, Text):
                first, end, _ = document.text.partition("\n")
                room -= len(first)
                if end:
                    break
            elif isinstance(document, Line) and broken:
                room -= len(document.ending)
                break
            elif isinstance(document, Line | Space):
                room -= len(document.flat or "")
            elif isinstance(document, Concatenation):
                pending.extend((0, broken, part) for part in reversed(document.parts))
            elif isinstance(document, Group | Indented | Unbroken):
                pending.append((0, broken and not isinstance(document, Unbroken), document.inner))
            else:
                break
            if not pending and below:
                below -= 1
                pending.append(self.stack[below])
        return room >= 0
