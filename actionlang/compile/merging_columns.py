"""What becomes of a column of a script when metadata is imported anew: what the script and what the import say, agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.emit import FLAGS, Spelling, default_text, name_text, text_literal
from actionlang.metadata.tables import MADE, Choice, Column
from actionlang.syntax import ast

OF_THE_FILE: dict[type[t.Type], frozenset[str]] = {
    t.Text: frozenset({"date", "datetime", "id", "json", "file", "duration"}),
    t.Integer: frozenset({"boolean", "duration", "money"}),
    t.Boolean: frozenset({"integer"}),
}
"""Types of the language that may have been chosen in the script for a column that the database describes less closely."""

STRONGER = ("required", "key", "unique", "readonly", "sensitive", "hierarchy")
"""What a script may say of a column beyond what the database says; whether it is primary is the database's to say."""

MINE = frozenset({"sensitive", "hierarchy"})
"""What no database says, so that there is nothing to tell about."""


@attrs.frozen
class Declared:
    """The choices that a script declares, by name; and the imported ones, by full name."""

    choices: Mapping[str, ast.Choice]
    imported: Mapping[str, Choice]


@attrs.frozen
class Agreed:
    """What was agreed on a column. `new` is its type and what follows, where that is not the `old` any more. `choice` is the full
    name of an imported choice that `new` is of; `members_of` the script's choice that stays. `beyond` is what only the script
    says."""

    old: str
    new: str | None = None
    choice: str | None = None
    members_of: str | None = None
    beyond: tuple[str, ...] = ()


def agree(
    item: ast.Column | ast.StatusColumn,
    column: Column,
    text: str,
    declared: Declared,
    spelling: Spelling,
) -> Agreed:
    """What the script's column `item` and the imported `column` of that stored name come to; `text` is the script.

    A status stays one wherever its states can be stored.
    """
    imported = [word for word, says in FLAGS if says(column)]
    if isinstance(item, ast.StatusColumn):
        if holds(column.type, is_numbered(item.states), declared.imported):
            return Agreed("a status")
        default = None if column.default is None else default_text(column.type, column.default)
        return Agreed("a status", " ".join(_tail(spelling.type(column.type), imported, default, column, item)))
    written = text[item.type.start : item.type.end]
    said = {modifier.word: modifier for modifier in item.modifiers}
    stays = _stays(item.type, column.type, declared, spelling)
    type_text = written if stays else spelling.type(column.type)
    words = [word for word, _ in FLAGS if word in imported or (word in said and word in STRONGER)]
    # That verbs give the key themselves, whatever the database could do, is the script's to say.
    gives_key = "primary" in said and "readonly" not in said
    if "primary" in words and (gives_key or not isinstance(column.type, MADE)):
        words = [word for word in words if word != "readonly"]
    if "key" in words and "unique" in words:
        words.remove("unique" if "key" in said else "key" if "unique" in said else "unique")
    was = None if (given := said.get("default")) is None or given.value is None else _slice(text, given.value)
    default = was if was is not None and stays else _imported_default(item, column, declared, spelling, stays)
    if "readonly" in words:
        default = None
    old_words = [word for word, _ in FLAGS if word in said]
    new = " ".join(_tail(type_text, words, default, column, item))
    old = " ".join(_tail(written, old_words, was, column, item))
    return Agreed(
        old,
        None if new == old else new,
        column.type.name if isinstance(column.type, t.Choice) and not stays else None,
        item.type.name.text if isinstance(item.type, ast.TypeName) and stays else None,
        _beyond(words, old_words, imported),
    )


def _slice(text: str, node: ast.Node) -> str:
    return text[node.start : node.end]


def _beyond(words: list[str], old_words: list[str], imported: list[str]) -> tuple[str, ...]:
    """What only the script says, of what a database could say, too."""
    unique = {"key", "unique"}
    known = {*imported, *MINE, *(unique if unique & set(imported) else ())}
    return tuple(word for word in words if word in old_words and word not in known)


def _tail(
    type_text: str, words: list[str], default: str | None, column: Column, item: ast.Column | ast.StatusColumn
) -> list[str]:
    """What stands behind a column's name."""
    parts = [type_text, *words]
    if default is not None:
        parts.append(f"default {default}")
    if column.stored != item.name.text:
        parts.append(f"stored as {text_literal(column.stored)}")
    return parts


def _imported_default(
    item: ast.Column, column: Column, declared: Declared, spelling: Spelling, stays: bool
) -> str | None:
    """The imported default, where it is one of what will be the column's type."""
    if column.default is None:
        return None
    if not stays:
        return default_text(column.type, column.default)
    choice = declared.choices.get(item.type.name.text) if isinstance(item.type, ast.TypeName) else None
    if choice is not None:
        members = {member.name.text for member in choice.members if isinstance(member, ast.Member)}
        return default_text(column.type, column.default) if column.default.value in members else None
    if written_of(item.type) != spelling.type(column.type):
        return None
    return default_text(column.type, column.default)


def _stays(node: ast.TypeExpression, type_: t.Type, declared: Declared, spelling: Spelling) -> bool:
    """Whether the script's type stays: it is the imported one, or says more of what is stored."""
    written = written_of(node)
    if written == spelling.type(type_) or _last(written) == _last(spelling.type(type_)):
        return True
    if isinstance(node, ast.ChoicesType):
        return isinstance(type_, t.Text)
    if not isinstance(node, ast.TypeName):
        return False
    name = node.name.text
    if name in declared.choices:
        return holds(type_, is_numbered(declared.choices[name].members), declared.imported)
    if name in t.SIMPLE:
        if isinstance(type_, t.Decimal):
            return name == "money" and type_ == t.Decimal(19, 4)
        return name in OF_THE_FILE.get(type(type_), ())
    # A table, or a choice or table of another module: made by hand, where the database says nothing of what is referred to.
    return not isinstance(type_, t.Row)


def is_numbered(members: Iterable[ast.Node]) -> bool:
    """Whether the members of a choice, or a status's states, have numbers."""
    return any(member.number is not None for member in members if isinstance(member, ast.Member | ast.State))


def holds(type_: t.Type, numbered: bool, imported: Mapping[str, Choice]) -> bool:
    """Whether a column of an imported type can hold the members of a choice: their numbers, or their names."""
    if isinstance(type_, t.Choice):
        return imported[type_.name].numbered == numbered
    return isinstance(type_, t.Integer | t.Boolean if numbered else t.Text)


def _last(written: str) -> str:
    """A type without the module's name before it."""
    return " | ".join(part.rpartition(".")[2] for part in written.split(" | "))


def written_of(node: ast.TypeExpression) -> str:
    """A type as `emit` would write what stands in the script."""
    if isinstance(node, ast.TypeName):
        sizes = f"({','.join(map(str, node.sizes))})" if node.sizes else ""
        return f"{_qualified(node.name)}{sizes}"
    if isinstance(node, ast.ChoicesType):
        return f"choices of {_qualified(node.choice)}"
    if isinstance(node, ast.AlternativesType):
        return " | ".join(_qualified(table) for table in node.tables)
    return f"list of {written_of(node.item)}"


def _qualified(name: ast.Qualified) -> str:
    qualifier = f"{name_text(name.qualifier)}." if name.qualifier else ""
    return f"{qualifier}{name_text(name.text)}"
