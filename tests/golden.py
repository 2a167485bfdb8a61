"""Golden files: what the project is expected to print, kept in tests/golden/.

`UPDATE_GOLDEN=1 pytest ...` writes them anew; read the difference (`git diff tests/golden`) as its reader will.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parent
GOLDEN = ROOT / "golden"


def compare(name: str, text: str) -> None:
    """Fail unless the text is that of tests/golden/NAME (`diagnostics/syntax/comma.txt`)."""
    compare_file(GOLDEN / name, text)


def compare_file(file: Path, text: str) -> None:
    """Fail unless the text is that of a file; with UPDATE_GOLDEN set, write the file."""
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    assert file.exists(), f"{file} does not exist; UPDATE_GOLDEN=1 pytest writes it"
    assert text == file.read_bytes().decode()
