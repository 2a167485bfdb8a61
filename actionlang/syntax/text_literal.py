"""What stands between the quotes of a text: escapes, doubled braces, many lines."""

from __future__ import annotations

import re

import attrs

ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "{": "{", "}": "}"}
UNICODE_ESCAPE = re.compile(r"u\{([0-9A-Fa-f]{1,6})\}")
PLAIN = re.compile(r'[^"\\{}\n\x00]+')


@attrs.frozen
class TextProblem:
    """Something wrong between `start` and `end`: the text is `unclosed`, or `message` says what."""

    start: int
    end: int
    message: str = ""
    hint: str | None = None
    unclosed: bool = False


@attrs.frozen
class Piece:
    """A text up to its closing quote or an interpolation (`opens`); `end` is the offset behind the quote or brace."""

    value: str
    end: int
    opens: bool
    problems: tuple[TextProblem, ...]


def read_piece(text: str, position: int, quote: str, starts: bool) -> Piece:
    """Read from `position`, just behind the opening quote (`starts`) or an interpolation's `}`, to the quote or a `{`.

    A text in triple quotes may have many lines, which end in a line feed however the file's do; a line break right behind
    the opening quotes is not part of it.
    """
    parts: list[str] = []
    problems: list[TextProblem] = []
    many_lines = quote == '"""'
    if starts and many_lines:
        position += len(re.compile(r"[ \t]*\r?\n|").match(text, position).group())  # type: ignore[union-attr]
    while True:
        plain = PLAIN.match(text, position)
        if plain:
            position = plain.end()
            ends_line = text.startswith("\n", position)
            parts.append(plain.group().removesuffix("\r") if ends_line else plain.group())
        if position >= len(text) or (text[position] == "\n" and not many_lines):
            problems.append(TextProblem(position, position, unclosed=True))
            return Piece("".join(parts), position, False, tuple(problems))
        if text.startswith(quote, position):
            return Piece("".join(parts), position + len(quote), False, tuple(problems))
        character = text[position]
        if character == "\\":
            value, end, problem = escape(text, position)
            parts.append(value)
            if problem:
                problems.append(problem)
            position = end
        elif character == "{" and not text.startswith("{{", position):
            return Piece("".join(parts), position + 1, True, tuple(problems))
        else:
            if character == "}" and not text.startswith("}}", position):
                problems.append(
                    TextProblem(position, position + 1, "A single } stands in this text.", "Write }} for a brace.")
                )
            if character == "\x00":
                problems.append(
                    TextProblem(position, position + 1, "A text can not hold the character U+0000.", "Leave it out.")
                )
            parts.append(character)
            position += 2 if text[position : position + 2] in ("{{", "}}") else 1


def escape(text: str, position: int) -> tuple[str, int, TextProblem | None]:
    """What the backslash at `position` stands for, where it ends, and what is wrong with it."""
    following = text[position + 1 : position + 2]
    if following in ESCAPES and following:
        return ESCAPES[following], position + 2, None
    unicode = UNICODE_ESCAPE.match(text, position + 1)
    if unicode:
        number = int(unicode[1], 16)
        if 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
            return chr(number), unicode.end(), None
        hint = "Characters go from \\u{1} to \\u{10FFFF}, without those from \\u{D800} to \\u{DFFF}."
        problem = TextProblem(position, unicode.end(), f"\\u{{{unicode[1]}}} is no character.", hint)
        return "", unicode.end(), problem
    if following in ("", "\n", "\r"):
        return "", position + 1, None  # the text ends here without its quote, which is told already
    hint = 'The escapes are \\n \\t \\" \\\\ and \\u{1F600}; \\\\ stands for a backslash.'
    return "", position + 1, TextProblem(position, position + 2, f"\\{following} is no escape.", hint)
