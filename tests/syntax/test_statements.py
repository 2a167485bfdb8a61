"""Statements to trees."""

from __future__ import annotations

import pytest

from tests.syntax.reading import module, outline, steps

HIGH = "[Assignment(priority, high)]"
STATEMENTS = [
    ("create case", "Create(case, -, [])"),
    ("create m.case as c", "Create(m.case, c, [])"),
    ("create case set priority = high", f"Create(case, -, {HIGH})"),
    ("create case as c set a = 1, b = x.y", "Create(case, c, [Assignment(a, 1), Assignment(b, Path(x, y))])"),
    ("update case set priority = high", f"Update(case, {HIGH})"),
    ("update case(1).parent set a = 1", "Update(Path(Call(case, [Argument(-, 1)], -), parent), [Assignment(a, 1)])"),
    ("delete case", "Delete(case)"),
    ('assign case to team("Tier 2")', 'Assign(case, Call(team, [Argument(-, "Tier 2")], -))'),
    ("move case to resolved", "Move(case, resolved)"),
    ("perform Notify", "Perform(Notify, [], -, -)"),
    ("perform Notify()", "Perform(Notify, [], -, -)"),
    (
        'perform m.Notify(to: case.owner, text: "x") on case as n',
        'Perform(m.Notify, [Argument(to, Path(case, owner)), Argument(text, "x")], case, n)',
    ),
    ("start Notify(a: 1)", "Start(Notify, [Argument(a, 1)], -, -, -)"),
    ("start Notify on case after 2 days", "Start(Notify, [], case, DurationLiteral(2 days, 0:00:00), -)"),
    ("start Notify at due", "Start(Notify, [], -, -, due)"),
    ("find case", "Find(case, -, False, -, [], -)"),
    ("find optional case as c", "Find(case, c, True, -, [], -)"),
    (
        'find case where (a = 1) order by b descending, c else "none"',
        'Find(case, -, False, Binary("=", a, 1), [Ordering(b, True), Ordering(c, False)], "none")',
    ),
    ("for each c in case < stop >", "ForEach(c, case, -, [], -, Block([Stop()]))"),
    (
        "for each c in m.case where (a) order by b ascending limit 5 < >",
        "ForEach(c, Path(m, case), a, [Ordering(b, False)], 5, Block([]))",
    ),
    ("if (a) < stop >", "If([Branch(a, Block([Stop()]))], -)"),
    ("if (a) < > else < stop >", "If([Branch(a, Block([]))], Block([Stop()]))"),
    (
        "if (a) < > else if (b > 1) < > else < >",
        'If([Branch(a, Block([])), Branch(Binary(">", b, 1), Block([]))], Block([]))',
    ),
    (
        "attempt < stop > else < fail failure.message >",
        "Attempt(Block([Stop()]), Block([Fail(Path(failure, message))]))",
    ),
    ("let n = a + 1", 'Let(n, Binary("+", a, 1))'),
    ("require (a)", "Require(a, -)"),
    ('require (a < b) else "why"', 'Require(Binary("<", a, b), "why")'),
    ('fail "why {a}"', 'Fail(Template(["why ", a]))'),
    ("stop", "Stop()"),
    ("emit Escalated", "Emit(Escalated, [])"),
    ("emit Escalated(id: case.id)", "Emit(Escalated, [Argument(id, Path(case, id))])"),
    ('stage "Raise" < stop >', 'Stage("Raise", Block([Stop()]))'),
    ("wait 2 days", "Wait(DurationLiteral(2 days, 0:00:00), False)"),
    ("wait until case.due", "Wait(Path(case, due), True)"),
    ("return", "Return([])"),
    ("return ticket: t, n: 1", "Return([Output(ticket, t), Output(n, 1)])"),
    ("expect failure < stop >", "Expect(-, Block([Stop()]))"),
    ('expect failure "why" < stop >', 'Expect("why", Block([Stop()]))'),
]


@pytest.mark.parametrize(("text", "tree"), STATEMENTS, ids=[text for text, _ in STATEMENTS])
def test_each_statement(text: str, tree: str) -> None:
    assert outline(steps(text)) == f"[{tree}]"


@pytest.mark.parametrize("text", [text for text, _ in STATEMENTS])
def test_a_statement_may_be_the_last_of_a_block_and_may_end_in_a_semicolon(text: str) -> None:
    (one,) = steps(text)
    for layout in (f"{text};", f"{text} ;;", f"; {text};"):
        assert outline(steps(layout)) == outline((one,))
    (verb,) = module(f"action A < {text} >")
    assert outline(verb.body) == f"Block({outline((one,))})"  # type: ignore[attr-defined]


def test_no_semicolon_is_needed_behind_a_block() -> None:
    for between in ("", ";"):
        assert len(steps(f'if (a) < stop >{between} attempt < > else < >{between} stage "x" < >{between} stop')) == 4


def test_blocks_nest() -> None:
    text = "for each c in case < if (c.a > 1) < for each d in c.parts < if (d < c) < stop > > > >"
    inner = 'If([Branch(Binary("<", d, c), Block([Stop()]))], -)'
    each = f"ForEach(d, Path(c, parts), -, [], -, Block([{inner}]))"
    branch = f'If([Branch(Binary(">", Path(c, a), 1), Block([{each}]))], -)'
    assert outline(steps(text)) == f"[ForEach(c, case, -, [], -, Block([{branch}]))]"
