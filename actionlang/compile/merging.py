"""Bringing a script of tables up to date with metadata imported anew, without touching what people wrote into it.

Tables and columns are found by their stored names, so that they can be renamed in the script. What the script says beyond the
source of the metadata stays: descriptions, comments, order, labels, moves, `required`, `key`, `sensitive`, `hierarchy`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import attrs

from actionlang.compile.merging_columns import Agreed, Declared, agree, is_numbered, written_of
from actionlang.compile.text_edits import TextEdits
from actionlang.diagnostics.catalogue import importing as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.metadata import types as t
from actionlang.metadata.emit import (
    Notice,
    Script,
    Spelling,
    column_lines,
    comment,
    doc,
    emit_choice,
    emit_table,
    is_key_of_its_own_accord,
    member_text,
    name_text,
)
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.syntax import ast
from actionlang.syntax.parser import parse

KINDS = ("table", "view")
"""What is left out as a whole."""


@attrs.frozen
class Change:
    """Something that was brought up to date, or not: `added`, `removed`, `changed` or `kept`; what, and how."""

    kind: str
    what: str
    how: str = ""


@attrs.frozen
class Merged:
    """A script's new text, and what is new about it. Where the text is the old one there may still be something `kept`."""

    text: str
    changes: tuple[Change, ...]


def merge(old: Source, script: Script, everything: Collection[str], marks: tuple[str, ...]) -> Merged:
    """The script `old` with the tables of `script`.

    `everything` are the stored names of all tables that the source has, imported or not: of other tables it is said that they are
    kept. Comments that begin with one of `marks` are of the last import, and are replaced by the notices of this one.
    Raises ActionLangError when the old script has mistakes.
    """
    parsed = parse(old)
    if parsed.diagnostics:
        first = parsed.diagnostics[0]
        message = f"{old.name} can not be brought up to date: {first.message}"
        hint = "mend it, or import into another file; nothing was written"
        raise ActionLangError(Diagnostic(codes.NOT_UPDATABLE, message, first.primary, hint=hint))
    return _Merge(old, parsed.module, script, everything, marks).run()


class _Merge:
    def __init__(
        self, old: Source, module: ast.Module, script: Script, everything: Collection[str], marks: tuple[str, ...]
    ) -> None:
        self.old = old
        self.edits = TextEdits(old.text, module.comments)
        self.module = module
        self.everything = everything
        self.marks = marks
        self.changes: list[Change] = []
        declared = module.declarations
        self.tables = {node.stored or node.name.text: node for node in declared if isinstance(node, ast.Table)}
        self.choices = {node.name.text: node for node in declared if isinstance(node, ast.Choice)}
        self.taken = {*self.choices, *(node.name.text for node in self.tables.values())}
        self.script = self._with_names(script)
        self.spelling = Spelling.of(script.module, self.script.choices, self.script.tables)
        self.by_name = {choice.name: choice for choice in self.script.choices}
        self.declared = Declared(self.choices, self.by_name)
        self.used: set[str] = set()

    def run(self) -> Merged:
        """All edits, made."""
        imported = {table.stored: table for table in self.script.tables}
        for stored, node in self.tables.items():
            if stored in imported:
                self._update(node, imported[stored])
            elif stored not in self.everything:
                self.changes.append(Change("kept", f"table {node.name.text}", "only the file has it"))
        new = [table for stored, table in imported.items() if stored not in self.tables]
        self._notices_of_the_whole()
        made = self.edits.made()
        return Merged(
            (made if made.strip() else "") + self._appended(new),
            tuple(sorted(self.changes, key=lambda change: change.kind == "kept")),
        )

    def _appended(self, new: list[Table]) -> str:
        """The declarations that are new: choices, then tables."""
        for table in new:
            self.used.update(column.type.name for column in table.columns if isinstance(column.type, t.Choice))
        notices = self._by_subject()
        missing = [choice for choice in self.script.choices if choice.name in self.used and not self._declared(choice)]
        blocks = [emit_choice(choice, notices.get(choice.name, ())) for choice in missing]
        blocks += [emit_table(table, self.spelling, self.by_name, notices.get(table.name, ())) for table in new]
        self.changes += [Change("added", f"choice {choice.name.rpartition('.')[2]}") for choice in missing]
        self.changes += [Change("added", f"table {table.short_name}") for table in new]
        if not blocks:
            return ""
        gap = "" if not self.old.text.strip() else "\n" if self.old.text.endswith("\n") else "\n\n"
        return gap + "\n\n".join(blocks) + "\n"

    def _declared(self, choice: Choice) -> bool:
        return choice.name.rpartition(".")[2] in self.choices

    def _by_subject(self) -> dict[str, list[Notice]]:
        found: dict[str, list[Notice]] = {}
        for notice in self.script.notices:
            if notice.about is not None:
                found.setdefault(notice.about, []).append(notice)
        return found

    # ------------------------------------------------------------------------------------------------- names of the file

    def _with_names(self, script: Script) -> Script:
        """The imported script with the names that the file has for its tables, columns and choices."""
        tables: dict[str, str] = {}
        for table in script.tables:
            node = self.tables.get(table.stored)
            short = self._free(table.short_name) if node is None else node.name.text
            tables[table.name] = f"{script.module}.{short}"
        columns = {table.name: self._column_names(table) for table in script.tables}
        choices = {choice.name: f"{script.module}.{self._choice_name(choice, script)}" for choice in script.choices}
        full = tables | choices

        def renamed(type_: t.Type) -> t.Type:
            if isinstance(type_, t.Row):
                return t.Row(tuple(full.get(name, name) for name in type_.tables))
            if isinstance(type_, t.Choice | t.Choices):
                return attrs.evolve(type_, name=full.get(type_.name, type_.name))
            return type_

        return attrs.evolve(
            script,
            choices=[attrs.evolve(choice, name=choices[choice.name]) for choice in script.choices],
            tables=[
                attrs.evolve(
                    table,
                    name=tables[table.name],
                    columns=tuple(
                        attrs.evolve(column, name=columns[table.name][column.name], type=renamed(column.type))
                        for column in table.columns
                    ),
                    keys=tuple(tuple(columns[table.name][name] for name in names) for names in table.keys),
                    uniques=tuple(tuple(columns[table.name][name] for name in names) for names in table.uniques),
                )
                for table in script.tables
            ],
            notices=[
                attrs.evolve(
                    notice,
                    about=notice.about and full.get(notice.about, notice.about),
                    column=columns.get(notice.about or "", {}).get(notice.column or "", notice.column),
                )
                for notice in script.notices
            ],
        )

    def _column_names(self, table: Table) -> dict[str, str]:
        node = self.tables.get(table.stored)
        written = {} if node is None else {stored_of(item): item.name.text for item in columns_of(node)}
        taken = set(written.values())
        names: dict[str, str] = {}
        for column in table.columns:
            name = written.get(column.stored)
            if name is None:
                name = column.name
                while name in taken:
                    name += "_2"
            taken.add(name)
            names[column.name] = name
        return names

    def _choice_name(self, choice: Choice, script: Script) -> str:
        """The name that the file has for a choice: that of a column of it, or its own."""
        for table in script.tables:
            node = self.tables.get(table.stored)
            written = {} if node is None else {stored_of(item): item for item in columns_of(node)}
            for column in table.columns:
                item = written.get(column.stored)
                if column.type != t.Choice(choice.name) or not isinstance(item, ast.Column):
                    continue
                if isinstance(item.type, ast.TypeName) and self._like(item.type.name.text, choice):
                    return item.type.name.text
        short = choice.name.rpartition(".")[2]
        return short if self._like(short, choice) else self._free(short)

    def _like(self, name: str, choice: Choice) -> bool:
        """Whether the file has a choice of that name whose members can be those of another one."""
        return name in self.choices and is_numbered(self.choices[name].members) == choice.numbered

    def _free(self, name: str) -> str:
        number = 2
        free = name
        while free in self.taken:
            free = f"{name}_{number}"
            number += 1
        self.taken.add(free)
        return free

    # -------------------------------------------------------------------------------------------------------- one table

    def _update(self, node: ast.Table, table: Table) -> None:
        """Bring a table up to date."""
        imported = {column.stored: column for column in table.columns}
        kept: dict[str, ast.Column | ast.StatusColumn] = {}
        gone: set[str] = set()
        for item in columns_of(node):
            stored = stored_of(item)
            parts = cells_of(item)
            if stored in imported and len(parts) == 1:
                kept[stored] = item
                self._column(node, item, imported[stored])
            elif len(parts) > 1 and all(part in imported for part in parts):
                kept.update(dict.fromkeys(parts, item))  # several lookups, which somebody has made one of
            elif len(parts) > 1 and isinstance(item, ast.Column) and written_of(item.type) == "owner":
                self.changes.append(Change("kept", f"{node.name.text}.{item.name.text}", "only the file has it"))
            else:
                gone.add(item.name.text)
                self.edits.remove(item)
                was = " ".join(self.old.text[item.name.end : item.end].split())
                self.changes.append(Change("removed", f"{node.name.text}.{item.name.text}", was))
        self._add_columns(node, table, kept)
        self._sets(node, table, gone)
        if table.doc and not node.doc:
            self.edits.insert_description(node, doc(table.doc))
        self._notices(node, table, kept)

    def _column(self, node: ast.Table, item: ast.Column | ast.StatusColumn, column: Column) -> None:
        """Bring a column up to date."""
        what = f"{node.name.text}.{item.name.text}"
        agreed: Agreed = agree(item, column, self.old.text, self.declared, self.spelling)
        if agreed.new is not None:
            self.changes.append(Change("changed", what, f"{agreed.old} -> {agreed.new}"))
            start = item.type.start if isinstance(item, ast.Column) else item.name.end
            gap = "" if isinstance(item, ast.Column) else " "
            behind = "" if isinstance(item, ast.Column) else ";"
            self.edits.replace(start, item.end, f"{gap}{agreed.new}{behind}")
        if agreed.choice is not None:
            self.used.add(agreed.choice)
        for said in agreed.beyond:
            self.changes.append(Change("kept", what, said))
        holder = item if isinstance(item, ast.StatusColumn) else self.choices.get(agreed.members_of or "")
        if agreed.new is None and holder is not None and isinstance(column.type, t.Choice):
            self._members(holder, self.by_name[column.type.name], what)
        if column.doc and not item.doc:
            self.edits.insert_description(item, doc(column.doc, "  "))

    def _members(self, holder: ast.Choice | ast.StatusColumn, choice: Choice, what: str) -> None:
        """Add members that a choice or a status has not."""
        if isinstance(holder, ast.Choice):
            what = f"choice {holder.name.text}"
            written = [member for member in holder.members if isinstance(member, ast.Member)]
        else:
            written = list(holder.states)  # type: ignore[arg-type]
        known = {member.name.text for member in written} | {member.number for member in written} - {None}
        new = [m for m in choice.members if (m.name if m.number is None else m.number) not in known]
        if not new or any(change.what == what and change.kind == "added" for change in self.changes):
            return
        indent = self.old.text[self.edits.line_start(written[-1].start) : written[-1].start]
        indent = indent if not indent.strip() else ""
        self.edits.insert_behind(written[-1], [f"{indent}{member_text(member)};" for member in new])
        self.changes.append(Change("added", what, ", ".join(member_text(member) for member in new)))

    def _add_columns(self, node: ast.Table, table: Table, kept: dict[str, ast.Column | ast.StatusColumn]) -> None:
        """Put columns that are new behind those that they follow in the database."""
        notices = self._by_subject().get(table.name, [])
        behind: ast.Column | ast.StatusColumn | None = None
        waiting: list[str] = []
        width = _width(node)
        items = columns_of(node)
        names_key = any(modifier.word == "primary" for item in items for modifier in item.modifiers)
        for column in table.columns:
            if not names_key and is_key_of_its_own_accord(column):
                continue
            if column.stored in kept:
                behind = kept[column.stored]
                if waiting:
                    self.edits.insert_before(behind, waiting)
                    waiting = []
                continue
            lines = doc(column.doc, "  ")
            lines += [line for each in notices if each.column == column.name for line in comment(each.text, "  ")]
            lines += column_lines(column, self.spelling, self.by_name, width)
            if isinstance(column.type, t.Choice):
                self.used.add(column.type.name)
            said = " ".join(lines[-1].split()).partition(" ")[2].rstrip(";")
            self.changes.append(Change("added", f"{node.name.text}.{column.name}", said))
            if behind is None:
                waiting += lines
            else:
                self.edits.insert_behind(behind, lines)
        if waiting and items:
            self.edits.insert_behind(items[-1], waiting)

    def _sets(self, node: ast.Table, table: Table, gone: set[str]) -> None:
        """Add what is unique together, take away what has lost a column."""
        known = []
        for item in node.items:
            if isinstance(item, ast.Together):
                names = {name.text for name in item.columns}
                known.append(names)
                if names & gone:
                    self.edits.remove(item)
                    self.changes.append(Change("removed", node.name.text, f"{item.word} ({', '.join(sorted(names))})"))
        for word, sets in (("key", table.keys), ("unique", table.uniques)):
            for columns in sets:
                if len(columns) > 1 and set(columns) not in known:
                    line = f"{word} ({', '.join(name_text(name) for name in columns)})"
                    self.edits.insert_behind(node.items[-1], [f"  {line};"])
                    self.changes.append(Change("added", node.name.text, line))

    # ---------------------------------------------------------------------------------------------------------- notices

    def _machine_comments(self, start: int, end: int) -> Iterator[ast.Comment]:
        return (
            each
            for each in self.module.comments
            if start <= each.start < end and not each.is_doc and each.text.startswith(self.marks)
        )

    def _notices(self, node: ast.Table, table: Table, kept: dict[str, ast.Column | ast.StatusColumn]) -> None:
        """Replace the notices inside a table, and those above it, by those of now."""
        expected = [notice for notice in self.script.notices if notice.about == table.name]
        texts = {notice.text for notice in expected}
        there = set()
        for each in self._machine_comments(self._above(node), node.end):
            if each.text in texts:
                there.add(each.text)
            else:
                self.edits.remove_comment(each)
        by_name = {column.name: column.stored for column in table.columns}
        for notice in expected:
            if notice.text in there:
                continue
            item = kept.get(by_name.get(notice.column or "", ""))
            if notice.column is None:
                self.edits.insert_description(node, comment(notice.text))
            elif item is not None:
                self.edits.insert_description(item, comment(notice.text, "  "))
            elif notice.column not in by_name:
                self.edits.insert_behind(node.items[-1], comment(notice.text, "  "))

    def _above(self, node: ast.Table) -> int:
        """Where the comments right above a table begin."""
        start = self.edits.line_start(node.start)
        while start > 0:
            above = self.edits.line_start(start - 1)
            if not self.old.text[above:start].startswith("#"):
                break
            start = above
        return start

    def _notices_of_the_whole(self) -> None:
        """The same for what stands outside of tables: what was left out as a whole."""
        inside = [(self._above(node), node.end) for node in self.tables.values()]
        expected = [
            notice.text for notice in self.script.notices if notice.about is None and not self._by_hand(notice.text)
        ]
        there = set()
        for each in self._machine_comments(0, len(self.old.text)):
            if any(start <= each.start < end for start, end in inside):
                continue
            if each.text in expected:
                there.add(each.text)
            else:
                self.edits.remove_comment(each)
        missing = [line for text in expected if text not in there for line in comment(text)]
        if missing:
            first = min((self._start_of(node) for node in self.module.declarations), default=len(self.old.text))
            self.edits.replace(first, first, "".join(f"{line}\n" for line in missing) + "\n")

    def _by_hand(self, text: str) -> bool:
        """Whether what was left out is in the file all the same, since somebody has written it."""
        starts = (f"{mark}the {kind} {stored}:" for mark in self.marks for kind in KINDS for stored in self.tables)
        return text.startswith(tuple(starts))

    def _start_of(self, node: ast.Declaration) -> int:
        return self._above(node) if isinstance(node, ast.Table) else self.edits.head(node)


def columns_of(node: ast.Table) -> list[ast.Column | ast.StatusColumn]:
    """A table's columns as they are written."""
    return [item for item in node.items if isinstance(item, ast.Column | ast.StatusColumn)]


def stored_of(item: ast.Column | ast.StatusColumn) -> str:
    """A column's stored name."""
    return next((each.text for each in item.modifiers if each.word == "stored" and each.text), item.name.text)


def cells_of(item: ast.Column | ast.StatusColumn) -> tuple[str, ...]:
    """The stored columns of a column: several for a lookup to several tables."""
    stored = stored_of(item)
    if isinstance(item, ast.Column) and isinstance(item.type, ast.AlternativesType):
        return tuple(f"{stored}_{table.text}" for table in item.type.tables)
    if isinstance(item, ast.Column) and written_of(item.type) == "owner":
        return (f"{stored}_user", f"{stored}_team")
    return (stored,)


def _width(node: ast.Table) -> int:
    """How wide a table's names are set: as for most of its columns, if they are set in columns at all."""
    columns = [item for item in columns_of(node) if isinstance(item, ast.Column)]
    widths = [item.type.start - item.name.start - 1 for item in columns]
    in_columns = any(item.type.start > item.name.end + 1 for item in columns)
    return max(set(widths), key=widths.count) if in_columns else 0
