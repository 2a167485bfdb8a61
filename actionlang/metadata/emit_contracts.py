"""Contracts of verbs that a host implements, to `extern` declarations."""

from __future__ import annotations

import attrs

from actionlang.metadata.emit import WIDTH, Spelling, comment, doc, name_text
from actionlang.metadata.types import Type


@attrs.frozen
class Argument:
    """An input or output: name, type, whether it may be left out or be empty, a description."""

    name: str
    type: Type
    optional: bool = False
    doc: str = ""


@attrs.frozen
class Contract:
    """An `extern action`, or `extern function` of exactly one output; `table` is the full name of the table it is on a row of.

    `notices` become comments above the declaration.
    """

    name: str
    function: bool
    table: str | None
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    doc: str = ""
    notices: tuple[str, ...] = ()


def emit_contract(contract: Contract, spelling: Spelling) -> str:
    """The declaration's text: on one line where it fits, else with what it returns on a second, else a parameter a line.

    Raises ValueError for a name that can not be written.
    """
    kind = "function" if contract.function else "action"
    on = "" if contract.table is None else f" on {spelling.name(contract.table)}"
    head = f"extern {kind} {name_text(contract.name)}{on}"
    # A global verb without parameters has empty parentheses; one on a row needs none.
    opening = "(" if contract.table is None else " ("
    above = [*doc(contract.doc), *(line for notice in contract.notices for line in comment(notice))]
    inputs = [_argument(each, spelling) for each in contract.inputs]
    outputs = [_argument(each, spelling) for each in contract.outputs]
    takes = f"{opening}{', '.join(inputs)})" if inputs or contract.table is None else ""
    returns = f"returns ({', '.join(outputs)})" if outputs else ""
    alone = f"{head}{takes} {returns}".rstrip() + ";"
    if len(alone) <= WIDTH and not _described(contract.inputs) and not _described(contract.outputs):
        return "\n".join((*above, alone))
    lines = [f"{head}{takes}"]
    if inputs and (len(lines[0]) + (not outputs) > WIDTH or _described(contract.inputs)):
        lines = [f"{head}{opening}", *_spread(inputs, contract.inputs, "  "), ")"]
    if outputs and (len(returns) + 3 > WIDTH or _described(contract.outputs)):
        lines += ["  returns (", *_spread(outputs, contract.outputs, "    "), "  )"]
    elif outputs:
        lines.append(f"  {returns}")
    return "\n".join((*above, *lines)) + ";"


def _described(arguments: tuple[Argument, ...]) -> bool:
    return any(each.doc for each in arguments)


def _argument(each: Argument, spelling: Spelling) -> str:
    return f"{name_text(each.name)} {spelling.type(each.type)}{' optional' if each.optional else ''}"


def _spread(written: list[str], arguments: tuple[Argument, ...], indent: str) -> list[str]:
    """A parameter a line, each below its description."""
    lines = []
    for text, argument in zip(written, arguments, strict=True):
        lines += doc(argument.doc, indent)
        lines.append(f"{indent}{text},")
    return [*lines[:-1], lines[-1].removesuffix(",")]
