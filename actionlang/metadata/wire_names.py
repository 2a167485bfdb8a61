"""What tables, columns, choices and verbs are called by programs that speak OData: in URLs, in JSON, in `$metadata`.

OData takes letters, digits and underscores (OData CSDL XML 4.01, section 15.2, SimpleIdentifier); of letters only those of ASCII
are used, because these names become names of programming languages as well. Any other character is written as its number,
`_x0020_` for a space, as SharePoint does, so that a name can be read back. Names are short (`case`) where they are unique, and
have the module before them (`helpdesk_case`) where they are not. The choice of a status column is called after both:
`case_status`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import attrs

NAMESPACE = "Microsoft.Dynamics.CRM"
"""The namespace of Dataverse, which clients made for it expect."""

NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]|_(?=x[0-9A-F]{4})|^[0-9]")
"""Characters that are written as their numbers: also what could be taken for such a number, and a digit that begins a name."""

LIKE_A_KEY = re.compile(r"(?<=_)v(?=alue$)")
"""What is written as a number, too, in a name that could be taken for the key of a lookup (`_owner_value`)."""

WRITTEN = re.compile(r"_x([0-9A-F]{4,6})_")
BEHIND_ES = ("s", "x", "z", "ch", "sh")
NO_PLURAL = ("", "_", "s", "u", "i")
"""What stands before the last s of words that are no plurals: address, status, basis."""


@attrs.frozen(slots=False)
class WireNames:
    """The names of all that is served, there and back. All names that go in are full (`helpdesk.case`), those of columns apart.

    No two entity types, complex types, enumerations and verbs are called the same, and no two entity sets and verbs; neither are
    two of a kind that differ only in capitals.
    """

    namespace: str
    types: Mapping[str, str]
    sets: Mapping[str, str]
    enums: Mapping[str, str]
    verbs: Mapping[str, str]
    responses: Mapping[str, str]
    _tables_by_type: Mapping[str, str] = attrs.field(init=False, repr=False)
    _tables_by_set: Mapping[str, str] = attrs.field(init=False, repr=False)
    _choices_by_enum: Mapping[str, str] = attrs.field(init=False, repr=False)
    _verbs_by_name: Mapping[str, str] = attrs.field(init=False, repr=False)

    @_tables_by_type.default
    def _(self) -> Mapping[str, str]:
        return _reversed(self.types)

    @_tables_by_set.default
    def _(self) -> Mapping[str, str]:
        return _reversed(self.sets)

    @_choices_by_enum.default
    def _(self) -> Mapping[str, str]:
        return _reversed(self.enums)

    @_verbs_by_name.default
    def _(self) -> Mapping[str, str]:
        return _reversed(self.verbs)

    @staticmethod
    def of(
        tables: Iterable[str], choices: Iterable[str] = (), verbs: Iterable[str] = (), namespace: str = NAMESPACE
    ) -> WireNames:
        """Name all of these, which are given by full name, in any order: names depend on what there is and on nothing else."""
        types = _short_where_unique(tables, set(), frozenset())
        taken = set(types.values())
        enums = _short_where_unique(choices, taken, types.keys())
        taken |= set(enums.values())
        sets: dict[str, str] = {}
        folded: set[str] = set()
        for table in sorted(types):
            sets[table] = _free(plural(types[table]), folded, set())
            folded.add(sets[table].casefold())
        named = _short_where_unique(verbs, taken | set(sets.values()), frozenset())
        taken |= set(named.values())
        responses: dict[str, str] = {}
        for verb in sorted(named):
            responses[verb] = _free(f"{named[verb]}Response", set(), taken)
            taken.add(responses[verb])
        return WireNames(namespace, types, sets, enums, named, responses)

    def entity_type(self, table: str) -> str:
        """`case`. Raises KeyError for a table that is not served, as all of these do."""
        return self.types[table]

    def entity_set(self, table: str) -> str:
        """`cases`."""
        return self.sets[table]

    def enum(self, choice: str) -> str:
        """`Priority`."""
        return self.enums[choice]

    def verb(self, full_name: str) -> str:
        """`Escalate`."""
        return self.verbs[full_name]

    def response(self, full_name: str) -> str:
        """`EscalateResponse`: the complex type of what a verb returns, where that is more than one value."""
        return self.responses[full_name]

    def qualified(self, name: str) -> str:
        """Any of these names with the namespace before it."""
        return f"{self.namespace}.{name}"

    def table_of_type(self, name: str) -> str | None:
        """The table that an entity type (its name without the namespace) stands for; None where there is none."""
        return self._tables_by_type.get(name)

    def table_of_set(self, name: str) -> str | None:
        """The table of an entity set."""
        return self._tables_by_set.get(name)

    def choice_of(self, name: str) -> str | None:
        """The choice of an enumeration."""
        return self._choices_by_enum.get(name)

    def verb_of(self, name: str) -> str | None:
        """The full name of the verb that is called so (without the namespace)."""
        return self._verbs_by_name.get(name)

    @staticmethod
    def property(column: str) -> str:
        """What a column is called as a property, or as a navigation property if it is a lookup to one table; parameters and
        outputs of verbs, and members of choices, go by the same rule."""
        return written(column)

    @staticmethod
    def key_property(column: str) -> str:
        """The property that holds the key of the row that a lookup leads to: `_owner_value`."""
        return f"_{written(column)}_value"

    def navigation(self, column: str, table: str, columns: Iterable[str] = ()) -> str:
        """The navigation property of a lookup to several tables that leads to rows of this one: `owner_user`. `columns` are all
        columns of the lookup's table: where one of them is called so, the navigation property is `owner_x005F_user`."""
        name = f"{written(column)}_{self.types[table]}"
        return name if name not in map(written, columns) else f"{written(column)}_x005F_{self.types[table]}"


@lru_cache(maxsize=10_000)
def written(name: str) -> str:
    """A name with characters that OData does not take as their numbers."""
    found = NOT_PLAIN.sub(lambda char: f"_x{ord(char[0]):04X}_", name)
    return LIKE_A_KEY.sub("_x0076_", found) if found.startswith("_") else found


def read(name: str) -> str:
    """The name that was written so."""
    return WRITTEN.sub(lambda found: chr(int(found[1], 16)), name)


def plural(name: str) -> str:
    """The English plural, by the rules that have no exceptions to learn: cases, queues, companies, boxes. A name that is one
    already stays: Details, orders."""
    lower = name.lower()
    if lower.endswith("s") and lower[-2:-1] not in NO_PLURAL:
        return name
    if lower.endswith(BEHIND_ES):
        return f"{name}es"
    if lower.endswith("y") and lower[-2:-1] not in ("", "_", *"aeiou"):
        return f"{name[:-1]}ies"
    return f"{name}s"


def _short_where_unique(full_names: Iterable[str], taken: set[str], tables: Collection[str]) -> dict[str, str]:
    """Names by full name. Those whose short name is another's go by their full one, and by a number where that is taken, too.
    What belongs to one of the tables has the table's short name in its own."""
    names = sorted(set(full_names))
    short = {name: written(name.rpartition(".")[2]) for name in names}
    for name in names:
        owner = name.rpartition(".")[0]
        if owner in tables:
            short[name] = f"{written(owner.rpartition('.')[2])}_{short[name]}"
    counts = Counter(each.casefold() for each in short.values())
    found = {name: each for name, each in short.items() if counts[each.casefold()] == 1 and each not in taken}
    folded = {each.casefold() for each in found.values()}
    for name in names:
        if name not in found:
            found[name] = _free("_".join(map(written, name.split("."))), folded, taken)
            folded.add(found[name].casefold())
    return found


def _free(wanted: str, folded: set[str], taken: set[str]) -> str:
    """The name wanted, or that with a number behind it. `folded` are names taken in capitals and small letters alike."""
    name, number = wanted, 1
    while name.casefold() in folded or name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _reversed(names: Mapping[str, str]) -> Mapping[str, str]:
    return {name: full for full, name in names.items()}
