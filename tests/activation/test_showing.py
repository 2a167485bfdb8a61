"""Examples of calls: what the tests of an activation did is kept with the verbs, and read by whoever documents them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.activation.activating import activate
from actionlang.compile.compiled import compile_scripts
from actionlang.compile.selection import select
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode
from actionlang.registry.examples import Example, examples_of
from actionlang.registry.installing import install
from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from tests.cli.running import cache_folder
from tests.postgres import fresh_database

SCRIPTS = {
    "actionlang.toml": 'database = "sqlite:///office.db"\n',
    "desk.act": """
table request < id integer primary readonly; number integer required key; title text(100) required; level integer required default 1 >

## Raise a request.
action Raise on request (by integer default 1, why text(50) optional, pin text(10) optional sensitive) returns (level integer) <
  require (by > 0) else "Raise it by one at least.";
  perform Note(text: request.title);
  update request set level = request.level + by;
  return level: request.level
>

## Write something down.
action Note(text text(100)) < >
""",
    "tests.act": """
import "desk.act";

test "a request goes up" <
  create request as r set number = 1, title = "A";
  perform Raise(by: 2, why: "late", pin: "1234") on r;
  perform Raise() on r;
  perform Raise(by: 1) on r;
  expect failure < perform Raise(by: 0) on r >
>
""",
}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with a registry; the project is the current folder."""
    for name, text in SCRIPTS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("ACTIONLANG_CACHE", cache_folder())
    monkeypatch.chdir(tmp_path)
    held = nullcontext("sqlite://") if request.param == "sqlite" else fresh_database()
    with held as url, Database.connect(url) as opened:
        opened.tables.create(Schema.of_plan(decode(compile_scripts(select()).needed().schema_plan())))
        install(opened)
        yield opened


def kept(database: Database, verb: str) -> tuple[Example, ...]:
    """The examples of a verb that is active."""
    hashed = Verbs.open(database).find(verb).plan.hash
    with database.connection() as connection:
        return examples_of(connection, [hashed]).get(hashed, ())


def test_what_tests_did_is_kept(database: Database) -> None:
    activate(database, who="ada")
    title = "a request goes up"
    assert kept(database, "Raise") == (
        Example(title, {"by": 2, "why": "late", "pin": "***"}, row=1, outputs={"level": 3}),
        Example(title, {}, row=1, outputs={"level": 4}),
        Example(title, {"by": 0}, row=1, code="E0701", message="Raise it by one at least."),
    )
    assert kept(database, "Note") == ()


def test_other_tests_bring_other_examples_of_a_verb_that_is_as_it_was(database: Database, tmp_path: Path) -> None:
    activate(database, who="ada")
    (tmp_path / "tests.act").write_text('import "desk.act";\ntest "a note" < perform Note(text: "x") >\n')
    activate(database, who="ada", dry_run=True)
    assert kept(database, "Note") == ()
    assert activate(database, who="ada").published.entry is None
    assert kept(database, "Note") == (Example("a note", {"text": "x"}, outputs={}),)
    assert kept(database, "Raise") == ()


def test_a_database_from_before_there_were_examples_goes_on_without(database: Database) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("DROP TABLE actionlang_example"))
    activate(database, who="ada")
    assert kept(database, "Raise") == ()
    assert install(database).changes == ("the table actionlang_example",)
