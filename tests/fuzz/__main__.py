"""`python -m tests.fuzz TARGET`: give a target bytes without end, guided by what code they reach (atheris, which is not among the
project's dependencies: `pip install atheris`).

What breaks a promise is left in the working folder as `crash-...`; put it into tests/fuzz/found/TARGET once it is mended.
`--coverage` gives the corpus to the target once more and tells which lines of the project it reached.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

ROOMS = {
    "read": ("actionlang.syntax", "actionlang.diagnostics"),
    "check": ("actionlang.check", "actionlang.syntax"),
    "load": ("actionlang.plan", "actionlang.metadata"),
    "format": ("actionlang.formatting",),
}


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=ROOMS)
    parser.add_argument(
        "--corpus", type=Path, default=Path("/tmp/actionlang-fuzz"), help="folder of a corpus for each target"
    )
    parser.add_argument("--runs", type=int, default=-1, help="how many inputs; without end by default")
    parser.add_argument("--longest", type=int, default=600, help="most bytes of an input")
    parser.add_argument("--minutes", type=int, default=0, help="for how long at most")
    parser.add_argument("--coverage", action="store_true", help="tell what the corpus reaches, and stop")
    asked = parser.parse_args()
    folder = asked.corpus / asked.target
    if asked.coverage:
        _tell_coverage(asked.target, folder)
        return
    _fuzz(asked, folder)


def _fuzz(asked: argparse.Namespace, folder: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=list(ROOMS[asked.target]), enable_loader_override=False):
        from tests.fuzz import targets
    from tests.fuzz import seeds

    if not folder.exists():
        seeds.write(asked.target, folder)
    words = asked.corpus / "words"
    seeds.write_words(words)
    options = [
        f"-dict={words}",
        f"-max_len={20_000 if asked.target == 'load' else asked.longest}",
        f"-runs={asked.runs}",
        "-timeout=20",
        "-rss_limit_mb=2048",
    ]
    options += [f"-max_total_time={60 * asked.minutes}"] if asked.minutes else []

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.2:
            return bytes(atheris.Mutate(data, longest))
        return targets.altered(data, chance)[:longest]

    run = targets.TARGETS[asked.target]
    more = {"custom_mutator": mutate} if asked.target == "load" else {}
    atheris.Setup([sys.argv[0], *options, str(folder)], run, **more)
    atheris.Fuzz()


def _tell_coverage(target: str, folder: Path) -> None:
    import coverage

    measured = coverage.Coverage(branch=True, source=list(ROOMS[target]))
    measured.start()
    from tests.fuzz import targets

    files = sorted(folder.iterdir())
    for file in files:
        targets.TARGETS[target](file.read_bytes())
    measured.stop()
    print(f"{len(files):,} inputs")
    measured.report(skip_covered=False, sort="Cover")


if __name__ == "__main__":
    main()
