"""Text to tokens.

One pass with one regular expression. Three things need more than that expression: texts with interpolation, where the tokens
between the braces are a script's own; angles, which compare while a parenthesis is open and bracket blocks otherwise; and
limits that keep every later pass from running out of stack.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import attrs

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax.ast import Comment
from actionlang.syntax.strays import BLANK, OPENER, Stray, is_comment, read_stray
from actionlang.syntax.text_literal import TextProblem, read_piece
from actionlang.syntax.tokens import SIGNS, Token

MAXIMUM_NESTING = 60
"""Brackets of any kind that may be open at once."""

MAXIMUM_OPERATORS = 150
"""Operators, dots and opening parentheses in one statement, or in one item of a list outside parentheses."""

MASTER = re.compile(
    r"""[ \t\r\n\f\ufeff]*(?:
      ((?:datetime|date|id)(?=[ \t]*"))                                                     # 1 typed literal
    | ([A-Za-z_][A-Za-z0-9_]*)                                                              # 2 word
    | ([0-9][0-9_]*(?:\.[0-9][0-9_]*)?[ \t]+(?:weeks?|days?|hours?|minutes?|seconds?)\b)    # 3 duration
    | ([0-9][0-9_]*(?:\.[0-9][0-9_]*)?)                                                     # 4 number
    | ("[^"\\{}\n\x00]*"(?!"))                                                              # 5 plain text
    | (->|<=|>=|!=|-(?!-)|/(?![/*])|[;,:.()|=+*<>])                                         # 6 sign
    | (\#[^\n]*)                                                                            # 7 comment
    | (\"\"\"|")                                                                            # 8 text with more to it
    | (`[^`\n]+`)                                                                           # 9 name in backticks
    | (\})                                                                                  # 10 end of an interpolation
    | (\Z)                                                                                  # 11 end
    | (.)                                                                                   # 12 anything else
    )""",
    re.VERBOSE,
)

ALONE = re.compile(r"[ \t]*(?:;|else\b|\#|\r?\n|\Z)")
"""What may follow a `>` that stands alone on its line."""

LONGEST = "The longest time is 999999999 days."
FINEST = "The shortest time is 0.000001 seconds."

WEIGHTY = frozenset({"+", "-", "*", "/", ".", "(", "<", ">", "=", "!=", "<=", ">="})
WEIGHTY_WORDS = frozenset({"and", "or", "not", "in", "under", "otherwise", "is"})


@attrs.define
class Tokens:
    """A script's tokens, the last of type $END; its comments; its `##` texts by the offset of the token they stand before;
    what was wrong; and whether the script ends inside a text that may have many lines, or inside its braces."""

    tokens: list[Token] = attrs.field(factory=list)
    comments: list[Comment] = attrs.field(factory=list)
    docs: dict[int, str] = attrs.field(factory=dict)
    diagnostics: list[Diagnostic] = attrs.field(factory=list)
    ends_in_text: bool = False


@attrs.define
class _Interpolation:
    """An open `{` in a text: where the text and the brace began, the text's quote, and the parentheses open outside."""

    start: int
    brace: int
    quote: str
    parentheses: list[int]


class Lexer:
    """Reads one source. `in_parentheses` says that the script is an expression alone, as if in parentheses."""

    def __init__(self, source: Source, in_parentheses: bool = False) -> None:
        self.source = source
        self.in_parentheses = in_parentheses
        self.result = Tokens()
        self.interpolations: list[_Interpolation] = []
        self.parentheses: list[int] = [0] if in_parentheses else []
        self.blocks = 0
        self.weight = 0
        self.doc_lines: list[str] = []
        self.strays: dict[str, list[list[Edit]]] = {}
        self.mended: list[tuple[int, str, list[Edit], bool]] = []

    def read(self) -> Tokens:
        """All tokens of the source; problems are in the result's diagnostics, never raised."""
        text = self.source.text
        match = MASTER.match
        tokens = self.result.tokens
        append = tokens.append
        position = 0
        while True:
            found = match(text, position)
            assert found is not None
            group = found.lastindex
            position = found.end()
            if group == 2:
                word = found[2]
                start = position - len(word)
                append(Token("NAME", word, start, position))
                if self.doc_lines:
                    self.attach_doc(start)
                if word in WEIGHTY_WORDS and self.too_heavy(start):
                    break
            elif group == 6:
                sign = found[6]
                if not self.sign(sign, position - len(sign), position):
                    break
            elif group == 5:
                start = found.start(5)
                append(Token("TEXT", text[start + 1 : position - 1], start, position))
            elif group == 4:
                start = found.start(4)
                append(Token("NUMBER", number(found[4]), start, position))
            elif group == 11:
                break
            else:
                assert group is not None
                after = self.rare(group, found, position)
                if after is None:
                    break
                position = after
        self.finish()
        return self.result

    def finish(self) -> None:
        """Complain about a text still open and end the stream."""
        self.add_fixes()
        end = len(self.source.text)
        stopped = any(found.code is codes.NESTED_TOO_DEEP for found in self.result.diagnostics)
        if self.interpolations and not stopped:
            self.unclosed_brace()
            self.result.ends_in_text = True
        tokens = self.result.tokens
        tokens.append(Token("$END", "", end, end))

    def rare(self, group: int, found: re.Match[str], position: int) -> int | None:
        """A token that is not a word, sign, number or plain text; returns where to go on, None to stop."""
        start = found.start(group)
        tokens = self.result.tokens
        if group == 7:
            self.comment(start, position)
        elif group == 1:
            tokens.append(Token("TYPED", found[1], start, position))
            if self.doc_lines:
                self.attach_doc(start)  # it may be the name of a member or state that has a label
        elif group == 3:
            self.duration(found[3], start, position)
        elif group == 8:
            return self.text(start, position, found[8], "TEXT")
        elif group == 9:
            tokens.append(Token("QUOTED", found[9][1:-1], start, position))
            if self.doc_lines:
                self.attach_doc(start)
        elif group == 10 and self.interpolations:
            interpolation = self.interpolations.pop()
            self.parentheses = interpolation.parentheses
            return self.text(interpolation.start, position, interpolation.quote, "TEXT_END")
        else:
            return self.stray(start)
        return position

    # ------------------------------------------------------------------------------------------------------- signs

    def sign(self, sign: str, start: int, end: int) -> bool:
        """One sign; False when a limit was passed and reading stops."""
        kind = SIGNS[sign]
        if sign == ";" and self.interpolations:
            self.abandon(start, start)
        if sign == ";" or (sign == "," and not self.parentheses):
            self.weight = 0
            if sign == ";" and not self.in_parentheses:
                self.parentheses = []
        elif sign == "(":
            self.parentheses.append(start)
        elif sign == ")":
            if self.parentheses:
                self.parentheses.pop()
        elif sign in "<>":
            if sign == ">" and self.parentheses and self.alone(start, end):
                self.parentheses = []
            if self.parentheses or self.interpolations:
                kind = "LESS" if sign == "<" else "GREATER"
            else:
                self.weight = 0
                self.blocks = max(0, self.blocks + (1 if sign == "<" else -1))
        self.result.tokens.append(Token(kind, sign, start, end))
        if sign in WEIGHTY and self.too_heavy(start):
            return False
        if sign in "(<" and self.blocks + len(self.parentheses) + len(self.interpolations) > MAXIMUM_NESTING:
            self.report(
                codes.NESTED_TOO_DEEP,
                f"More than {MAXIMUM_NESTING} brackets are open here.",
                Span(start, end),
                hint="Give a part a name with let, or move steps into a verb of their own.",
            )
            return False
        return True

    def alone(self, start: int, end: int) -> bool:
        """Whether nothing else stands on the line of a `>`. Such a one closes a block, whatever parenthesis was
        forgotten in it."""
        text = self.source.text
        before = text[text.rfind("\n", 0, start) + 1 : start]
        return not (before.strip() or self.interpolations or self.in_parentheses) and ALONE.match(text, end) is not None

    def too_heavy(self, start: int) -> bool:
        """Count one operator; True (and a complaint) when the statement has too many."""
        self.weight += 1
        if self.weight <= MAXIMUM_OPERATORS:
            return False
        self.report(
            codes.NESTED_TOO_DEEP,
            f"This statement has more than {MAXIMUM_OPERATORS} operators.",
            Span(start, start + 1),
            hint="Give its parts names with let.",
        )
        return True

    # ------------------------------------------------------------------------------------- comments, numbers, others

    def comment(self, start: int, end: int) -> None:
        """Keep a comment; remember a `##` line for the token below it."""
        text = self.source.text[start:end]
        is_doc = text.startswith("##") and not text.startswith("###")
        content = text[2 if is_doc else 1 :].strip()
        self.result.comments.append(Comment(start, end, content, is_doc))
        if is_doc:
            self.doc_lines.append(content)

    def attach_doc(self, start: int) -> None:
        """Give the `##` lines just read to the token at `start`."""
        self.result.docs[start] = "\n".join(self.doc_lines)
        self.doc_lines = []

    def duration(self, text: str, start: int, end: int) -> None:
        """`90 minutes`."""
        amount, unit = text.split()
        seconds = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}[unit[0]]
        try:
            microseconds = Decimal(amount.replace("_", "")) * seconds * 1_000_000
            value = timedelta(microseconds=int(microseconds))
        except (OverflowError, ArithmeticError):
            value = timedelta()
            self.report(codes.BAD_LITERAL, f"{text} is too long a time.", Span(start, end), LONGEST)
        else:
            if microseconds != int(microseconds):
                self.report(codes.BAD_LITERAL, f"{text} is finer than a microsecond.", Span(start, end), FINEST)
        self.result.tokens.append(Token("DURATION", value, start, end))

    def stray(self, start: int) -> int | None:
        """A character no token begins with, taken for what was probably meant; returns where to go on, None to stop."""
        text, tokens = self.source.text, self.result.tokens
        before = tokens[-1] if tokens else None
        begins_expression = before is None and self.in_parentheses
        if text.startswith("--", start) and (begins_expression or not is_comment(text, start, before)):
            return start + 2 if self.sign("-", start, start + 1) and self.sign("-", start + 1, start + 2) else None
        found = read_stray(text, start, before)
        self.tell(found, start)
        if found.sign is not None:
            return found.end if self.sign(found.sign, start, found.end) else None
        if found.text is not None:
            tokens.append(Token("TEXT", found.text, start, found.end))
        elif found.name is not None:
            begin = start
            if found.start is not None and found.start < start:
                begin = tokens.pop().start
            tokens.append(Token("NAME", found.name, begin, found.end))
        elif found.start is not None and before is not None and found.instead is not None:
            before.value, before.end = number(found.instead), found.end
        return found.end

    def tell(self, found: Stray, start: int) -> None:
        """Complain of a stray character; once of a pair of brackets, and of all blanks of one kind."""
        character = self.source.text[start]
        edits = found.edits(start)
        opened = self.strays.get(OPENER.get(character, ""))
        if opened:
            opened.pop().extend(edits)
            return
        if character in BLANK and character in self.strays:
            self.strays[character][0].extend(edits)
            return
        mended = list(edits)
        self.strays.setdefault(character, []).append(mended)
        shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
        message = found.message or f"The character {shown} has no meaning here."
        label = Label(self.source, Span(start, start + 1 if found.name else found.end))
        title = f"Write {found.instead}" if found.instead and len(found.instead) < 20 else "Write it so"
        self.mended.append((len(self.result.diagnostics), title, mended, found.safe))
        self.result.diagnostics.append(Diagnostic(codes.UNKNOWN_CHARACTER, message, label, hint=found.hint))

    def add_fixes(self) -> None:
        """Give the complaints about stray characters their fixes, now that all that belongs to each is known."""
        for place, title, edits, safe in self.mended:
            if edits:
                fix = Fix(title.strip(), tuple(edits), safe)
                self.result.diagnostics[place] = attrs.evolve(self.result.diagnostics[place], fixes=(fix,))

    # ------------------------------------------------------------------------------------------------------- texts

    def text(self, start: int, position: int, quote: str, whole: str) -> int:
        """Read a text's piece from `position` up to its closing quote or a `{`; `whole` is the token type if it closes."""
        first = whole == "TEXT"
        piece = read_piece(self.source.text, position, quote, starts=first)
        if self.interpolations and any(problem.unclosed for problem in piece.problems):
            return self.abandon(start, start + 1) if first and quote == '"' else self.abandon(piece.end, piece.end)
        for problem in piece.problems:
            self.text_problem(problem, start)
        if piece.opens:
            kind = "TEXT_START" if first else "TEXT_MIDDLE"
            self.interpolations.append(_Interpolation(start, piece.end - 1, quote, self.parentheses))
            self.parentheses = []
        else:
            kind = whole
        begin = start if first else position - 1
        self.result.tokens.append(Token(kind, piece.value, begin, piece.end))
        return piece.end

    def abandon(self, start: int, end: int) -> int:
        """End a text whose `{` was never closed as if it ended here, with the quote from `start` to `end` if that can be it;
        returns where to go on."""
        self.unclosed_brace()
        self.result.tokens.extend(Token("TEXT_END", "", start, end) for _ in self.interpolations)
        self.parentheses = self.interpolations[0].parentheses
        self.interpolations.clear()
        return end

    def unclosed_brace(self) -> None:
        """Complain about the innermost `{`."""
        brace = self.interpolations[-1].brace
        advice = "Write } behind the expression; a brace that belongs to the text is written {{."
        message = "The { in this text is never closed."
        self.report(codes.UNCLOSED_TEXT, message, Span(brace, brace + 1), advice)

    def text_problem(self, problem: TextProblem, start: int) -> None:
        """Complain about a text: it is not closed, or has an escape that means nothing."""
        if problem.unclosed and self.source.text.startswith('"""', start):
            self.result.ends_in_text = True
            self.report(codes.UNCLOSED_TEXT, "This text is never closed.", Span(start, start + 3), 'Close it with """.')
        elif problem.unclosed:
            span = Span(start, problem.end)
            hint = 'Close it with " on its own line, or write """ around a text of many lines.'
            self.report(
                codes.UNCLOSED_TEXT, "This text is never closed.", span, hint, self.closing_quote(start, problem.end)
            )
        else:
            self.report(codes.BAD_ESCAPE, problem.message, Span(problem.start, problem.end), problem.hint)

    def closing_quote(self, start: int, end: int) -> tuple[Fix, ...]:
        """The fix that ends a text where its line does, before the signs that end a step; none where more may stand there."""
        line = self.source.text[start:end]
        text = line.rstrip(" \t\r;>)")
        if "<" in text or ")" in text or len(text) < 2:
            return ()
        return (Fix("Close the text", (Edit(Span(start + len(text), start + len(text)), '"'),)),)

    def report(
        self, code: Code, message: str, span: Span, hint: str | None = None, fixes: tuple[Fix, ...] = ()
    ) -> None:
        """Add a diagnostic at a span."""
        self.result.diagnostics.append(Diagnostic(code, message, Label(self.source, span), (), hint, (), fixes))


def number(text: str) -> int | Decimal:
    """The value of a number literal: an int, or a Decimal with exactly the digits written."""
    digits = text.replace("_", "")
    return Decimal(digits) if "." in digits else int(digits) if len(digits) < 100 else Decimal(digits)
