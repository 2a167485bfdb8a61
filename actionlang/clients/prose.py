"""What a contract's documentation says, for clients: the same words in any language, which each language writes so that they can
not end the comment that they stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from actionlang.clients.contract import is_started
from actionlang.metadata.tables import Default
from actionlang.plan.plan import Parameter, Verb
from actionlang.plan.values import encode_value


def verb_prose(verb: Verb, named: Callable[[Parameter], str]) -> str:
    """What a verb is for, what its parameters mean, what it needs. `named` gives a parameter as the language has it."""
    paragraphs = [verb.doc.strip() or f"Call {verb.name}."]
    if is_started(verb):
        paragraphs.append("It is started, and goes on by itself.")
    parameters = [f"- `{named(each)}`: {said}" for each in verb.inputs if (said := parameter_prose(each))]
    if parameters:
        paragraphs.append("\n".join(parameters))
    if verb.requires:
        paragraphs.append(f"Needs the privilege {', '.join(verb.requires)}.")
    return "\n\n".join(paragraphs)


def parameter_prose(parameter: Parameter) -> str:
    """What a parameter means, what it is where it is left out, what to give in its stead."""
    said = [" ".join(parameter.doc.split())] if parameter.doc.strip() else []
    if parameter.default is not None:
        said.append(f"Left out, it is {default_text(parameter.default, parameter)}.")
    if parameter.deprecation is not None:
        said.append(f"Deprecated: {parameter.deprecation}")
    return " ".join(said)


def default_text(default: Default, parameter: Parameter) -> str:
    """A default as people read it."""
    if default.function is not None:
        return {"now": "the moment of the call", "today": "the day of the call"}.get(default.function, default.function)
    value = default.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    encoded = encode_value(parameter.type, value)
    return f'"{encoded}"' if isinstance(value, str) and str(parameter.type).startswith("text") else str(encoded)


def printable(text: str) -> Iterator[str]:
    """The characters of a text, each as it is, or where it can not be seen (controls, what turns the direction of writing, half a
    character) as its number: what a reader of the code sees is what is there."""
    for sign in text:
        if sign == "\n" or sign.isprintable():
            yield sign
        elif sign == "\t":
            yield "    "
        else:
            yield f"[U+{ord(sign):04X}]"
