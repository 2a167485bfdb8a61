"""Safe fixes: they leave nothing to fix, the script still checks, and every verb means what it meant."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.check.program import CheckedModule
from actionlang.cli.fixing import with_edits
from actionlang.compile.link import Linker
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.mended import mended
from actionlang.diagnostics.source import Span
from actionlang.lint.mending import mends
from actionlang.plan.codec import encode
from actionlang.plan.plan import Verb
from tests.check.checking import NAME, check, loader_with


def once(module: CheckedModule) -> str:
    """A script's text with the safe fixes of one round made."""
    edits = [edit for found in mends(module.diagnostics).values() for each in found for edit in each.fix.edits]
    return mended(module.source.text, edits)


def fixed(text: str) -> tuple[str, CheckedModule]:
    """A script with safe fixes made until there is none."""
    for _ in range(20):
        module = check(text)
        after = once(module)
        if after == text:
            return text, module
        text = after
    raise AssertionError(f"fixes without end: {text}")


# ------------------------------------------------------------------------------------------------------------ one by one


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  let a = 5;\n", ""),
        ("  let a = 5;  # why\n", "  # why\n"),
        ('  let a = 5; update case set title = "x";\n', '  update case set title = "x";\n'),
        ('  update case set title = "x"; let a = 5\n', '  update case set title = "x";\n'),
        ("  let a =\n    5\n  ;\n  stop\n", "  stop\n"),
        ("  let a = 5;\n  let b = a;\n", ""),
        ('  create task as a set subject = "x";\n', '  create task set subject = "x";\n'),
        ('  create task as `a` set subject = "x";\n', '  create task set subject = "x";\n'),
        ("  perform Help() on case as\n    a;\n", "  perform Help() on case;\n"),
        (
            "  update case set priority = low;\n  update case set priority = high;\n",
            "  update case set priority = high;\n",
        ),
        ("  if (case.due is empty) < stop > else < >\n", "  if (case.due is empty) < stop >\n"),
        ("  stop  # allow: unused-name\n", "  stop\n"),
        ("  # allow: unused-name\n  stop\n", "  stop\n"),
        ("  # allow: unused-name, unused-verb\n  let a = 5;\n", "  # allow: unused-name\n  let a = 5;\n"),
        ("  # allow: unused-verb, unused-name\n  let a = 5;\n", "  # allow: unused-name\n  let a = 5;\n"),
    ],
)
def test_a_safe_fix(before: str, after: str) -> None:
    head = "import helpdesk;\naction Help on case < stop >\naction A on case <\n"
    text, module = fixed(f"{head}{before}>\n")
    assert text == f"{head}{after}>\n"
    assert not any(fix.safe for found in module.diagnostics for fix in found.fixes)


@pytest.mark.parametrize(
    "steps",
    [
        "let a = 1 / case.reopened;",  # It may fail.
        "let a = caller.name;",  # There may be no caller.
        'let a = account("ACME");',
        "update case set due = today(); update case set due = today() + 1 days;",
        'update case set number = "C-1"; update case set number = "C-2";',  # The first may be somebody else's.
        'update case set priority = low, title = "x"; update case set priority = high;',
        "if (case.priority = high and case.priority = low) < stop >",
    ],
)
def test_what_may_change_the_meaning_is_no_safe_fix(steps: str) -> None:
    text = f"import helpdesk;\naction A on case < {steps} >\n"
    module = check(text)
    assert module.diagnostics
    assert once(module) == text


def test_an_unused_import_goes_with_its_line() -> None:
    text, _ = fixed(
        "import sales;  # for later\nimport helpdesk;\naction A on case < update case set priority = low >\n"
    )
    assert text == "# for later\nimport helpdesk;\naction A on case < update case set priority = low >\n"


def test_fixes_that_overlap_are_made_one_after_another() -> None:
    module = check("import helpdesk;\naction A on case <\n  let a = 5; let b = 6;\n>\n")
    (found,) = mends(module.diagnostics).values()
    assert [each.diagnostic.message for each in found] == ["The name a is never used."]
    text, _ = fixed(module.source.text)
    assert text == "import helpdesk;\naction A on case <\n>\n"


@given(st.lists(st.sampled_from(["a", "b", "\n", "\r\n"])), st.data())
def test_line_ends_stay_as_they_are(parts: list[str], data: st.DataObject) -> None:
    raw = "".join(parts)
    read = raw.replace("\r\n", "\n")
    start = data.draw(st.integers(0, len(read)))
    end = data.draw(st.integers(start, len(read)))
    after = with_edits(raw, [Edit(Span(start, end), "x")])
    assert after.replace("\r\n", "\n") == read[:start] + "x" + read[end:]
    assert after.count("\r\n") == raw.count("\r\n") - _inside(raw, read, start, end)


def _inside(raw: str, read: str, start: int, end: int) -> int:
    """How many double line ends an edit takes away."""
    at, count = 0, 0
    for place in range(len(read)):
        double = raw[at : at + 2] == "\r\n"
        count += double and start <= place < end
        at += 2 if double else 1
    return count


# -------------------------------------------------------------------------------------------------------------- property

TABLES = "import helpdesk;\n"
STEPS = st.sampled_from(
    [
        "let unused_{n} = 5;",
        "let unused_{n} = case.title;",
        "let unused_{n} = case.reopened / 3;",
        'let used_{n} = 1;\nupdate case set title = "{{used_{n}}}";',
        "let first_{n} = 1;\nlet second_{n} = first_{n};",
        'create task as made_{n} set subject = "x";',
        'create task as made_{n} set subject = "x";\nupdate made_{n} set due = today();',
        "update case set priority = low;\nupdate case set priority = high;",
        'update case set priority = low;\nlet kept_{n} = case.priority;\nupdate case set priority = high, description = "{{kept_{n}}}";',
        "update case set due = today();\nupdate case set due = today() + {n} days;",
        "perform Help() on case as got_{n};",
        'if (case.priority = low) < update case set title = "a" > else < >',
        'if (case.due is empty) < let inner_{n} = 5; update case set title = "b" >',
        'stage "Some" < let inner_{n} = 5;\n update case set reopened = 1; update case set reopened = 2 >',
        "for each t_{n} in task where (t_{n}.regarding = case) < update t_{n} set due = today() >",
        "# allow: magic-id",
        'update case set description = "x";  # allow: unused-name, unused-verb',
        "# nothing",
    ]
)


@st.composite
def _scripts(draw: st.DrawFn) -> str:
    number = 0
    verbs = ['action Help on case < update case set description = "helped" >']
    for verb in range(draw(st.integers(1, 3))):
        lines = []
        for step in draw(st.lists(STEPS, max_size=6)):
            number += 1
            lines.append(step.format(n=number))
        verbs.append(f"action Verb{verb} on case (reason text) <\n" + "\n".join(lines) + "\nstop\n>")
    return TABLES + "\n".join(verbs) + "\n"


@settings(deadline=None, max_examples=60)
@given(_scripts())
def test_fixed_scripts_check_and_their_verbs_mean_the_same(text: str) -> None:
    before = check(text)
    assert not _errors(before.diagnostics)
    changed = {line for found in before.diagnostics for line in _lines(found)}
    after_text, after = fixed(text)
    assert not _errors(after.diagnostics)
    assert once(check(after_text)) == after_text
    assert set(after.verbs) == set(before.verbs)
    for name, verb in before.verbs.items():
        mine = after.verbs[name]
        assert _contract(mine) == _contract(verb)
        assert _writes(mine) == _writes(verb)
    for name in before.verbs:
        if not any(_is_in(line, name, before) for line in changed):
            assert _meaning(text, name) == _meaning(after_text, name)


def _errors(diagnostics: tuple[Diagnostic, ...]) -> list[str]:
    return [found.message for found in diagnostics if found.severity is Severity.ERROR]


def _lines(found: Diagnostic) -> set[int]:
    assert found.primary is not None
    return {found.primary.source.position(edit.span.start).line for fix in found.fixes for edit in fix.edits}


def _is_in(line: int, name: str, module: CheckedModule) -> bool:
    starts = sorted(verb.line for verb in module.verbs.values())
    start = module.verbs[name].line
    end = next((other for other in starts if other > start), 10**6)
    return start <= line < end


def _contract(verb: Verb) -> Verb:
    return attrs.evolve(verb, steps=(), line=0, effects=type(verb.effects)())


def _writes(verb: Verb) -> Any:
    return attrs.evolve(verb.effects, reads=())


def _meaning(text: str, name: str) -> Any:
    """A verb's plan without places."""
    loader = loader_with(**{NAME: text})
    plan = json.loads(encode(Linker(loader.checked).plan(loader.checked[NAME].verbs[name])))
    return _without_places(plan)


def _without_places(data: Any) -> Any:
    if isinstance(data, dict):
        return {
            key: _without_places(value) for key, value in data.items() if key not in ("at", "place", "line", "hash")
        }
    return [_without_places(each) for each in data] if isinstance(data, list) else data
