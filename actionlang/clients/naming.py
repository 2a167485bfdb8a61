"""Names that programming languages take, for names that a database or a script has: each its own, the same every time.

What is not a letter, a digit or an underscore becomes an underscore (`Order Details`: `order_details`); letters of all scripts
stay letters. What a language keeps for itself gets an underscore behind it; what another has already, a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

WORDS = re.compile(
    r"[A-Z]+(?=[A-Z][a-z])"  # HTTP|Server
    r"|[^\W_]*?[a-z0-9](?=[A-Z])"  # take|Sample
    r"|[^\W_]+"
)
Style = Callable[[str], str]
K = TypeVar("K", bound=Hashable)


def snake(name: str) -> str:
    """`take_sample`."""
    return _identifier("_".join(word.lower() for word in _words(name)))


def shout(name: str) -> str:
    """`TAKE_SAMPLE`."""
    return _identifier("_".join(word.upper() for word in _words(name)))


def pascal(name: str) -> str:
    """`TakeSample`."""
    return _identifier("".join(map(_raised, _words(name))))


def camel(name: str) -> str:
    """`takeSample`."""
    first, *rest = _words(name)
    return _identifier("".join([first.lower(), *map(_raised, rest)]))


def named(names: Iterable[str], style: Style, taken: Iterable[str] = ()) -> dict[str, str]:
    """A name in a style for each of these; those that are in that style already keep theirs."""
    wanted = {name: style(name) for name in names}
    return free_names(dict(sorted(wanted.items(), key=lambda each: (each[0] != each[1], each[0]))), taken)


def free_names(wanted: Mapping[K, str], taken: Iterable[str] = ()) -> dict[K, str]:
    """What is wanted, where nothing before it has it and it is not taken."""
    reserved = frozenset(taken)
    used: set[str] = set(reserved)
    found: dict[K, str] = {}
    for key, name in wanted.items():
        base = f"{name}_" if name in reserved else name
        free, number = base, 1
        while free in used:
            number += 1
            free = f"{base}_{number}"
        used.add(free)
        found[key] = free
    return found


def _words(name: str) -> list[str]:
    """The words that a name is made of: `TakeSample`, `take_sample` and `Take Sample` have two."""
    # Python reads identifiers in this form, so that two that differ before and not after would be one.
    text = unicodedata.normalize("NFKC", name)
    return WORDS.findall("".join(sign if f"a{sign}".isidentifier() else "_" for sign in text)) or ["x"]


def _raised(word: str) -> str:
    return word[:1].upper() + word[1:]


def _identifier(text: str) -> str:
    """Changed case can need to be normalized again; a digit begins no name, and an underscore one that is private."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(sign if f"a{sign}".isidentifier() else "_" for sign in text)
    text = text.lstrip("_")
    return text if text.isidentifier() else f"x{text}"
