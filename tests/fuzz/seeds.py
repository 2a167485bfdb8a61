"""What fuzzing begins with: parts of real scripts, the tests' own examples and mistakes, real plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from actionlang.plan.codec import encode
from actionlang.syntax.tokens import KEYWORDS, SIGNS
from tests.fuzz import targets

ROOT = Path(__file__).parents[2]
LARGEST = 1_500
"""Bytes of a seed: most of what can go wrong shows in small ones, which run faster."""

LARGEST_PLAN = 12_000
"""Bytes of a plan: there are its tables in it, too."""


def scripts() -> Iterator[bytes]:
    """Scripts and parts of them."""
    for folder in ("stdlib", "examples", "tests/syntax", "tests/check", "tests/lint"):
        for file in sorted((ROOT / folder).rglob("*.act")):
            for part in re.split(r"\n---\n|\n\n(?=\S)", file.read_text("utf-8")):
                yield part.encode()[:LARGEST]


def plans() -> Iterator[bytes]:
    """The plans of the sound ones among those scripts, as far as they are small."""
    for script in scripts():
        for plan in targets.plans_of(script):
            data = encode(plan)
            if len(data) <= LARGEST_PLAN:
                yield data


def write(target: str, folder: Path) -> None:
    """Put a target's seeds into a folder, a file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in plans() if target == "load" else scripts():
        (folder / sha256(seed).hexdigest()[:16]).write_bytes(seed)


def write_words(file: Path) -> None:
    """Write the language's words and signs as libFuzzer's dictionary."""
    words = {
        *KEYWORDS,
        *SIGNS,
        '"',
        '"""',
        "{",
        "}",
        "##",
        "\n",
        "\\n",
        "2 days",
        'date "2024-02-29"',
        "`a b`",
        "\ufeff",
        "\u00a0",
    }
    escaped = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in sorted(words)]
    file.write_text("".join(f'"{word}"\n' for word in escaped))
