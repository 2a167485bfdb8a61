"""Changes to a script's text that leave all else as it is: to its comments, its order, its lines."""

from __future__ import annotations

import attrs

from actionlang.syntax import ast


@attrs.define
class TextEdits:
    """Edits of one text, collected and then made at once. Places are offsets into the text as it was."""

    text: str
    comments: tuple[ast.Comment, ...]
    _edits: list[tuple[int, int, str]] = attrs.field(factory=list)

    def replace(self, start: int, end: int, new: str) -> None:
        """Put something in the place of what stands from `start` to `end`."""
        self._edits.append((start, end, new))

    def made(self) -> str:
        """The text with all edits; those at one place in the order in which they were asked for."""
        parts = []
        at = 0
        for start, end, new in sorted(self._edits, key=lambda edit: edit[:2]):
            if start >= at:
                parts += [self.text[at:start], new]
                at = end
            elif new:  # something put into what was taken away
                parts.append(new)
        return "".join((*parts, self.text[at:]))

    # ------------------------------------------------------------------------------------------------------- lines

    def line_start(self, at: int) -> int:
        """Where the line of a place begins."""
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Where the next line begins, or the text ends."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def alone(self, item: ast.Node) -> bool:
        """Whether nothing stands on an item's lines but itself, a `;` and a comment."""
        before = self.text[self.line_start(item.start) : item.start]
        after = self.text[item.end : self.line_end(item.end)].strip().removeprefix(";").strip()
        return not before.strip() and (not after or after.startswith("#"))

    def head(self, item: ast.Node) -> int:
        """Where the description above an item begins, or else its own line."""
        start = self.line_start(item.start)
        while start > 0:
            above = self.line_start(start - 1)
            line = self.text[above:start].strip()
            if not line.startswith("##") or line.startswith("###"):
                break
            start = above
        return start

    # ------------------------------------------------------------------------------------------------ items of a block

    def insert_behind(self, item: ast.Node, lines: list[str]) -> None:
        """Put lines of a block behind one of its items."""
        self._terminate(item)
        if self.alone(item):
            end = self.line_end(item.end)
            self.replace(end, end, "".join(f"{line}\n" for line in lines))
            return
        end = item.end
        rest = self.text[end:]
        blank = len(rest) - len(rest.lstrip(" \t"))
        if rest[blank : blank + 1] == ";":
            end += blank + 1
        self.replace(end, end, "".join(f" {line.strip()}" for line in lines if not line.strip().startswith("#")))

    def insert_before(self, item: ast.Node, lines: list[str]) -> None:
        """Put lines above an item and its description."""
        if self.alone(item) or not self.text[self.line_start(item.start) : item.start].strip():
            self.replace(self.head(item), self.head(item), "".join(f"{line}\n" for line in lines))
            return
        written = "".join(f"{line.strip()} " for line in lines if not line.strip().startswith("#"))
        self.replace(item.start, item.start, written)

    def insert_description(self, item: ast.Node, lines: list[str]) -> None:
        """Put lines right above an item, if it has a line of its own."""
        if not self.text[self.line_start(item.start) : item.start].strip():
            start = self.line_start(item.start)
            self.replace(start, start, "".join(f"{line}\n" for line in lines))

    def remove(self, item: ast.Node) -> None:
        """Take an item of a block away with its description."""
        if self.alone(item):
            self.replace(self.head(item), self.line_end(item.end), "")
            return
        rest = self.text[item.end :]
        blank = len(rest) - len(rest.lstrip(" \t"))
        end = item.end + blank + 1 if rest[blank : blank + 1] == ";" else item.end
        while self.text[end : end + 1] == " ":
            end += 1
        self.replace(item.start, end, "")

    def remove_comment(self, comment: ast.Comment) -> None:
        """Take a comment away, with its line where it has one of its own."""
        start = self.line_start(comment.start)
        if self.text[start : comment.start].strip():
            self.replace(comment.start, comment.end, "")
        else:
            self.replace(start, self.line_end(comment.end), "")

    def _terminate(self, item: ast.Node) -> None:
        """See that a `;` stands behind an item, if it needs one."""
        if not isinstance(item, ast.StatusColumn) and not self.text[item.end :].lstrip().startswith(";"):
            self.replace(item.end, item.end, ";")
