"""API keys: made by the command, held to scopes and rights, refused when they are revoked, expired or wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zlib import crc32

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from actionlang.access import api_keys
from actionlang.cli.group import actionlang
from actionlang.runtime.database import Database
from actionlang.server.identity.settings import IdentitySettings
from tests.server.identity.asking import Asking, asking

SETTINGS = IdentitySettings(api_keys=True, failures_per_minute=0)


def command(database: Database, *words: str) -> tuple[int, str, str]:
    url = database.engine.url.render_as_string(hide_password=False)
    done = CliRunner().invoke(actionlang, [*words, "--db", url], standalone_mode=False)
    assert done.exception is None, done.exception
    return done.return_value or 0, done.stdout.strip(), done.stderr.strip()


def make(database: Database, *words: str) -> str:
    code, out, _ = command(database, "key", "create", "tests", "--by", "root", *words)
    assert code == 0
    return out


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ask(database: Database, clock: Clock) -> Iterator[Asking]:
    with asking(database, SETTINGS, now=clock) as ask:
        yield ask


def test_a_key_calls_with_its_users_rights_and_its_scopes(database: Database, ask: Asking) -> None:
    key = make(database, "--as", "ann@example.com", "--scope", "verb:helpdesk.*", "--scope", "read")
    assert api_keys.FORM.fullmatch(key)
    told = ask(token=key)
    assert told.data["subject"] == f"key {api_keys.name_of(key)}"
    assert told.data["scopes"] == ["read", "verb:helpdesk.*"]
    assert ask(X_Api_Key=key).status == 200
    assert ask("/call/Touch", "POST", key).code == "E1110"
    header = [("Authorization", f"Bearer {key}")]
    assert ask.raw("/call/Escalate?CAS-1", "POST", header, b'{"reason": "late"}').status == 200
    assert ask.raw("/call/Escalate?CAS-999", "POST", header, b'{"reason": "late"}').status == 404


def test_the_database_does_not_know_the_key(database: Database) -> None:
    key = make(database, "--as", "ann@example.com", "--scope", "read")
    with database.connection() as connection:
        (row,) = connection.execute(sa.select(api_keys.KEYS)).mappings()
    told = " ".join(map(str, row.values()))
    assert key not in told and key.split("_")[3][:20] not in told
    assert re.fullmatch("[0-9a-f]{64}", row["digest"])
    assert row["created_by"] == "root"


def test_a_key_without_a_user_may_do_nothing_under_rules(database: Database, ask: Asking) -> None:
    told = ask("/call/Touch?S-1", "POST", make(database, "--scope", "verb:*"))
    assert (told.status, told.code) == (403, "E0733")


def test_a_key_that_is_revoked_ends_within_a_second(database: Database, ask: Asking, clock: Clock) -> None:
    key = make(database, "--as", "ann@example.com", "--scope", "read")
    assert ask(token=key).status == 200
    assert command(database, "key", "revoke", key)[1] == f"The key {api_keys.name_of(key)} (tests) is revoked."
    clock.now += 1.0
    told = ask(token=key)
    assert (told.status, told.data["error"]["message"]) == (401, "The API key is revoked.")
    assert "revoked already" in command(database, "key", "revoke", str(api_keys.name_of(key)))[1]


def test_a_key_that_has_expired(database: Database, ask: Asking) -> None:
    id_, text = api_keys.new_key()
    now = datetime.now(UTC)
    key = api_keys.ApiKey(id_, "old", None, frozenset({"read"}), now, "x", expires=now - timedelta(seconds=1))
    with database.connection() as connection, connection.begin():
        api_keys.add(connection, text, key)
    assert ask(token=text).data["error"]["message"] == "The API key is expired."


def test_the_key_of_a_user_who_is_not_active(database: Database, ask: Asking, clock: Clock) -> None:
    key = make(database, "--as", "ann@example.com", "--scope", "read")
    assert ask(token=key).status == 200
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("UPDATE \"user\" SET active = false WHERE name = 'Ann'"))
    clock.now += 1.0
    assert ask(token=key).code == "E0733"


def test_keys_that_are_wrong(database: Database, ask: Asking) -> None:
    key = make(database, "--as", "ann@example.com", "--scope", "read")
    _, other = api_keys.new_key()
    mixed = f"al_live_{key[8:18]}_{other[19:62]}"
    wrong = [other, key[:-1], key[:-1] + ("A" if key[-1] != "A" else "B"), key + "x", f"{mixed}{key[-6:]}"]
    wrong.append(mixed + api_keys._digits(crc32(mixed.encode()), 6))
    assert {ask(token=each).data["error"]["message"] for each in wrong} == {"The API key is none."}
    assert api_keys.name_of(wrong[-1]) == api_keys.name_of(key)


def test_when_a_key_was_last_used_is_kept_coarsely(database: Database, ask: Asking, clock: Clock) -> None:
    key = make(database, "--as", "ann@example.com", "--scope", "read")

    def used() -> object:
        with database.connection() as connection:
            return connection.scalar(sa.select(api_keys.KEYS.c.used))

    assert used() is None
    ask(token=key)
    first = used()
    assert isinstance(first, str)
    clock.now += 60
    ask(token=key)
    assert used() == first


def test_keys_may_be_not_taken(database: Database) -> None:
    key = make(database, "--as", "ann@example.com", "--scope", "read")
    with asking(database, IdentitySettings(api_keys=False)) as ask:
        assert ask(token=key).data["error"]["message"] == "API keys are not taken here."


def test_the_list_of_keys(database: Database) -> None:
    assert command(database, "key", "list")[1] == "There are no keys: actionlang key create makes one."
    key = make(database, "--as", "bob@example.com", "--scope", "verb:core.Notify", "--never-expires")
    assert make(database, "--scope", "act-for", "--days", "30") not in (text := command(database, "key", "list")[1])
    assert key not in text and "bob@example.com" in text and "never expires" in text
    told = json.loads(command(database, "key", "list", "--json")[1])["keys"]
    assert [(each["user"], each["scopes"], each["state"], each["created_by"]) for each in told] == [
        (None, ["act-for"], "active", "root"),
        ("bob@example.com", ["verb:core.Notify"], "active", "root"),
    ]
    made = json.loads(command(database, "key", "create", "x", "--scope", "read", "--json")[1])
    assert api_keys.name_of(made["key"]) == made["id"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create", "x", "--scope", "write"), "write is no scope."),
        (("create", "x", "--scope", "verb:"), "verb: is no scope."),
        (("create", "x", "--scope", "verb:Escalate"), "the full name is needed: verb:helpdesk.Escalate"),
        (("create", "x", "--scope", "verb:billing.*"), "verb:billing.* is for no active verb."),
        (("create", "x", "--scope", "read", "--as", "zed@example.com"), "There is no user zed@example.com."),
        (("create", " ", "--scope", "read"), "The name of the key says nothing."),
        (("revoke", "nothing"), "There is no such key."),
    ],
)
def test_what_the_command_refuses(kept_desk: Database, words: tuple[str, ...], told: str) -> None:
    code, _, err = command(kept_desk, "key", *words)
    assert code == 2 and "E1117" in err and told in err


@given(st.binary(min_size=0, max_size=80), st.integers(0, 67))
def test_any_change_of_a_key_is_noticed(noise: bytes, place: int) -> None:
    """The checksum finds what is mistyped, before the database is asked."""
    _, key = api_keys.new_key()
    assert api_keys.name_of(key) == key[8:18]
    changed = key[:place] + ("x" if key[place : place + 1] != "x" else "y") + key[place + 1 :]
    assert api_keys.name_of(changed) is None
    assert api_keys.name_of(key[:8] + noise.decode("latin-1")) is None


def test_keys_differ() -> None:
    assert len({api_keys.new_key()[1] for _ in range(200)}) == 200
