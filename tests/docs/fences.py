"""The fenced blocks of a Markdown page, with what stands behind their opening fence.

```act                 a script that checks without a complaint
```act wrong           a script with the mistake of its page
```act mended          the same without it; its tests pass
```act steps           statements out of a verb on a case
```act shown           a part of a script that a test has elsewhere: a table of the standard library, a contract
```file NAME           a file for the blocks that follow
```file NAME more      what is added at its end
```console             `$ command` lines, each with what it prints; `...` stands for anything
```console exit 1      ... with the exit code of the last command (0 where nothing is said)
```console served      ... while `actionlang serve` serves the folder at http://127.0.0.1:8000
```console served desk ... with the desk of tests/server in it, where calls without credentials are Ann's
```python              a program
"""

from __future__ import annotations

import re
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"

FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@attrs.frozen
class Fence:
    """One block: its page, the line its content begins at, the words behind the opening fence, its content, and the files
    (by name) that blocks before it on the page gave."""

    page: Path
    line: int
    info: tuple[str, ...]
    text: str
    files: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def language(self) -> str:
        """What the block is written in."""
        return self.info[0] if self.info else ""


def fences(page: Path) -> list[Fence]:
    """All blocks of a page but those that give a file, in order."""
    text = page.read_text("utf-8")
    files: dict[str, str] = {}
    found = []
    for match in FENCE.finditer(text):
        info = tuple(match[2].split())
        content = re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE)
        if info[:1] == ("file",):
            before = files[info[1]] + "\n" if "more" in info else ""
            files = {**files, info[1]: before + content}
        else:
            found.append(Fence(page, text.count("\n", 0, match.start()) + 2, info, content, files))
    return found


def pages_under(folder: Path) -> list[Path]:
    """The Markdown pages in a folder and below it, by path."""
    return sorted(folder.rglob("*.md"))


def all_pages() -> list[Path]:
    """All pages for readers: README, the documentation, the examples."""
    return [ROOT / "README.md", *pages_under(DOCS), *pages_under(EXAMPLES)]
