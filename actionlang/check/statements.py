"""Every kind of statement and what checks it."""

from __future__ import annotations

from actionlang.check import call_statements, control_statements, row_statements
from actionlang.check.body import StatementRule
from actionlang.syntax import ast

RULES: dict[type, StatementRule] = {
    ast.Create: row_statements.check_create,
    ast.Update: row_statements.check_update,
    ast.Delete: row_statements.check_delete,
    ast.Assign: row_statements.check_assign,
    ast.Move: row_statements.check_move,
    ast.Perform: call_statements.check_perform,
    ast.Inherited: call_statements.check_inherited,
    ast.Start: call_statements.check_start,
    ast.Emit: call_statements.check_emit,
    ast.Wait: call_statements.check_wait,
    ast.Find: control_statements.check_find,
    ast.ForEach: control_statements.check_for_each,
    ast.If: control_statements.check_if,
    ast.Attempt: control_statements.check_attempt,
    ast.Stage: control_statements.check_stage,
    ast.Expect: control_statements.check_expect,
    ast.Let: control_statements.check_let,
    ast.Require: control_statements.check_require,
    ast.Fail: control_statements.check_fail,
    ast.Stop: control_statements.check_stop,
    ast.Return: control_statements.check_return,
}
