"""The layout of lists and expressions; layout.py has the rest and says how the rules are called."""

from __future__ import annotations

from typing import Any

from actionlang.formatting.documents import (
    COMMA,
    LINE,
    SOFT_LINE,
    SPACE,
    Chain,
    Document,
    chain,
    comment,
    concatenation,
    group,
    indented,
    inside,
    listed,
    row,
    text,
    unbroken,
)
from actionlang.formatting.survey import Survey
from actionlang.syntax.collecting import Children, Collecting
from actionlang.syntax.one_line import spelling
from actionlang.syntax.precedence import BINDING, COMPARISON, NEGATION, NOT
from actionlang.syntax.tokens import Token

"""What a rule is made of: tokens, documents, lists of these, or None for what is left out."""


class Words:
    """Tokens as documents."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.end = 0
        self.known: dict[str, Document] = {}

    def word(self, token: Token) -> Document:
        """A token as written, behind its comments. Those before a statement are for the block to write."""
        survey = self.survey
        characters = spelling(token, survey.text)
        found = self.known.get(characters)
        if found is None:
            found = text(characters)
            if len(self.known) < 10_000:
                self.known[characters] = found
        if token.start in survey.remarks and token.start not in survey.owners:
            return concatenation((*self.remarks(token), found))
        return found

    def remarks(self, token: Token) -> list[Document]:
        """The comments before a token."""
        found = self.survey.remarks.get(token.start, ())
        return [comment(remark.text, remark.alone, remark.blank) for remark in found]

    def shown(self, part: Any) -> Document:
        """A token or document as a document."""
        return self.word(part) if isinstance(part, Token) else part

    def words(self, *parts: Any) -> Document:
        """Tokens and documents with blanks between them; what was left out (None or an empty list) is left out."""
        return row(*(self.shown(part) for part in parts if part))

    def bracketed(self, opening: Token, parts: list[Any], closing: Token) -> Document:
        """`(a, b)`, on one line or one part a line."""
        inner = listed([self.shown(part) for part in parts], LINE)
        return group(self.word(opening), indented(SOFT_LINE, *inner), SOFT_LINE, self.word(closing))

    def bound(self, head: Document, value: Any) -> Document:
        """A value behind its name. Operators that need several lines stand below the name, all else begins beside it."""
        value = self.shown(value)
        if isinstance(value, Chain):
            return concatenation((head, group(indented(LINE, value))))
        return concatenation((head, SPACE, value))


class Lists(Words, Collecting):
    """Rules that pick or collect children."""

    def first(self, c: Children) -> Any:
        return c[0]

    token = first
    operand = first

    def nothing(self, c: Children) -> None:
        return None

    def no_parameters(self, c: Children) -> Document:
        return concatenation(self.word(token) for token in c)

    def second(self, c: Children) -> Document:
        """`(...)`, or a word with what belongs to it."""
        if c[0].type == "LPAREN":
            return self.bracketed(c[0], c[1], c[-1])
        return self.words(*c)


class Test:
    """`is empty` or `is TABLE` behind an operand."""

    def __init__(self, document: Document) -> None:
        self.document = document


class Expressions(Lists):
    """Rules of expressions. Operands are documents, operators and prefixes tokens."""

    def expression(self, c: Children) -> Document:
        if len(c[0]) == 1:
            return self.shown(c[0][0])
        document, _ = self.climb(c[0], 0, 0)
        return document

    def climb(self, items: list[Any], position: int, least: int) -> tuple[Document, int]:
        """The expression that begins at `position` and uses only operators that bind at least as tightly as `least`, and the
        position behind it; the tree is that of actionlang/syntax/precedence.py."""
        first = items[position]
        if isinstance(first, Token):
            following = items[position + 1]
            apart = first.value == "not" or (isinstance(following, Token) and following.value == "-")  # never --
            operand, position = self.climb(items, position + 1, NOT if first.value == "not" else NEGATION)
            left = concatenation((self.word(first), *((SPACE,) if apart else ()), inside(operand)))
        else:
            left, position = first, position + 1
        parts = [left]
        strength = 0
        while position < len(items):
            item = items[position]
            if isinstance(item, Test):
                if least > COMPARISON:
                    break
                parts = [concatenation((inside(joined(parts)), SPACE, item.document))]
                position += 1
                continue
            binding = BINDING[item.value]
            if binding < least:
                break
            if len(parts) > 1 and binding != strength:
                parts = [inside(joined(parts))]
            strength = binding
            right, position = self.climb(items, position + 1, binding + 1)
            parts[0] = inside(parts[0])
            parts += (LINE, self.word(item), SPACE, inside(right))
        return joined(parts), position

    def is_empty(self, c: Children) -> Test:
        return Test(self.words(*c))

    is_not_empty = is_table = is_not_table = is_empty

    def name_expression(self, c: Children) -> Document:
        return self.word(c[0])

    number = duration = text = boolean = empty = name_expression

    def typed_literal(self, c: Children) -> Document:
        return self.words(*c)

    def template(self, c: Children) -> Document:
        """A text with expressions in it, which are never broken: a line break there would be hard to see."""
        return concatenation(unbroken(self.shown(part)) for part in (c[0], *c[1], c[2]))

    def parenthesised(self, c: Children) -> Document:
        return self.bracketed(c[0], [c[1]], c[2])

    def list_of_one(self, c: Children) -> Document:
        return concatenation((self.word(c[0]), c[1], COMMA, self.word(c[3])))

    def list_literal(self, c: Children) -> Document:
        return self.bracketed(c[0], [c[1], *c[3]], c[4])

    def path(self, c: Children) -> Document:
        return concatenation((c[0], self.word(c[1]), self.word(c[2])))

    def call_empty(self, c: Children) -> Document:
        return concatenation((c[0], self.word(c[1]), self.word(c[2])))

    def call(self, c: Children) -> Document:
        return concatenation((c[0], self.bracketed(c[1], c[2], c[3])))

    def call_query(self, c: Children) -> Document:
        callee, opening, arguments, tail, closing = c
        inner = (SOFT_LINE, *listed(arguments, LINE), *tail)
        return concatenation((callee, group(self.word(opening), indented(*inner), SOFT_LINE, self.word(closing))))

    def tail_alias(self, c: Children) -> list[Document]:
        return [SPACE, self.words(*c)]

    def tail_alias_where(self, c: Children) -> list[Document]:
        return [SPACE, self.words(*c[:2]), LINE, self.clause(c[2], c[3])]

    def tail_where(self, c: Children) -> list[Document]:
        return [LINE, self.clause(*c)]

    def tail_from(self, c: Children) -> list[Document]:
        return [LINE, self.words(*c)]

    def tail_from_where(self, c: Children) -> list[Document]:
        return [LINE, self.words(*c[:3]), LINE, self.clause(c[3], c[4])]

    def clause(self, keyword: Token, condition: Document) -> Document:
        """`where` and a condition, the further lines of which are indented."""
        return self.words(keyword, inside(condition))

    def positional(self, c: Children) -> Document:
        return c[0]  # type: ignore[no-any-return]

    def named(self, c: Children) -> Document:
        return self.bound(concatenation((self.word(c[0]), self.word(c[1]))), c[2])

    def unqualified(self, c: Children) -> Document:
        return self.word(c[0])

    def qualified(self, c: Children) -> Document:
        return concatenation(self.word(token) for token in c)


def joined(parts: list[Document]) -> Document:
    """One operand, or a chain of several."""
    return chain(*parts) if len(parts) > 1 else parts[0]
