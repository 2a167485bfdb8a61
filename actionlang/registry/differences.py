"""How two versions of a verb differ, in words: what callers give and get, what it may do and needs, its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from actionlang.contracts.comparing import compare
from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rule import Finding
from actionlang.contracts.wording import binding_text, parameter_text, privilege_text
from actionlang.metadata.tables import Column, Table
from actionlang.plan.describe import KIND_WORDS, type_text
from actionlang.plan.expression_text import short
from actionlang.plan.plan import Effects, Parameter, StepPlan, Verb
from actionlang.plan.woven import written_name
from actionlang.registry.step_differences import ADDED, REMOVED, Line, compare_steps


@attrs.frozen
class Section:
    """What differs of one thing; `title` says of which."""

    title: str
    lines: tuple[Line, ...]


@attrs.frozen
class Differences:
    """All that differs, from the contract to the steps, and what callers would notice. No sections: only where the steps stand in
    their scripts."""

    sections: tuple[Section, ...]
    noticed: tuple[Finding, ...]


def differences(old: StepPlan, new: StepPlan) -> Differences:
    """How a verb's plans differ."""
    found = [
        ("contract", _contract(old.verb, new.verb)),
        ("effects", _effects(old.verb.effects, new.verb.effects)),
        ("privileges", _listed(map(privilege_text, _privileges(old)), map(privilege_text, _privileges(new)))),
        ("steps", compare_steps(old.verb.steps, new.verb.steps)),
        *_performed(old, new),
        *_tables(old, new),
    ]
    sections = tuple(Section(title, tuple(lines)) for title, lines in found if lines)
    return Differences(sections, compare(Contracts.of_plans([old]), Contracts.of_plans([new])))


def _privileges(plan: StepPlan) -> tuple[str, ...]:
    return plan.verb.effects.privileges


def _listed(old: Iterable[str], new: Iterable[str]) -> list[Line]:
    """What of a list is gone, and what is new, in their order."""
    before, after = list(old), list(new)
    gone = [Line(REMOVED, 0, text) for text in before if text not in after]
    return gone + [Line(ADDED, 0, text) for text in after if text not in before]


# ------------------------------------------------------------------------------------------------------------ contract


def _contract(old: Verb, new: Verb) -> list[Line]:
    return _listed(_said(old), _said(new))


def _said(verb: Verb) -> Iterator[str]:
    """The contract, each part of it a line."""
    yield f"{KIND_WORDS.get(verb.kind, verb.kind)} on {binding_text(verb.binding)}"
    yield from (f"takes {_parameter(each)}" for each in verb.inputs)
    yield from (f"returns {_parameter(each)}" for each in verb.outputs)
    yield from (f"requires {privilege}" for privilege in verb.requires)
    if verb.system:
        yield "runs as system, with the verb's own rights"
    if verb.deprecation is not None:
        yield f"deprecated: {verb.deprecation}"
    if verb.doc:
        yield f"documented: {' '.join(verb.doc.split())}"


def _parameter(parameter: Parameter) -> str:
    deprecation = "" if parameter.deprecation is None else f", deprecated: {parameter.deprecation}"
    doc = " ".join(parameter.doc.split())
    return f"{parameter_text(parameter)}{deprecation}{f'  {doc}' if doc else ''}"


# ------------------------------------------------------------------------------------------------------------- effects


def _effects(old: Effects, new: Effects) -> list[Line]:
    lines: list[Line] = []
    for word, pick in EFFECTS:
        before, after = pick(old), pick(new)
        for sign, these, others in ((REMOVED, before, after), (ADDED, after, before)):
            lines += [Line(sign, 0, f"{word} {text}") for text in _without(these, others)]
    if old.deterministic != new.deterministic:
        word = "gives the same result each time" if new.deterministic else "may give another result each time"
        lines.append(Line(ADDED, 0, word))
    return lines


Grouped = Mapping[str, tuple[str, ...]]
"""Names, each with what of it is meant; nothing where it is meant as such."""

EFFECTS: tuple[tuple[str, Callable[[Effects], Grouped]], ...] = (
    ("reads", lambda effects: dict(effects.reads)),
    ("updates", lambda effects: dict(effects.updates)),
    ("assigns", lambda effects: {table: () for table, _ in effects.assigns}),
    ("moves", lambda effects: {table: () for table, _ in effects.moves}),
    ("creates", lambda effects: dict.fromkeys(effects.creates, ())),
    ("deletes", lambda effects: dict.fromkeys(effects.deletes, ())),
    ("performs", lambda effects: dict.fromkeys(effects.performs, ())),
    ("emits", lambda effects: dict.fromkeys(effects.emits, ())),
    ("starts", lambda effects: dict.fromkeys(effects.starts, ())),
)


def _without(these: Grouped, others: Grouped) -> Iterator[str]:
    """What of some names is not in others: `case (priority, due)`."""
    for name, columns in these.items():
        left = [column for column in columns if column not in others.get(name, ())]
        if left:
            yield f"{short(name)} ({', '.join(left)})"
        elif name not in others:
            yield short(name)


# ----------------------------------------------------------------------------------------- what it performs, its tables


def _performed(old: StepPlan, new: StepPlan) -> Iterator[tuple[str, Sequence[Line]]]:
    """The steps of verbs that both versions have in their plans."""
    before = {verb.name: verb for verb in old.verbs if verb.name != old.entry}
    for verb in new.verbs:
        if verb.name in before:
            of = written_name(verb.name)
            title = f"steps of {of}, which it performs" if of != new.entry else f"steps of {of} below ({verb.name})"
            yield title, compare_steps(before[verb.name].steps, verb.steps)


def _tables(old: StepPlan, new: StepPlan) -> Iterator[tuple[str, Sequence[Line]]]:
    """The columns of tables that both versions use."""
    before = {table.name: table for table in old.tables}
    for table in new.tables:
        if table.name in before:
            yield f"table {short(table.name)}", _listed(_columns(before[table.name]), _columns(table))


def _columns(table: Table) -> Iterator[str]:
    return (_column(column) for column in table.columns)


def _column(column: Column) -> str:
    words = [column.name, type_text(column.type)]
    words += [
        word for word in ("primary", "key", "required", "unique", "readonly", "sensitive") if getattr(column, word)
    ]
    if column.moves is not None:
        words.append(f"< {'; '.join(_moves(column))} >")
    return " ".join(words)


def _moves(column: Column) -> Iterator[str]:
    for each in column.moves or ():
        yield f"{each.state} -> {', '.join(each.targets)}" if each.targets else each.state
