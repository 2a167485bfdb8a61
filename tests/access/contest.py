"""Generated programs under generated rights, by all engines, each judged by the oracle."""

from __future__ import annotations

import traceback
from collections import Counter

from actionlang.plan.describe import describe
from tests.access.trying import Case, case_of, leaks, restricted, rows_of, run, same
from tests.differential.comparing import ALL_TABLES, NAMES, SAME_ROWS, Contest
from tests.strategies.programs import Program
from tests.strategies.rows import Rows
from tests.strategies.shop import schema


class AccessContest(Contest):
    """Counts what became of programs, and tells what is wrong with one."""

    def __init__(self, names: tuple[str, ...] = NAMES) -> None:
        super().__init__(names)
        self._rows: Rows = {}

    def begin(self, seed: int, hundred: int) -> None:
        """Take the rows of a hundred of programs."""
        self._rows = rows_of(seed, hundred)
        self.memory.fill(self._rows)
        for place in self._places:
            place.fill(self._rows)

    def wrong_with(self, seed: int, number: int, *, engines: bool = True) -> list[str]:
        """What a program does that the rules forbid, or engines see differently; with all that is needed to see it again."""
        if number % SAME_ROWS == 0 or not self._rows:
            self.begin(seed, number // SAME_ROWS)
        case = case_of(seed, number, self._rows)
        if case is None:
            self.counts["not tried"] += 1
            return []
        program = restricted(case)
        if program is None:
            self.counts["refused before the first step"] += 1
            return []
        try:
            found = self._wrong(case, program, number, engines=engines)
        except Exception:  # noqa: BLE001 - an engine that breaks down is what is looked for
            self.undo()
            found = [traceback.format_exc()]
        return [f"program {number} of seed {seed}\n{told_of(case, program, each)}" for each in found]

    def _wrong(self, case: Case, program: Program, number: int, *, engines: bool) -> list[str]:
        found = list(leaks(case, program))
        seen, _, _ = run(program, case.rows)
        self.counts[f"ended: {'done' if seen.failed is None else seen.failed[0]}"] += 1
        if program.plan is case.program.plan:
            self.counts["left as they were"] += 1
            return found
        self.counts["restricted"] += 1
        free, _, _ = run(case.program, case.rows)
        self.counts["came to something else than without rules"] += not same(free, seen)
        if engines:
            for each in self.compare(program, all_tables=number % ALL_TABLES == 0):
                found.append(f"{each.contender}, {each.what}: expected {each.expected[:500]}, found {each.found[:500]}")
        return found


def told_of(case: Case, program: Program, what: str) -> str:
    """A program that is wrong, with its rights and its call."""
    return "\n".join(
        (
            what,
            describe(program.plan),
            case.rights.signature(sorted(schema().tables)),
            f"rows: {[row.key for row in program.targets]}, caller: {program.caller}, arguments: {program.arguments}",
        )
    )


def summed_up(counts: Counter[str]) -> list[str]:
    """Counts as lines, reasons last."""
    ordered = sorted(counts.items(), key=lambda each: (each[0].startswith("reason"), -each[1]))
    return [f"{count:8}  {name}" for name, count in ordered]
