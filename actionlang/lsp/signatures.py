"""What a call takes, while its arguments are typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
from lsprotocol import types as lsp

from actionlang.lsp.completion import scene_of
from actionlang.lsp.headings import column_line, known_type, parameter_line
from actionlang.lsp.positions import Lines
from actionlang.lsp.words import AGGREGATES
from actionlang.lsp.workspace import Found, Workspace
from actionlang.metadata.tables import Table
from actionlang.plan.plan import Verb
from actionlang.plan.verify_calls import CALLABLE
from actionlang.repl.completion import in_script
from actionlang.repl.cursor import cursor_in_script
from actionlang.repl.scene import Scene
from actionlang.repl.scope import TypingScope


def signature_help(found: Found, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    """The ways to call what the innermost open parenthesis belongs to, and which argument is being typed."""
    lines = Lines(found.workspace.text_of(found.document), found.workspace.encoding)
    cursor = cursor_in_script(lines.text[: lines.offset(params.position)])
    if cursor is None:
        return None
    scene = scene_of(found)
    scope = TypingScope(cursor, scene)
    opened = next(scope.openers(), None)
    if opened is None:
        return None
    called, performed = _called(scope, opened)
    ways = list(_Ways(scene, found.workspace).of(called, performed)) if called else ()
    if not ways:
        return None
    name, position = _argument(scope, opened)
    best = next((number for number, way in enumerate(ways) if position < len(_names(way))), 0)
    names = _names(ways[best])
    active = names.index(name) if name in names else position
    return lsp.SignatureHelp(ways, best, active)


def _called(scope: TypingScope, opened: int) -> tuple[str, bool]:
    """The name that an open parenthesis belongs to, nothing where there is none, and whether it is performed."""
    if scope.type_of(opened - 1) == "INHERITED":
        return scope.overridden(opened), True
    if scope.type_of(opened - 1) not in ("NAME", "QUOTED"):
        return "", False
    return scope.word(opened - 1), scope.type_of(opened - 2) in ("PERFORM", "START")


def _argument(scope: TypingScope, opened: int) -> tuple[str | None, int]:
    """The name of the argument at the cursor if it has one, and how many stand before it."""
    position, begin = 0, opened + 1
    depth = 0
    for at in range(opened + 1, len(scope.tokens)):
        kind = scope.type_of(at)
        depth += (kind == "LPAREN") - (kind == "RPAREN")
        if kind == "COMMA" and depth == 0:
            position, begin = position + 1, at + 1
    named = scope.type_of(begin + 1) == "COLON"
    return (scope.word(begin) if named else None), position


@attrs.frozen
class _Ways:
    """The ways to call a name: as a verb, a function, a row by its key or over many rows."""

    scene: Scene
    workspace: Workspace

    def of(self, name: str, performed: bool) -> Iterator[lsp.SignatureInformation]:
        """What the name stands for where it is performed, or called in an expression."""
        scene = self.scene
        verb = scene.verb(name)
        if verb is not None and (performed or verb.kind in CALLABLE):
            yield self._of_verb(verb, performed)
        elif performed:
            return
        elif name in AGGREGATES:
            form, doc = AGGREGATES[name]
            yield lsp.SignatureInformation(form, self.workspace.documentation(doc), [])
        elif name in scene.universe.functions:
            for each in scene.universe.functions[name]:
                end = f" returns {known_type(each.result, each.optional)}"
                yield self._way(name, list(map(parameter_line, each.parameters)), end, each.doc)
        elif (table := scene.table(name)) is not None:
            yield from self._of_table(table)

    def _of_verb(self, verb: Verb, performed: bool) -> lsp.SignatureInformation:
        row: Sequence[str] = ()
        on = ""
        if verb.binding is not None:
            table = in_script(verb.binding.table.rpartition(".")[2])
            row, on = ((), f" on {table}") if performed else ((f"{verb.binding.row} {table}",), "")
        returned = f" returns ({', '.join(map(parameter_line, verb.outputs))})" if verb.outputs else ""
        return self._way(verb.short_name, [*row, *map(parameter_line, verb.inputs)], f"{on}{returned}", verb.doc)

    def _of_table(self, table: Table) -> Iterator[lsp.SignatureInformation]:
        for key in dict.fromkeys((*table.keys, tuple(column.name for column in table.primary))):
            columns = [column_line(table.by_name[name], table) for name in key]
            yield self._way(table.short_name, columns, "", f"A row of {table.short_name} by its key.")

    def _way(self, name: str, parameters: Sequence[str], end: str, doc: str) -> lsp.SignatureInformation:
        label = f"{in_script(name)}({', '.join(parameters)}){end}"
        shown = [lsp.ParameterInformation(each) for each in parameters]
        return lsp.SignatureInformation(label, self.workspace.documentation(doc), shown)


def _names(way: lsp.SignatureInformation) -> list[str]:
    """The names of what a call takes."""
    return [str(each.label).partition(" ")[0].strip("`") for each in way.parameters or ()]
