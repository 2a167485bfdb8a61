"""Expressions: from the syntax tree to typed expressions of a plan. This is what statements ask for theirs."""

from __future__ import annotations

from actionlang.check import literals, operators
from actionlang.check.calls import check_call
from actionlang.check.dispatch import RULES, check_expression, unknown
from actionlang.check.paths import check_path
from actionlang.check.slots import check_condition, check_row, check_slot, check_text
from actionlang.check.words import check_name
from actionlang.syntax import ast

__all__ = ["check_condition", "check_expression", "check_row", "check_slot", "check_text", "unknown"]

RULES.update(
    {
        ast.NameExpression: check_name,
        ast.NumberLiteral: literals.check_number,
        ast.DurationLiteral: literals.check_duration,
        ast.TextLiteral: literals.check_text_literal,
        ast.Template: literals.check_template,
        ast.BooleanLiteral: literals.check_boolean,
        ast.EmptyLiteral: literals.check_empty,
        ast.TypedLiteral: literals.check_typed,
        ast.ListLiteral: literals.check_list,
        ast.Path: check_path,
        ast.Call: check_call,
        ast.Unary: operators.check_unary,
        ast.Binary: operators.check_binary,
        ast.IsEmpty: operators.check_is_empty,
        ast.IsTable: operators.check_is_table,
    }
)
