"""`actionlang access`, and `actionlang run --as`, in a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.inside import Command, command
from tests.golden import compare
from tests.postgres import fresh_database

__all__ = ["command"]

PROJECT = """\
sources = ["desk.act"]
database = "sqlite:///desk.db"
"""

SCRIPT = """\
table request "Request" < number text(20) required key; title text(200) required; owner owner >

action Rename on request (title text) < update request set title = title >
action Ask (number text, title text, owner owner optional) <
  create request set number = number, title = title, owner = owner;
>
action Join (name text, email text, team text) <
  create user as joined set name = name, email = email;
  find optional team as there where (there.name = team);
  if (there is empty) < create team set name = team >
  create membership set team = team(team), user = joined;
>
"""

ROLES = """\
[agent]
doc = "Works on requests."
perform = ["desk.Rename"]

[agent.tables]
"desk.request" = { read = "team", update = "own" }
"""


@pytest.fixture
def desk(tmp_path: Path, command: Command) -> Command:
    (tmp_path / "actionlang.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "desk.act").write_text(SCRIPT, "utf-8")
    (tmp_path / "roles.toml").write_text(ROLES, "utf-8")
    command("tables", "create")
    command("access", "apply")
    for name in ("Ann", "Bob"):
        command("run", "Join", f"name={name}", f"email={name.lower()}@x.org", "team=Red")
    command("run", "Join", "name=Eve", "email=eve@x.org", "team=Blue")
    for number, owner in (("R-1", "user ann@x.org"), ("R-2", "user bob@x.org"), ("R-3", "user eve@x.org")):
        command("run", "Ask", f"number={number}", "title=new", f"owner={owner}")
    return command


def test_roles_are_applied_once(desk: Command) -> None:
    assert desk("access", "apply").fine() == "The database has these roles already.\n"
    Path("roles.toml").write_text(ROLES.replace('"own" }', '"team" }') + "\n[other]\n", "utf-8")
    changed = "change  agent         update desk.request (own -> team)\nadd     other         the role\n"
    assert desk("access", "apply", "--dry-run").fine() == f"{changed}2 changes; nothing was done (--dry-run).\n"
    assert desk("access", "apply", "roles.toml").fine() == f"{changed}2 changes made.\n"
    told = json.loads(desk("access", "apply", "--json").fine())
    assert told == {"changes": [], "applied": True}
    assert "other" in desk("access", "roles").fine()
    assert [each["role"] for each in json.loads(desk("access", "roles", "--json").fine())] == ["agent", "other"]


def test_a_role_may_have_privileges_that_verbs_of_the_library_require(desk: Command) -> None:
    Path("roles.toml").write_text(
        f'{ROLES}\n[lead]\nperform = ["helpdesk.Escalate"]\nprivileges = ["support.escalate"]\n', "utf-8"
    )
    assert "add     lead          requires support.escalate\n" in desk("access", "apply").fine()


def test_a_role_is_given_and_taken(desk: Command) -> None:
    assert desk("access", "list").fine().startswith("Nobody has a role")
    assert desk("access", "give", "ann@x.org", "agent").fine() == "ann@x.org has the role agent.\n"
    assert desk("access", "give", "ann@x.org", "agent").fine() == "ann@x.org has the role agent already.\n"
    assert desk("access", "give", "team Blue", "agent").fine() == "Blue has the role agent.\n"
    assert desk("access", "list").fine() == "user  ann@x.org  agent\nteam  Blue       agent\n"
    assert desk("run", "Rename", "--on", "R-1", "title=x", "--as", "ann@x.org").status == 0
    told = json.loads(desk("access", "take", "ann@x.org", "agent", "--json").fine())
    assert told == {"member": "ann@x.org", "kind": "user", "role": "agent", "taken": True}
    refused = desk("run", "Rename", "--on", "R-1", "title=x", "--as", "ann@x.org")
    assert refused.status == 3
    assert "error[E0730]: Ann may not run Rename: missing perform desk.Rename" in refused.error
    assert "did not have the role" in desk("access", "take", "ann@x.org", "agent").fine()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("give", "ann@x.org", "agnt"), "error[E0736]: There is no role agnt."),
        (("give", "an@x.org", "agent"), "error[E0736]: There is no user an@x.org."),
        (("give", "team Green", "agent"), "error[E0736]: There is no team Green."),
        (("explain", "an@x.org", "Rename"), "error[E0733]: Rename is called by an@x.org, who is no user"),
        (("policies",), "error[E0737]: Row security is PostgreSQL's; sqlite has none."),
        (("apply", "nothing.toml"), "error[E0901]: The file of roles nothing.toml can not be read"),
    ],
)
def test_what_was_typed_wrong(desk: Command, arguments: tuple[str, ...], message: str) -> None:
    done = desk("access", *arguments)
    assert (done.status, done.out) == (2, "")
    assert message in done.error


def test_a_database_without_roles(tmp_path: Path, command: Command) -> None:
    (tmp_path / "actionlang.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "desk.act").write_text(SCRIPT, "utf-8")
    command("tables", "create")
    for words in (("list",), ("roles",), ("give", "a@x.org", "agent"), ("explain", "a@x.org", "Rename")):
        done = command("access", *words)
        assert "error[E0736]: The database has no roles yet." in done.error
        assert "actionlang access apply roles.toml" in done.error


def test_one_user_calls(desk: Command) -> None:
    done = desk("run", "Rename", "--on", "R-1", "title=x", "--as", "ann@x.org", "--caller", "ann@x.org")
    assert done.status == 2
    assert "--as and --caller both say who calls" in done.error


def test_a_version_is_shown_to_whoever_has_the_database(desk: Command) -> None:
    shown = desk("run", "Rename", "--on", "R-1", "--show-version", "--as", "ann@x.org")
    assert shown.status == 2
    assert "--show-version is for whoever has the database, and --as for a run." in shown.error


def test_an_explanation_says_why_or_why_not(desk: Command) -> None:
    desk("access", "give", "team Red", "agent")
    texts = []
    for who, row in (("ann", "R-1"), ("ann", "R-2"), ("ann", "R-3"), ("eve", "R-3"), ("ann", None)):
        words = ("access", "explain", f"{who}@x.org", "Rename", *(() if row is None else (row,)))
        done = desk(*words)
        assert done.error == ""
        texts.append(f"$ actionlang {' '.join(words)}\n{done.out}exit code {done.status}\n")
        told = json.loads(desk(*words, "--json").out)
        assert told["allowed"] == (done.status == 0)
    compare("access/explain.txt", "\n".join(texts))


def test_many_rows_are_those_within_reach(desk: Command) -> None:
    desk("access", "give", "ann@x.org", "agent")
    words = ("run", "Rename", "--where", '(request.title = "new")', "title=x", "--per-row", "--json")
    done = json.loads(desk(*words, "--as", "ann@x.org").out)
    assert (done["rows"], len(done["failures"])) == (1, 1)
    beyond = desk("run", "Rename", "--where", '(request.owner = user("bob@x.org"))', "title=x", "--as", "ann@x.org")
    assert "error[E0732]" in beyond.error


def test_the_policies_of_row_security(tmp_path: Path, command: Command) -> None:
    with fresh_database() as url:
        (tmp_path / "actionlang.toml").write_text(PROJECT, "utf-8")
        (tmp_path / "desk.act").write_text(SCRIPT, "utf-8")
        (tmp_path / "roles.toml").write_text(ROLES, "utf-8")
        command("tables", "create", "--db", url)
        command("access", "apply", "--db", url)
        printed = command("access", "policies", "--db", url).fine()
        assert 'CREATE POLICY actionlang_read ON "request" FOR SELECT USING' in printed
        assert "statements done" in command("access", "policies", "--apply", "--db", url).fine()
        assert "statements done" in command("access", "policies", "--apply", "--db", url).fine()
        assert "statements done" in command("access", "policies", "--drop", "--db", url).fine()
