"""A process action to the text of a script."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from unicodedata import combining, normalize

import attrs

from actionlang.compile.dataverse_action import model as m
from actionlang.compile.dataverse_action.kinds import KINDS, LIST, ROWS
from actionlang.compile.dataverse_action.known_tables import KnownTables, spelt
from actionlang.compile.dataverse_action.returning import Ended, with_returns
from actionlang.compile.dataverse_action.translating import Translator
from actionlang.compile.dataverse_action.workflow_files import read_workflow
from actionlang.compile.dataverse_action.writing import WIDTH, block, comment_lines
from actionlang.metadata import types as t

SAYS_NOTHING = ("New Argument", "Target Argument")
"""Descriptions that the designer writes by itself."""


@attrs.frozen
class Script:
    """The script of an action: its text, the verb's name, how many steps the action has, and what of it is left to a person
    (each with its place in the file), and how many steps that concerns."""

    text: str
    verb: str
    steps: int
    left: tuple[str, ...]
    left_steps: int


def import_action(path: Path, name: str, tables: KnownTables) -> Script:
    """Translate the action in a file, which is shown under `name`.

    Raises ActionLangError when there is none that can be read.
    """
    return write_script(read_workflow(path, name), tables)


def write_script(workflow: m.Workflow, tables: KnownTables) -> Script:
    """Translate an action."""
    signature = _Signature(workflow, tables)
    translator = Translator(workflow, tables, signature.inputs, signature.outputs)
    steps = translator.translate()
    ended = with_returns(steps, list(signature.outputs))
    left = [*translator.tally.left, *(f"{workflow.file}: {what}." for what in (*ended.lost, *signature.problems))]
    body = block(ended.statements, 1)
    comments = [*signature.remarks, *(f"{workflow.file}: {what}." for what in (*ended.lost, *signature.problems))]
    parts = [
        f'import "{tables.import_path}";\n' if tables.known and _needs_tables(workflow, signature) else "",
        *(contract.text(tables) for contract in translator.contracts.by_name.values()),
        _verb(workflow, signature, ended, comments, body),
        *translator.expressions.functions.texts.values(),
    ]
    text = "\n".join(part for part in parts if part)
    tally = translator.tally
    return Script(text, signature.name, tally.steps, tuple(left), tally.left_steps + len(ended.lost))


def _needs_tables(workflow: m.Workflow, signature: _Signature) -> bool:
    """Whether the script can name something of the tables' script: a contract for the host need not."""
    kinds = (*(kind for kind, _ in signature.inputs.values()), *signature.outputs.values())
    return bool(workflow.table or workflow.activities or any(isinstance(kind, t.Row | t.ListOf) for kind in kinds))


class _Signature:
    """The verb's name, inputs and outputs; remarks on what they could not keep, and problems that are left to a person."""

    def __init__(self, workflow: m.Workflow, tables: KnownTables) -> None:
        self.tables = tables
        self.remarks: list[str] = []
        self.problems: list[str] = []
        if workflow.table and tables.known and tables.table(workflow.table) is None:
            self.problems.append(f"the tables have no table {workflow.table}, which the action is on")
        self.name = verb_name(workflow)
        self.inputs: dict[str, tuple[t.Type, bool]] = {}
        self.outputs: dict[str, t.Type] = {}
        for argument in workflow.arguments:
            kind = self._kind(argument)
            if argument.output:
                self.outputs[argument.name] = kind
            else:
                self.inputs[argument.name] = (kind, not argument.required)

    def _kind(self, argument: m.Argument) -> t.Type:
        table = self._table(argument)
        if argument.type in ROWS:
            if table is not None:
                return table
            kind = "json" if argument.type == "Entity" else "id"
            self._remark(argument, f"a row of any table there, and {kind} here")
            return t.Json() if kind == "json" else t.Id()
        if argument.type == LIST:
            if table is not None:
                return t.ListOf(table)
            self._remark(argument, "a list of rows of any table there, and json here")
            return t.Json()
        if argument.type == "OptionSetValue":
            self._remark(argument, "the number of a choice; which one, the file does not say")
        if argument.type not in KINDS:
            self._remark(argument, f"of type {argument.type} there, and json here")
        return KINDS.get(argument.type, t.Json())

    def _table(self, argument: m.Argument) -> t.Row | None:
        if argument.entity in ("", "none"):
            return None
        known = self.tables.table(argument.entity)
        if self.tables.known and known is None:
            self._remark(argument, f"a row of {argument.entity}, which the tables do not have")
            return None
        return t.Row((known.name if known else argument.entity,))

    def _remark(self, argument: m.Argument, what: str) -> None:
        self.remarks.append(f"{argument.name} is {what}.")


def verb_name(workflow: m.Workflow) -> str:
    """The name of the verb: that of the action in one word, `Complaint - Move to Stage` as `ComplaintMoveToStage`."""
    words = _words(workflow.name) or _words(workflow.unique_name)
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Action"
    return name if name[0].isalpha() else f"Action{name}"


def _words(text: str) -> list[str]:
    """The words in a text, in letters without accents."""
    plain = "".join(sign for sign in normalize("NFKD", text.replace("ß", "ss")) if not combining(sign))
    return re.findall(r"[A-Za-z0-9]+", plain)


def _verb(workflow: m.Workflow, signature: _Signature, ended: Ended, comments: list[str], body: list[str]) -> str:
    unset = [
        argument.name
        for argument in workflow.arguments
        if argument.output and argument.required and argument.name in ended.unset
    ]
    facts = list(comments)
    if unset:
        facts.append(
            f"{', '.join(unset)} should always be set, says the action; not every way through its steps does that."
        )
    if not workflow.transacted:
        facts.append("There, what an action did before it failed stays; here all of it is undone.")
    if not workflow.active:
        facts.append("This is a draft: it was not active when it was exported.")
    if not workflow.activities:
        facts.append(
            "The action has no steps of its own: what it does is written in .NET, and here it is for the host to do."
        )
    lines = [*comment_lines(facts, 0), *(f"## {line}" for line in _documentation(workflow))]
    head = _head(workflow, signature, ended)
    if not workflow.activities:
        return "\n".join([*lines, f"extern {head[0]}", *head[1:]]) + ";\n"
    return "\n".join([*lines, *head, "<", *body, ">"]) + "\n"


def _documentation(workflow: m.Workflow) -> list[str]:
    told = [workflow.name, workflow.description]
    if workflow.unique_name:
        told.append(f"In Dataverse it is called by the name {workflow.unique_name}.")
    return [line for paragraph in told if paragraph for line in textwrap.wrap(paragraph, WIDTH) or [""]]


def _head(workflow: m.Workflow, signature: _Signature, ended: Ended) -> list[str]:
    on = f" on {signature.tables.spelt_table(workflow.table)}" if workflow.table else ""
    inputs = [_parameter(a, signature, not a.required) for a in workflow.arguments if not a.output]
    outputs = [
        _parameter(a, signature, not a.required or a.name in ended.unset) for a in workflow.arguments if a.output
    ]
    clause = ["  as system"] if workflow.as_owner else []
    one = f"action {signature.name}{on}"
    if not any(doc for doc, _ in (*inputs, *outputs)):
        given = f" ({', '.join(text for _, text in inputs)})" if inputs else ""
        returns = f"returns ({', '.join(text for _, text in outputs)})" if outputs else ""
        if len(one + given) <= WIDTH and len(returns) <= WIDTH:
            return [one + given, *([f"  {returns}"] if returns else []), *clause]
    lines = [f"{one} (", *_listed(inputs)] if inputs else []
    if outputs:
        lines += [f"{')' if inputs else one} returns (", *_listed(outputs)]
    return [*lines, *([")"] if lines else [one]), *clause]


def _parameter(argument: m.Argument, signature: _Signature, optional: bool) -> tuple[str, str]:
    """A parameter's documentation and declaration."""
    kind = signature.outputs[argument.name] if argument.output else signature.inputs[argument.name][0]
    doc = "" if argument.description in SAYS_NOTHING else argument.description
    text = f"{spelt(argument.name)} {signature.tables.spelt_type(kind)}{' optional' if optional else ''}"
    return doc, text


def _listed(parameters: list[tuple[str, str]]) -> list[str]:
    lines: list[str] = []
    for number, (doc, text) in enumerate(parameters):
        lines += [f"  ## {doc}"] if doc else []
        lines.append(f"  {text}{',' if number < len(parameters) - 1 else ''}")
    return lines
