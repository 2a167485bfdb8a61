"""What a script, or a whole project, declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp

from actionlang.lsp.analysed import Analysed
from actionlang.lsp.positions import Lines
from actionlang.lsp.workspace import Found, Workspace
from actionlang.syntax import ast

Symbols = Iterator[lsp.DocumentSymbol]
SymbolKind = lsp.SymbolKind

MOST_FOUND = 256
"""Symbols of a whole project that are given at once."""


def document_symbols(found: Found, _: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    """The declarations of a script with what is in them."""
    return list(symbols_of(found.module))


def workspace_symbols(workspace: Workspace, params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
    """The declarations in all scripts whose names have the letters asked for, in their order; the best fits first."""
    wanted = params.query.lower()
    fits: list[tuple[int, str, lsp.WorkspaceSymbol]] = []
    seen: set[str] = set()
    for analysis in workspace.analyses():
        for module in analysis.modules.values():
            if module.uri in seen:
                continue
            seen.add(module.uri)
            for symbol in symbols_of(module):
                rank = _fit(wanted, symbol.name.lower())
                if rank is not None:
                    place = lsp.Location(module.uri, symbol.selection_range)
                    fits.append(
                        (
                            rank,
                            symbol.name,
                            lsp.WorkspaceSymbol(place, symbol.name, symbol.kind, container_name=module.name),
                        )
                    )
    fits.sort(key=lambda fit: fit[:2])
    return [symbol for _, _, symbol in fits[:MOST_FOUND]]


def _fit(wanted: str, name: str) -> int | None:
    """How well a name fits: 0 it begins so, 1 it has that in it, 2 it has the letters in this order; None if not."""
    if name.startswith(wanted):
        return 0
    if wanted in name:
        return 1
    letters = iter(name)
    return 2 if all(letter in letters for letter in wanted) else None


def symbols_of(module: Analysed) -> Symbols:
    """The declarations of a module that have a name or a title."""
    lines = module.lines
    for node in module.parsed.module.declarations:
        match node:
            case ast.Table():
                yield _symbol(node, node.name, SymbolKind.Struct, lines, node.label or "", _columns(node, lines))
            case ast.Choice():
                yield _symbol(node, node.name, SymbolKind.Enum, lines, "", _members(node.members, lines))
            case ast.Action():
                kind = SymbolKind.Function if "function" in node.kind else SymbolKind.Event
                on = f"on {node.binding.table}" if node.binding else ""
                yield _symbol(node, node.name, kind, lines, on, _parameters(node, lines))
            case ast.Test():
                name = ast.Name(node.start, node.start + len("test"), f'test "{node.title}"')
                yield _symbol(node, name, SymbolKind.Method, lines)
            case ast.Hook():
                title = f"on {node.time} {node.event} of {node.target}"
                yield _symbol(node, ast.Name(node.target.start, node.target.end, title), SymbolKind.Event, lines)


def _columns(table: ast.Table, lines: Lines) -> Symbols:
    for item in table.items:
        if isinstance(item, ast.Column):
            yield _symbol(item, item.name, SymbolKind.Field, lines, _type(item.type))
        elif isinstance(item, ast.StatusColumn):
            yield _symbol(item, item.name, SymbolKind.Enum, lines, "status", _members(item.states, lines))


def _members(members: Iterable[ast.Member | ast.State | ast.BrokenDeclaration], lines: Lines) -> Symbols:
    for member in members:
        if not isinstance(member, ast.BrokenDeclaration):
            yield _symbol(member, member.name, SymbolKind.EnumMember, lines, member.label or "")


def _parameters(action: ast.Action, lines: Lines) -> Symbols:
    for parameter in action.parameters:
        yield _symbol(parameter, parameter.name, SymbolKind.Variable, lines, _type(parameter.type))
    for output in action.returns:
        yield _symbol(output, output.name, SymbolKind.Property, lines, _type(output.type))


def _type(node: ast.TypeExpression) -> str:
    match node:
        case ast.TypeName():
            sizes = f"({','.join(map(str, node.sizes))})" if node.sizes else ""
            return f"{node.name}{sizes}"
        case ast.ListType():
            return f"list of {_type(node.item)}"
        case ast.ChoicesType():
            return f"choices of {node.choice}"
    return " | ".join(map(str, node.tables))


def _symbol(
    node: ast.Node,
    name: ast.Name | ast.Qualified,
    kind: lsp.SymbolKind,
    lines: Lines,
    detail: str = "",
    children: Iterable[lsp.DocumentSymbol] = (),
) -> lsp.DocumentSymbol:
    place = lines.range(max(name.start, node.start), min(name.end, node.end))
    return lsp.DocumentSymbol(
        name.text or "?", kind, lines.range(node.start, node.end), place, detail or None, children=list(children)
    )
