"""From a name to where it is declared, to all places that mean the same, and back."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from actionlang.check.references import Kind, Occurrence, Symbol
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.analysis import Analysis, Place
from actionlang.lsp.workspace import Found
from actionlang.metadata import types as t


def symbols_at(found: Found, position: lsp.Position) -> list[Occurrence]:
    """What is named at a place, what is likeliest to be meant first."""
    module = found.module
    return module.at(module.lines.offset(position))


def definition(found: Found, params: lsp.DefinitionParams) -> list[lsp.Location] | None:
    """Where the name at a place is declared: also in the standard library, and the script behind an import."""
    for occurrence in symbols_at(found, params.position):
        places = [location(*place) for place in _declared(occurrence.symbol, found)]
        if places:
            return places
    offset = found.module.lines.offset(params.position)
    return [start_of(module) for module in _imported_at(offset, found)] or None


def type_definition(found: Found, params: lsp.TypeDefinitionParams) -> list[lsp.Location] | None:
    """Where the type of the name at a place is declared: a row's table, a choice."""
    for occurrence in symbols_at(found, params.position):
        symbols = list(_symbols_of(occurrence.type))
        places = [location(*place) for symbol in symbols for place in _declared(symbol, found)]
        if places:
            return places
    return None


def references(found: Found, params: lsp.ReferenceParams) -> list[lsp.Location] | None:
    """All places of the name at a place, in every project that is open."""
    occurrence = next(iter(symbols_at(found, params.position)), None)
    if occurrence is None:
        return None
    with_declaration = params.context.include_declaration
    return [
        location(module, each)
        for module, each in places_of(occurrence.symbol, found)
        if with_declaration or not each.declares
    ]


def highlights(found: Found, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight] | None:
    """All places in this script of the name at a place."""
    module = found.module
    occurrence = next(iter(symbols_at(found, params.position)), None)
    if occurrence is None:
        return None
    return [
        lsp.DocumentHighlight(
            module.lines.range(each.start, each.end),
            lsp.DocumentHighlightKind.Write if each.declares else lsp.DocumentHighlightKind.Read,
        )
        for each in module.by_symbol.get(occurrence.symbol, ())
    ]


def places_of(symbol: Symbol, found: Found) -> list[Place]:
    """Where a thing is declared and used: in its project, and of the standard library in every project."""
    if symbol.kind is Kind.LOCAL:
        return [(found.module, each) for each in found.module.by_symbol.get(symbol, ())]
    found.analysis.complete()
    places: dict[tuple[str, int, int], Place] = {}
    for analysis in (found.analysis, *_others(found)):
        for module, each in analysis.places(symbol):
            places.setdefault((module.uri, each.start, each.end), (module, each))
    return list(places.values())


def _others(found: Found) -> Iterator[Analysis]:
    if found.analysis is found.workspace.library:
        for analysis in found.workspace.analyses():
            analysis.complete()
            yield analysis


def _declared(symbol: Symbol, found: Found) -> list[Place]:
    if symbol.kind is Kind.MODULE:
        return []
    return found.analysis.declarations(symbol)


def _imported_at(offset: int, found: Found) -> Iterator[Analysed]:
    """The module that an import declaration at an offset, or a name before a dot, means."""
    for occurrence in found.module.at(offset):
        if occurrence.symbol.kind is Kind.MODULE:
            yield from _module(found.module.qualifiers.get(occurrence.symbol.name, occurrence.symbol.name), found)
    declaration = found.module.declaration_at(offset)
    if declaration is not None and declaration.start in found.module.targets:
        yield from _module(found.module.targets[declaration.start], found)


def _module(name: str, found: Found) -> Iterator[Analysed]:
    module = found.analysis.modules.get(name)
    if module is not None:
        yield module


def _symbols_of(type_: t.Type | None) -> Iterator[Symbol]:
    if isinstance(type_, t.ListOf):
        yield from _symbols_of(type_.item)
    elif isinstance(type_, t.Row):
        yield from (Symbol(Kind.TABLE, name) for name in type_.tables)
    elif isinstance(type_, t.Choice | t.Choices):
        yield Symbol(Kind.CHOICE, type_.name)
        yield Symbol(Kind.COLUMN, type_.name)
    elif isinstance(type_, t.Outputs):
        yield Symbol(Kind.VERB, type_.verb)


def location(module: Analysed, occurrence: Occurrence) -> lsp.Location:
    """A place of a name as editors take it."""
    return lsp.Location(module.uri, module.lines.range(occurrence.start, occurrence.end))


def start_of(module: Analysed) -> lsp.Location:
    """The beginning of a script."""
    return lsp.Location(module.uri, module.lines.range(0, 0))
