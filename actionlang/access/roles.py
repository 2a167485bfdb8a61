"""`roles.toml`: the roles of a project, as a file that is reviewed and kept with the scripts.

    [agent]
    doc = "Works on cases."
    perform = ["helpdesk.Escalate", "approval.*"]
    privileges = ["support.escalate"]

    [agent.tables]
    "helpdesk.case" = { read = "team", update = "own", create = "own" }
    "core.team" = { read = "all" }

A table is given depths by word; a text instead of them, as in `"helpdesk.*" = "all"`, is the depth of every word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

import attrs

from actionlang.access.needs import depths_of
from actionlang.access.rights import DEPTHS, PERFORM, PERSONAL, REQUIRES, TABLE_WORDS, Depth, Grant, matches
from actionlang.access.roster import Role, sorted_grants
from actionlang.diagnostics.catalogue import access as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.metadata.tables import Table

KEYS = ("doc", "perform", "privileges", "tables")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
GIVEN = [word for word in DEPTHS if word != "none"]


@attrs.frozen
class Known:
    """What roles can be about: tables by full name, full names of verbs, privileges that verbs require."""

    tables: Mapping[str, Table]
    verbs: frozenset[str]
    privileges: frozenset[str]


def read_roles(source: Source, known: Known) -> dict[str, Role]:
    """The roles of a file, by name.

    Raises ActionLangError with a diagnostic for each thing in it that is wrong, or that names what is not there.
    """
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise ActionLangError(_unreadable(source, error)) from None
    reading = _Reading(source, known)
    roles = {name: role for name, written in data.items() if (role := reading.role(name, written)) is not None}
    if reading.problems:
        raise ActionLangError(*reading.problems)
    return roles


def _unreadable(source: Source, error: tomllib.TOMLDecodeError) -> Diagnostic:
    told = str(error)
    place = re.search(r"\(at line (\d+), column (\d+)\)", told)
    span = None
    if place is not None:
        start = min(source.line_starts[int(place[1]) - 1] + int(place[2]) - 1, len(source.text))
        span = Label(source, Span(start, min(start + 1, len(source.text))))
        told = told[: place.start()].strip()
    return Diagnostic(codes.BAD_ROLES, f"{source.name} is no TOML: {told[0].lower()}{told[1:]}.", span)


class _Reading:
    """A file of roles being read."""

    def __init__(self, source: Source, known: Known) -> None:
        self._source = source
        self._known = known
        self.problems: list[Diagnostic] = []

    def role(self, name: str, written: object) -> Role | None:
        """A role; None where it is none."""
        if not NAME.fullmatch(name):
            self._say(codes.BAD_ROLES, f"{name} is no name for a role.", name, name, "for example [case_worker]")
            return None
        if not isinstance(written, dict):
            hint = f"write a table: [{name}]"
            self._say(codes.BAD_ROLES, f"{name} is not a role.", name, name, hint)
            return None
        for key in written:
            if key not in KEYS:
                hint = f"a role has {', '.join(KEYS)}"
                self._say(codes.BAD_ROLES, f"The role {name} has the unknown key {key}.", name, key, hint)
        doc = written.get("doc", "")
        if not isinstance(doc, str):
            self._say(codes.BAD_ROLES, f"The doc of the role {name} is not a text.", name, "doc", None)
        grants = [*self._named(name, written), *self._tables(name, written.get("tables", {}))]
        return Role(name, str(doc), sorted_grants(grants))

    def _named(self, role: str, written: Mapping[str, object]) -> Iterator[Grant]:
        """What a role gives by name: verbs and privileges."""
        for key, word, names in (
            ("perform", PERFORM, self._known.verbs),
            ("privileges", REQUIRES, self._known.privileges),
        ):
            listed = written.get(key, [])
            if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
                message = f"{key} of the role {role} is not a list of texts."
                self._say(codes.BAD_ROLES, message, role, key, f'for example {key} = ["helpdesk.Escalate"]')
                continue
            for each in dict.fromkeys(listed):
                if any(matches(each, name) for name in names) or each == "*":
                    yield Grant(role, word, each)
                else:
                    what = "verb" if word == PERFORM else "verb that requires"
                    self._unknown(role, each, f"There is no {what} {each}.", names)

    def _tables(self, role: str, written: object) -> Iterator[Grant]:
        """What a role gives in tables."""
        if not isinstance(written, dict):
            message = f"The tables of the role {role} are not a table."
            self._say(codes.BAD_ROLES, message, role, "tables", f"write [{role}.tables] above them")
            return
        for pattern, given in written.items():
            meant = [table for name, table in self._known.tables.items() if matches(pattern, name)]
            if not meant:
                self._unknown(role, pattern, f"There is no table {pattern}.", self._known.tables)
                continue
            words = dict.fromkeys(TABLE_WORDS, given) if isinstance(given, str) else given
            if not isinstance(words, dict):
                hint = f'"{pattern}" = {{ read = "team", update = "own" }}, or "{pattern}" = "all"'
                self._say(codes.BAD_ROLES, f"{pattern} of the role {role} has no depths.", role, pattern, hint)
                continue
            for word, depth in words.items():
                told = len(self.problems)
                grant = self._grant(role, pattern, str(word), depth, meant)
                if grant is not None:
                    yield grant
                elif words is not given and len(self.problems) > told:
                    # It is one mistake, for whichever words it is one.
                    break

    def _grant(self, role: str, pattern: str, word: str, depth: object, meant: list[Table]) -> Grant | None:
        if word not in TABLE_WORDS:
            hint = f"it is one of {', '.join(TABLE_WORDS)}"
            self._say(codes.UNKNOWN_IN_ROLES, f"{word} is nothing that is done with rows.", role, word, hint)
            return None
        if not isinstance(depth, str) or depth not in DEPTHS:
            hint = f'a depth is {", ".join(GIVEN)}; "none" is the same as leaving the word out'
            place = depth if isinstance(depth, str) else word
            self._say(codes.UNKNOWN_IN_ROLES, f"{depth} is no depth.", role, place, hint)
            return None
        reaches = DEPTHS[depth]
        whole = [table for table in meant if not depths_of(word, table)]
        if reaches in (Depth.OWN, Depth.TEAM) and whole and pattern == whole[0].name:
            message = f"{word} of {pattern} can not be {depth}: it reaches all rows or none."
            hint = 'its rows are nobody\'s; write "all", or give the table a column of type owner'
            if pattern in PERSONAL:
                hint = 'who somebody is can be read as far as one likes, { read = "team" }, and is changed as a whole'
            self._say(codes.UNKNOWN_IN_ROLES, message, role, pattern, hint)
            return None
        return None if reaches is Depth.NONE else Grant(role, word, pattern, reaches)

    def _unknown(self, role: str, name: str, message: str, names: Mapping[str, object] | frozenset[str]) -> None:
        close = get_close_matches(name, list(names), n=1) or get_close_matches(
            name, [each for each in names if each.rpartition(".")[2] == name], n=1, cutoff=0
        )
        hint = f"did you mean {close[0]}?" if close else "names are full: the module, a dot, the name"
        self._say(codes.UNKNOWN_IN_ROLES, message, role, name, hint)

    def _say(self, code: Code, message: str, role: str, word: str, hint: str | None) -> None:
        self.problems.append(Diagnostic(code, message, self._label(role, word), hint=hint))

    def _label(self, role: str, word: str) -> Label | None:
        """Where a word stands in what is written of a role. TOML is read without places, so it is looked for."""
        header = re.search(rf"^\s*\[\s*[\"']?{re.escape(role)}[\"']?\s*[.\]]", self._source.text, re.MULTILINE)
        start = 0 if header is None else header.start()
        found = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w-])").search(self._source.text, start)
        return None if found is None else Label(self._source, Span(found.start(), found.end()))
