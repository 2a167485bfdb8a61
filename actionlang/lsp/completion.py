"""What could be typed next, as at the prompt: names that fit by their type, and the grammar's words."""

from __future__ import annotations

from lsprotocol import types as lsp

from actionlang.compile.standard import standard_modules
from actionlang.lsp.headings import choice_line, function_line, table_line, verb_line
from actionlang.lsp.positions import Lines
from actionlang.lsp.words import AGGREGATES, TYPES
from actionlang.lsp.workspace import Found, Workspace
from actionlang.repl.completion import Candidate, complete_at
from actionlang.repl.cursor import Cursor, cursor_in_script
from actionlang.repl.scene import Scene
from actionlang.syntax.tokens import KEYWORDS

ItemKind = lsp.CompletionItemKind

KINDS = {
    "verb": ItemKind.Event,
    "table": ItemKind.Struct,
    "choice": ItemKind.Enum,
    "type": ItemKind.TypeParameter,
    "state": ItemKind.EnumMember,
    "function": ItemKind.Function,
    "aggregate": ItemKind.Function,
    "module": ItemKind.Module,
}
"""How a candidate is shown, by what it is in words. A value has its type instead."""


def completion(found: Found, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    """What fits at a place. The text counts as it is; what it names, as it was when the script was checked last."""
    lines = Lines(found.workspace.text_of(found.document), found.workspace.encoding)
    offset = lines.offset(params.position)
    cursor = cursor_in_script(lines.text[:offset])
    if cursor is None:
        return None
    place = lines.range(offset - len(cursor.word), offset)
    scene = scene_of(found)
    candidates = [*_modules(cursor), *complete_at((cursor,), scene)]
    items = [_item(each, place, number, scene, found.workspace) for number, each in enumerate(candidates)]
    return lsp.CompletionList(False, items)


def scene_of(found: Found) -> Scene:
    """The names that a script can use."""
    return Scene(found.module.checked.universe, found.module.checked.names)


def _modules(cursor: Cursor) -> list[Candidate]:
    """What can be imported by name."""
    if cursor.previous != "IMPORT":
        return []
    return [
        Candidate(name, "module") for name in standard_modules() if name.startswith(cursor.word) and name != "prelude"
    ]


def _item(
    candidate: Candidate, place: lsp.Range, number: int, scene: Scene, workspace: Workspace
) -> lsp.CompletionItem:
    plain = candidate.text.strip("`").rstrip("(:")
    detail, doc = _described(candidate, plain, scene)
    return lsp.CompletionItem(
        label=candidate.text.rstrip("("),
        kind=_kind(candidate),
        detail=detail,
        documentation=workspace.documentation(doc),
        sort_text=f"{number:05}",
        filter_text=plain,
        text_edit=lsp.TextEdit(place, candidate.text),
    )


def _kind(candidate: Candidate) -> lsp.CompletionItemKind:
    if candidate.what:
        if candidate.text.endswith(":"):
            return ItemKind.Property
        return KINDS.get(candidate.what, ItemKind.Field)
    return ItemKind.Keyword if candidate.text in KEYWORDS else ItemKind.Text


def _described(candidate: Candidate, name: str, scene: Scene) -> tuple[str, str]:
    """A line about a candidate, and its documentation."""
    what = candidate.what
    if what == "verb" and (verb := scene.verb(name)) is not None:
        return verb_line(verb), verb.doc
    if what == "table" and (table := scene.table(name)) is not None:
        return table_line(table), table.doc
    if what == "function" and (overloads := scene.universe.functions.get(name)):
        return function_line(overloads[0]), overloads[0].doc
    if what == "aggregate":
        return AGGREGATES[name]
    if what == "choice" and (full := scene.names.choices.get(name)):
        choice = scene.universe.choices[full[0]]
        return choice_line(choice), choice.doc
    return what, TYPES.get(name, "") if what == "type" else ""
