"""A table's columns, from what the database says of each."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from actionlang.metadata import types as t
from actionlang.metadata.emit import Notice
from actionlang.metadata.sources import database_types as types
from actionlang.metadata.sources.database_checks import AtMost, NotEmpty, OneOf, Rule, function_of, literal_of, rules_of
from actionlang.metadata.sources.database_choices import Choices
from actionlang.metadata.sources.database_lookups import Keyed, Lookup, Lookups
from actionlang.metadata.sources.database_names import column_name, lookup_name
from actionlang.metadata.sources.database_reflection import FoundColumn
from actionlang.metadata.tables import Column, Default

NOT_IMPORTED = "Not imported: "
IN_DATABASE = "In the database: "
"""How notices begin; an import that updates a script replaces those of the one before."""

LONGEST_SQL = 60
"""Characters of SQL that a notice repeats."""

LONGEST = 114
"""Characters of a notice: it stands on one line."""


def notice(text: str, about: str | None = None, column: str | None = None) -> Notice:
    """A notice on one line."""
    return Notice(text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}...", about, column)


@attrs.frozen
class Made:
    """A table's columns; the script's name of each stored column; what there is to say."""

    columns: tuple[Column, ...]
    names: Mapping[str, str]
    notices: tuple[Notice, ...]


def make_columns(name: str, keyed: Keyed, lookups: Lookups, tables: Mapping[str, str], choices: Choices) -> Made:
    """The columns of the table `name` (a full name). `tables` are the full names of tables by stored name."""
    return _Maker(name, keyed, lookups, tables, choices).make()


class _Maker:
    def __init__(self, name: str, keyed: Keyed, lookups: Lookups, tables: Mapping[str, str], choices: Choices) -> None:
        self.name = name
        self.found = keyed.table
        self.key = keyed.key
        self.lookups = lookups
        self.tables = tables
        self.choices = choices
        self.notices: list[Notice] = []
        self.rules: dict[str, list[Rule]] = {}
        self.used: set[Rule] = set()
        self.names: dict[str, str] = {}

    def make(self) -> Made:
        checks = [(check, self._rules(check)) for check in self.found.checks]
        names = self.names = self._names()
        columns: dict[str, Column] = {}
        for found in self.found.columns:
            lookup = self.lookups.of(found.name)
            if lookup is None:
                column = self._plain(found, names[found.name])
                if column is not None:
                    columns[column.name] = column
            elif names[found.name] not in columns:
                columns[names[found.name]] = self._lookup(lookup, names[found.name])
        for check, rules in checks:
            if not rules or not set(rules) <= self.used:
                self._say(f"{IN_DATABASE}check ({_short(check)})", None)
        for key, reason in self.lookups.refused:
            if key.columns[0] in names:
                text = f"{', '.join(key.columns)} refers to {key.table} ({', '.join(key.targets)}), {reason}"
                self._say(f"{IN_DATABASE}{text}", names[key.columns[0]])
        left = {stored: name for stored, name in names.items() if name in columns}
        return Made(tuple(columns.values()), left, tuple(self.notices))

    def _say(self, text: str, column: str | None) -> None:
        self.notices.append(notice(text, self.name, column))

    def _rules(self, check: str) -> tuple[Rule, ...]:
        """What a check says, each rule kept with its column."""
        rules = rules_of(check)
        by_small = {column.name.lower(): column.name for column in self.found.columns}
        for rule in rules:
            name = rule.column if rule.column in self.found.by_name else by_small.get(rule.column.lower(), "")
            self.rules.setdefault(name, []).append(rule)
        return rules

    def _names(self) -> dict[str, str]:
        """The script's names by stored column."""
        names: dict[str, str] = {}
        stored = [column.name for column in self.found.columns]
        for found in self.found.columns:
            if self.lookups.of(found.name) is None:
                names[found.name] = column_name(found.name, names.values())
        for lookup in self.lookups.lookups:
            others = [*names.values(), *(each for each in stored if each not in lookup.columns)]
            table = self.tables[lookup.target].rpartition(".")[2]
            names.update(dict.fromkeys(lookup.columns, lookup_name(lookup.columns, table, others)))
        return names

    # ------------------------------------------------------------------------------------------------------- columns

    def _lookup(self, lookup: Lookup, name: str) -> Column:
        found = [self.found.by_name[column] for column in lookup.columns]
        primary = lookup.columns[0] in self.key
        for each in found:
            self._note_default(each, name)
        return Column(
            name,
            t.Row((self.tables[lookup.target],)),
            ", ".join(lookup.columns),
            required=all(each.required for each in found) and not primary,
            primary=primary,
            readonly=any(each.computed for each in found) and not primary,
            doc="\n".join(each.comment for each in found if each.comment),
        )

    def _note_default(self, found: FoundColumn, name: str) -> None:
        if found.default is not None and found.default.upper() != "NULL":
            self._say(f"{NOT_IMPORTED}the default {_short(found.default)}", name)

    def _plain(self, found: FoundColumn, name: str) -> Column | None:
        found = _of_domain(found)
        primary = found.name in self.key
        type_ = self._type(found)
        if type_ is None:
            needed = found.required and found.default is None and not found.computed and not found.counted
            more = "; it is required, so that verbs can not create rows" if needed else ""
            self._say(f"{NOT_IMPORTED}{found.name}, of type {_short(found.spelt)}{more}", name)
            return None
        narrowed = types.narrowed(types.underlying(found.type))
        if narrowed is not None:
            self._say(f"{IN_DATABASE}{narrowed}", name)
        readonly = self._is_made(found, type_) if primary else found.computed or found.counted
        required = found.required or self._never_empty(found.name)
        if primary and (found.always or found.computed) and not readonly:
            self._say(f"{IN_DATABASE}the key is made by the database alone; verbs can not create rows", name)
        default = None if readonly or primary else self._default(found, type_, name)
        return Column(
            name,
            type_,
            found.name,
            required=required and not primary,
            primary=primary,
            default=default,
            readonly=readonly,
            doc=found.comment,
        )

    def _is_made(self, found: FoundColumn, type_: t.Type) -> bool:
        """Whether the database makes the whole of the primary key, in a way that verbs can leave to it. What refers to another
        table is given, and an id verbs make themselves, whatever its default."""
        refers = any(found.name in key.columns for key in self.found.foreign_keys)
        return found.counted and len(self.key) == 1 and not refers and isinstance(type_, t.Integer)

    def _type(self, found: FoundColumn) -> t.Type | None:
        type_ = types.underlying(found.type)
        if isinstance(type_, sa.Enum):
            label = type_.name or None
            words = [label] if label else [self.found.name, found.name]
            return self.choices.of_texts(tuple(type_.enums), words, label)
        known = types.language_type(type_)
        for rule in [*self.rules.get(found.name, ()), *self._domain_rules(found)]:
            ruled = self._ruled(known, rule, found)
            if ruled is not None:
                self.used.add(rule)
                known = ruled
        return known

    def _domain_rules(self, found: FoundColumn) -> tuple[Rule, ...]:
        """What the check of a column's domain says; told as it is where the language can not say it."""
        if not isinstance(found.type, postgresql.DOMAIN) or found.type.check is None:
            return ()
        rules = rules_of(str(found.type.check))
        if not rules:
            self._say(f"{IN_DATABASE}check ({_short(str(found.type.check))})", self.names[found.name])
        return rules

    def _ruled(self, known: t.Type | None, rule: Rule, found: FoundColumn) -> t.Type | None:
        """A column's type where a check says more than the column's own; None where that is nothing."""
        words = [self.found.name, found.name]
        if isinstance(rule, AtMost) and isinstance(known, t.Text):
            return t.Text(min(rule.length, known.length or rule.length))
        if not isinstance(rule, OneOf):
            return None
        texts = tuple(value for value in rule.values if isinstance(value, str))
        numbers = tuple(value for value in rule.values if isinstance(value, int))
        if isinstance(known, t.Text) and texts:
            return self.choices.of_texts(texts, words, None)
        if isinstance(known, t.Integer) and numbers:
            return t.Boolean() if set(numbers) == {0, 1} else self.choices.of_numbers(numbers, words)
        return None

    def _never_empty(self, name: str) -> bool:
        rules = [rule for rule in self.rules.get(name, ()) if isinstance(rule, NotEmpty)]
        self.used.update(rules)
        return bool(rules)

    def _default(self, found: FoundColumn, type_: t.Type, name: str) -> Default | None:
        if found.default is None:
            return None
        function = function_of(found.default)
        if function == "now" and type_ == t.DateTime():
            return Default(function="now")
        if function is not None and type_ == t.Date():
            return Default(function="today")
        try:
            value = literal_of(found.default)
            if value is None:
                return None
            constant = types.constant(type_, value)
            return Default(self.choices.member(type_.name, constant) if isinstance(type_, t.Choice) else constant)
        except ValueError:
            self._note_default(found, name)
            return None


def _of_domain(found: FoundColumn) -> FoundColumn:
    """A column with what its domain says: whether it may be empty, its default."""
    if not isinstance(found.type, postgresql.DOMAIN):
        return found
    required = found.required or bool(found.type.not_null)
    return attrs.evolve(found, required=required, default=found.default or _sql(found.type.default))


def _sql(default: object) -> str | None:
    return None if default is None else str(default)


def _short(sql: str) -> str:
    """SQL on one line, cut where it is long."""
    line = " ".join(sql.split())
    return line if len(line) <= LONGEST_SQL else f"{line[: LONGEST_SQL - 3]}..."
