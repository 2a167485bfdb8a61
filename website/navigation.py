"""The order of the site's pages. A page that is not named here comes behind those that are, by itself."""

from __future__ import annotations

from pathlib import Path

from website.families import FAMILIES, by_family

SECTIONS = {
    "tutorial": "Tutorial",
    "how-to": "How to",
    "reference": "Reference",
    "errors": "Errors",
    "lints": "Lints",
    "breaking": "Breaking changes",
    "explanation": "Explanation",
    "decisions": "Decisions",
}
"""The folders of docs/ in the order in which people need them, with what the site calls them."""

FIRST = {
    "tutorial": ("first-verb.md", "embed.md"),
    "how-to": (
        "editors.md",
        "repl.md",
        "test-verbs.md",
        "activate-verbs.md",
        "draw-verbs.md",
        "publish-your-verbs.md",
        "generate-typed-clients.md",
        "describe-verbs-with-openapi.md",
        "run-over-many-rows.md",
        "run-in-the-background.md",
        "retry-safely.md",
        "write-a-plug-in.md",
        "read-the-log.md",
        "subscribe-to-events.md",
        "change-tables.md",
        "start-from-an-existing-database.md",
    ),
    "reference": (
        "language.md",
        "grammar.md",
        "prelude.md",
        "standard-library.md",
        "command-line.md",
        "http.md",
        "embedding.md",
    ),
    "explanation": (
        "why-verbs-end.md",
        "empty-values.md",
        "set-runs.md",
        "guarantees.md",
        "reliability.md",
        "threat-model.md",
    ),
}

INDEX = "README.md"


def navigation_files(folder: Path) -> dict[Path, str]:
    """The files by which the site generator orders the pages of a staged folder: JSON, which is YAML too."""
    sections = [f"  - {_quoted(title)}: {name}\n" for name, title in SECTIONS.items() if (folder / name).is_dir()]
    about = '  - "About":\n    - "Changes": project/CHANGELOG.md\n    - "Contributing": project/CONTRIBUTING.md\n'
    files = {folder / ".nav.yml": f"nav:\n  - {_quoted('Home')}: {INDEX}\n{''.join(sections)}{about}"}
    for name in SECTIONS:
        if (folder / name).is_dir():
            files[folder / name / ".nav.yml"] = _errors(folder / name) if name == "errors" else _pages(folder / name)
    return files


def _pages(folder: Path) -> str:
    """The pages named above, then all others."""
    named = [page for page in (INDEX, *FIRST.get(folder.name, ())) if (folder / page).exists()]
    others = sorted(page.name for page in folder.glob("*.md") if page.name not in named)
    return "nav:\n" + "".join(f"  - {page}\n" for page in (*named, *others))


def _errors(folder: Path) -> str:
    """Error pages by family."""
    parts = [f"nav:\n  - {INDEX}\n"]
    for beginning, codes in by_family(folder).items():
        parts.append(f"  - {_quoted(FAMILIES[beginning])}:\n")
        parts += [f"    - {code.id}.md\n" for code in codes]
    return "".join(parts)


def _quoted(text: str) -> str:
    return f'"{text}"'
