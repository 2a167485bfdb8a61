"""Names that what is being typed binds itself, and the types of the rows and values they lead to.

Nothing is checked here: the text is not finished. What can not be told has no type.
"""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.metadata import types as t
from actionlang.repl.cursor import Cursor
from actionlang.repl.scene import Scene
from actionlang.syntax.tokens import Token

WRITTEN_TYPES = {"owner": t.OWNER, **{name: type_ for name, type_ in t.SIMPLE.items() if name != "empty"}}


class TypingScope:
    """The names in scope at a cursor: the scene's locals and those bound before the cursor."""

    def __init__(self, cursor: Cursor, scene: Scene) -> None:
        self.scene = scene
        self.tokens = cursor.tokens
        self.names: dict[str, t.Type] = dict(scene.locals)
        self.closes = _pairs(self.tokens)
        if cursor.start == "query":
            self._bind_query()
        for at, token in enumerate(self.tokens):
            self._bind_at(at, token.type)

    # ------------------------------------------------------------------------------------------------- what binds names

    def _bind_query(self) -> None:
        """The row of a query that begins the text: `case as c where (...)`."""
        if self.type_of(0) == "NAME" and self.word(0) not in self.names and self.type_of(1) != "LPAREN":
            self._bind_row(1, self.word(0))

    def _bind_at(self, at: int, kind: str) -> None:
        is_over = "SEMI" in [token.type for token in self.tokens[at:]]
        if kind in ("FIND", "FROM") or (kind == "CREATE" and is_over):
            table = at + (2 if self.type_of(at + 1) == "OPTIONAL" else 1)
            self._bind_row(table + 1, self.word(table))
        elif kind == "EACH" and self.type_of(at - 1) == "FOR" and self.type_of(at + 2) == "IN":
            self._bind(self.word(at + 1), self._row(self.word(at + 3)) or self._item(at + 3))
        elif kind in ("ACTION", "FUNCTION"):
            self._bind_head(at)
        elif kind == "LET" and self.type_of(at + 2) == "EQUAL":
            self._bind(self.word(at + 1), self.path_from(at + 3))
        elif kind == "PERFORM":
            self._bind_outputs(self.word(at + 1), at + 2)
        elif kind == "INHERITED":
            self._bind_outputs(self.overridden(at), at + 1)
        elif kind == "OF" and self.type_of(at - 3) == "ON":
            self._bind_hooked(at)
        elif kind == "LPAREN" and self.type_of(at + 1) == "NAME" and self.type_of(at + 2) in ("WHERE", "AS"):
            self._bind_row(at + 2, self.word(at + 1))

    def _bind_row(self, at: int, table: str) -> None:
        """The row of a query or of a new row: `at` is where `as NAME` may stand."""
        name = self.word(at + 1) if self.type_of(at) == "AS" else table
        self._bind(name, self._row(table))

    def _bind_head(self, at: int) -> None:
        """The row and the parameters of a verb that is being declared."""
        on = at + 2
        if self.type_of(on) == "ON":
            on += 1 + (self.type_of(on + 1) == "EACH")
            self._bind(self.word(on), self._row(self.word(on)))
            on += 1
        if self.type_of(on) == "LPAREN":
            end = self.closes.get(on, len(self.tokens))
            for position in range(on, end):
                if self.type_of(position) in ("LPAREN", "COMMA") and self.type_of(position + 1) == "NAME":
                    self._bind(self.word(position + 1), self.written_type(position + 2))

    def _bind_hooked(self, at: int) -> None:
        """The row that a hook is on; of one on a verb also its parameters and outputs."""
        if self.type_of(at - 1) != "PERFORM":
            self._bind(self.word(at + 1), self._row(self.word(at + 1)))
            return
        verb = self.scene.verb(self.word(at + 1))
        if verb is not None:
            if verb.binding is not None:
                self._bind(verb.binding.row, t.Row((verb.binding.table,)))
            for parameter in (*verb.inputs, *(verb.outputs if self.type_of(at - 2) == "AFTER" else ())):
                self._bind(parameter.name, parameter.type)

    def overridden(self, before: int) -> str:
        """The name of the verb that the override around a place replaces; nothing outside of one."""
        kinds = [self.type_of(at) for at in range(before)]
        starts = [at for at, kind in enumerate(kinds) if kind in ("ACTION", "FUNCTION")]
        if not starts or kinds[starts[-1] - 1] != "OVERRIDE":
            return ""
        at = starts[-1] + 1
        return self.word(at + 2 if self.type_of(at + 1) == "DOT" else at)

    def _bind_outputs(self, name: str, opened: int) -> None:
        verb = self.scene.verb(name)
        position = self.closes.get(opened, opened - 1) + 1
        while self.type_of(position) in ("ON", "NAME", "DOT"):
            position += 1
        if verb is not None and self.type_of(position) == "AS":
            self._bind(self.word(position + 1), t.Outputs(verb.name))

    def _bind(self, name: str, type_: t.Type | None) -> None:
        if type_ is not None and name:
            self.names[name] = type_

    # --------------------------------------------------------------------------------------------------- types of things

    def written_type(self, at: int) -> t.Type | None:
        """The type that is written there."""
        word = self.word(at)
        if self.type_of(at) in ("LIST", "CHOICES"):
            inner = self.written_type(at + 2)
            if self.type_of(at) == "CHOICES" and isinstance(inner, t.Choice):
                return t.Choices(inner.name)
            return t.ListOf(inner) if inner is not None and self.type_of(at) == "LIST" else None
        choice = self.scene.names.choices.get(word)
        return WRITTEN_TYPES.get(word) or self._row(word) or (t.Choice(choice[0]) if choice else None)

    def path_from(self, at: int) -> t.Type | None:
        """The type of the path that begins there."""
        end = at
        while end + 1 < len(self.tokens):
            following = self.type_of(end + 1)
            if following == "LPAREN" and end + 1 in self.closes:
                end = self.closes[end + 1]
            elif following == "DOT" and self.type_of(end + 2) == "NAME":
                end += 2
            else:
                break
        return self.path_to(end)

    def path_to(self, end: int) -> t.Type | None:
        """The type of the path that ends with the token there."""
        if self.type_of(end) == "RPAREN":
            opened = next((at for at, close in self.closes.items() if close == end), 0)
            return self._called(opened - 1) if self.type_of(opened - 1) == "NAME" else None
        if self.type_of(end) != "NAME":
            return None
        if self.type_of(end - 1) != "DOT":
            name = self.word(end)
            return self.names.get(name) or (t.USER if name == "caller" else None)
        return self.members_of(self.path_to(end - 2)).get(self.word(end))

    def members_of(self, type_: t.Type | None) -> dict[str, t.Type]:
        """What can stand behind a dot: a row's columns, a performed verb's outputs."""
        if isinstance(type_, t.Outputs):
            verb = self.scene.universe.verbs.get(type_.verb)
            return {output.name: output.type for output in verb.outputs} if verb is not None else {}
        return self.scene.columns(type_)

    def row_named_by(self, back_to: str, column: str) -> t.Type | None:
        """The type of the row between the last token `back_to` and the one of type `column` after it."""
        begins = max((at for at, token in enumerate(self.tokens) if token.type == back_to), default=None)
        if begins is None:
            return None
        ends = next((at for at in range(begins + 1, len(self.tokens)) if self.type_of(at) == column), len(self.tokens))
        return self.path_to(ends - 1)

    def _called(self, at: int) -> t.Type | None:
        """What a call of the name there gives: a row by its key, a function's result."""
        name = self.word(at)
        functions = self.scene.universe.functions.get(name)
        return self._row(name) or (functions[0].result if functions else None)

    def _row(self, table: str) -> t.Type | None:
        found = self.scene.table(table)
        return t.Row((found.name,)) if found is not None else None

    def _item(self, at: int) -> t.Type | None:
        items = self.path_from(at)
        return items.item if isinstance(items, t.ListOf) else None

    # ------------------------------------------------------------------------------------------------------------ tokens

    def type_of(self, at: int) -> str:
        """Type of a token, "" beyond the ends."""
        return self.tokens[at].type if 0 <= at < len(self.tokens) else ""

    def word(self, at: int) -> str:
        """Value of a token as text, "" beyond the ends."""
        return str(self.tokens[at].value) if 0 <= at < len(self.tokens) else ""

    def openers(self) -> Iterator[int]:
        """Positions of the parentheses that are open at the cursor, the innermost first."""
        yield from (
            at for at in range(len(self.tokens) - 1, -1, -1) if self.type_of(at) == "LPAREN" and at not in self.closes
        )


def _pairs(tokens: tuple[Token, ...]) -> dict[int, int]:
    """Where each parenthesis that is closed ends."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.type == "LPAREN":
            opened.append(at)
        elif token.type == "RPAREN" and opened:
            found[opened.pop()] = at
    return found
