"""Many generated programs under generated rights, and what is wrong with any:

    python -m tests.access.programs --count 10000 --seed 1

A program is made of the seed and its number alone, so that `--first NUMBER --count 1` runs one of them again.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.access.contest import AccessContest, summed_up
from tests.differential.comparing import NAMES

TOLD_EVERY = 30.0
MOST_TOLD = 10


def main() -> int:
    """Run the programs. Gives 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first program")
    parser.add_argument("--no-engines", action="store_true", help="only judge, in memory")
    asked = parser.parse_args()
    contest = AccessContest(() if asked.no_engines else NAMES)
    began = last = time.monotonic()
    wrong = 0
    try:
        for number in range(asked.first, asked.first + asked.count):
            for told in contest.wrong_with(asked.seed, number, engines=not asked.no_engines):
                wrong += 1
                if wrong <= MOST_TOLD:
                    print(f"WRONG: {told}", flush=True)
            if time.monotonic() - last > TOLD_EVERY:
                last = time.monotonic()
                print(f"{last - began:6.0f} s  {number + 1 - asked.first} programs, {wrong} wrong", flush=True)
    finally:
        contest.close()
    print(f"\n{asked.count} programs in {time.monotonic() - began:.0f} s, {wrong} wrong")
    print("\n".join(summed_up(contest.counts)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
