"""Text to tokens."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from actionlang.diagnostics.source import Source
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.tokens import SIGNS
from tests.syntax.reading import kinds, lex, problems

# ------------------------------------------------------------------------------------------------------------- tokens


@pytest.mark.parametrize(("sign", "kind"), sorted(SIGNS.items()))
def test_each_sign(sign: str, kind: str) -> None:
    (token, _) = lex(f" {sign} ").tokens
    assert (token.type, token.value, token.start, token.end) == (kind, sign, 1, 1 + len(sign))


VALUES = [
    ("escalate", "NAME", "escalate"),
    ("_a1_B", "NAME", "_a1_B"),
    ("update", "NAME", "update"),
    ("`Order Details`", "QUOTED", "Order Details"),
    ("`Größe`", "QUOTED", "Größe"),
    ("42", "NUMBER", 42),
    ("10_000", "NUMBER", 10_000),
    ("2.50", "NUMBER", Decimal("2.50")),
    ("1_0.5_0", "NUMBER", Decimal("10.50")),
    ("0", "NUMBER", 0),
    ("9" * 120, "NUMBER", Decimal("9" * 120)),
    ("2 days", "DURATION", timedelta(days=2)),
    ("1 day", "DURATION", timedelta(days=1)),
    ("90 minutes", "DURATION", timedelta(minutes=90)),
    ("3\tweeks", "DURATION", timedelta(weeks=3)),
    ("1_000 seconds", "DURATION", timedelta(seconds=1000)),
    ("0.5 hours", "DURATION", timedelta(minutes=30)),
    ("0.000001 seconds", "DURATION", timedelta(microseconds=1)),
    ('"plain"', "TEXT", "plain"),
    ('""', "TEXT", ""),
    ('"Größe 🎉"', "TEXT", "Größe 🎉"),
    (r'"a\n\t\"\\b"', "TEXT", 'a\n\t"\\b'),
    (r'"\u{1F600}\u{e9}"', "TEXT", "😀é"),
    (r'"\{x\}"', "TEXT", "{x}"),
    ('"{{x}}"', "TEXT", "{x}"),
    ('"""two\nlines"""', "TEXT", "two\nlines"),
    ('"""\ntwo\nlines\n"""', "TEXT", "two\nlines\n"),
    ('"""  \r\nafter"""', "TEXT", "after"),
    ('"""\r\ntwo\r\n\r\nlines\r\n"""', "TEXT", "two\n\nlines\n"),
    ('"""a\\u{D}\nb"""', "TEXT", "a\r\nb"),
    ('"""say "hi" now"""', "TEXT", 'say "hi" now'),
    ('""""""', "TEXT", ""),
]


@pytest.mark.parametrize(("text", "kind", "value"), VALUES, ids=[text[:20] for text, *_ in VALUES])
def test_each_value(text: str, kind: str, value: object) -> None:
    read = lex(f"\n {text} ")
    (token, _) = read.tokens
    assert (token.type, token.value) == (kind, value)
    assert type(token.value) is type(value)
    assert (token.start, token.end) == (2, 2 + len(text))
    assert not read.diagnostics


@pytest.mark.parametrize("word", ["date", "datetime", "id"])
def test_a_typed_literal_is_told_by_the_quote_behind_it(word: str) -> None:
    assert kinds(f'{word} "x"') == ["TYPED", "TEXT"]
    assert kinds(f'{word}"x"') == ["TYPED", "TEXT"]
    assert kinds(f"{word} x") == ["NAME", "NAME"]
    assert kinds(f'my{word} "x"') == ["NAME", "TEXT"]


def test_signs_stand_close_together() -> None:
    assert kinds("a->b<=c>=d!=e=f") == (
        "NAME ARROW NAME LESS_EQUAL NAME GREATER_EQUAL NAME NOT_EQUAL NAME EQUAL NAME".split()
    )
    assert kinds("3days") == ["NUMBER", "NAME"]
    assert kinds("2 daysaway") == ["NUMBER", "NAME"]
    assert kinds("1.5.x") == ["NUMBER", "DOT", "NAME"]


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\n", "\f", "\ufeff", ""])
def test_white_space_parts_tokens(blank: str) -> None:
    assert kinds(f"{blank}(a{blank};") == ["LPAREN", "NAME", "SEMI"]


def test_a_byte_order_mark_and_windows_line_ends() -> None:
    read = lex('\ufeffaction A <\r\n  stop; # why\r\n  fail "x"\r\n>\r\n')
    assert [token.type for token in read.tokens] == "NAME NAME OPEN NAME SEMI NAME TEXT CLOSE $END".split()
    assert [comment.text for comment in read.comments] == ["why"]
    assert not read.diagnostics


# ------------------------------------------------------------------------------------------------------------- angles

ANGLES = [
    ("< >", "OPEN CLOSE"),
    ("(<) >", "LPAREN LESS RPAREN CLOSE"),
    ("(a < b) < c >", "LPAREN NAME LESS NAME RPAREN OPEN NAME CLOSE"),
    ("f(g(a) > b)", "NAME LPAREN NAME LPAREN NAME RPAREN GREATER NAME RPAREN"),
    ("(a; < b >", "LPAREN NAME SEMI OPEN NAME CLOSE"),
    ("((a; >", "LPAREN LPAREN NAME SEMI CLOSE"),
    (") < >", "RPAREN OPEN CLOSE"),
    ('"{a > b}" >', "TEXT_START NAME GREATER NAME TEXT_END CLOSE"),
    ('("{a}" < b)', "LPAREN TEXT_START NAME TEXT_END LESS NAME RPAREN"),
    ('"{f(a)}" < b >', "TEXT_START NAME LPAREN NAME RPAREN TEXT_END OPEN NAME CLOSE"),
    ("(a\n  > b)", "LPAREN NAME GREATER NAME RPAREN"),
    ("(a\n>\nb", "LPAREN NAME CLOSE NAME"),
    ("(a\n  > ;", "LPAREN NAME CLOSE SEMI"),
    ("(a\n> else <", "LPAREN NAME CLOSE NAME OPEN"),
    ("(a\n>  # done\n<", "LPAREN NAME CLOSE OPEN"),
    ("(a\n>", "LPAREN NAME CLOSE"),
    ("(a\r\n>\r\n<", "LPAREN NAME CLOSE OPEN"),
]


@pytest.mark.parametrize(("text", "expected"), ANGLES, ids=[text for text, _ in ANGLES])
def test_angles_compare_only_in_parentheses(text: str, expected: str) -> None:
    assert kinds(text) == expected.split()


def test_an_expression_alone_is_read_as_if_in_parentheses() -> None:
    read = Lexer(Source("", "a < b; c\n>\nd"), in_parentheses=True).read()
    assert [token.type for token in read.tokens] == "NAME LESS NAME SEMI NAME GREATER NAME $END".split()


# -------------------------------------------------------------------------------------------------------------- texts

TEMPLATES = [
    ('"a {b} c"', [("TEXT_START", "a "), ("NAME", "b"), ("TEXT_END", " c")]),
    ('"{a}{b}"', [("TEXT_START", ""), ("NAME", "a"), ("TEXT_MIDDLE", ""), ("NAME", "b"), ("TEXT_END", "")]),
    ('"a{"b"}c"', [("TEXT_START", "a"), ("TEXT", "b"), ("TEXT_END", "c")]),
    (
        '"1{"2{x}3"}4"',
        [
            ("TEXT_START", "1"),
            ("TEXT_START", "2"),
            ("NAME", "x"),
            ("TEXT_END", "3"),
            ("TEXT_END", "4"),
        ],
    ),
    ('"{{{a}}}"', [("TEXT_START", "{"), ("NAME", "a"), ("TEXT_END", "}")]),
    ('"""a\n{b}\n"c" """', [("TEXT_START", "a\n"), ("NAME", "b"), ("TEXT_END", '\n"c" ')]),
    ('"{a # note\n}"', [("TEXT_START", ""), ("NAME", "a"), ("TEXT_END", "")]),
]


@pytest.mark.parametrize(("text", "expected"), TEMPLATES, ids=[text for text, _ in TEMPLATES])
def test_texts_with_expressions(text: str, expected: list[tuple[str, str]]) -> None:
    read = lex(text)
    assert [(token.type, token.value) for token in read.tokens[:-1]] == expected
    assert not read.diagnostics


# ----------------------------------------------------------------------------------------------------------- comments


def test_comments_are_kept() -> None:
    read = lex("# one\n#two # still\n##  three \n#### four\na")
    assert [(comment.text, comment.is_doc) for comment in read.comments] == [
        ("one", False),
        ("two # still", False),
        ("three", True),
        ("### four", False),
    ]


def test_documentation_belongs_to_the_next_word() -> None:
    text = "## first\n# aside\n## second\n\nalpha beta\n## third\ngamma"
    assert lex(text).docs == {text.index("alpha"): "first\nsecond", text.index("gamma"): "third"}


# ------------------------------------------------------------------------------------------------------- what is wrong

WRONG = [
    ("a ? b", "E0103: The character '?' has no meaning here.", "NAME NAME"),
    ("a \x07 b", "E0103: The character U+0007 has no meaning here.", "NAME NAME"),
    ("a \x00 b", "E0103: The character U+0000 has no meaning here.", "NAME NAME"),
    ("a \u202e b", "E0103: The character U+202E has no meaning here.", "NAME NAME"),
    ("'a'", 'E0103: The character "\'" has no meaning here.', "TEXT"),
    ("“a”", "E0103: The character '“' has no meaning here.", "TEXT"),
    ("„a“", "E0103: The character '„' has no meaning here.", "TEXT"),
    ("`a", "E0103: The character '`' has no meaning here.", "NAME"),
    ("``", "E0103: The character '`' has no meaning here.", ""),
    ("Größe x", "E0103: The character 'ö' has no meaning here.", "NAME NAME"),
    ("Öl", "E0103: The character 'Ö' has no meaning here.", "NAME"),
    ("a && b", "E0103: The character '&' has no meaning here.", "NAME NAME NAME"),
    ("!a", "E0103: The character '!' has no meaning here.", "NAME NAME"),
    ("{ a }", "E0103: The character '{' has no meaning here.", "OPEN NAME CLOSE"),
    ("} a", "E0103: The character '}' has no meaning here.", "CLOSE NAME"),
    ("[a, b]", "E0103: The character '[' has no meaning here.", "LPAREN NAME COMMA NAME RPAREN"),
    ('"abc', "E0104: This text is never closed.", "TEXT"),
    ('"abc\nx', "E0104: This text is never closed.", "TEXT NAME"),
    ('"""abc\n', "E0104: This text is never closed.", "TEXT"),
    ('"a {b', "E0104: The { in this text is never closed.", "TEXT_START NAME"),
    ('"a {b" x', "E0104: The { in this text is never closed.", "TEXT_START NAME TEXT_END NAME"),
    ('"a {b; x', "E0104: The { in this text is never closed.", "TEXT_START NAME TEXT_END SEMI NAME"),
    ('f("a {b; <', "E0104: The { in this text is never closed.", "NAME LPAREN TEXT_START NAME TEXT_END SEMI OPEN"),
    ('"a {b} c\nx', "E0104: This text is never closed.", "TEXT_START NAME TEXT_END NAME"),
    (r'"a\qb"', r"E0105: \q is no escape.", "TEXT"),
    ('"a\\\nx', "E0104: This text is never closed.", "TEXT NAME"),
    (r'"\u{110000}"', r"E0105: \u{110000} is no character.", "TEXT"),
    (r'"\u{D800}"', r"E0105: \u{D800} is no character.", "TEXT"),
    (r'"\u{0}"', r"E0105: \u{0} is no character.", "TEXT"),
    (r'"\u0041"', r"E0105: \u is no escape.", "TEXT"),
    ('"a}b"', "E0105: A single } stands in this text.", "TEXT"),
    ('"a\x00b"', "E0105: A text can not hold the character U+0000.", "TEXT"),
    ("99999999999999 weeks", "E0113: 99999999999999 weeks is too long a time.", "DURATION"),
    ("0.0000001 seconds", "E0113: 0.0000001 seconds is finer than a microsecond.", "DURATION"),
]


@pytest.mark.parametrize(("text", "problem", "expected"), WRONG, ids=[repr(text) for text, *_ in WRONG])
def test_what_is_wrong_is_told_and_taken_for_what_was_meant(text: str, problem: str, expected: str) -> None:
    read = lex(text)
    assert [token.type for token in read.tokens[:-1]] == expected.split()
    assert problems(read.diagnostics) == [problem]


def test_a_name_with_foreign_letters_is_read_as_one() -> None:
    (token, *_) = lex("Größe").tokens
    assert (token.value, token.start, token.end) == ("Größe", 0, 5)


@pytest.mark.parametrize("text", ['"""a', '"a {b', '"""a {b} c', '"""a {f("x")'])
def test_a_script_may_end_in_a_text(text: str) -> None:
    assert lex(text).ends_in_text


@pytest.mark.parametrize("text", ['"a', '"a {b;', '"""a"""', "a"])
def test_or_not(text: str) -> None:
    assert not lex(text).ends_in_text
