"""Results as a person reads them on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from actionlang.diagnostics.display import safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.diagnostics.render import render
from actionlang.testing.coverage import Part, Point, VerbCoverage, overall, percent, total
from actionlang.testing.missed import missed_words
from actionlang.testing.results import CaseResult, Results

GREEN, RED, YELLOW, DIM = "\x1b[32m", "\x1b[1;31m", "\x1b[33m", "\x1b[2m"


def line_of_file(file: str, tests: Sequence[CaseResult], width: int, color: bool = False) -> str:
    """A script and how its tests went, its name padded to `width`."""
    failed = sum(not test.outcome.passed for test in tests)
    return f"{safe(file):{width}}  {_counts(len(tests) - failed, failed, Painter(color))}"


def line_of_test(test: CaseResult, color: bool = False) -> str:
    """A test and how it went, to be set under the name of its script."""
    mark = Painter(color).paint("ok    ", GREEN) if test.outcome.passed else Painter(color).paint("FAILED", RED)
    return f"  {mark}  {_in_one_line(test.case.title)} {Painter(color).paint(f'({test.outcome.seconds * 1000:.1f} ms)', DIM)}"


def failure(test: CaseResult, color: bool = False) -> str:
    """A test that failed, and why."""
    case, diagnostic = test.case, test.outcome.diagnostic
    assert diagnostic is not None
    heading = f'FAILED  {safe(case.file)}:{case.line}  "{_in_one_line(case.title)}"'
    return f"{Painter(color).paint(heading, BOLD)}\n\n{render(diagnostic, color)}"


def summary(results: Results, color: bool = False) -> str:
    """How many passed and failed, and how long it took: `12 passed, 1 failed in 0.08 s`."""
    counts = _counts(results.passed, len(results.failed), Painter(color))
    left = results.planned - len(results.tests)
    stopped = f", {left} not run" if left else ""
    return f"{counts}{stopped} in {results.seconds:.2f} s"


def _in_one_line(title: str) -> str:
    return safe(title).replace("\n", " ")


def _counts(passed: int, failed: int, painter: Painter) -> str:
    counts = [painter.paint(f"{passed} passed", GREEN)] if passed or not failed else []
    return ", ".join([*counts, *([painter.paint(f"{failed} failed", RED)] if failed else [])])


# ------------------------------------------------------------------------------------------------------------ coverage


def coverage_report(verbs: Sequence[VerbCoverage], color: bool = False) -> str:
    """A table of verbs with the steps run and branches taken of each, and what was missed, with its place."""
    if not verbs:
        return "There are no verbs whose coverage could be told."
    lines = [*_table(verbs, Painter(color)), *_missed(verbs, Painter(color))]
    return "\n".join(lines)


def _table(verbs: Sequence[VerbCoverage], painter: Painter) -> Iterator[str]:
    rows = [(verb.verb.name, verb.steps, verb.branches) for verb in verbs]
    rows.append(("total", total(row[1] for row in rows), total(row[2] for row in rows)))
    width = max(len(name) for name, _, _ in rows)
    columns = [max(len(str(row[column])) for row in rows) for column in (1, 2)]
    sizes = [max(size + 7, len(title)) for size, title in zip(columns, ("  steps", "  branches"), strict=True)]
    yield painter.paint(f"{'coverage':{width}}  {'steps':>{sizes[0]}}  {'branches':>{sizes[1]}}", BOLD)
    for name, steps, branches in rows:
        style = "" if percent(steps) == percent(branches) == 100 else YELLOW
        cells = f"{_cell(steps, sizes[0])}  {_cell(branches, sizes[1])}"
        yield painter.paint(f"{name:{width}}  {cells}".rstrip(), style)
    yield f"{overall(verbs):.1f} % of steps and branches"


def _cell(part: Part, size: int) -> str:
    return f"{part}  {_percent(part):>4}".rjust(size) if part.total else " " * size


def _percent(part: Part) -> str:
    return f"{int(percent(part))} %"


def _missed(verbs: Sequence[VerbCoverage], painter: Painter) -> Iterator[str]:
    for verb in verbs:
        missed = verb.missed
        if missed:
            yield ""
            yield painter.paint(f"missed in {verb.verb.name}", BOLD)
            width = max(len(_place(verb, point)) for point in missed)
            yield from (f"  {_place(verb, point):{width}}  {safe(missed_words(point))}" for point in missed)


def _place(verb: VerbCoverage, point: Point) -> str:
    place = point.step.place
    return f"{verb.file}:{place.line}:{place.column}"
