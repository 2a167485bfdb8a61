"""Error pages by family: what their index lists."""

from __future__ import annotations

from pathlib import Path

from actionlang.diagnostics.catalogue import all_codes
from actionlang.diagnostics.diagnostic import Code

FAMILIES = {
    "E01": "Reading a script",
    "E02": "Names and imports",
    "E03": "Types and empty values",
    "E04": "Tables, columns, choices",
    "E05": "Statements, flow, contracts",
    "E06": "Plans",
    "E07": "A run that fails",
    "E08": "Databases",
    "E09": "Command line, project, prompt",
    "E10": "Comparing verbs with what they were",
    "E11": "Verbs over HTTP",
    "W": "Warnings",
}
"""What the codes that begin so are about."""

HEAD = """# Errors

Each complaint of ActionLang has a code, and each code has a page with an example that is wrong and one that is mended.
`actionlang explain E0301` prints it.
"""


def by_family(folder: Path) -> dict[str, list[Code]]:
    """The codes that have a page in a folder, by family, in order."""
    codes = [code for code in all_codes() if (folder / f"{code.id}.md").exists()]
    found = {beginning: [code for code in codes if code.id.startswith(beginning)] for beginning in FAMILIES}
    return {beginning: family for beginning, family in found.items() if family}


def errors_index(folder: Path) -> str:
    """The page that lists them."""
    parts = [HEAD]
    for beginning, codes in by_family(folder).items():
        parts.append(f"\n## {FAMILIES[beginning]}\n\n| | |\n|---|---|\n")
        parts += [f"| [{code.id}]({code.id}.md) | {code.title} |\n" for code in codes]
    return "".join(parts)
