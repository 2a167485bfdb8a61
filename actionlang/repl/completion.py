"""What could be typed next: words of the grammar, names, and what fits by its type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

from actionlang.metadata import types as t
from actionlang.plan.plan import Verb
from actionlang.repl.cursor import Cursor, cursors
from actionlang.repl.scene import Scene
from actionlang.repl.scope import WRITTEN_TYPES, TypingScope
from actionlang.syntax.tokens import KEYWORD_TYPES

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
COMPARISONS = frozenset({"EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"})
AGGREGATES = ("count", "exists", "sum", "min", "max", "average")
TABLE_FOLLOWS = frozenset({"CREATE", "FIND", "FROM"})
WORDS = {kind: word for word, kind in KEYWORD_TYPES.items()}


@attrs.frozen
class Candidate:
    """Something to put in the place of the word at the cursor, and in a few words what it is."""

    text: str
    what: str = ""


def complete(before: str, scene: Scene) -> list[Candidate]:
    """What fits behind the text `before`: what is likeliest by its type first, each once.

    Each candidate replaces the last word of the text, which it begins with (capitals or not).
    """
    return complete_at(cursors(before), scene)


def complete_at(places: Iterable[Cursor], scene: Scene) -> list[Candidate]:
    """What fits at a cursor, whichever way the text before it is read."""
    found: dict[str, Candidate] = {}
    word = ""
    for cursor in places:
        word = cursor.word
        names, others = _Suggestions(cursor, scene).all()
        for candidate in (*names, *others):
            found.setdefault(candidate.text, candidate)
    wanted = word.lstrip("`").lower()
    return [each for each in found.values() if each.text.lstrip("`").lower().startswith(wanted)]


def in_script(name: str) -> str:
    """A name as a script writes it."""
    return name if PLAIN_NAME.fullmatch(name) else f"`{name}`"


class _Suggestions:
    """What fits at one cursor."""

    def __init__(self, cursor: Cursor, scene: Scene) -> None:
        self.cursor = cursor
        self.scene = scene
        self.scope = TypingScope(cursor, scene)
        self.last = len(cursor.tokens) - 1

    def all(self) -> tuple[list[Candidate], list[Candidate]]:
        """Names that fit, and the grammar's words."""
        words = sorted(WORDS[kind] for kind in self.cursor.possible if kind in WORDS)
        names = list(self._names()) if "NAME" in self.cursor.possible else []
        return names, [Candidate(word) for word in words]

    def _names(self) -> Iterator[Candidate]:
        previous = self.cursor.previous
        if previous == "DOT":
            yield from self._members()
        elif previous in ("PERFORM", "START") or (previous == "OF" and self.scope.type_of(self.last - 1) == "PERFORM"):
            yield from _named(self.scene.names.verbs, "verb")
        elif previous in TABLE_FOLLOWS or self._wants_table():
            yield from _named(self.scene.names.tables, "table")
        elif previous == "TO" and self._statement() == "MOVE":
            yield from self._states()
        elif "CHOICES" in self.cursor.possible or "LIST" in self.cursor.possible:
            yield from self._types()
        elif "NUMBER" in self.cursor.possible:
            yield from self._values()
        elif self._in_assignments() and previous in ("SET", "COMMA"):
            yield from self._columns_to_set()

    # ------------------------------------------------------------------------------------------------------ whole names

    def _members(self) -> Iterator[Candidate]:
        """What stands behind a dot: columns, outputs, or what a module declares."""
        scope = self.scope
        for name, type_ in scope.members_of(scope.path_to(self.last - 1)).items():
            yield Candidate(in_script(name), type_words(type_))
        module = self.scene.names.modules.get(scope.word(self.last - 1))
        if module is not None and scope.type_of(self.last - 2) != "DOT":
            yield from _named(module.tables, "table")
            yield from _named(module.verbs, "verb")

    def _wants_table(self) -> bool:
        """Whether a verb's or a hook's table, or a loop's, is to be named."""
        previous, scope = self.cursor.previous, self.scope
        if previous == "OPTIONAL" and scope.type_of(self.last - 1) == "FIND":
            return True
        if previous == "IN" and scope.type_of(self.last - 2) == "EACH":
            return True
        in_head = self.cursor.start == "module" and self._statement() not in ("PERFORM", "START")
        before = scope.type_of(self.last - 1)
        on_table = previous == "ON" or (previous == "EACH" and before == "ON")
        return (in_head and on_table) or (previous == "OF" and before not in ("LIST", "CHOICES")) or previous == "IS"

    def _states(self) -> Iterator[Candidate]:
        """The states that the row can be moved to: from the one it is in, when that is known."""
        row = self.scope.row_named_by("MOVE", "TO")
        table = self.scene.universe.tables.get(row.tables[0]) if isinstance(row, t.Row) else None
        if table is None or table.status is None or table.status.moves is None:
            return
        name = self.scope.word(self.last - 1)
        is_local = self.scope.type_of(self.last - 2) == "MOVE" and name in self.scene.locals
        state = self.scene.state_of(name) if is_local else None
        for moves in table.status.moves:
            if state in (None, moves.state):
                yield from (Candidate(in_script(target), "state") for target in moves.targets)

    def _types(self) -> Iterator[Candidate]:
        yield from (Candidate(name, "type") for name in sorted(WRITTEN_TYPES))
        yield from _named(self.scene.names.choices, "choice")
        yield from _named(self.scene.names.tables, "table")

    def _columns_to_set(self) -> Iterator[Candidate]:
        """Columns of the row that is made or changed which a script may set and that are not set yet."""
        row = self._row_set()
        tables = [self.scene.universe.tables[name] for name in row.tables] if isinstance(row, t.Row) else []
        begins = max(at for at in range(self.last + 1) if self.scope.type_of(at) == "SET")
        is_set = {self.scope.word(at - 1) for at in range(begins, self.last + 1) if self.scope.type_of(at) == "EQUAL"}
        for column in tables[0].columns if tables else ():
            changes = column.moves is not None or (column.primary and self._statement() == "UPDATE")
            if not column.readonly and not changes and column.name not in is_set:
                yield Candidate(in_script(column.name), type_words(column.type))

    # ----------------------------------------------------------------------------------------------------------- values

    def _values(self) -> Iterator[Candidate]:
        """What an expression may begin with: at first what is of the type wanted."""
        wanted = self._wanted()
        yield from (Candidate(in_script(name), "choice") for name in self.scene.members(wanted))
        yield from self._parameters()
        locals_ = sorted(
            self.scope.names.items(), key=lambda local: (not _fits(local[1], wanted), local[0] in self.scene.locals)
        )
        yield from (Candidate(in_script(name), type_words(type_)) for name, type_ in locals_)
        if self.scene.members(wanted):
            return
        if self._statement() not in ("UPDATE", "DELETE", "ASSIGN", "MOVE") or wanted is not None:
            yield from (Candidate(f"{name}(", "function") for name in sorted(self.scene.universe.functions))
            yield from (Candidate(f"{name}(", "aggregate") for name in AGGREGATES)
        yield from _named(self.scene.names.tables, "table")

    def _parameters(self) -> Iterator[Candidate]:
        """Names of the arguments that a performed verb takes and has not been given."""
        call = self._call()
        if call is None or self.cursor.previous not in ("LPAREN", "COMMA"):
            return
        verb, opened = call
        given = {self.scope.word(at - 1) for at in range(opened, self.last + 1) if self.scope.type_of(at) == "COLON"}
        for parameter in verb.inputs:
            if parameter.name not in given:
                yield Candidate(f"{in_script(parameter.name)}:", type_words(parameter.type))

    def _call(self) -> tuple[Verb, int] | None:
        """The performed verb whose arguments the cursor is among, and where its parenthesis opened."""
        opened = next(self.scope.openers(), None)
        if opened is None or self.scope.type_of(opened - 2) not in ("PERFORM", "START"):
            return None
        verb = self.scene.verb(self.scope.word(opened - 1))
        return (verb, opened) if verb is not None else None

    def _wanted(self) -> t.Type | None:
        """The type that is wanted at the cursor, if that can be told."""
        previous, scope, last = self.cursor.previous, self.scope, self.last
        if previous == "EQUAL" and scope.type_of(last - 2) in ("SET", "COMMA") and self._in_assignments():
            return self.scene.columns(self._row_set()).get(scope.word(last - 1))
        if previous in COMPARISONS:
            return scope.path_to(last - 1)
        if previous == "COLON":
            return self._argument_type()
        if previous == "DEFAULT":
            return scope.written_type(last - 1)
        if previous == "TO" and self._statement() == "ASSIGN":
            return t.OWNER
        if previous == "ON" and self._statement() in ("PERFORM", "START"):
            return self._verb_row()
        if previous in ("LPAREN", "COMMA"):
            opened = next(scope.openers(), -1)
            if scope.type_of(opened - 1) == "IN":
                return scope.path_to(opened - 2)
        return None

    def _argument_type(self) -> t.Type | None:
        call = self._call()
        name = self.scope.word(self.last - 1)
        return next((each.type for each in call[0].inputs if each.name == name), None) if call is not None else None

    def _verb_row(self) -> t.Type | None:
        """The row that the performed verb is on."""
        at = max(at for at in range(self.last + 1) if self.scope.type_of(at) in ("PERFORM", "START"))
        verb = self.scene.verb(self.scope.word(at + 1))
        return t.Row((verb.binding.table,)) if verb is not None and verb.binding is not None else None

    # -------------------------------------------------------------------------------------------------------- statements

    def _statement(self) -> str:
        """The word that the statement at the cursor begins with, as its keyword's type."""
        return self.scope.type_of(self._begin())

    def _begin(self) -> int:
        """Where the statement at the cursor begins."""
        at = self.last
        while at > 0 and self.scope.type_of(at - 1) not in ("SEMI", "OPEN", "CLOSE"):
            at -= 1
        return at

    def _in_assignments(self) -> bool:
        """Whether the cursor is behind the `set` of its statement, outside of parentheses."""
        after_set = any(self.scope.type_of(at) == "SET" for at in range(self._begin(), self.last + 1))
        return after_set and next(self.scope.openers(), -1) < self._begin()

    def _row_set(self) -> t.Type | None:
        """The row that the statement at the cursor makes or changes."""
        begin = self._begin()
        if self.scope.type_of(begin) == "CREATE":
            table = self.scene.table(self.scope.word(begin + 1))
            return t.Row((table.name,)) if table is not None else None
        return self.scope.row_named_by("UPDATE", "SET")


def type_words(type_: t.Type) -> str:
    """A type as a menu shows it."""
    if isinstance(type_, t.Row):
        return "owner" if type_ == t.OWNER else " | ".join(name.rpartition(".")[2] for name in type_.tables)
    if isinstance(type_, t.Choice | t.Choices):
        return type_.name.rpartition(".")[2]
    if isinstance(type_, t.Outputs):
        return f"outputs of {type_.verb.rpartition('.')[2]}"
    return f"list of {type_words(type_.item)}" if isinstance(type_, t.ListOf) else str(type_)


def _named(names: Iterable[str], what: str) -> Iterator[Candidate]:
    return (Candidate(in_script(name), what) for name in sorted(names))


def _fits(type_: t.Type, wanted: t.Type | None) -> bool:
    if isinstance(type_, t.Row) and isinstance(wanted, t.Row):
        return bool(set(type_.tables) & set(wanted.tables))
    return wanted is not None and type(type_) is type(wanted)
