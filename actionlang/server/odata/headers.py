"""What a client says in headers of how it wants to be answered and how its request is to be understood.

The rules are those of OData Protocol 4.01 (section 8), of RFC 7240 for `Prefer` and of RFC 9110 for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import attrs
from starlette.datastructures import Headers

from actionlang.diagnostics.catalogue.server import BAD_HEADER
from actionlang.server.odata.literals import split_outside
from actionlang.server.odata.values import FORMATTED, FULL, MINIMAL, NONE, Writing
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

NOT_ACCEPTABLE, UNSUPPORTED_MEDIA = 406, 415

VERSIONS = ("4.0", "4.01")
LEVELS = (NONE, MINIMAL, FULL)
LONGEST = 1_000
"""Characters of a header that is picked to pieces here: clients need far fewer."""

TRUE = "true"


@attrs.frozen
class Preferences:
    """What `Prefer` says, as far as it is known here: `return=minimal`, `respond-async`, `dry-run`, and whether values are to
    have formatted ones beside them; `annotations` is that preference as it was given."""

    minimal: bool = False
    asynchronous: bool = False
    dry_run: bool = False
    formatted: bool = False
    annotations: str | None = None
    page_size: int | None = None

    def includes(self, term: str) -> bool:
        """Whether an annotation is wanted."""
        return self.annotations is not None and _includes(self.annotations, term)


@attrs.frozen
class Conventions:
    """How a request is to be answered: the version of OData, how values are written, and what is preferred."""

    version: str
    writing: Writing
    preferences: Preferences

    @property
    def content_type(self) -> str:
        """The media type of an answer in JSON."""
        written = f"application/json; odata.metadata={self.writing.metadata}"
        return f"{written}; IEEE754Compatible=true" if self.writing.ieee754 else written


def conventions_of(headers: Headers, format_: str | None = None) -> Conventions:
    """What the headers say; `format_` is the option `$format`, which goes before `Accept`. Raises Refusal."""
    version = _version(headers.get("odata-version"), headers.get("odata-maxversion"))
    prefer = _all(headers, "prefer")
    preferences = preferences_of(prefer if len(prefer) <= LONGEST else "")
    ieee754, level = _accepted(format_ or _all(headers, "accept"))
    writing = Writing(ieee754, preferences.formatted, level)
    return Conventions(version, writing, preferences)


def _all(headers: Headers, name: str) -> str:
    found = headers.getlist(name)
    return found[0] if len(found) == 1 else ",".join(found)


@lru_cache(maxsize=64)
def _version(sent: str | None, most: str | None) -> str:
    """The version of the answer: 4.0, as Dataverse has it, unless a later one may be."""
    for name, value in (("OData-Version", sent), ("OData-MaxVersion", most)):
        if value is not None and not re.fullmatch(r"[0-9]{1,2}\.[0-9]{1,2}", value):
            raise bad_header(name, f"{name} is a version such as 4.0.")
    if sent is not None and sent not in VERSIONS:
        raise bad_header("OData-Version", f"OData-Version {sent} is not spoken here: it is 4.0 or 4.01.")
    if most is not None and most < VERSIONS[0]:
        raise bad_header("OData-MaxVersion", f"OData-MaxVersion {most} is too low: answers are of version 4.0 or 4.01.")
    return VERSIONS[most is not None and most >= VERSIONS[1]]


@lru_cache(maxsize=256)
def preferences_of(prefer: str) -> Preferences:
    """What `Prefer` says. What is not known, or not well formed, is no reason to refuse a request (RFC 7240, 2)."""
    found: dict[str, str] = {}
    for name, value in _members(prefer):
        found.setdefault(name.lower().removeprefix("odata."), value)
    annotations = found.get("include-annotations")
    return Preferences(
        minimal=found.get("return") == "minimal",
        asynchronous="respond-async" in found,
        dry_run="dry-run" in found,
        formatted=annotations is not None and _includes(annotations, FORMATTED),
        annotations=annotations,
        page_size=_page_size(found.get("maxpagesize", "")),
    )


def _page_size(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) and int(text) else None


def _includes(annotations: str, term: str) -> bool:
    """Whether a list of patterns includes a term: the most specific one counts (OData JSON Format 4.01, 11.4.9)."""
    best, included = -1, False
    for part in annotations.split(","):
        pattern, wanted = part.strip().removeprefix("-"), not part.strip().startswith("-")
        stem = pattern.removesuffix("*")
        if (pattern == term or (pattern.endswith("*") and term.startswith(stem))) and len(stem) > best:
            best, included = len(stem), wanted
    return included


def _members(header: str) -> Iterator[tuple[str, str]]:
    try:
        parts = list(split_outside(header, ","))
    except ValueError:
        return
    for part in parts:
        name, _, value = part.partition(";")[0].partition("=") if '"' not in part else part.partition("=")
        if name.strip():
            yield name.strip(), value.strip().partition('"; ')[0].strip('"')


@lru_cache(maxsize=256)
def _accepted(accept: str) -> tuple[bool, str]:
    """Whether exact numbers are to be texts, and how much metadata is wanted."""
    if not accept or accept == "*/*":
        return False, MINIMAL
    if len(accept) > LONGEST:
        raise bad_header("Accept", "Accept is too long.")
    best: tuple[float, int, dict[str, str]] | None = None
    for each in accept.split(","):
        kind, *given = (part.strip() for part in each.split(";"))
        parameters = {
            name.strip().lower(): value.strip().strip('"') for name, _, value in (one.partition("=") for one in given)
        }
        rank = {"application/json": 3, "json": 3, "application/*": 2, "*/*": 1, "*": 1}.get(kind.lower(), 0)
        quality = _quality(parameters.pop("q", "1"))
        if rank and quality and (best is None or (quality, rank) > best[:2]):
            best = (quality, rank, parameters)
    if best is None:
        message = "Answers are in application/json, which Accept does not take."
        raise Refusal(NOT_ACCEPTABLE, BAD_HEADER.id, message, target="Accept")
    level = best[2].get("odata.metadata", best[2].get("metadata", MINIMAL)).lower()
    if level not in LEVELS:
        message = f"odata.metadata is none, minimal or full, not {level[:40]}."
        raise Refusal(NOT_ACCEPTABLE, BAD_HEADER.id, message, target="Accept")
    return best[2].get("ieee754compatible", "").lower() == TRUE, level


def _quality(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](?:\.[0-9]{0,3})?", text) else 1.0


@lru_cache(maxsize=64)
def see_json(content_type: str | None, encoding: str | None = None) -> None:
    """See that a body is of JSON, as it is and not compressed. Raises Refusal."""
    if encoding not in (None, "", "identity"):
        message = "A body is sent as it is, not compressed."
        raise Refusal(UNSUPPORTED_MEDIA, BAD_HEADER.id, message, target="Content-Encoding")
    kind, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    if kind != "application/json":
        message = "A body is in application/json." if kind else "The body's Content-Type is missing: application/json."
        raise Refusal(UNSUPPORTED_MEDIA, BAD_HEADER.id, message, target="Content-Type")
    charset = next((each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")), "utf-8")
    if charset not in ("utf-8", "utf8", "us-ascii"):
        message = "A body is in UTF-8."
        raise Refusal(UNSUPPORTED_MEDIA, BAD_HEADER.id, message, target="Content-Type")


def answering(conventions: Conventions, applied: Mapping[str, bool] = {}) -> dict[str, str]:
    """The headers of every answer; `applied` are preferences, and whether they were followed."""
    headers = {"OData-Version": conventions.version}
    followed = [name for name, is_so in applied.items() if is_so]
    if followed:
        headers["Preference-Applied"] = ", ".join(followed)
    return headers


def bad_header(name: str, message: str, hint: str | None = None) -> Refusal:
    """The refusal of a header."""
    return Refusal(BAD_REQUEST, BAD_HEADER.id, message, hint=hint, target=name)
