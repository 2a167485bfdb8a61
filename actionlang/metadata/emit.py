"""Tables and choices to a script that declares them, laid out like scripts written by hand.

What is written is read back by the parser as the same metadata: `tests/metadata` hold that for any tables and choices.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Default, Member, Table

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that would break a line, or can not be seen."""

BEFORE_TEXT = frozenset({"date", "datetime", "id"})
"""Words that begin a typed literal where a text follows them, as the label of a table or member does."""

VALUES = frozenset({"not", "true", "false", "empty"})
"""Words that mean something else where a value is expected, as a member behind `default` is."""

TYPE_NAMES = frozenset({*t.SIMPLE, "owner"})
"""Names that a table or choice should not have: where a type is expected they mean the language's own."""

WIDTH = 100
"""Characters of a line, as far as it can be broken: what `actionlang fmt` goes by."""

COMMENT_WIDTH = 120
"""Characters of a line of comment, as far as it can be broken."""

UNITS = (("weeks", 604_800), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


@attrs.frozen
class Notice:
    """Something to say as a comment: of the whole script (no table), of a table or choice, or of one of its columns or members.

    `about` is the table's or choice's full name. A notice of a column that the table does not have (one left out) stands behind
    the table's last column.
    """

    text: str
    about: str | None = None
    column: str | None = None


@attrs.frozen
class Script:
    """A script of declarations: of what module, its first lines of comment, what it imports, what it declares.

    `imports` are as written: names of standard modules, paths in quotes. `blocks` are declarations written already (contracts of
    host actions, say), put behind the tables.
    """

    module: str
    choices: Sequence[Choice] = ()
    tables: Sequence[Table] = ()
    notices: Sequence[Notice] = ()
    imports: Sequence[str] = ()
    heading: str = ""
    blocks: Sequence[str] = ()


def emit(script: Script) -> str:
    """The script's text: choices first, then tables, in the order given. A status column's choice is written in its table.

    Raises ValueError for a name that can not be written (see `writable`).
    """
    spelling = Spelling.of(script.module, script.choices, script.tables)
    parts = []
    if script.heading:
        parts.append("\n".join(comment(script.heading)))
    whole = [line for notice in script.notices if notice.about is None for line in comment(notice.text)]
    if whole:
        parts.append("\n".join(whole))
    if script.imports:
        parts.append("\n".join(f"import {each};" for each in script.imports))
    notices = _by_subject(script.notices)
    in_tables = {str(column.type) for table in script.tables for column in table.columns if column.moves is not None}
    written = [each for each in script.choices if str(t.Choice(each.name)) not in in_tables]
    parts += [emit_choice(choice, notices.get(choice.name, ())) for choice in written]
    known = {choice.name: choice for choice in script.choices}
    parts += [emit_table(table, spelling, known, notices.get(table.name, ())) for table in script.tables]
    parts += script.blocks
    return "\n\n".join(parts) + "\n" if parts else ""


def _by_subject(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = {}
    for notice in notices:
        if notice.about is not None:
            found.setdefault(notice.about, []).append(notice)
    return found


# ---------------------------------------------------------------------------------------------------- names, comments


def writable(name: str) -> bool:
    """Whether a name can be written in a script, in backticks if need be."""
    return bool(name) and "`" not in name and not CONTROL.search(name)


def name_text(name: str, avoid: frozenset[str] = frozenset()) -> str:
    """A name as a script writes it; `avoid` are words that mean something else at that place.

    Raises ValueError when it can not be written.
    """
    if not writable(name):
        raise ValueError(f"{name!r} can not be written as a name")
    return name if PLAIN_NAME.fullmatch(name) and name not in avoid else f"`{name}`"


@attrs.frozen
class Spelling:
    """How full names are written in a module: alone, or with the module's name where another one goes first."""

    module: str
    own: frozenset[str]

    @staticmethod
    def of(module: str, choices: Iterable[Choice], tables: Iterable[Table]) -> Spelling:
        """The spelling in a module that declares these."""
        names = [choice.name for choice in choices] + [table.name for table in tables]
        return Spelling(module, frozenset(names))

    def name(self, full: str) -> str:
        """A table's or choice's full name, as written."""
        owner, _, short = full.rpartition(".")
        if full in self.own or owner == self.module or f"{self.module}.{short}" not in self.own:
            return name_text(short)
        return f"{name_text(owner)}.{name_text(short)}"

    def type(self, type_: t.Type) -> str:
        """A type, as written."""
        if type_ == t.OWNER:
            return "owner"
        if isinstance(type_, t.Row):
            return " | ".join(self.name(table) for table in type_.tables)
        if isinstance(type_, t.Choice):
            return self.name(type_.name)
        if isinstance(type_, t.Choices):
            return f"choices of {self.name(type_.name)}"
        if isinstance(type_, t.ListOf):
            return f"list of {self.type(type_.item)}"
        return str(type_)


def comment(text: str, indent: str = "", mark: str = "#") -> list[str]:
    """Text as lines of comment (`##`: of documentation), broken where lines are too long."""
    lines: list[str] = []
    for line_said in text.splitlines():
        paragraph = CONTROL.sub(" ", line_said)
        wrapped = textwrap.wrap(paragraph, COMMENT_WIDTH - len(indent) - len(mark) - 1, break_long_words=False) or [""]
        lines += [f"{indent}{mark} {line}".rstrip() for line in wrapped]
    while lines and lines[-1].strip() == mark:
        lines.pop()
    return lines


def doc(text: str, indent: str = "") -> list[str]:
    """A description as `##` lines; none for an empty one."""
    return comment(text.strip(), indent, "##") if text.strip() else []


# ------------------------------------------------------------------------------------------------------------- values


def text_literal(text: str) -> str:
    """A text in quotes on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}")
    escaped = escaped.replace("\n", "\\n").replace("\t", "\\t")
    return '"' + CONTROL.sub(lambda found: f"\\u{{{ord(found[0]):X}}}", escaped) + '"'


def value_text(type_: t.Type, value: object) -> str:
    """A constant in plan form (see `plan.values`) as a script writes it.

    Raises ValueError when the type has no constants that can be written.
    """
    if isinstance(type_, t.Choices) and isinstance(value, tuple) and len(value) > 1:
        return f"({', '.join(name_text(str(member), VALUES | BEFORE_TEXT) for member in value)})"
    write = WRITERS.get(type(type_))
    if write is None:
        raise ValueError(f"there is no way to write a constant of type {type_}")
    return write(value)


def _duration(value: object) -> str:
    assert isinstance(value, timedelta)
    microseconds = value // timedelta(microseconds=1)
    sign, size = ("-" if microseconds < 0 else ""), abs(microseconds)
    for unit, seconds in UNITS:
        if size and size % (seconds * 1_000_000) == 0:
            return f"{sign}{size // (seconds * 1_000_000)} {unit}"
    return f"{sign}{Decimal(size).scaleb(-6):f} seconds"


def _moment(value: object) -> str:
    assert isinstance(value, datetime)
    return f'datetime "{value.replace(tzinfo=None).isoformat()}Z"'


def _day(value: object) -> str:
    assert isinstance(value, date)
    return f'date "{value.isoformat()}"'


def _decimal(value: object) -> str:
    assert isinstance(value, Decimal)
    return f"{value:f}"


WRITERS: Mapping[type[t.Type], Callable[[object], str]] = {
    t.Text: lambda value: text_literal(str(value)),
    t.Integer: str,
    t.Decimal: _decimal,
    t.Money: _decimal,
    t.Boolean: lambda value: "true" if value else "false",
    t.Date: _day,
    t.DateTime: _moment,
    t.Duration: _duration,
    t.Id: lambda value: f"id {text_literal(str(value))}",
    t.Choice: lambda value: name_text(str(value), VALUES | BEFORE_TEXT),
}


# ------------------------------------------------------------------------------------------------- choices and tables


def emit_choice(choice: Choice, notices: Iterable[Notice] = ()) -> str:
    """A choice's declaration: on one line where it fits, else a member a line."""
    lines = doc(choice.doc)
    notices = list(notices)
    lines += [line for notice in notices if notice.column is None for line in comment(notice.text)]
    about_members = any(notice.column is not None for notice in notices)
    head = f"choice {name_text(choice.name.rpartition('.')[2])} <"
    members = [member_text(member) for member in choice.members]
    alone = f"{head} {'; '.join(members)} >"
    if len(alone) <= WIDTH and not about_members:
        return "\n".join((*lines, alone))
    lines.append(head)
    for member, written in zip(choice.members, members, strict=True):
        lines += [line for notice in notices if notice.column == member.name for line in comment(notice.text, "  ")]
        lines.append(f"  {written};")
    return "\n".join((*lines, ">"))


def member_text(member: Member) -> str:
    """A member of a choice, or a state, without its moves."""
    number = "" if member.number is None else f" = {member.number}"
    label = "" if member.label is None else f" {text_literal(member.label)}"
    return f"{name_text(member.name, BEFORE_TEXT)}{number}{label}"


def emit_table(table: Table, spelling: Spelling, choices: Mapping[str, Choice], notices: Iterable[Notice] = ()) -> str:
    """A table's declaration. `choices` has at least those of status columns, by full name.

    The primary key of its own accord (`id id`) is not written.
    """
    notices = list(notices)
    name = table.short_name
    label = "" if table.label is None else f" {text_literal(table.label)}"
    stored = "" if table.stored == name else f" stored as {text_literal(table.stored)}"
    lines = doc(table.doc)
    lines += [line for notice in notices if notice.column is None for line in comment(notice.text)]
    opening = f"table {name_text(name, BEFORE_TEXT)}{label}{stored} <"
    lines.append(opening)
    columns = [column for column in table.columns if not is_key_of_its_own_accord(column)]
    for column in columns:
        lines += doc(column.doc, "  ")
        lines += [line for notice in notices if notice.column == column.name for line in comment(notice.text, "  ")]
        lines += column_lines(column, spelling, choices)
    lines += [f"  {line};" for line in _together(table)]
    known = {column.name for column in table.columns}
    lines += [
        line
        for notice in notices
        if notice.column is not None and notice.column not in known
        for line in comment(notice.text, "  ")
    ]
    if lines[-1] == opening:
        lines[-1] += " >"
    else:
        lines.append(">")
    return "\n".join(lines)


def is_key_of_its_own_accord(column: Column) -> bool:
    """Whether a column is the primary key that a table has where it names none."""
    return attrs.evolve(column, doc="") == Column("id", t.Id(), "id", primary=True) and not column.doc


def column_lines(column: Column, spelling: Spelling, choices: Mapping[str, Choice], width: int = 0) -> list[str]:
    """A column's declaration without its description, its type set behind `width` characters: a line, or more for a status."""
    name = f"  {name_text(column.name):{width}} "
    stored = [] if column.stored == column.name else [f"stored as {text_literal(column.stored)}"]
    if column.moves is not None:
        assert isinstance(column.type, t.Choice)
        states = _states(column, choices[column.type.name])
        behind = "".join(f" {word}" for word in stored) + (";" if stored else "")
        alone = f"{name}< {'; '.join(states)} >{behind}"
        if len(alone) <= WIDTH:
            return [alone]
        return [f"{name}<", *(f"    {state};" for state in states), f"  >{behind}"]
    words = [word for word, said in FLAGS if said(column)]
    if column.default is not None:
        words.append(f"default {default_text(column.type, column.default)}")
    behind = " ".join((*words, *stored))
    line = f"{name}{spelling.type(column.type)}{' ' if behind else ''}{behind};"
    if len(line) <= WIDTH or not isinstance(column.type, t.Row) or column.type == t.OWNER:
        return [line]
    first, *others = (spelling.name(table) for table in column.type.tables)
    lines = [f"{name}{first}", *(f"    | {table}" for table in others)]
    return [*lines[:-1], f"{lines[-1]}{' ' if behind else ''}{behind};"]


FLAGS: tuple[tuple[str, Callable[[Column], bool]], ...] = (
    ("primary", lambda column: column.primary),
    ("required", lambda column: column.required),
    ("key", lambda column: column.key),
    ("unique", lambda column: column.unique),
    ("readonly", lambda column: column.readonly),
    ("sensitive", lambda column: column.sensitive),
    ("hierarchy", lambda column: column.hierarchy),
)
"""The words behind a column's type, in the order in which they are written."""


def default_text(type_: t.Type, default: Default) -> str:
    """A default, as written.

    Raises ValueError when it can not be written.
    """
    return f"{default.function}()" if default.function is not None else value_text(type_, default.value)


def _states(column: Column, choice: Choice) -> list[str]:
    targets = {moves.state: moves.targets for moves in column.moves or ()}
    written = []
    for member in choice.members:
        after = targets.get(member.name, ())
        arrow = f" -> {', '.join(name_text(state) for state in after)}" if after else ""
        written.append(f"{member_text(member)}{arrow}")
    return written


def _together(table: Table) -> Iterator[str]:
    """The lines that say what several columns are together. A single column in `keys` or `uniques` says so itself."""
    for word, sets in (("key", table.keys), ("unique", table.uniques)):
        for columns in sets:
            if len(columns) > 1:
                yield f"{word} ({', '.join(name_text(column) for column in columns)})"
