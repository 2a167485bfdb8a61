"""Scripts to format: sentences derived from the grammar, and scripts whose tokens are set anew with other white space
and comments between them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random

from lark import Lark
from lark.grammar import NonTerminal, Rule
from lark.lexer import Lexer as LarkLexer

from actionlang.diagnostics.source import Source
from actionlang.syntax.grammar import grammar_text
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.parser import parse
from actionlang.syntax.tokens import KEYWORD_TYPES, SIGNS

SPELLINGS = {
    "NAME": ("case", "team", "a", "amount", "Tier_2", "date", "id", "order", "status", "`Order Details`", "x" * 45),
    "NUMBER": ("0", "42", "10_000", "2.50"),
    "DURATION": ("2 days", "1.5  hours", "3\tweeks"),
    "TEXT": (
        '""',
        '"Tier 2"',
        '"a \\"b\\" {{c}} \\u{1F600}"',
        '"' + "a long text " * 9 + '"',
        '"""\n  two\n    lines"""',
        '"""a\r\nb \r\n"""',
    ),
    "TEXT_START": ('"', '"Dear {{you}} ', '"""\n  of many\n  lines '),
    "TEXT_MIDDLE": ("", " and ", ", {{ "),
    "TEXT_END": ("", " and so on", "\\n"),
    "TYPED": ("date", "datetime", "id"),
}
LITERALS = {
    "date": '"2026-11-24"',
    "datetime": '"2026-11-24T09:30:00Z"',
    "id": '"01940000-0000-7000-8000-000000000000"',
}
SIGNS_OF = {name: sign for sign, name in SIGNS.items()} | {"LESS": "<", "GREATER": ">"}
WORDS_OF = {name: word for word, name in KEYWORD_TYPES.items()}

PLAIN_GAPS = ("", "", " ", " ", " ", "\n", "  ", "\t", "\n\n", "\n\n\n  ", "\r\n", "\ufeff")
COMMENTS = (
    "# c\n",
    "#c \n",
    "## doc\n",
    "##doc\n  ## more\n",
    "### no doc\r\n",
    "#\n",
    "# > < ( ; {\n",
    "#!x\n\n# y\n",
)
DECLARATIONS = ("import", "choice", "table", "action", "extern", "hook", "test")


class NoLexer(LarkLexer):
    """Lark only wants a class."""

    __future_interface__ = 2

    def __init__(self, _: object) -> None:
        pass

    def lex(self, *_: object) -> Iterable[object]:  # type: ignore[override]
        return iter(())


@cache
def rules() -> dict[str, list[Rule]]:
    """The grammar's rules by the name of what they make, those that end soonest first."""
    lark = Lark(grammar_text(), parser="lalr", lexer=NoLexer, start=["module"], maybe_placeholders=False)
    found: dict[str, list[Rule]] = {}
    for rule in lark.rules:
        if all(symbol.name != "BROKEN" for symbol in rule.expansion):
            found.setdefault(str(rule.origin.name), []).append(rule)
    heights = dict.fromkeys(found, 10**6)

    def height(rule: Rule) -> int:
        return 1 + max((heights[s.name] for s in rule.expansion if isinstance(s, NonTerminal)), default=0)

    for _ in heights:
        heights = {name: min(map(height, options)) for name, options in found.items()}
    return {name: sorted(options, key=height) for name, options in found.items()}


def sentence(random: Random, start: str, most: int) -> list[str]:
    """Terminals that a rule of the grammar makes; behind some `most` of them, each rule is ended as soon as it can be."""
    terminals: list[str] = []
    pending: list[object] = [NonTerminal(start)]
    while pending:
        symbol = pending.pop()
        if isinstance(symbol, NonTerminal):
            options = rules()[str(symbol.name)]
            rule = random.choice(options) if len(terminals) + len(pending) < most else options[0]
            pending += reversed(rule.expansion)
        else:
            terminals.append(symbol.name)  # type: ignore[attr-defined]
    return terminals


def spelled(random: Random, terminals: list[str]) -> list[str]:
    """Terminals as a script may have them."""
    words: list[str] = []
    quotes: list[str] = []
    for position, name in enumerate(terminals):
        if name in SPELLINGS:
            word = random.choice(SPELLINGS[name])
            if position and terminals[position - 1] == "TYPED":
                word = LITERALS[words[-1]]
            if name == "TEXT_START":
                quotes.append('"""' if word.startswith('"""') else '"')
                word += "{"
            elif name == "TEXT_MIDDLE":
                word = "}" + word + "{"
            elif name == "TEXT_END":
                word = "}" + word + quotes.pop()
            words.append(word)
        else:
            words.append(SIGNS_OF.get(name) or WORDS_OF[name])
    return words


def spaced(random: Random, words: list[str], comments: float) -> str:
    """Words with white space between them, and comments at a rate."""
    out = ""
    for word in words:
        gap = random.choice(COMMENTS) if random.random() < comments else ""
        gap = random.choice(PLAIN_GAPS) + gap + random.choice(PLAIN_GAPS)
        if not gap and out and (out[-1].isalnum() or out[-1] in '_"') and (word[0].isalnum() or word[0] in '_"'):
            gap = " "
        out += gap + word
    return out + random.choice(("", "\n", "\n\n", " # end", "\n## end\n", "\n\n\n# a\n\n\n# b"))


def derived(random: Random, most: int, comments: float) -> str | None:
    """A script of one declaration, if what the grammar gave is one: angles and limits are not the grammar's matter."""
    words = spelled(random, sentence(random, random.choice(DECLARATIONS), most))
    text = spaced(random, words, comments)
    return None if parse(Source("derived.act", text)).diagnostics else text


def set_anew(random: Random, text: str, comments: float) -> str | None:
    """A script's words with other white space and comments between them, if they still make a script."""
    tokens = Lexer(Source("old.act", text)).read().tokens
    anew = spaced(random, [text[token.start : token.end] for token in tokens[:-1]], comments)
    return None if parse(Source("anew.act", anew)).diagnostics else anew


@cache
def corpus() -> tuple[str, ...]:
    """Scripts that people wrote: the standard library and the examples."""
    root = Path(__file__).parents[2]
    files = [file for folder in ("stdlib", "examples") for file in sorted((root / folder).rglob("*.act"))]
    return tuple(file.read_text("utf-8") for file in files)
