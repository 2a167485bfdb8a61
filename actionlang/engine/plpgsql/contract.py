"""A verb's contract as a function of the database has it: parameters with the database's types, and what is seen of what a client
gives before anything is done."""

from __future__ import annotations

import attrs

from actionlang.engine.plpgsql.changes import is_secret
from actionlang.engine.plpgsql.json_texts import MASKED, json_of
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.spelling import FITS
from actionlang.engine.relational import rows
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.engine.sql.native import native_codec_of
from actionlang.engine.sql.storage import Cell
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan.plan import Parameter

LONGEST_NAME = 63
"""Bytes of the longest name that PostgreSQL does not cut off."""

WRONG = "E0907"


@attrs.frozen
class Given:
    """A parameter of the function: its name, its type, whether it may be left out."""

    name: str
    type: str
    optional: bool = False

    def declared(self, quoted: str) -> str:
        """As it stands in the function's head."""
        return f"{quoted} {self.type}{' DEFAULT NULL' if self.optional else ''}"


class Contract:
    """Parameters while they are put together. In the body they are read by number, so that no name of theirs is mistaken."""

    def __init__(self, scope: ServerScope) -> None:
        self.scope = scope
        self.given: list[Given] = []
        self.members: list[tuple[str, str, str | None]] = []

    def add(self, name: str, type_: str, *, optional: bool = False) -> str:
        """One more parameter; gives how the body reads it."""
        if len(name.encode()) > LONGEST_NAME:
            raise NotRelational(f"{name} is longer than a name in PostgreSQL may be")
        self.given.append(Given(name, type_, optional))
        return f"${len(self.given)}"

    def free(self, name: str) -> str:
        """A name that no parameter of the verb has."""
        taken = {each.name for each in self.given}
        return f"run_{name}" if name in taken else name

    def refuse(self, condition: str, message: str) -> None:
        """Write that a call is refused, before it is a run, where a condition holds. Both are SQL."""
        branch = self.scope.block.inside(f"IF {condition} THEN", "END IF;")
        branch.say(refusal(message))

    # ------------------------------------------------------------------------------------------------------- the row

    def row_parameters(self, table: Table, name: str) -> tuple[str, ...]:
        """Parameters for the primary key of the row that the verb is on; gives the key's cells."""
        stored = self.scope.storage.table(table.name)
        single = len(stored.key_cells) == 1
        return tuple(self._cell(name if single else f"{name}_{cell.name}", cell.type) for cell in stored.key_cells)

    def _cell(self, name: str, type_: t.Type) -> str:
        if isinstance(type_, t.Choice):
            return self._member(self.add(name, "text"), type_)
        return self.add(name, self.scope.function.variable_type(type_))

    def _member(self, text: str, type_: t.Choice) -> str:
        """A choice's member by its name, as it is stored."""
        if not self.scope.spelling.numbered(type_):
            return text
        members = self.scope.schema.choices[type_.name].members
        cases = " ".join(f"WHEN {self.scope.text(member.name)} THEN {member.number}" for member in members)
        return f"(CASE {text} {cases} END)::bigint"

    # -------------------------------------------------------------------------------------------------------- inputs

    def input(self, parameter: Parameter) -> None:
        """A parameter of the verb."""
        scope = self.scope
        may_be_left_out = parameter.optional or parameter.default is not None
        number = self.add(parameter.name, self._type(parameter.type), optional=may_be_left_out)
        names = scope.function.value_variables(parameter.name, parameter.type)
        value = scope.spelling.sized(Sql(names, parameter.type, optional=True, simple=True), parameter.type)
        if not may_be_left_out:
            self.refuse(f"{number} IS NULL", scope.text(f"{scope.verb.short_name} needs `{parameter.name}`."))
        texts = self._cells(number, parameter)
        scope.block.say(*(f"{name} := {text};" for name, text in zip(names, texts, strict=True)))
        self._see_fitting(number, value, parameter)
        hidden = is_secret(parameter.type, parameter.sensitive, scope)
        shown = MASKED if hidden else json_of(value, scope)
        self.members.append((parameter.name, shown, f"{number} IS NOT NULL" if may_be_left_out else None))
        if parameter.default is not None:
            from actionlang.engine.plpgsql.performing import left_out

            instead = left_out(parameter, scope)
            branch = scope.block.inside(f"IF {number} IS NULL THEN", "END IF;")
            branch.say(*(f"{name} := {text};" for name, text in zip(names, instead.cells, strict=True)))
        empty = parameter.optional and (parameter.default is None or parameter.default.value is None)
        scope.values[parameter.name] = attrs.evolve(value, optional=empty and parameter.optional)

    def _type(self, type_: t.Type) -> str:
        scope = self.scope
        if isinstance(type_, t.Row):
            cells = scope.function.cell_types(type_)
            if len(cells) == 1:
                return "text" if isinstance(cells[0], t.Choice) else scope.function.variable_type(cells[0])
            return "jsonb"
        if isinstance(type_, t.Duration):
            return "interval"
        if isinstance(type_, t.Choice):
            return "text"
        if isinstance(type_, t.Choices):
            return "text[]"
        if isinstance(type_, t.ListOf):
            if isinstance(type_.item, t.Duration | t.Choices | t.Json):
                raise NotRelational(f"a list of {type_.item} is a parameter here")
            inner = self._type(type_.item)
            if inner == "jsonb":
                raise NotRelational(
                    "a list of rows of several tables, or whose key has several columns, is a parameter here"
                )
            return f"{inner}[]"
        if isinstance(type_, t.Json | t.File):
            raise NotRelational(f"a {type_} is a parameter here")
        return scope.function.variable_type(type_)

    def _cells(self, number: str, parameter: Parameter) -> tuple[str, ...]:
        """What was given, as the cells of a value."""
        scope, type_ = self.scope, parameter.type
        if isinstance(type_, t.Row):
            return self._row_cells(number, type_)
        if isinstance(type_, t.Duration):
            months = f"extract(year FROM {number}) <> 0 OR extract(month FROM {number}) <> 0"
            self.refuse(months, self._takes(parameter, "a length of time without months and years"))
            return (f"(extract(epoch FROM {number}) * 1000000)::bigint",)
        if isinstance(type_, t.Choice):
            members = ", ".join(scope.text(name) for name in scope.schema.choices[type_.name].by_name)
            known = ", ".join(scope.schema.choices[type_.name].by_name)
            self.refuse(f"{number} NOT IN ({members})", self._takes(parameter, f"one of {known}"))
            return (self._member(number, type_),)
        if isinstance(type_, t.Choices):
            known_members = scope.schema.choices[type_.name].by_name
            array = f"ARRAY[{', '.join(scope.text(name) for name in known_members)}]"
            self.refuse(f"NOT {number} <@ {array}", self._takes(parameter, f"any of {', '.join(known_members)}"))
            chosen = f"unnest({array}) WITH ORDINALITY AS u(m, n) WHERE m = ANY ({number}) ORDER BY n"
            text = f"'[' || array_to_string(ARRAY(SELECT to_json(m)::text FROM {chosen}), ',') || ']'"
            return (f"CASE WHEN {number} IS NULL THEN NULL ELSE {text} END",)
        if isinstance(type_, t.ListOf):
            self.refuse(
                f"array_position({number}, NULL) IS NOT NULL", self._takes(parameter, "a list without empty items")
            )
            if isinstance(type_.item, t.Choice):
                member = self._member("m", type_.item)
                return (f"ARRAY(SELECT {member} FROM unnest({number}) WITH ORDINALITY AS u(m, n) ORDER BY n)",)
        if isinstance(type_, t.Decimal) and type_.scale is not None:
            return (f"{scope.spelling.support('rounded')}({number}, {type_.scale}, 'half even')",)
        if isinstance(type_, t.Money):
            return (f"{scope.spelling.support('rounded')}({number}, 4, 'half even')",)
        return (number,)

    def _row_cells(self, number: str, type_: t.Row) -> tuple[str, ...]:
        scope = self.scope
        types = scope.function.cell_types(type_)
        if len(types) == 1:
            cell = types[0]
            return (self._member(number, cell) if isinstance(cell, t.Choice) else number,)
        if len(type_.tables) == 1:
            return self._key_cells(number, type_.tables[0])
        found: list[str] = []
        for table in type_.tables:
            names = f"{scope.text(table)}, {scope.text(scope.schema.tables[table].short_name)}"
            cells = self._key_cells(f"({number}->'key')", table)
            found += [f"CASE WHEN {number}->>'table' IN ({names}) THEN {cell} END" for cell in cells]
        return tuple(found)

    def _key_cells(self, key: str, table: str) -> tuple[str, ...]:
        """The cells of a key that is given as JSON, as records and outputs have it."""
        types = self.scope.function.cell_types(t.Row((table,)))
        found = []
        for path, type_ in zip(self._paths(table), types, strict=True):
            text = f"({key} #>> '{{{','.join(map(str, path))}}}')"
            known = self.scope.function.variable_type(type_)
            found.append(self._member(text, type_) if isinstance(type_, t.Choice) else f"{text}::{known}")
        return tuple(found)

    def _paths(self, table: str) -> list[tuple[int, ...]]:
        """Where in a table's key, written as JSON, each of its cells stands."""
        primary = self.scope.storage.table(table).primary
        found: list[tuple[int, ...]] = []
        for at, part in enumerate(primary):
            start = (at,) if len(primary) > 1 else ()
            type_ = part.column.type
            if not isinstance(type_, t.Row):
                found.append(start)
            elif len(type_.tables) == 1:
                found += [(*start, *path) for path in self._paths(type_.tables[0])]
            else:
                raise NotRelational("a row whose key refers to several tables is a parameter here")
        return found

    def _see_fitting(self, number: str, value: Sql, parameter: Parameter) -> None:
        """Write that what was given is seen to be a value of the type."""
        scope, type_ = self.scope, parameter.type
        if isinstance(type_, t.Row):
            self.see_there(value, f"`{parameter.name}` takes", number, sensitive=parameter.sensitive)
            return
        item = type_.item if isinstance(type_, t.ListOf) else type_
        if isinstance(item, t.Row):
            (table_name,) = item.tables
            table = scope.schema.tables[table_name]
            alias = scope.new_alias()
            where = rows.keyed(table, alias, ("g",), scope)
            there = f"EXISTS (SELECT 1 FROM {scope.named(table, alias)} WHERE {where})"
            message = self._takes(parameter, f"existing {table.short_name} rows")
            self.refuse(f"EXISTS (SELECT 1 FROM unnest({value.text}) AS u(g) WHERE NOT {there})", message)
            return
        condition = fitting_condition(item, "g" if item is not type_ else value.text, scope)
        if condition is None:
            return
        if item is not type_:
            condition = f"EXISTS (SELECT 1 FROM unnest({value.text}) AS u(g) WHERE NOT {condition})"
        else:
            condition = f"NOT {condition}"
        self.refuse(condition, self._takes(parameter, f"a value of type {type_}"))

    def _takes(self, parameter: Parameter, what: str) -> str:
        return self.scope.text(f"`{parameter.name}` takes {what}.")

    def see_there(self, value: Sql, takes: str, number: str, *, sensitive: bool) -> None:
        """Write that a row that was given is seen to be there."""
        scope = self.scope
        assert isinstance(value.type, t.Row)
        found = []
        for name, cells, _ in rows.parts(value, scope):
            table, alias = scope.schema.tables[name], scope.new_alias()
            where = rows.keyed(table, alias, cells, scope)
            found.append(f"EXISTS (SELECT 1 FROM {scope.named(table, alias)} WHERE {where})")
        wanted = " or ".join(
            f"an existing {table.short_name}, by its {' and '.join(column.name for column in table.primary)}"
            for table in (scope.schema.tables[name] for name in value.type.tables)
        )
        shown = [scope.text(f"{takes} {wanted}.")]
        if not sensitive:
            shown = [scope.text(f"{takes} {wanted}, not "), f"{number}::text", scope.text(".")]
        self.refuse(f"{number} IS NOT NULL AND NOT ({' OR '.join(found)})", scope.spelling.joined(shown))


def fitting_condition(type_: t.Type, text: str, scope: ServerScope) -> str | None:
    """That a filled text is a value of a type."""
    if isinstance(type_, t.Text) and type_.length is not None:
        return f"(length({text}) <= {type_.length})"
    if isinstance(type_, t.Decimal) and type_.precision is None:
        return f"({text} > '-Infinity' AND {text} < 'Infinity' AND {FITS.format(text)})"
    if isinstance(type_, t.Choice):
        return None
    return scope.spelling.conforming(Cell("", native_codec_of(type_, scope.schema), type_), text, type_)


def refusal(message: str) -> str:
    """The statement that answers a call that is no run. `message` is SQL."""
    return f"RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', '{WRONG}', 'message', {message});"
