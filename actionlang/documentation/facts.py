"""What pages say of verbs and tables, in words and links, before it becomes HTML."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
from markupsafe import Markup

from actionlang.documentation.addresses import Addresses
from actionlang.documentation.prose import prose, sentence
from actionlang.documentation.subject import Subject
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan.describe import KIND_WORDS
from actionlang.plan.expression_text import constant_text, short
from actionlang.plan.plan import Effects, Parameter, Verb


@attrs.frozen
class Part:
    """Some words, and the page that they lead to, if any."""

    text: str
    address: str | None = None


@attrs.frozen
class Row:
    """A parameter, an output or a column: its name, its type, what else holds of it, what it is for."""

    name: str
    type: tuple[Part, ...]
    notes: tuple[str, ...]
    doc: Markup


@attrs.frozen
class Entry:
    """Something in a list: what leads to its page, what stands behind, its first sentence, the words it is found by."""

    part: Part
    behind: str
    doc: Markup
    words: str


@attrs.frozen
class Effect:
    """What is done to some tables: `Updates`, and each table with the columns."""

    word: str
    tables: tuple[tuple[Part, str], ...]


class Facts:
    """Makes facts of a subject, whose pages have these addresses."""

    def __init__(self, subject: Subject, at: Addresses) -> None:
        self.subject = subject
        self.at = at

    def table(self, name: str) -> Part:
        """A table's name, leading to its page."""
        return Part(short(name), self.at.tables.get(name))

    def verb(self, name: str) -> Part:
        """A verb's name, leading to its page."""
        return Part(short(name), self.at.verbs.get(name))

    def choice(self, name: str) -> Part:
        """A choice's name, leading to where its members are."""
        return Part(short(name), self.at.choices.get(name))

    def type(self, type_: t.Type) -> tuple[Part, ...]:
        """A type as a script writes it, with the tables and choices in it leading to their pages."""
        if type_ == t.OWNER:
            return (Part("owner"),)
        if isinstance(type_, t.ListOf):
            return (Part("list of "), *self.type(type_.item))
        if isinstance(type_, t.Row):
            parts = [part for table in type_.tables for part in (Part(" | "), self.table(table))]
            return tuple(parts[1:])
        if isinstance(type_, t.Choice):
            return (self.choice(type_.name),)
        return (Part("choices of "), self.choice(type_.name)) if isinstance(type_, t.Choices) else (Part(str(type_)),)

    def parameter(self, parameter: Parameter) -> Row:
        """A parameter or output."""
        notes = ["optional"] if parameter.optional else []
        default = parameter.default
        if default is not None:
            value = f"{default.function}()" if default.function else constant_text(parameter.type, default.value)
            notes.append(f"default {value}")
        if parameter.sensitive:
            notes.append("sensitive: never logged")
        if parameter.deprecation is not None:
            notes.append(f"deprecated: {parameter.deprecation}")
        return Row(parameter.name, self.type(parameter.type), tuple(notes), prose(parameter.doc))

    def column(self, column: Column, table: Table) -> Row:
        """A column."""
        notes = [word for word, holds in _column_words(column, table) if holds]
        default = column.default
        if default is not None and default.function is not None:
            notes.append(f"default {default.function}()")
        elif default is not None and default.value is not None:
            notes.append(f"default {constant_text(column.type, default.value)}")
        if column.stored != column.name:
            notes.append(f"stored as {column.stored}")
        kind = (Part("status"),) if column.moves is not None else self.type(column.type)
        return Row(column.name, kind, tuple(notes), prose(column.doc))

    def effects(self, effects: Effects) -> list[Effect]:
        """What a verb may do, all that it performs included."""
        found = [
            Effect("Reads", self._columns(effects.reads)),
            Effect("Creates rows of", self._tables(effects.creates)),
            Effect("Updates", self._columns(effects.updates)),
            Effect("Moves the status of", self._tables(table for table, _ in effects.moves)),
            Effect("Assigns to another owner", self._tables(table for table, _ in effects.assigns)),
            Effect("Deletes rows of", self._tables(effects.deletes)),
            Effect("Sends the event", tuple((Part(short(name)), "") for name in effects.emits)),
            Effect("Starts in the background", tuple((self.verb(name), "") for name in effects.starts)),
        ]
        return [effect for effect in found if effect.tables]

    def _columns(self, pairs: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[tuple[Part, str], ...]:
        return tuple((self.table(table), ", ".join(columns)) for table, columns in pairs)

    def _tables(self, names: Iterable[str]) -> tuple[tuple[Part, str], ...]:
        return tuple((self.table(name), "") for name in names)

    def verb_entry(self, verb: Verb) -> Entry:
        """A verb in a list."""
        words = f"{verb.name} {on_words(verb)} {verb.doc}"
        return Entry(self.verb(verb.name), on_words(verb), sentence(verb.doc), _searched(words))

    def table_entry(self, table: Table) -> Entry:
        """A table in a list."""
        words = f"{table.name} {table.label or ''} {table.doc} {' '.join(column.name for column in table.columns)}"
        return Entry(self.table(table.name), table.label or "", sentence(table.doc), _searched(words))


def on_words(verb: Verb) -> str:
    """What a verb is on: `on each case`."""
    if verb.binding is None:
        return ""
    return f"on {'each ' if verb.binding.each else ''}{short(verb.binding.table)}"


def kind_words(verb: Verb) -> str:
    """What a verb is, in words."""
    return KIND_WORDS.get(verb.kind, verb.kind)


def _searched(words: str) -> str:
    return " ".join(words.split()).casefold()


def _column_words(column: Column, table: Table) -> list[tuple[str, bool]]:
    return [
        ("primary key", column.primary),
        ("key", column.key),
        ("unique", column.unique),
        ("required", column.required and not column.primary),
        ("made by the database", column.readonly),
        ("sensitive: never logged", column.sensitive),
        ("hierarchy", column.hierarchy),
        ("what assign changes", column is table.owner),
    ]
