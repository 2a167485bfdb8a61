"""Statements as the lines of a script, laid out as people write them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from actionlang.compile.dataverse_action import statements as s
from actionlang.compile.dataverse_action.known_tables import spelt
from actionlang.compile.dataverse_action.values import Alias

WIDTH = 116
STEP = "  "


def block(statements: Sequence[s.Statement], depth: int) -> list[str]:
    """The lines of a block's statements, without the angles around it."""
    lines: list[str] = []
    pieces = [_Piece(statement, depth) for statement in _opened(statements)]
    last = max((number for number, piece in enumerate(pieces) if piece.simple), default=-1)
    for number, piece in enumerate(pieces):
        own = piece.lines
        if piece.simple and (number != last or any(later.lines and not later.silent for later in pieces[number + 1 :])):
            own = [*own[:-1], f"{own[-1]};"]
        lines += piece.comments + own
    return lines


def comment_lines(comments: Sequence[str], depth: int) -> list[str]:
    """Comments, broken at the width of a line."""
    start = STEP * depth + "# "
    return [
        line
        for comment in comments
        for line in textwrap.wrap(
            comment,
            WIDTH,
            initial_indent=start,
            subsequent_indent=start,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


class _Piece:
    """One statement's lines: `simple` if a `;` may stand behind it, `silent` if all of it is comments."""

    def __init__(self, statement: s.Statement, depth: int) -> None:
        self.comments = comment_lines(statement.comments, depth)
        self.simple = isinstance(statement, s.Setting | s.Calling | s.Plain | s.Returned | s.Failed)
        self.lines = _statement(statement, depth)
        self.silent = isinstance(statement, s.Notice) or (isinstance(statement, s.Choice) and statement.inert)


def _statement(statement: s.Statement, depth: int) -> list[str]:
    start = STEP * depth
    match statement:
        case s.Setting():
            return _setting(statement, start)
        case s.Calling():
            return _calling(statement, start)
        case s.Plain():
            return [f"{start}{statement.text}"]
        case s.Failed():
            return [f"{start}fail {statement.text}"]
        case s.Returned():
            return _given(f"{start}return ", statement.outputs, start) if statement.outputs else [f"{start}stop"]
        case s.Staged():
            title = statement.title.replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}")
            return [f'{start}stage "{title}" <', *block(statement.statements, depth + 1), f"{start}>"]
        case s.Choice():
            lines = "\n".join(_choice(statement, depth)).split("\n")
            return [f"{start}# {line.removeprefix(start)}".rstrip() for line in lines] if statement.inert else lines
    return []


def _setting(statement: s.Setting, start: str) -> list[str]:
    head = f"{start}{statement.head}{_bound(statement.alias)}"
    if not statement.assignments:
        return [head]
    one = f"{head} set {', '.join(f'{name} = {value}' for name, value in statement.assignments)}"
    if len(one) <= WIDTH and len(statement.assignments) <= 4:
        return [one]
    widest = max(len(name) for name, _ in statement.assignments)
    lines = [f"{start}{STEP}{name.ljust(widest)} = {value}," for name, value in statement.assignments]
    return [f"{head} set", *lines[:-1], lines[-1][:-1]]


def _calling(statement: s.Calling, start: str) -> list[str]:
    tail = (f" on {statement.on}" if statement.on else "") + _bound(statement.alias)
    given = ", ".join(f"{name}: {value}" for name, value in statement.arguments)
    one = f"{start}{statement.head}({given}){tail}"
    if len(one) <= WIDTH:
        return [one]
    lines = [f"{start}{STEP}{name}: {value}," for name, value in statement.arguments]
    return [f"{start}{statement.head}(", *lines[:-1], lines[-1][:-1], f"{start}){tail}"]


def _given(head: str, outputs: Sequence[tuple[str, str]], start: str) -> list[str]:
    given = [f"{spelt(name)}: {value}" for name, value in outputs]
    one = head + ", ".join(given)
    if len(one) <= WIDTH or len(given) == 1:
        return [one]
    return [head.rstrip(), *(f"{start}{STEP}{line}," for line in given[:-1]), f"{start}{STEP}{given[-1]}"]


def _bound(alias: Alias | None) -> str:
    return f" as {spelt(alias.name)}" if alias and alias.used else ""


def _choice(choice: s.Choice, depth: int) -> list[str]:
    start, lines = STEP * depth, list[str]()
    if len(choice.ways) == 1 and not choice.ways[0].condition:
        return block(choice.ways[0].statements, depth)
    for way in choice.ways:
        opening = f"if ({way.condition}) <" if way.condition else "<"
        if len(start) + len(opening) + 7 > WIDTH and " <" in opening:
            opening = _broken(opening, start + STEP * 2)
        inner = comment_lines(way.comments, depth + 1) + block(way.statements, depth + 1)
        if lines:
            lines[-1] += f" else {opening}"
        else:
            lines.append(f"{start}{opening}")
        lines += [*inner, f"{start}>"]
    short = len(lines) == 3 and "#" not in lines[1]
    one = f"{lines[0]} {lines[1].strip()} >" if short else ""
    return [one] if short and len(one) <= WIDTH else lines


def _broken(opening: str, start: str) -> str:
    """A long condition on several lines, each but the first beginning with its `and` or `or`."""
    lines = [""]
    for part in _parts(opening):
        joined = lines[-1] + part
        fits = len(start) + len(joined) <= WIDTH
        lines = [*lines[:-1], joined] if fits or not lines[-1] else [*lines, part.lstrip()]
    return f"\n{start}".join(lines)


def _parts(opening: str) -> list[str]:
    """A condition, cut before each `and` and `or` that stands in no text and in no parentheses but the outermost."""
    cuts, depth, in_text, skipped = [0], 0, False, False
    for at, sign in enumerate(opening):
        if skipped:
            skipped = False
        elif sign == "\\":
            skipped = True
        elif sign == '"':
            in_text = not in_text
        elif not in_text:
            depth += (sign == "(") - (sign == ")")
            if depth == 1 and opening.startswith((" and ", " or "), at):
                cuts.append(at)
    return [opening[first:last] for first, last in zip(cuts, [*cuts[1:], len(opening)], strict=True)]


def _opened(statements: Sequence[s.Statement]) -> list[s.Statement]:
    """Stages whose rows are used behind them become comments: a name is known in its block alone."""
    done: list[s.Statement] = []
    for number, statement in enumerate(statements):
        rest = statements[number + 1 :]
        if isinstance(statement, s.Staged) and _used_behind(statement, rest):
            title = s.Notice((*statement.comments, f"Stage: {statement.title}"))
            return [*done, *_opened([title, *statement.statements, *rest])]
        done.append(statement)
    return done


def _used_behind(stage: s.Staged, rest: Sequence[s.Statement]) -> bool:
    names = {
        found.alias.name
        for found in stage.statements
        if isinstance(found, s.Setting | s.Calling) and found.alias and found.alias.used
    }
    names |= {
        found.text.split()[1]
        for found in stage.statements
        if isinstance(found, s.Plain) and found.text.startswith("let ")
    }
    if not names:
        return False
    words = set(re.findall(r"\w+", "\n".join(block(rest, 0))))
    return bool(names & words)
