"""`roles.toml`: what it says, what is wrong with it and where, and what applying it changes."""

from __future__ import annotations

import pytest

from actionlang.access import roster
from actionlang.access.rights import Depth, Grant
from actionlang.access.roles import Known, read_roles
from actionlang.access.roster import Role
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from tests.access.office import PLANS, Office, schema
from tests.golden import compare

KNOWN = Known(schema().tables, frozenset(f"example.{name}" for name in PLANS), frozenset({"office.special"}))

GOOD = """\
[agent]
doc = "Works on jobs."
perform = ["example.Rename", "example.*"]
privileges = ["office.special"]

[agent.tables]
"example.job" = { read = "team", update = "own", delete = "none" }
"example.tick" = "all"
"core.user" = { read = "team" }
"example.*" = { read = "own" }

["head-of-office"]
perform = ["*"]
"""

BAD = {
    "no TOML": '[agent]\nperform = ["example.Rename"\n[agent.tables]\n',
    "a role that is none": 'agent = "all"\n',
    "a name that is none": '["two words"]\nperform = []\n',
    "an unknown key": '[agent]\nperforms = ["example.Rename"]\n',
    "a list that is none": '[agent]\nperform = "example.Rename"\n',
    "a doc that is none": "[agent]\ndoc = 3\n",
    "an unknown verb": '[other]\nperform = ["example.Rename"]\n\n[agent]\nperform = ["example.Renme", "Rename"]\n',
    "an unknown privilege": '[agent]\nprivileges = ["office.specail"]\n',
    "an unknown table": '[agent.tables]\n"example.jobs" = "all"\njob = "all"\n',
    "an unknown word": '[agent.tables]\n"example.job" = { red = "all" }\n',
    "an unknown depth": '[agent.tables]\n"example.job" = { read = "some" }\n',
    "a depth that is a list": '[agent.tables]\n"example.job" = { read = ["all"] }\n',
    "a depth that is none": '[agent.tables]\n"example.job" = 3\n',
    "a depth that the table can not have": '[agent.tables]\n"example.tick" = { read = "own" }\n"core.user" = "team"\n',
    "tables that are none": '[agent]\ntables = ["example.job"]\n',
}


def test_a_file_of_roles() -> None:
    roles = read_roles(Source("roles.toml", GOOD), KNOWN)
    assert list(roles) == ["agent", "head-of-office"]
    assert roles["agent"].doc == "Works on jobs."
    told = {(each.word, each.subject, str(each.depth)) for each in roles["agent"].grants}
    assert told == {
        ("perform", "example.Rename", "all"),
        ("perform", "example.*", "all"),
        ("requires", "office.special", "all"),
        ("read", "example.job", "team"),
        ("update", "example.job", "own"),
        ("read", "core.user", "team"),
        ("read", "example.*", "own"),
        *((word, "example.tick", "all") for word in ("read", "create", "update", "delete", "assign", "move")),
    }


def test_what_is_wrong_is_told_with_its_place() -> None:
    texts = []
    for name, text in BAD.items():
        with pytest.raises(ActionLangError) as caught:
            read_roles(Source("roles.toml", text), KNOWN)
        assert {each.code.id for each in caught.value.diagnostics} <= {"E0734", "E0735"}
        told = "\n\n".join(render(each) for each in caught.value.diagnostics)
        texts.append(f"{name}\n\n{told}\n")
    compare("access/roles.txt", "\n---\n".join(texts))


def role(name: str, *grants: Grant, doc: str = "") -> dict[str, Role]:
    return {name: Role(name, doc, roster.sorted_grants(grants))}


def test_what_changes() -> None:
    read = Grant("a", "read", "example.job", Depth.TEAM)
    wider = Grant("a", "read", "example.job", Depth.ALL)
    perform = Grant("a", "perform", "example.Rename")
    told = [
        (each.operation, each.role, each.what)
        for each in roster.changes_to({**role("a", read, perform), **role("gone")}, {**role("a", wider, doc="New.")})
    ]
    assert told == [
        ("change", "a", "its description"),
        ("remove", "a", "perform example.Rename"),
        ("change", "a", "read example.job (team -> all)"),
        ("remove", "gone", "the role, and who has it"),
    ]
    assert roster.changes_to(role("a", read), role("a", read)) == ()


def test_whoever_has_a_role_that_stays_keeps_it(desk: Office) -> None:
    read = Grant("a", "read", "example.job", Depth.TEAM)
    with desk.free.connection() as connection, connection.begin():
        roster.replace_roles(connection, {**role("a", read), **role("b")})
        ann, red = (roster.member_id(connection, *who) for who in (("user", "ann@x.org"), ("team", "Red")))
        assert ann is not None
        assert red is not None
        assert roster.give(connection, "user", ann, "a")
        assert not roster.give(connection, "user", ann, "a")
        assert roster.give(connection, "team", red, "b")
        assert [(each.kind, each.name, each.role) for each in roster.members_of(connection)] == [
            ("user", "ann@x.org", "a"),
            ("team", "Red", "b"),
        ]
        roster.replace_roles(connection, role("a", doc="Other."))
        assert [(each.name, each.role) for each in roster.members_of(connection)] == [("ann@x.org", "a")]
        assert roster.roles_of(connection) == role("a", doc="Other.")
        assert roster.member_id(connection, "user", "nobody@x.org") is None
        assert roster.take(connection, ann, "a")
        assert not roster.take(connection, ann, "a")


def test_registry_init_makes_the_tables() -> None:
    from actionlang.access.tables import TABLES
    from actionlang.registry.installing import rooms

    offered = [table for room in rooms("sqlite") for table in room.tables]
    assert set(TABLES) <= set(offered)
