"""Conditions that are always true or always false, and parts of conditions that add nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from actionlang.check.asked import Asked
from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.lint.script import Script
from actionlang.lint.truth import Row, Table, Undefined, bare
from actionlang.metadata.tables import Choice
from actionlang.plan import expressions as e
from actionlang.plan.expression_text import expression_text
from actionlang.plan.facts import path_of, plain
from actionlang.syntax import ast

GUARDS = (e.IsEmpty, e.IsTable)
"""What other parts of a condition may need in order to be allowed, even if it adds nothing to what they say."""

LONGEST = 60
"""Characters of a condition that a message repeats."""


def pointless_conditions(script: Script) -> Iterator[Diagnostic]:
    """Conditions whose answer is known beforehand, by themselves or by what was asked before; an `else` that is never reached;
    and parts of conditions without which these would be the same."""
    choices = script.checked.universe.choices
    by_place = {asked.node.start: asked for asked in script.checked.asked}
    constant = set()
    for place, asked in by_place.items():
        if not _worth_a_table(asked):
            continue
        table = Table((asked.condition,), asked.facts, choices)
        answers = {answer for (answer,) in _answers((asked.condition,), table)}
        if len(answers) == 1:
            constant.add(place)
            yield _always(asked, answers.pop(), script)
        elif answers and isinstance(asked.condition, e.And | e.Or):
            number = _redundant_operand(asked.condition, table)
            if number is not None:
                yield _adds_nothing(asked, number, script)
    for node in _chains(script):
        if not any(branch.condition.start in constant for branch in node.branches):
            chain = [by_place[place] for branch in node.branches if (place := branch.condition.start) in by_place]
            yield from _in_chain(node, chain, choices, script)


def _chains(script: Script) -> Iterator[ast.If]:
    """Each `if` of which there is more than one way."""
    for found in script.blocks:
        for statement in found.block.statements:
            if isinstance(statement, ast.If) and len(statement.branches) > 1:
                yield statement


# ------------------------------------------------------------------------------------------------------------- asking


def _worth_a_table(asked: Asked) -> bool:
    """Whether a condition is more than one question about something of which nothing is known."""
    condition = asked.condition
    while isinstance(condition, e.Not):
        condition = condition.operand
    if isinstance(condition, e.And | e.Or | e.Literal):
        return True
    if isinstance(condition, e.Compare):
        sides = [bare(condition.left), bare(condition.right)]
        literals = sum(isinstance(side, e.Literal) for side in sides)
        return sides[0] == sides[1] or literals == 2 or (literals == 1 and any(map(asked.facts.of, sides)))
    if isinstance(condition, e.IsEmpty | e.IsTable):
        operand = bare(condition.operand)
        return not operand.optional or asked.facts.of(operand) is not None
    return isinstance(condition, e.In) and asked.facts.of(bare(condition.item)) is not None


def _answers(conditions: tuple[e.Expression, ...], table: Table) -> Iterator[tuple[bool, ...]]:
    """What conditions come to in each row of their table, those behind the first that holds left out."""
    for row in table.rows():
        try:
            answers: list[bool] = []
            for condition in conditions:
                answers.append(table.holds(condition, row))
                if answers[-1]:
                    break
            yield tuple(answers)
        except Undefined:
            continue


def _redundant_operand(condition: e.And | e.Or, table: Table) -> int | None:
    """The number of the last part that could be left out; None if all are needed."""
    left = {number for number, part in enumerate(condition.operands) if not _is_guard(part)}
    for row in table.rows():
        if not left:
            return None
        try:
            whole = table.holds(condition, row)
        except Undefined:
            continue
        left -= {number for number in left if _without(condition, number, table, row) is not whole}
    return max(left, default=None)


def _is_guard(part: e.Expression) -> bool:
    return isinstance(part.operand if isinstance(part, e.Not) else part, GUARDS)


def _without(condition: e.And | e.Or, number: int, table: Table, row: Row) -> bool | None:
    """What a condition without one of its parts comes to; None where it would not be allowed."""
    operands = condition.operands
    try:
        return table.holds(attrs.evolve(condition, operands=operands[:number] + operands[number + 1 :]), row)
    except Undefined:
        return None


# ------------------------------------------------------------------------------------------------------------ telling


def _always(asked: Asked, answer: bool, script: Script) -> Diagnostic:
    hint, fixes = _advice(asked, script)
    word = "true" if answer else "false"
    message = f"{_written(asked.node, script)} is always {word} here."
    return script.diagnostic(codes.CONSTANT_CONDITION, asked.node, message, hint, fixes=fixes)


def _written(node: ast.Expression, script: Script) -> str:
    """A condition as written, if it is short and the parentheses in it match."""
    text = script.source.text[node.start : node.end]
    fits = len(text) <= LONGEST and "\n" not in text and "(" not in text and ")" not in text
    return text if fits else "This condition"


def _advice(asked: Asked, script: Script) -> tuple[str, tuple[Fix, ...]]:
    """What may be behind a constant condition, and what to write instead if that can be told."""
    condition, node = asked.condition, asked.node
    if isinstance(condition, e.Compare) and bare(condition.left) == bare(condition.right):
        return "It compares something with itself. Name the other column that was meant.", ()
    if isinstance(condition, e.And | e.Or):
        operator = "!=" if isinstance(condition, e.Or) else "="
        instead = "and" if isinstance(condition, e.Or) else "or"
        if _compares_one_thing(condition, operator):
            told = "is unequal to one of them" if operator == "!=" else "never equals both"
            return f"A value {told}: {instead} was probably meant.", _operator_fix(node, instead, script)
        return "What its parts say can not be told apart: see whether and or or was meant, and which way < points.", ()
    inner = condition.operand if isinstance(condition, e.Not) else condition
    if isinstance(inner, e.IsEmpty) and not bare(inner.operand).optional:
        return (
            f"{expression_text(inner.operand)} is never empty: leave the question out, or ask for what was meant.",
            (),
        )
    if not asked.facts.known or isinstance(condition, e.Literal):
        return "Leave the question out, or ask for what was meant.", ()
    return "What was asked or set before says so already: leave the question out, or ask for what was meant.", ()


def _compares_one_thing(condition: e.And | e.Or, operator: str) -> bool:
    """Whether all parts compare the same thing by one operator."""
    paths = []
    for part in condition.operands:
        path = path_of(part.left) if isinstance(part, e.Compare) and part.operator == operator else None
        paths.append(path and plain(path))
    return None not in paths and len(set(paths)) == 1


def _operator_fix(node: ast.Expression, instead: str, script: Script) -> tuple[Fix, ...]:
    """A fix that writes the other operator, where there is only one."""
    if not isinstance(node, ast.Binary) or node.operator not in ("and", "or"):
        return ()
    if any(isinstance(side, ast.Binary) and side.operator == node.operator for side in (node.left, node.right)):
        return ()
    between = script.source.text[node.left.end : node.right.start]
    at = between.find(node.operator)
    if at < 0 or "#" in between:
        return ()
    start = node.left.end + at
    edit = Edit(Span(start, start + len(node.operator)), instead)
    return (Fix(f"Write {instead} instead of {node.operator}", (edit,)),)


def _in_chain(node: ast.If, chain: list[Asked], choices: Mapping[str, Choice], script: Script) -> Iterator[Diagnostic]:
    """Branches of an `if` that those before them leave nothing for."""
    if len(chain) < len(node.branches):
        return
    conditions = tuple(asked.condition for asked in chain)
    cases = list(_answers(conditions, Table(conditions, chain[0].facts, choices)))
    if not cases:
        return
    reached = {len(answers) - 1 for answers in cases if answers[-1]}
    for number, asked in enumerate(chain[1:], 1):
        if number not in reached:
            message = f"{_written(asked.node, script)} is never true here: the branches before it take all such cases."
            hint = "Leave the branch out, or ask for what was meant."
            before = (chain[0].node.span, "the first branch")
            yield script.diagnostic(codes.CONSTANT_CONDITION, asked.node, message, hint, because=(before,))
    if node.otherwise is not None and all(answers[-1] for answers in cases):
        message = "This else is never reached: the branches before it take all that there is."
        hint = "Leave it out, or make it the last branch by leaving out the last condition."
        yield script.diagnostic(codes.CONSTANT_CONDITION, node.otherwise, message, hint)


def _adds_nothing(asked: Asked, number: int, script: Script) -> Diagnostic:
    operands = _operands(asked.node)
    place = operands[number] if len(operands) > number else asked.node
    message = f"{_written(place, script)} adds nothing: the rest of the condition says it already."
    return script.diagnostic(codes.REDUNDANT_CONDITION, place, message, "Leave it out, or ask for what was meant.")


def _operands(node: ast.Expression) -> list[ast.Expression]:
    """The parts of a condition that one operator joins, as the checker takes them apart."""
    found: list[ast.Expression] = []
    operator = node.operator if isinstance(node, ast.Binary) else ""
    while isinstance(node, ast.Binary) and node.operator == operator:
        found.insert(0, node.right)
        node = node.left
    return [node, *found]
