"""The parts of a path, as OData writes them: names, and what stands in parentheses behind them (OData URL Conventions 4.01)."""

from __future__ import annotations

import re
from urllib.parse import unquote

import attrs

from actionlang.diagnostics.catalogue.server import BAD_ADDRESS
from actionlang.server.odata.literals import split_outside
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

SEGMENT = re.compile(r"(\$?[^\W\d][\w.]*)(?:\((.*)\))?", re.DOTALL)
NAMED = re.compile(r"([^\W\d]\w*)\s*=(.*)", re.DOTALL)
LONGEST_PATH = 4_000
MOST_SEGMENTS = 20


@attrs.frozen
class Segment:
    """One part of a path, decoded. `inner` is what stands in its parentheses, None where there are none."""

    name: str
    inner: str | None = None

    def arguments(self) -> tuple[tuple[str | None, str], ...]:
        """What stands in the parentheses, as literals by name; a key without a name goes by None. Raises Refusal."""
        if self.inner is None or not self.inner.strip():
            return ()
        try:
            parts = [part.strip() for part in split_outside(self.inner, ",")]
        except ValueError:
            raise bad_address(
                f"What stands in parentheses behind {self.name} does not close its quotes or brackets."
            ) from None
        found: dict[str | None, str] = {}
        for part in parts:
            named = NAMED.fullmatch(part)
            name, literal = (named[1], named[2].strip()) if named else (None, part)
            if name in found or (name is None and len(parts) > 1) or not literal:
                raise bad_address(f"What stands in parentheses behind {self.name} is no list of NAME=VALUE.")
            found[name] = literal
        return tuple(found.items())


def segments_of(path: str) -> tuple[Segment, ...]:
    """The parts of a path that is percent-encoded and does not begin with a slash. Raises Refusal."""
    if len(path) > LONGEST_PATH or path.count("/") >= MOST_SEGMENTS:
        raise bad_address("The address is too long.")
    if not path:
        return ()
    return tuple(_segment(part) for part in path.split("/"))


def _segment(part: str) -> Segment:
    try:
        text = unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise bad_address("The address is not in UTF-8.") from None
    found = SEGMENT.fullmatch(text)
    if found is None:
        raise bad_address(
            "The address is none of a table, a row or a verb.", "for instance cases(number='CAS-1')/Escalate"
        )
    return Segment(found[1], found[2])


def bad_address(message: str, hint: str | None = None, target: str | None = None) -> Refusal:
    """The refusal of an address that can not be read."""
    return Refusal(BAD_REQUEST, BAD_ADDRESS.id, message, hint=hint, target=target)
