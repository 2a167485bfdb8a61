"""Parts of verbs as messages name them."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.metadata.tables import Default
from actionlang.plan.describe import type_text
from actionlang.plan.expression_text import constant_text, short
from actionlang.plan.plan import Binding, Parameter


def listed(names: Iterable[str], word: str = "and") -> str:
    """Names as a sentence lists them: `a, b and c`."""
    parts = list(names)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def binding_text(binding: Binding | None) -> str:
    """What a verb is on: `each case`, `a case`, `no row`."""
    if binding is None:
        return "no row"
    return f"{'each' if binding.each else 'a'} {short(binding.table)}"


def default_text(parameter: Parameter, default: Default | None) -> str:
    """A default as a script writes it; `empty` where there is none."""
    if default is None or (default.function is None and default.value is None):
        return "empty"
    return f"{default.function}()" if default.function else constant_text(parameter.type, default.value)


def parameter_text(parameter: Parameter) -> str:
    """A parameter or output as a script declares it: `level integer default 2`."""
    words = [parameter.name, type_text(parameter.type)]
    if parameter.optional:
        words.append("optional")
    if parameter.default is not None:
        words.append(f"default {default_text(parameter, parameter.default)}")
    if parameter.sensitive:
        words.append("sensitive")
    return " ".join(words)


def privilege_text(privilege: str) -> str:
    """A privilege that effects need, with the table's short name: `update case`."""
    word, _, table = privilege.partition(" ")
    return f"{word} {short(table)}"
