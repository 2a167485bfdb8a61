"""Trying all faults, and printing what came of them as a table."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.faults.matrix.child import CHILD
from tests.faults.matrix.meeting import FAULTS
from tests.faults.matrix.places import PLACES
from tests.faults.matrix.trying import Tried, statements_of, try_fault
from tests.faults.matrix.works import BY_NAME, WORKS
from tests.forking import children

HEAD = ("work", "on", "fault", "tried at", "of it was there", "the caller was told")


def main() -> int:
    """Try them. Gives 1 when something was not as it has to be."""
    asked = _arguments()
    began, cases, wrong = time.monotonic(), 0, []
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    with children(CHILD) as ready:
        for name in asked.places:
            with PLACES[name]() as place:
                for work in (BY_NAME[each] for each in asked.works):
                    statements = statements_of(work, place, ready)
                    for fault in (each for each in place.faults if each in asked.faults):
                        try:
                            tried = try_fault(work, place, fault, ready, statements)
                        except AssertionError as error:
                            wrong.append(str(error))
                            continue
                        cases += tried.tried
                        print(f"| {' | '.join(_cells(tried))} |", flush=True)
    print(f"\n{cases} cases in {time.monotonic() - began:.0f} s, {len(wrong)} of the faults showed something wrong.")
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


def _cells(tried: Tried) -> tuple[str, ...]:
    return (
        tried.work,
        tried.place,
        tried.fault,
        f"{tried.tried} statements",
        _counted(tried.found),
        _counted(tried.told) or "(it is gone)",
    )


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{what}: {count}" for what, count in sorted(found.items()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.matrix", description=__doc__)
    parser.add_argument("--all", action="store_true", help="try everything, which is what is done anyway")
    parser.add_argument("--works", nargs="+", choices=list(BY_NAME), default=[work.name for work in WORKS])
    parser.add_argument("--places", nargs="+", choices=list(PLACES), default=list(PLACES))
    parser.add_argument("--faults", nargs="+", choices=list(FAULTS), default=list(FAULTS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
