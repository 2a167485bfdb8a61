"""Declarations in one line each, as a script writes them: what hover, completion and signatures show."""

from __future__ import annotations

from actionlang.check.names import HostFunction
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Default, Member, Table
from actionlang.plan.describe import KIND_WORDS, type_text
from actionlang.plan.expression_text import constant_text
from actionlang.plan.plan import Parameter, Verb
from actionlang.repl.completion import in_script

MOST_MEMBERS = 12
"""Members of a choice that are shown in its line."""


def written_type(type_: t.Type | None) -> str:
    """A type as a script writes it, or a word for one that it can not."""
    if type_ is None or isinstance(type_, t.Unknown):
        return "unknown"
    if isinstance(type_, t.Outputs):
        return f"outputs of {type_.verb.rpartition('.')[2]}"
    return type_text(type_)


def known_type(type_: t.Type | None, optional: bool) -> str:
    """A type, and whether the value may be empty there."""
    return f"{written_type(type_)}{' optional' if optional else ''}"


def parameter_line(parameter: Parameter) -> str:
    """`level integer default 2`."""
    words = [in_script(parameter.name), written_type(parameter.type)]
    words += ["optional"] if parameter.optional else []
    words += [_default(parameter.type, parameter.default)] if parameter.default is not None else []
    words += ["sensitive"] if parameter.sensitive else []
    return " ".join(words)


def verb_line(verb: Verb) -> str:
    """`action Escalate on case (reason text) returns (ticket task)`."""
    words = [KIND_WORDS.get(verb.kind, verb.kind), in_script(verb.short_name)]
    if verb.binding is not None:
        words.append(f"on {'each ' if verb.binding.each else ''}{in_script(verb.binding.table.rpartition('.')[2])}")
    if verb.inputs:
        words.append(f"({', '.join(map(parameter_line, verb.inputs))})")
    if verb.outputs:
        words.append(f"returns ({', '.join(map(parameter_line, verb.outputs))})")
    words += [f"requires {privilege}" for privilege in verb.requires]
    words += ["as system"] if verb.system else []
    words += ["private"] if verb.private else []
    return " ".join(words)


def function_line(function: HostFunction) -> str:
    """`left(value text, count integer) returns text`."""
    taken = ", ".join(map(parameter_line, function.parameters))
    return f"{function.name}({taken}) returns {known_type(function.result, function.optional)}"


def table_line(table: Table) -> str:
    """`table case "Support case"`."""
    words = ["table", in_script(table.short_name)]
    words += [f'"{table.label}"'] if table.label else []
    words += [f'stored as "{table.stored}"'] if table.stored != table.short_name else []
    return " ".join(words)


def column_line(column: Column, table: Table) -> str:
    """`title text(200) required`; of a status the moves: `status < open -> resolved; resolved >`."""
    name = in_script(column.name)
    stored = [f'stored as "{column.stored}"'] if column.stored != column.name else []
    if column.moves is not None:
        moves = (f"{each.state} -> {', '.join(each.targets)}" if each.targets else each.state for each in column.moves)
        return " ".join([name, f"< {'; '.join(moves)} >", *stored])
    words = [name, written_type(column.type)]
    words += [
        word
        for word in ("primary", "required", "unique", "readonly", "sensitive", "hierarchy")
        if getattr(column, word)
    ]
    words += ["key"] if column.key or (column.name,) in table.keys else []
    words += [_default(column.type, column.default)] if column.default is not None else []
    return " ".join([*words, *stored])


def choice_line(choice: Choice) -> str:
    """`choice Priority < low = 1; normal = 2 >`."""
    members = [member_line(member) for member in choice.members[:MOST_MEMBERS]]
    more = ["..."] if len(choice.members) > MOST_MEMBERS else []
    return f"choice {in_script(choice.name.rpartition('.')[2])} < {'; '.join([*members, *more])} >"


def member_line(member: Member) -> str:
    """`high = 3 "High"`."""
    words = [in_script(member.name)]
    words += [f"= {member.number}"] if member.number is not None else []
    words += [f'"{member.label}"'] if member.label else []
    return " ".join(words)


def _default(type_: t.Type, default: Default) -> str:
    if default.function is not None:
        return f"default {default.function}()"
    return f"default {constant_text(type_, default.value)}"
