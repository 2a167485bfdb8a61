"""Small functions that are declared below an action, where the language has no expression for what the action's steps do."""

from __future__ import annotations

from actionlang.compile.dataverse_action.kinds import short_names
from actionlang.compile.dataverse_action.known_tables import KnownTables
from actionlang.metadata import types as t


class Functions:
    """The functions that have been asked for, each once, by name."""

    def __init__(self, tables: KnownTables) -> None:
        self.tables = tables
        self.texts: dict[str, str] = {}

    def words(self, kind: t.Type) -> str:
        """A value as a text, "" if there is none: what Dataverse writes into a text."""
        written = self.tables.spelt_type(kind)
        name = f"words_of_{_word(written)}"
        head = f"function {name}(value {written} optional) returns (words text) private"
        return self._add(name, "The value as a text; nothing where there is none.", head, "value", '"{value}"', '""')

    def converted(self, name: str, given: t.Type, made: t.Type, how: str, doc: str) -> str:
        """A value of another type, empty if it is."""
        head = (
            f"function {name}(value {self.tables.spelt_type(given)} optional)"
            f" returns (result {self.tables.spelt_type(made)} optional) private"
        )
        return self._add(name, doc, head, "value", how, "empty")

    def later(self, kind: t.Type) -> str:
        """A date or moment some time later, empty if there is none."""
        name = f"{kind}_after"
        head = f"function {name}(value {kind} optional, by duration) returns (result {kind} optional) private"
        return self._add(
            name, "That much later; empty if there is no such value.", head, "value", "value + by", "empty"
        )

    def months_later(self, kind: t.Type) -> str:
        """A date or moment some months later: the 31st becomes the month's last day, the time of day stays."""
        name = f"{kind}_months_after"
        head = f"function {name}(value {kind} optional, months integer) returns (result {kind} optional) private"
        how = "add_months(value, months)"
        if isinstance(kind, t.DateTime):
            how = "start_of_day(add_months(date_of(value), months)) + (value - start_of_day(value))"
        doc = "That many months later, on the month's last day where it has no such day."
        return self._add(name, doc, head, "value", how, "empty")

    def narrowed(self, given: t.Row, table: str) -> str:
        """The row if it is one of a table, else empty."""
        name = f"as_{_word(table)}" if len(short_names(given)) < 9 else f"as_{_word(table)}_of_any"
        written = self.tables.spelt_table(table)
        head = (
            f"function {name}(value {self.tables.spelt_type(given)} optional)"
            f" returns (result {written} optional) private"
        )
        known = self.texts.get(name)
        text = _function(f"The row, if it is of table {table}.", head, f"value is {written}", "value", "empty")
        if known is not None and known != text:
            name = f"{name}_{len(self.texts)}"
            text = text.replace(f"function as_{_word(table)}", f"function {name}", 1)
        self.texts[name] = text
        return name

    def _add(self, name: str, doc: str, head: str, tested: str, result: str, otherwise: str) -> str:
        self.texts[name] = _function(doc, head, f"{tested} is not empty", result, otherwise)
        return name


def _function(doc: str, head: str, condition: str, result: str, otherwise: str) -> str:
    output = head.rpartition("returns (")[2].partition(" ")[0]
    return f"## {doc}\n{head}\n<\n  if ({condition}) < return {output}: {result} >\n  return {output}: {otherwise}\n>\n"


def _word(text: str) -> str:
    """Some words as part of a name."""
    return "".join(character if character.isalnum() and character.isascii() else "_" for character in text).strip("_")
