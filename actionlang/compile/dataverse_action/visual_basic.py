"""The few shapes of Visual Basic expressions that stand in workflow XAML."""

from __future__ import annotations

import re

from actionlang.compile.dataverse_action.model import Key, Name, Operand, Quoted

ROW = re.compile(r'\[?(?:InputEntities|CreatedEntities)\("((?:[^"]|"")*)"\)(\.Id)?\]?')
TOKEN = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,"]+))\s*(?:,|$)')
WRAPPED = re.compile(r"(?:DirectCast|CType|TryCast)\s*\(\s*(\w+)\s*,.*\)|C[A-Z]\w*\s*\(\s*(\w+)\s*\)|(\w+)", re.DOTALL)
REFERENCE = re.compile(r'\[?New EntityReference\(\s*"([^"]*)"\s*,\s*New Guid\(\s*"([^"]*)"\s*\)\s*\)\]?')
NEW_ROW = re.compile(r'\[New (?:Microsoft\.Xrm\.Sdk\.)?Entity\("([^"]*)"\)\]')
TO_TEXT = ".ToString()"


def inner(text: str) -> str:
    """An expression without the brackets around it."""
    text = text.strip()
    return text[1:-1].strip() if text.startswith("[") and text.endswith("]") else text


def row_key(text: str) -> Key | None:
    """The row that `[InputEntities("primaryEntity")]` names."""
    found = ROW.fullmatch(text.strip())
    return Key(found[1].replace('""', '"').removesuffix("#Temp")) if found else None


def is_id_of_row(text: str) -> bool:
    """Whether `.Id` of a row is meant."""
    found = ROW.fullmatch(text.strip())
    return bool(found and found[2])


def variable(text: str) -> tuple[str, bool] | None:
    """The variable in `[DirectCast(X, T)]`, `[CBool(X)]`, `[X.ToString()]` or `[X]`, and whether it is made a text."""
    bare = inner(text)
    as_text = bare.endswith(TO_TEXT)
    found = WRAPPED.fullmatch(bare.removesuffix(TO_TEXT).strip())
    if found is None:
        return None
    return next(group for group in found.groups() if group), as_text


def operands(text: str) -> tuple[Operand, ...] | None:
    """What stands in `[New Object() { A, "b", C }]`; None where it is something else.

    A comma in a text is written `&#44;` and a quote twice, as the designer does.
    """
    found = re.fullmatch(r"New (?:System\.)?Object\(\)\s*\{(.*)\}", inner(text), re.DOTALL)
    if found is None:
        return None
    rest, known = found[1].strip(), list[Operand]()
    position = 0
    while position < len(rest):
        token = TOKEN.match(rest, position)
        if token is None:
            return None
        known.append(Name(token[2].strip()) if token[1] is None else Quoted(_text(token[1])))
        position = token.end()
    return tuple(known)


def _text(quoted: str) -> str:
    return quoted.replace('""', '"').replace("&#44;", ",")
