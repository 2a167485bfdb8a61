"""What is shown when the pointer rests on a name: its declaration, documentation, type, and what a verb does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lsprotocol import types as lsp

from actionlang.check.names import Universe, listed, short
from actionlang.check.references import Kind, Occurrence
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.headings import (
    choice_line,
    column_line,
    function_line,
    known_type,
    member_line,
    parameter_line,
    table_line,
    verb_line,
)
from actionlang.lsp.words import AGGREGATES, TYPES
from actionlang.lsp.workspace import Found
from actionlang.plan.plan import Effects, Parameter, Verb

Parts = Iterator[str]


def hover(found: Found, params: lsp.HoverParams) -> lsp.Hover | None:
    """What is known of the name at a place; None where there is none."""
    module = found.module
    for occurrence in module.at(module.lines.offset(params.position)):
        parts = list(describe(occurrence, found))
        if parts:
            content = lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n".join(parts))
            return lsp.Hover(content, module.lines.range(occurrence.start, occurrence.end))
    return None


def describe(occurrence: Occurrence, found: Found) -> Parts:
    """The parts of what is told of a name, as Markdown."""
    universe = found.module.checked.universe
    describer = DESCRIBERS.get(occurrence.symbol.kind)
    if describer is not None:
        yield from describer(occurrence, universe)
    elif occurrence.symbol.kind is Kind.LOCAL:
        yield from _local(occurrence, found)
    elif occurrence.symbol.kind is Kind.MODULE:
        yield from _module(occurrence, found)


def code(line: str) -> str:
    """A line of a script."""
    return f"```actionlang\n{line}\n```"


def docs(text: str) -> Parts:
    """Documentation, if there is any."""
    if text.strip():
        yield text.strip()


# --------------------------------------------------------------------------------------------------------- what is declared


def _table(occurrence: Occurrence, universe: Universe) -> Parts:
    table = universe.tables.get(occurrence.symbol.name)
    if table is not None:
        yield code(
            "\n".join([f"{table_line(table)} <", *(f"  {column_line(each, table)};" for each in table.columns), ">"])
        )
        yield from docs(table.doc)


def _column(occurrence: Occurrence, universe: Universe) -> Parts:
    table = universe.tables.get(occurrence.symbol.owner)
    column = table.by_name.get(occurrence.symbol.short) if table is not None else None
    if table is not None and column is not None:
        yield code(f"{table.short_name}.{column_line(column, table)}")
        yield from docs(column.doc)
        if column.optional and not occurrence.optional and occurrence.type is not None and not occurrence.declares:
            yield "Never empty here."


def _choice(occurrence: Occurrence, universe: Universe) -> Parts:
    choice = universe.choices.get(occurrence.symbol.name)
    if choice is not None:
        yield code(choice_line(choice))
        yield from docs(choice.doc)


def _member(occurrence: Occurrence, universe: Universe) -> Parts:
    choice = universe.choices.get(occurrence.symbol.owner)
    member = choice.by_name.get(occurrence.symbol.short) if choice is not None else None
    if choice is None or member is None:
        return
    owner = universe.tables.get(choice.name.rpartition(".")[0])
    yield code(f"{occurrence.symbol.owner.rpartition('.')[2]}.{member_line(member)}")
    moves = owner.status.moves if owner is not None and owner.status is not None else None
    for each in moves or ():
        if each.state == member.name:
            to = " or ".join(each.targets)
            yield (
                f"A {owner.short_name if owner else ''} moves from here to {to}."
                if to
                else "No move leads away from here."
            )


def _verb(occurrence: Occurrence, universe: Universe) -> Parts:
    verb = universe.verbs.get(occurrence.symbol.name)
    if verb is not None:
        yield from verb_parts(verb)


def verb_parts(verb: Verb) -> Parts:
    """A verb: its contract, documentation, effects and what it needs."""
    yield code(verb_line(verb))
    if verb.deprecated is not None:
        yield f"**Deprecated**: {verb.deprecation}"
    yield from docs(verb.doc)
    yield "\n".join(f"- {line}" for line in effects_lines(verb.effects))
    if verb.effects.privileges:
        needed = (each.partition(" ") for each in verb.effects.privileges)
        yield f"Needs the privileges {listed((f'{word} {short(table)}' for word, _, table in needed), 'and')}."


def effects_lines(effects: Effects) -> Parts:
    """What a verb may do, a line for each way."""
    with_columns = {"reads": effects.reads, "updates": effects.updates}
    for word, tables in with_columns.items():
        if tables:
            yield f"{word} {'; '.join(_with_columns(*each) for each in tables)}"
    without = {
        "assigns": [table for table, _ in effects.assigns],
        "moves": [table for table, _ in effects.moves],
        "creates": effects.creates,
        "deletes": effects.deletes,
        "performs": effects.performs,
        "emits": effects.emits,
        "starts": effects.starts,
    }
    for word, names in without.items():
        if names:
            yield f"{word} {', '.join(map(short, names))}"
    if effects.writes_nothing:
        yield "changes nothing"
    if not effects.deterministic:
        yield "may give another result each time"


def _with_columns(table: str, columns: tuple[str, ...]) -> str:
    return f"{short(table)} ({', '.join(columns)})" if columns else short(table)


def _function(occurrence: Occurrence, universe: Universe) -> Parts:
    overloads = universe.functions.get(occurrence.symbol.name, ())
    if overloads:
        yield code("\n".join(map(function_line, overloads)))
        yield from docs("\n\n".join(dict.fromkeys(each.doc for each in overloads)))


def _parameter(occurrence: Occurrence, universe: Universe) -> Parts:
    verb = universe.verbs.get(occurrence.symbol.owner)
    yield from _part(occurrence, verb, () if verb is None else verb.inputs, "takes")


def _output(occurrence: Occurrence, universe: Universe) -> Parts:
    verb = universe.verbs.get(occurrence.symbol.owner)
    yield from _part(occurrence, verb, () if verb is None else verb.outputs, "returns")


def _part(occurrence: Occurrence, verb: Verb | None, parts: tuple[Parameter, ...], word: str) -> Parts:
    for part in parts:
        if part.name == occurrence.symbol.short and verb is not None:
            yield code(parameter_line(part))
            if part.deprecated is not None:
                yield f"**Deprecated**: {part.deprecation}"
            yield from docs(part.doc)
            yield f"{verb.short_name} {word} it."
            if part.optional and not occurrence.optional:
                yield "Never empty here."


# ------------------------------------------------------------------------------------------------------------ other names


def _local(occurrence: Occurrence, found: Found) -> Parts:
    name = found.module.source.text[occurrence.start : occurrence.end]
    if occurrence.type is not None:
        yield code(f"{name} {known_type(occurrence.type, occurrence.optional)}")


def _module(occurrence: Occurrence, found: Found) -> Parts:
    name = found.module.qualifiers.get(occurrence.symbol.name, occurrence.symbol.name)
    module = found.analysis.modules.get(name)
    if module is not None:
        yield code(f"import {module.name}")
        yield from docs(_opening(module))
        yield f"`{module.source.name}`"


def _opening(module: Analysed) -> str:
    """What a script says of itself at its beginning."""
    lines = []
    for line in module.source.text.splitlines():
        if not line.startswith("#") or line.startswith("##"):
            break
        lines.append(line.removeprefix("#").strip())
    return "\n".join(lines)


def _type(occurrence: Occurrence, _: Universe) -> Parts:
    yield code(known_type(occurrence.type, False))
    yield from docs(TYPES.get(occurrence.symbol.name, ""))


def _aggregate(occurrence: Occurrence, _: Universe) -> Parts:
    form, doc = AGGREGATES[occurrence.symbol.name]
    yield code(form)
    yield doc


def _caller(_: Occurrence, __: Universe) -> Parts:
    yield code("caller user")
    yield "The user who calls."


def _event(occurrence: Occurrence, _: Universe) -> Parts:
    yield code(f"event {occurrence.symbol.name}")
    yield "What a verb says to those who subscribed to it, once its run is kept."


def _carried(occurrence: Occurrence, _: Universe) -> Parts:
    yield code(f"{occurrence.symbol.short} {known_type(occurrence.type, occurrence.optional)}")
    yield f"What `{occurrence.symbol.owner}` carries."


DESCRIBERS: dict[Kind, Callable[[Occurrence, Universe], Parts]] = {
    Kind.TABLE: _table,
    Kind.COLUMN: _column,
    Kind.CHOICE: _choice,
    Kind.MEMBER: _member,
    Kind.VERB: _verb,
    Kind.FUNCTION: _function,
    Kind.PARAMETER: _parameter,
    Kind.OUTPUT: _output,
    Kind.TYPE: _type,
    Kind.AGGREGATE: _aggregate,
    Kind.CALLER: _caller,
    Kind.EVENT: _event,
    Kind.CARRIED: _carried,
}
