"""Whoever reads sees the rows within their reach and no others: not in lists, not by key, not by counting, not through a lookup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

from actionlang.runtime.database import Database
from actionlang.server.identity.identity import Identity
from actionlang.server.odata.door import ODataDoor
from tests.server.odata.reading import ask, pages, read, refusal
from tests.server.world import DESK, _command, desk, service

PEOPLE = ("ann", "bob", "cara", "dan")
TEAMS = {"ann": "Tier 2", "bob": "Tier 2", "cara": "First line", "dan": "First line"}
DEPTHS = {"ann": "all", "cara": "own", "dan": "team"}
MATE = """
[mate]
perform = []
[mate.tables]
"verbs.desk.sample" = { read = "team" }
"core.user" = { read = "team" }
"""


@attrs.frozen
class Sample:
    """A sample: its number is its key."""

    number: int
    count: int
    owner: str | None
    parent: int | None


def some_samples() -> list[Sample]:
    """Samples of everybody, of teams and of nobody, with parents of others."""
    random = Random(3)
    owners = [*PEOPLE, "Tier 2", "First line", None]
    made: list[Sample] = []
    for number in range(1, 41):
        parent = random.choice(made).number if made and random.random() < 0.7 else None
        made.append(Sample(number, random.randint(0, 5), random.choice(owners), parent))
    return made


SAMPLES = {sample.number: sample for sample in some_samples()}


def sees(who: str, sample: Sample) -> bool:
    """Whether somebody reads a sample, by the rules as roles.md tells them."""
    depth = DEPTHS.get(who)
    if depth == "all" or (depth is not None and sample.owner == who):
        return True
    return depth == "team" and sample.owner is not None and TEAMS.get(sample.owner, sample.owner) == TEAMS[who]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A desk with the samples, where Ann reads all, Cara her own, Dan those of his team."""
    with desk(request.param) as database:
        url = database.engine.url.render_as_string(hide_password=False)
        roles: Path = tmp_path_factory.mktemp("roles") / "roles.toml"
        roles.write_text((DESK / "roles.toml").read_text() + MATE)
        _command("access", "apply", str(roles), "--db", url)
        _command("access", "give", "dan@example.com", "mate", "--db", url)
        with database.engine.begin() as connection:
            _fill(connection)
        yield database


def _fill(connection: sa.Connection) -> None:
    ids = {str(name): str(key) for key, name in connection.execute(sa.text('SELECT id, lower(name) FROM "user"'))}
    ids |= {str(name): str(key) for key, name in connection.execute(sa.text("SELECT id, name FROM team"))}
    for each in SAMPLES.values():
        connection.execute(
            sa.text(
                "INSERT INTO sample (id, code, count, parent, owner_user, owner_team) VALUES (:id, :code, :count, :parent, :u, :t)"
            ),
            {
                "id": each.number,
                "code": f"S-{each.number}",
                "count": each.count,
                "parent": each.parent,
                "u": ids[each.owner] if each.owner in PEOPLE else None,
                "t": ids[each.owner] if each.owner and each.owner not in PEOPLE else None,
            },
        )


@pytest.fixture
def door(database: Database) -> ODataDoor:
    """What is asked."""
    return ODataDoor(service(database))


def parent_of(who: str, sample: Sample) -> Sample | None:
    """The parent of a sample, as far as somebody sees it."""
    parent = None if sample.parent is None else SAMPLES[sample.parent]
    return parent if parent is not None and sees(who, parent) else None


def keys(rows: list[Any]) -> list[int]:
    """The keys of rows, in order."""
    return [row["id"] for row in rows]


@pytest.mark.parametrize("who", ["ann", "cara", "dan"])
def test_lists_and_numbers(door: ODataDoor, who: str) -> None:
    seen = [each for each in SAMPLES.values() if sees(who, each)]
    assert 0 < len(seen) < len(SAMPLES) or who == "ann"
    found = read(door, "samples?$select=code&$count=true", who)
    assert keys(found["value"]) == [each.number for each in seen]
    assert found["@odata.count"] == len(seen)
    assert ask(door, "samples/$count", who).body == str(len(seen)).encode()
    assert (
        ask(door, "samples/$count?$filter=count ge 3", who).body == str(sum(each.count >= 3 for each in seen)).encode()
    )
    ordered = sorted(seen, key=lambda each: (-each.count, each.number))
    paged = pages(door, "samples?$orderby=count desc&$select=id", who, prefer="odata.maxpagesize=7")
    assert [key for page in paged for key in keys(page)] == [each.number for each in ordered]


@pytest.mark.parametrize("who", ["ann", "cara", "dan"])
@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("parent/code ne null", lambda parent: parent is not None),
        ("parent/code eq null", lambda parent: parent is None),
        ("parent/count gt 2", lambda parent: parent is not None and parent.count > 2),
        ("not (parent/count gt 2)", lambda parent: parent is None or parent.count <= 2),
        ("not startswith(parent/code,'S-1')", lambda p: p is not None and not f"S-{p.number}".startswith("S-1")),
        ("parent/count eq count and parent/count ne null", None),
    ],
)
def test_conditions_on_what_a_lookup_leads_to(door: ODataDoor, who: str, text: str, holds: Any) -> None:
    """A row that is out of reach is as if the lookup were empty."""
    seen = [each for each in SAMPLES.values() if sees(who, each)]
    parents = {each.number: parent_of(who, each) for each in seen}
    if holds is None:
        expected = [n for n, parent in parents.items() if parent is not None and parent.count == SAMPLES[n].count]
    else:
        expected = [number for number, parent in parents.items() if holds(parent)]
    assert keys(read(door, f"samples?$filter={text}&$select=id", who)["value"]) == expected


def test_two_lookups_away(door: ODataDoor) -> None:
    seen = [each for each in SAMPLES.values() if sees("dan", each)]
    far = {each.number: parent_of("dan", parent) if (parent := parent_of("dan", each)) else None for each in seen}
    found = read(door, "samples?$filter=parent/parent/count ge 0&$select=id", "dan")["value"]
    assert keys(found) == [number for number, each in far.items() if each is not None]
    assert found


@pytest.mark.parametrize("who", ["ann", "cara", "dan"])
def test_rows_within_rows(door: ODataDoor, who: str) -> None:
    found = read(
        door, "samples?$expand=parent($select=code;$expand=parent($select=count)),owner_user($select=name)", who
    )
    for row in found["value"]:
        parent = parent_of(who, SAMPLES[row["id"]])
        if parent is None:
            assert row["parent"] is None
            continue
        assert row["parent"]["code"] == f"S-{parent.number}"
        above = parent_of(who, parent)
        assert (row["parent"]["parent"] or {}).get("count") == (above and above.count)
        if row["owner_user"] is not None and who == "cara":
            assert row["owner_user"]["name"] == "Cara"


def test_by_key(door: ODataDoor) -> None:
    for each in SAMPLES.values():
        for address in (f"samples({each.number})", f"samples(code='S-{each.number}')"):
            if sees("cara", each):
                assert read(door, address, "cara")["id"] == each.number
            else:
                assert refusal(door, address, "cara") == (404, "E1120")
                assert refusal(door, f"{address}/code", "cara") == (404, "E1120")
                assert refusal(door, f"{address}/code/$value", "cara") == (404, "E1120")
    hidden = next(each for each in SAMPLES.values() if sees("dan", each) and each.parent and not parent_of("dan", each))
    assert ask(door, f"samples({hidden.number})/parent", "dan").status == 204
    assert read(door, f"samples({hidden.number})/_parent_value", "dan")["value"] == str(hidden.parent)


def test_tables_that_are_not_for_everybody(door: ODataDoor) -> None:
    for path in ("cases", "cases/$count", "cases(number='CAS-1')", "cases?$filter=title eq 'x'"):
        assert refusal(door, path, "cara") == (403, "E0730")
    # Not through a lookup either: the caller reads no team at all but those that they are in.
    assert refusal(door, "samples?$filter=owner_team/name eq 'x'", Identity("zed", {"email": "zed@example.com"})) == (
        403,
        "E0733",
    )
    assert refusal(door, "samples", Identity("key", {"email": "ann@example.com"}, frozenset({"verb:*"}))) == (
        403,
        "E1110",
    )
    assert refusal(door, "samples", Identity("nobody")) == (403, "E0733")
