"""The files that are made from the grammar, and what should stand in them."""

from __future__ import annotations

import json
from pathlib import Path

import attrs

from actionlang.diagnostics.source import Source
from actionlang.syntax.lexer import Lexer
from editors.grammar_rules import words
from editors.textmate import textmate, type_names

ROOT = Path(__file__).parents[1]
EXTENSION = ROOT / "editors" / "vscode"
TEXTMATE = EXTENSION / "syntaxes" / "actionlang.tmLanguage.json"
PYGMENTS = ROOT / "actionlang" / "highlighting" / "words.py"
TRIED_ON = EXTENSION / "test" / "tricky.act"
ANGLES = EXTENSION / "test" / "tricky.angles.json"

ANGLE_KINDS = frozenset({"OPEN", "CLOSE", "LESS", "GREATER"})
LONGEST_LINE = 116


def made() -> dict[Path, str]:
    """Each file with its content."""
    return {TEXTMATE: textmate(), PYGMENTS: word_lists(), ANGLES: angles(TRIED_ON.read_text("utf-8"))}


def word_lists() -> str:
    """The module of the Pygments lexer that has the words of the language by what they do."""
    groups = {**attrs.asdict(words()), "types": type_names()}
    parts = ['"""The words of the language by what they do. Made from the grammar by `python -m editors`."""\n\n']
    parts.append("from __future__ import annotations\n\n")
    for name, found in groups.items():
        parts.append(f'{name.upper()} = frozenset(\n    """\n{_filled(sorted(found))}    """.split()\n)\n')
    return "".join(parts)


def angles(text: str) -> str:
    """What each angle of a script is, by line and column from 0, as the language's own lexer reads it."""
    found = []
    for token in Lexer(Source("tricky.act", text)).read().tokens:
        if token.type in ANGLE_KINDS:
            before = text[: token.start]
            found.append([before.count("\n"), token.start - before.rfind("\n") - 1, token.type.lower()])
    return "[\n" + ",\n".join(f"  {json.dumps(each)}" for each in found) + "\n]\n"


def _filled(all_words: list[str]) -> str:
    lines = [""]
    for word in all_words:
        if len(lines[-1]) + len(word) + 1 > LONGEST_LINE - 4:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "".join(f"    {line}\n" for line in lines)
