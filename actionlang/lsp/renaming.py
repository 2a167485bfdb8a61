"""Giving a thing another name, everywhere.

A rename never changes what anybody outside the scripts relies on without saying so: a table or column keeps the name that it is
stored under, and where callers or stored data know the name itself, the editor is made to ask first, or the rename is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs
from lsprotocol import types as lsp

from actionlang.check.references import Kind, Occurrence, Symbol
from actionlang.compile.standard import standard_modules
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.analysis import Place
from actionlang.lsp.navigation import places_of, symbols_at
from actionlang.lsp.refusal import Refused
from actionlang.lsp.workspace import Found
from actionlang.plan.woven import INHERITED
from actionlang.repl.completion import PLAIN_NAME
from actionlang.syntax import ast

QUOTED_NAME = re.compile(r"`[^`\n]+`")

FIXED = {
    Kind.FUNCTION: "a function of the language",
    Kind.AGGREGATE: "a word of the language",
    Kind.TYPE: "a type of the language",
    Kind.CALLER: "a word of the language",
    Kind.EVENT: "what subscribers know an event by",
    Kind.CARRIED: "what subscribers read in an event",
}
"""What has its name from the language, or from an agreement with those whom the scripts do not know."""

CONTRACTS = {
    Kind.VERB: "Whoever calls {name} from outside the scripts, or has a plan of it, knows it by this name.",
    Kind.PARAMETER: "Whoever calls {owner} from outside the scripts gives {name} by this name.",
    Kind.OUTPUT: "Whoever calls {owner} from outside the scripts reads {name} by this name.",
    Kind.MEMBER: "Stored rows, and callers from outside the scripts, know the member {name} by this name.",
}
"""Who else knows the name of a thing."""


@attrs.frozen
class Change:
    """A text in the place of what stands between two offsets of a module."""

    module: Analysed
    start: int
    end: int
    text: str


@attrs.frozen
class Renaming:
    """What a rename changes, and what it does to a contract, if anything."""

    symbol: Symbol
    changes: tuple[Change, ...]
    contract: str | None


def renamed_at(found: Found, position: lsp.Position) -> Occurrence:
    """The name at a place that can be given another one. Raises Refused, saying why, when there is none."""
    occurrence = next(iter(symbols_at(found, position)), None)
    if occurrence is None:
        raise Refused("There is no name here that could be changed.")
    symbol = occurrence.symbol
    name = symbol.short
    if _is_inherited(found.module, occurrence):
        raise Refused("inherited is a word of the language and keeps its name.")
    if symbol.kind in FIXED:
        raise Refused(f"{name} is {FIXED[symbol.kind]} and keeps its name.")
    if symbol.kind is Kind.MODULE:
        raise Refused("A module is called what its file is called. Rename the file, then the imports.")
    declared = [place for place in places_of(symbol, found) if place[1].declares]
    if any(module.name in standard_modules() for module, _ in declared):
        raise Refused(f"{name} belongs to the standard library and keeps its name.")
    if not declared:
        raise Refused(f"{name} is declared nowhere in the scripts, so there is nothing to rename.")
    if symbol.kind is Kind.LOCAL and _is_bound_row(*declared[0]):
        row = declared[0][0].source.text[declared[0][1].start : declared[0][1].end]
        raise Refused(f"This row is named after its table {row}: rename the table instead.")
    return occurrence


def renaming(found: Found, position: lsp.Position, new: str) -> Renaming:
    """What changes when the name at a place becomes a new one. Raises Refused where it can not be changed."""
    occurrence = renamed_at(found, position)
    if not (PLAIN_NAME.fullmatch(new) or QUOTED_NAME.fullmatch(new)):
        raise Refused(f"{new!r} is no name: a name has letters, digits and _; any other one is written in backticks.")
    symbol = occurrence.symbol
    plain = new.strip("`")
    places = places_of(symbol, found)
    declared = [place for place in places if place[1].declares]
    old = declared[0][0].source.text[declared[0][1].start : declared[0][1].end].strip("`")
    if plain == old:
        return Renaming(symbol, (), None)
    _complain_if_taken(symbol, plain, found, declared[0][0])
    changes = list(_changes(symbol, places, new, old))
    return Renaming(symbol, tuple(dict.fromkeys(changes)), _contract(symbol, old, found))


def _complain_if_taken(symbol: Symbol, new: str, found: Found, home: Analysed) -> None:
    """Raise Refused when the thing that a name belongs to has another one of the new name."""
    checked = home.checked
    universe = checked.universe
    taken: dict[Kind, tuple[str, object]] = {
        Kind.TABLE: ("table or choice", {*checked.names.tables, *checked.names.choices}),
        Kind.CHOICE: ("table or choice", {*checked.names.tables, *checked.names.choices}),
        Kind.VERB: ("verb", checked.names.verbs),
    }
    if symbol.kind is Kind.COLUMN and symbol.owner in universe.tables:
        taken[Kind.COLUMN] = ("column", universe.tables[symbol.owner].by_name)
    elif symbol.kind is Kind.MEMBER and symbol.owner in universe.choices:
        taken[Kind.MEMBER] = ("member", universe.choices[symbol.owner].by_name)
    elif symbol.kind in (Kind.PARAMETER, Kind.OUTPUT) and symbol.owner in universe.verbs:
        verb = universe.verbs[symbol.owner]
        parts = verb.inputs if symbol.kind is Kind.PARAMETER else verb.outputs
        taken[symbol.kind] = (symbol.kind.value, {part.name for part in parts})
    word, names = taken.get(symbol.kind, ("name", ()))
    if new in names:  # type: ignore[operator]
        raise Refused(f"There is a {word} {new} already.")


def _contract(symbol: Symbol, old: str, found: Found) -> str | None:
    """What is to be known before a name that others know is changed; None where nobody else knows it."""
    text = CONTRACTS.get(symbol.kind)
    if text is None:
        return None
    verb = found.module.checked.universe.verbs.get(symbol.name if symbol.kind is Kind.VERB else symbol.owner)
    if verb is not None and verb.private:
        return None
    return text.format(name=old, owner=symbol.owner.rpartition(".")[2])


# ------------------------------------------------------------------------------------------------------------- changes


def _changes(symbol: Symbol, places: list[Place], new: str, old: str) -> Iterator[Change]:
    for module, each in places:
        if symbol.kind is Kind.LOCAL and each.declares and _named_after_table(module, each):
            yield Change(module, each.end, each.end, f" as {new}")
            continue
        if _is_inherited(module, each):
            continue
        yield Change(module, each.start, each.end, new)
        if symbol.kind is Kind.TABLE:
            yield from _rows_named_after(module, each, new)
        if each.declares:
            yield from _stored(module, each, old)


def _is_inherited(module: Analysed, verb: Occurrence) -> bool:
    """Whether a verb is not named here, but meant by `inherited`."""
    return verb.symbol.kind is Kind.VERB and verb.symbol.short != INHERITED == module.source.text[verb.start : verb.end]


def _rows_named_after(module: Analysed, table: Occurrence, new: str) -> Iterator[Change]:
    """The uses of a row that has its name from the table that is named here."""
    for row in module.at(table.end):
        if row.symbol.kind is Kind.LOCAL and row.declares and (row.start, row.end) == (table.start, table.end):
            for use in module.by_symbol[row.symbol]:
                yield Change(module, use.start, use.end, new)


def _named_after_table(module: Analysed, local: Occurrence) -> bool:
    """Whether a local has its name from the table that is named where it is bound."""
    return any(
        each.symbol.kind is Kind.TABLE and not each.declares and (each.start, each.end) == (local.start, local.end)
        for each in module.at(local.end)
    )


def _is_bound_row(module: Analysed, local: Occurrence) -> bool:
    """Whether a local is the row that a verb or a hook is on, which can have no name of its own."""
    node = module.declaration_at(local.start)
    table = None
    if isinstance(node, ast.Action) and node.binding is not None:
        table = node.binding.table
    elif isinstance(node, ast.Hook):
        table = node.target
    return table is not None and table.start <= local.start and local.end == table.end


def _stored(module: Analysed, declared: Occurrence, old: str) -> Iterator[Change]:
    """What keeps a table or column where it is stored, if its declaration does not say that already."""
    node = module.declaration_at(declared.start)
    if not isinstance(node, ast.Table) or declared.symbol.kind not in (Kind.TABLE, Kind.COLUMN):
        return
    stored = f' stored as "{old}"'
    if declared.symbol.kind is Kind.TABLE:
        if node.stored is None:
            before = [token for token in module.tokens if declared.start <= token.start < node.end]
            opening = next((at for at, token in enumerate(before) if token.type == "OPEN"), 0)
            if opening:
                end = before[opening - 1].end
                yield Change(module, end, end, stored)
        return
    columns = [item for item in node.items if isinstance(item, ast.Column | ast.StatusColumn)]
    for column in columns:
        if column.name.end == declared.end and not any(modifier.word == "stored" for modifier in column.modifiers):
            yield Change(module, column.end, column.end, stored)
