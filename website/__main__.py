"""`python -m website` builds the site in build/site, and fails when a link in it leads nowhere. `python -m website pages` writes
those pages of docs/ anew that are made from something else."""

from __future__ import annotations

import subprocess
import sys

from website.pages import ROOT, write_pages
from website.staging import stage


def main(arguments: list[str]) -> int:
    """Do what the words behind the command say; the exit code."""
    if arguments == ["pages"]:
        for file in write_pages():
            sys.stdout.write(f"wrote {file.relative_to(ROOT)}\n")
        return 0
    if arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    stage(ROOT / "build" / "docs")
    return subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
