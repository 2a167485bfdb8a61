"""The pages of docs/ that are made from something else. They are kept in the repository, so that they can be read there."""

from __future__ import annotations

from pathlib import Path

from website import embedding_page, library_page, prelude_page, settings_page
from website.grammar_page import grammar_files

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"


def made_pages() -> dict[Path, str]:
    """Each page, or picture on one, with its content."""
    return {
        REFERENCE / "prelude.md": prelude_page.page(),
        REFERENCE / "standard-library.md": library_page.page(),
        REFERENCE / "embedding.md": embedding_page.page(),
        REFERENCE / "server-settings.md": settings_page.page(),
        **grammar_files(REFERENCE / "grammar.md"),
    }


def write_pages() -> list[Path]:
    """Write those that are not as they should be; which these were."""
    written = []
    for file, text in made_pages().items():
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            written.append(file)
    return written
