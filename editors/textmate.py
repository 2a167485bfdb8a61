"""The TextMate grammar of scripts: what VS Code, and GitHub, colour them by until the language server has read them.

Scopes are those that themes know: https://macromates.com/manual/en/language_grammars#naming-conventions. The pattern language
is Oniguruma's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import attrs

from actionlang.check.type_names import OWN
from editors.grammar_rules import words

NAME = "[A-Za-z_][A-Za-z0-9_]*"
ANY_NAME = rf"(?:{NAME}|`[^`\n]+`)"
QUALIFIED = rf"(?:{ANY_NAME}\.)?{ANY_NAME}"
NUMBER = r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?"
UNITS = "(?:weeks?|days?|hours?|minutes?|seconds?)"
STRUCTURED_TYPES = ("choices", "list")
"""Words that make a type of another one."""

ALONE = r"(?=^[ \t]*>[ \t]*(?:;|else\b|#|$))"
"""A `>` alone on its line closes a block, whatever parenthesis was forgotten in it (actionlang/syntax/lexer.py)."""

Pattern = dict[str, Any]


def type_names() -> tuple[str, ...]:
    """The types that are words of the language, in order."""
    return tuple(sorted({*OWN, *STRUCTURED_TYPES}))


def textmate() -> str:
    """The grammar, as the JSON file has it."""
    grammar = {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "information_for_contributors": [
            "Made from grammar/actionlang.lark by `python -m editors`; change that instead."
        ],
        "name": "ActionLang",
        "scopeName": "source.actionlang",
        "fileTypes": ["act"],
        "patterns": [{"include": "#blocks"}, {"include": "#anywhere"}],
        "repository": {
            "anywhere": {"patterns": [{"include": f"#{name}"} for name in _ANYWHERE]},
            "blocks": _blocks(),
            "angles": _angles(),
            "parentheses": _parentheses(),
            "comments": _comments(),
            "texts": _texts(),
            "inside-text": _inside_text(),
            "literals": _literals(),
            "members": _members(),
            "declarations": _declarations(),
            "calls": _calls(),
            "words": _words(),
            "signs": _signs(),
        },
    }
    return json.dumps(grammar, indent=2, ensure_ascii=False) + "\n"


_ANYWHERE = (
    "comments",
    "texts",
    "literals",
    "parentheses",
    "members",
    "declarations",
    "calls",
    "words",
    "signs",
)


def _scope(name: str) -> str:
    return f"{name}.actionlang"


def _match(pattern: str, name: str) -> Pattern:
    return {"match": pattern, "name": _scope(name)}


def _captured(pattern: str, *names: str | None) -> Pattern:
    captures = {str(number): {"name": _scope(name)} for number, name in enumerate(names, start=1) if name}
    return {"match": pattern, "captures": captures}


def _any_of(all_words: Iterable[str]) -> str:
    return rf"\b(?:{'|'.join(sorted(all_words))})\b"


def _patterns(*patterns: Pattern) -> Pattern:
    return {"patterns": list(patterns)}


def _blocks() -> Pattern:
    """Angles where no parenthesis is open."""
    return _patterns(
        _match("->", "keyword.operator.arrow"),
        _match("<=|>=", "keyword.operator.comparison"),
        _match("<", "punctuation.section.block.begin"),
        _match(">", "punctuation.section.block.end"),
    )


def _angles() -> Pattern:
    """Angles inside parentheses and inside the braces of a text."""
    return _patterns(_match("<=|>=|<|>", "keyword.operator.comparison"))


def _parentheses() -> Pattern:
    """An open parenthesis ends at a `;` at the latest."""
    return {
        "begin": r"\(",
        "beginCaptures": {"0": {"name": _scope("punctuation.section.parens.begin")}},
        "end": rf"(\))|(?=;)|{ALONE}",
        "endCaptures": {"1": {"name": _scope("punctuation.section.parens.end")}},
        "patterns": [{"include": "#angles"}, {"include": "#anywhere"}],
    }


def _comments() -> Pattern:
    return _patterns(
        _match(r"##(?!#).*$", "comment.line.documentation"),
        _match("#.*$", "comment.line.number-sign"),
    )


def _texts() -> Pattern:
    many_lines = {
        "name": _scope("string.quoted.triple"),
        "begin": '"""',
        "beginCaptures": {"0": {"name": _scope("punctuation.definition.string.begin")}},
        "end": '"""',
        "endCaptures": {"0": {"name": _scope("punctuation.definition.string.end")}},
        "patterns": [{"include": "#inside-text"}],
    }
    one_line = {
        "name": _scope("string.quoted.double"),
        "begin": '"',
        "beginCaptures": {"0": {"name": _scope("punctuation.definition.string.begin")}},
        "end": '(")|$',
        "endCaptures": {"1": {"name": _scope("punctuation.definition.string.end")}},
        "patterns": [{"include": "#inside-text"}],
    }
    return _patterns(many_lines, one_line)


def _inside_text() -> Pattern:
    interpolation = {
        "name": _scope("meta.interpolation"),
        "contentName": _scope("meta.embedded.line"),
        "begin": r"\{",
        "beginCaptures": {"0": {"name": _scope("punctuation.section.interpolation.begin")}},
        "end": r"(\})|(?=;)",
        "endCaptures": {"1": {"name": _scope("punctuation.section.interpolation.end")}},
        "patterns": [{"include": "#angles"}, {"include": "#anywhere"}],
    }
    return _patterns(
        _match(r"\{\{|\}\}", "constant.character.escape"),
        _match(r'\\(?:[nt"\\{}]|u\{[0-9A-Fa-f]{1,6}\})', "constant.character.escape"),
        _match(r"\\.|\}", "invalid.illegal.escape"),
        interpolation,
    )


def _literals() -> Pattern:
    return _patterns(
        _captured(r'\b(datetime|date|id)(?=[ \t]*")', "support.type.literal"),
        _captured(rf"\b({NUMBER})[ \t]+({UNITS})\b", "constant.numeric.duration", "keyword.other.unit"),
        _match(rf"\b{NUMBER}\b", "constant.numeric"),
    )


def _members() -> Pattern:
    """Names where no word of the language can stand: behind a dot, before `=` and `:`, and a column's before its type."""
    types = "|".join(type_names())
    column = rf"^[ \t]*({NAME})[ \t]+(?=(?:{types})\b[ \t]*(?:\(|;|>|#|of\b|{_any_of(words().modifiers)}))"
    return _patterns(
        _captured(rf"(\.)[ \t]*({NAME})(?![ \t]*\()", "punctuation.accessor", "variable.other.property"),
        _match(rf"\b{NAME}\b(?=[ \t]*:)", "variable.parameter"),
        _match(rf"\b{NAME}\b(?=[ \t]*=(?!=))", "variable.other.member"),
        _captured(column, "variable.other.member"),
    )


def _declarations() -> Pattern:
    """Words that are followed by the name of what they declare or call."""
    return _patterns(
        _captured(rf"\b(action|function)[ \t]+({QUALIFIED})", "keyword.declaration", "entity.name.function"),
        _captured(rf"\b(table|choice)[ \t]+({ANY_NAME})", "keyword.declaration", "entity.name.type"),
        _captured(rf"\b(import)[ \t]+({NAME})", "keyword.declaration", "entity.name.namespace"),
        _captured(rf"\b(perform|start)[ \t]+({QUALIFIED})", "keyword.control", "entity.name.function"),
    )


def _calls() -> Pattern:
    """Functions and rows by key, `today()`, `team("Tier 2")`. What stands before a parenthesis and is a word of the language, or
    one of its types, is none."""
    reserved = {*type_names(), *(word for group in attrs.astuple(words()) for word in group)}
    return _patterns(_match(rf"(?!{_any_of(reserved)})\b{NAME}(?=\()", "support.function"))


def _words() -> Pattern:
    group = words()
    return _patterns(
        _match(_any_of(group.operators), "keyword.operator.wordlike"),
        _match(_any_of(group.constants), "constant.language"),
        _match(_any_of(type_names()), "support.type"),
        _match(_any_of(group.declarations), "keyword.declaration"),
        _match(_any_of(group.statements), "keyword.control"),
        _match(_any_of(group.modifiers), "storage.modifier"),
        _match(_any_of(group.others), "keyword.other"),
        _match(rf"`[^`\n]+`|\b{NAME}\b", "variable.other"),
    )


def _signs() -> Pattern:
    return _patterns(
        _match("!=|=", "keyword.operator.comparison"),
        _match(r"[+*/-]", "keyword.operator.arithmetic"),
        _match(r"\|", "keyword.operator.alternative"),
        _match(";", "punctuation.terminator.statement"),
        _match(",", "punctuation.separator"),
        _match("[:.]", "punctuation.accessor"),
    )
