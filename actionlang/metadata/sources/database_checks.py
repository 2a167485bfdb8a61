"""What a check constraint or a default of a database says, where that is something the language can say.

Databases give both as SQL, each in its own spelling: `status IN ('new', 'open')` in SQLite is
`((status)::text = ANY (ARRAY['new'::text, 'open'::text]))` in PostgreSQL. What is not known for sure is not guessed: such SQL is
told as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import attrs

Literal = str | int | Decimal | bool | None


@attrs.frozen
class OneOf:
    """A column holds one of these texts, or one of these whole numbers."""

    column: str
    values: tuple[str, ...] | tuple[int, ...]


@attrs.frozen
class AtMost:
    """A column's text has at most so many characters."""

    column: str
    length: int


@attrs.frozen
class NotEmpty:
    """A column is never empty."""

    column: str


Token = tuple[str, object]
"""What it is (`text`, `number`, `name`, `word`, `sign`), and what it stands for."""

Rule = OneOf | AtMost | NotEmpty

WORD = re.compile(
    r"""\s*(?:
      (?P<text>[eEnN]?'(?:[^']|'')*')
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<quoted>"(?:[^"]|"")+"|`[^`]+`|(?<![yY])\[[^\W\d][^\]']*\])       # a [ behind ARRAY is no quote
    | (?P<word>[^\W\d][\w$]*)
    | (?P<sign>::|<=|>=|<>|!=|\|\||.)
    )""",
    re.VERBOSE | re.DOTALL,
)
CAST_TYPE = ("varying", "precision", "with", "without", "time", "zone")
"""Words behind the first one of a type's name."""

OPENING: dict[Token, Token] = {("sign", "("): ("sign", ")"), ("sign", "["): ("sign", "]")}
"""What closes a type's size."""

LENGTHS = frozenset({"length", "char_length", "character_length"})


class _NotKnown(Exception):
    """SQL that says something else."""


def rules_of(sql: str) -> tuple[Rule, ...]:
    """What a check constraint says of single columns; nothing when any part of it says more than the language can."""
    try:
        conditions = _conjuncts(_without_casts(list(_tokens(sql))))
        return tuple(_rule(condition) for condition in conditions)
    except _NotKnown:
        return ()


def literal_of(sql: str) -> Literal:
    """The constant that a default's SQL stands for: a text, a number, a boolean, None for NULL.

    Raises ValueError when it is no constant.
    """
    try:
        tokens = _unwrapped(_without_casts(list(_tokens(sql))))
        return _literal(tokens)
    except _NotKnown:
        raise ValueError(f"{sql} is no constant") from None


NOW = frozenset(
    {
        *("now", "current_timestamp", "localtimestamp", "transaction_timestamp", "utc_timestamp"),
        *("getdate", "sysdatetime", "getutcdate", "sysutcdatetime"),
        *("datetime'now'", "strftime'%y-%m-%d%h:%m:%s','now'", "strftime'%y-%m-%dt%h:%m:%fz','now'"),
        *("timezone'utc',now", "nowattimezone'utc'", "current_timestampattimezone'utc'"),
    }
)
TODAY = frozenset({"current_date", "curdate", "date'now'", "'now'"})
"""How databases spell the moment of now, and the day: in small letters, without spaces, parentheses and casts."""


def function_of(sql: str) -> str | None:
    """`now` or `today` where a default's SQL is the database's own word for it, else None."""
    try:
        tokens = _without_casts(list(_tokens(sql)))
    except _NotKnown:
        return None
    spelt = "".join(f"'{value}'" if kind == "text" else str(value) for kind, value in tokens).lower()
    spelt = re.sub(r"[() ]", "", re.sub(r"\(\d\)", "", spelt))
    return "now" if spelt in NOW else "today" if spelt in TODAY else None


# ------------------------------------------------------------------------------------------------------------- tokens


def _tokens(sql: str) -> Iterator[Token]:
    position = 0
    sql = sql.strip()
    while position < len(sql):
        found = WORD.match(sql, position)
        if found is None:
            raise _NotKnown
        position = found.end()
        kind = str(found.lastgroup)
        text = found[kind]
        if kind == "text":
            yield "text", _text(text)
        elif kind == "number":
            yield "number", Decimal(text) if "." in text else int(text)
        elif kind == "quoted":
            yield "name", text[1:-1].replace('""', '"')
        elif kind == "word":
            yield "word", text
        else:
            yield "sign", text


def _text(written: str) -> str:
    if written[0] in "eE":
        if "\\" in written:
            raise _NotKnown
        written = written[1:]
    elif written[0] in "nN":
        written = written[1:]
    return written[1:-1].replace("''", "'")


def _without_casts(tokens: list[Token]) -> list[Token]:
    """Tokens without PostgreSQL's `::type(9)[]`."""
    left: list[Token] = []
    position = 0
    while position < len(tokens):
        if tokens[position] != ("sign", "::"):
            left.append(tokens[position])
            position += 1
            continue
        position += 2
        if tokens[position : position + 1] == [("sign", ".")]:
            position += 2
        while position < len(tokens):
            if tokens[position][0] == "word" and tokens[position][1] in CAST_TYPE:
                position += 1
            elif tokens[position] in OPENING:
                if OPENING[tokens[position]] not in tokens[position:]:
                    raise _NotKnown
                position = tokens.index(OPENING[tokens[position]], position) + 1
            else:
                break
    return left


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """Tokens without parentheses around all of them."""
    while tokens[:1] == [("sign", "(")] and _closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _closing(tokens: list[Token], opening: int) -> int:
    depth = 0
    for position in range(opening, len(tokens)):
        if tokens[position] == ("sign", "("):
            depth += 1
        elif tokens[position] == ("sign", ")"):
            depth -= 1
            if depth == 0:
                return position
    raise _NotKnown


# ------------------------------------------------------------------------------------------------------------- checks


def _split(tokens: list[Token], word: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for kind, value in tokens:
        depth += {"(": 1, ")": -1}.get(str(value), 0) if kind == "sign" else 0
        if depth == 0 and kind == "word" and str(value).lower() == word:
            parts.append([])
        else:
            parts[-1].append((kind, value))
    return parts


def _conjuncts(tokens: list[Token]) -> list[list[Token]]:
    parts = _split(_unwrapped(tokens), "and")
    if len(parts) == 1:
        return [_unwrapped(parts[0])]
    return [each for part in parts for each in _conjuncts(part)]


def _rule(tokens: list[Token]) -> Rule:
    ways = [_unwrapped(way) for way in _split(tokens, "or")]
    if len(ways) > 1:
        return _one_of_these(ways)
    words = [str(value).lower() if kind in ("word", "sign") else kind for kind, value in tokens]
    if words[-3:] == ["is", "not", "null"]:
        return NotEmpty(_column(tokens[:-3]))
    if "in" in words:
        at = words.index("in")
        return _one_of(tokens[:at], _unwrapped(tokens[at + 1 :]))
    if "any" in words and words[words.index("any") - 1] == "=":
        at = words.index("any")
        inside = _unwrapped(tokens[at + 1 :])
        if [str(value).lower() for _, value in inside[:2]] != ["array", "["] or inside[-1] != ("sign", "]"):
            raise _NotKnown
        return _one_of(tokens[: at - 1], inside[2:-1])
    if words[:1] and words[0] in LENGTHS and words[-2:-1] == ["<="] and isinstance(tokens[-1][1], int):
        return AtMost(_column(_unwrapped(tokens[1:-2])), tokens[-1][1])
    if words[-2:-1] == ["="]:
        return _one_of(tokens[:-2], tokens[-1:])
    raise _NotKnown


def _one_of_these(ways: list[list[Token]]) -> OneOf:
    """Several conditions of one column, of which one has to hold. That it is empty may be one: it satisfies a check anyhow."""
    rules = [_rule(way) for way in ways if _is_empty(way) is None]
    filled = [rule for rule in rules if isinstance(rule, OneOf)]
    columns = {rule.column for rule in filled} | {column for way in ways if (column := _is_empty(way))}
    if len(columns) > 1 or not filled or len(filled) < len(rules):
        raise _NotKnown
    return _checked(filled[0].column, [value for rule in filled for value in rule.values])


def _checked(column: str, values: list[Literal]) -> OneOf:
    """A rule whose values are of one kind, each of them there once."""
    texts = tuple(value for value in values if type(value) is str)
    numbers = tuple(value for value in values if type(value) is int)
    if len(set(values)) == len(values) and len(values) in (len(texts), len(numbers)):
        return OneOf(column, texts or numbers)
    raise _NotKnown


def _is_empty(tokens: list[Token]) -> str | None:
    if [str(value).lower() for _, value in tokens[-2:]] != ["is", "null"]:
        return None
    return _column(tokens[:-2])


def _column(tokens: list[Token]) -> str:
    tokens = _unwrapped(tokens)
    if len(tokens) == 1 and tokens[0][0] in ("name", "word"):
        return str(tokens[0][1])
    raise _NotKnown


def _one_of(left: list[Token], right: list[Token]) -> OneOf:
    column = _column(left)
    return _checked(column, [_literal(_unwrapped(part)) for part in _by_commas(right)])


def _by_commas(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token == ("sign", ","):
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _literal(tokens: list[Token]) -> Literal:
    sign = 1
    while len(tokens) > 1 and tokens[0] in (("sign", "-"), ("sign", "+")):
        sign = -sign if tokens[0][1] == "-" else sign
        tokens = _unwrapped(tokens[1:])
    if len(tokens) != 1:
        raise _NotKnown
    kind, value = tokens[0]
    if kind == "number":
        assert isinstance(value, int | Decimal)
        return value * sign
    if kind == "text" and sign == 1:
        return str(value)
    word = str(value).lower() if kind == "word" else ""
    if word in ("true", "false", "null"):
        return {"true": True, "false": False}.get(word)
    raise _NotKnown
