"""The key of a run: a name that its caller chooses, by which a repeated call gets the answer of the first instead of acting
again.

The key is taken by the run's first statement and stands, with the outputs, in the run's own transaction: it is kept exactly
when all else is. So a failed run takes no key, and of two runs with one key the second waits for the end of the first. A key
stands for a time; whoever comes behind it acts anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from os import urandom
from typing import NamedTuple, NoReturn
from uuid import UUID

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.decimals import plain
from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.store import RowRef, StoreError
from actionlang.engine.times import MICROSECOND, iso_datetime
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import METADATA, TEXT
from actionlang.runtime.json_text import json_member, json_object
from actionlang.runtime.masking import names_sensitive_rows
from actionlang.runtime.own_tables import see_table

KEYS = sa.Table(
    "actionlang_key",
    METADATA,
    sa.Column("key", TEXT, primary_key=True),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("request", TEXT, nullable=False),
    sa.Column("run", TEXT, nullable=False),
    sa.Column("taken", TEXT, nullable=False),
    sa.Column("outputs", TEXT),
    sa.Column("expires", TEXT),
    sqlite_with_rowid=False,
)
"""Keys that runs have taken. `request` is a digest of what was asked for, `outputs` a JSON object, `expires` the moment from
which on the key is free again; empty where it never is."""

LIFETIME = timedelta(days=30)
"""How long a key stands where nobody says otherwise."""

LONGEST_KEY = 200
PLAIN_DIGEST = "sha256"
SLOW_DIGEST = "scrypt"
SALT_BYTES = 16


class Asked(NamedTuple):
    """What a caller asks for, as it was given: what a repeated call has in common with the first."""

    on: object
    caller: object
    at: datetime | None
    arguments: Mapping[str, object]


class Answer(NamedTuple):
    """What an earlier run with the key gave."""

    run: str
    outputs: dict[str, object]


class Earlier(NamedTuple):
    """An earlier run with the key, and what was kept of what it gave."""

    run: str
    kept: str


def check_key(key: object, plan: StepPlan) -> None:
    """See that a verb's run may have this key.

    Raises ActionLangError when it may not: the key is no short text, or the outputs are not to be stored.
    """
    if not isinstance(key, str) or not key.strip() or len(key) > LONGEST_KEY or not key.isprintable():
        _refuse(
            f"The key of a run is a text of 1 to {LONGEST_KEY} characters, all of them printable.",
            'name what is done, for example "order-17"',
        )
    tables = {table.name: table for table in plan.tables}
    for output in plan.verb.outputs:
        if output.sensitive or names_sensitive_rows(output.type, tables):
            _refuse(
                f"{plan.verb.short_name} returns `{output.name}`, which is sensitive and may not be stored for a "
                "repeated call, so its runs take no key.",
                "leave the key out, or return something that may be stored",
            )


def check_lifetime(lifetime: object) -> None:
    """See that keys can stand for a time; None is for ever.

    Raises ActionLangError when they can not.
    """
    if lifetime is not None and not (isinstance(lifetime, timedelta) and lifetime > timedelta(0)):
        _refuse("Keys stand for some time.", "give a timedelta above zero, or None for keys that stand for ever")


def check_key_table(connection: sa.Connection) -> None:
    """See that the database has the table of keys, which those made by earlier versions lack.

    Raises ActionLangError when it has not.
    """
    see_table(connection, KEYS, "runs with a key")


class UnderWay(StoreError):
    """A run with the same key is under way, and did not come to its end in the time to wait."""

    @staticmethod
    def instead_of(error: StoreError, key: str, *, is_sure: bool) -> StoreError:
        """What to say where a run could not take its key because it was locked out; other errors as they are. `is_sure` says that
        it was the key that was waited for."""
        if error.code != codes.LOCKED.id:
            return error
        if is_sure:
            return UnderWay(codes.KEY_UNDER_WAY.id, f"A run with the key {key} is still under way.")
        message = f"Somebody is writing to the database, perhaps a run with the key {key} that is still under way."
        return UnderWay(codes.KEY_UNDER_WAY.id, message)


class RunKeys:
    """Takes keys for the runs of one plan, in whatever transaction is open on the cursor."""

    def __init__(self, cursor: Cursor, dialect: Dialect, plan: StepPlan) -> None:
        self._cursor = cursor
        self._verb = plan.verb
        self._schema = Schema.of_plan(plan)
        self._members = [json_member(output.name, output.type, sensitive=False) for output in plan.verb.outputs]
        self._slow = _has_sensitive_input(plan)
        table, parameter = dialect.quoted_table(KEYS.name), dialect.parameter
        names = ("key", "verb", "request", "run", "taken", "expires")
        columns, values = ", ".join(map(dialect.quoted, names)), ", ".join([parameter] * len(names))
        self._take = f"INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING"
        self._find = (
            f"SELECT verb, request, run, outputs, expires FROM {table} WHERE {dialect.quoted('key')} = {parameter}"
        )
        settings = ", ".join(f"{dialect.quoted(name)} = {parameter}" for name in names[1:])
        self._take_over = (
            f"UPDATE {table} SET {settings}, outputs = NULL "
            f"WHERE {dialect.quoted('key')} = {parameter} AND run = {parameter} AND expires = {parameter}"
        )
        self._answer = f"UPDATE {table} SET outputs = {parameter} WHERE {dialect.quoted('key')} = {parameter}"

    def take(self, key: str, asked: Asked, run: str, lifetime: timedelta | None) -> Answer | None:
        """Take the key for a run that is about to act. Where an earlier run has it, gives what that one answered.

        Raises what `claim` raises.
        """
        earlier = self.claim(key, asked, run, lifetime)
        return None if earlier is None else Answer(earlier.run, self._read(key, earlier.kept, earlier.run))

    def claim(self, key: str, asked: Asked, run: str, lifetime: timedelta | None) -> Earlier | None:
        """Take the key for a run that is about to act, or give the earlier run that has it. `lifetime` is how long it stands
        (None: for ever).

        Waits for the end of another run that is taking it. Raises ActionLangError when the earlier run was asked for something
        else; the driver's errors.
        """
        text = _text_of(self._verb.name, asked)
        now = datetime.now(UTC)
        taken, expires = write_moment(now), None if lifetime is None else write_moment(now + lifetime)
        cells = (self._verb.name, _digest(text, self._slow), run, taken, expires)
        self._cursor.execute(self._take, (key, *cells))
        if self._cursor.rowcount == 1:
            return None
        self._cursor.execute(self._find, (key,))
        found = self._cursor.fetchone()
        if found is None:
            raise StoreError(codes.CONFLICT.id, f"The key {key} has just been deleted.")
        verb, request, earlier, outputs, until = found
        if until is not None and until <= taken:
            self._cursor.execute(self._take_over, (*cells, key, earlier, until))
            if self._cursor.rowcount != 1:
                raise StoreError(codes.CONFLICT.id, f"The key {key} has just been taken.")
            return None
        if verb != self._verb.name:
            raise _taken(key, f"a run of {verb}, not of {self._verb.name}", earlier)
        if not _is_digest_of(request, text):
            other = f"a run of {self._verb.short_name} with another row, caller, moment or other arguments"
            raise _taken(key, other, earlier)
        return Earlier(earlier, outputs)

    def answer(self, key: str, outputs: Mapping[str, object]) -> None:
        """Keep what the run with this key gives. Raises the driver's errors."""
        self.keep(key, json_object(self._members, outputs.values()))

    def keep(self, key: str, text: str) -> None:
        """Keep a text for repeated calls with this key. Raises the driver's errors."""
        self._cursor.execute(self._answer, (text, key))

    def _read(self, key: str, text: str, run: str) -> dict[str, object]:
        """Outputs as they were stored, as values of this plan's contract."""
        data = json.loads(text, parse_float=Decimal)
        outputs = self._verb.outputs
        other = _taken(key, f"a run of {self._verb.short_name} when it returned something else", run)
        if data.keys() != {output.name for output in outputs}:
            raise other
        try:
            return {each.name: from_json(data[each.name], each.type, self._schema) for each in outputs}
        except ValueError:
            raise other from None


def _has_sensitive_input(plan: StepPlan) -> bool:
    tables = {table.name: table for table in plan.tables}
    inputs = any(each.sensitive or names_sensitive_rows(each.type, tables) for each in plan.verb.inputs)
    return inputs or any(column.sensitive for table in plan.tables for column in table.primary)


def _text_of(verb: str, asked: Asked) -> str:
    """What was asked for, as one text: the same for the same Python values, whatever order the arguments came in."""
    arguments = {name: _data(value) for name, value in asked.arguments.items()}
    return json.dumps([verb, _data(asked.on), _data(asked.caller), _data(asked.at), arguments], sort_keys=True)


def _data(value: object) -> object:
    """A value given by a caller, as JSON data. Rows are not looked up: the run may have deleted or renamed them."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, RowRef):
        return {"table": value.table, "key": _data(value.key)}
    if isinstance(value, Mapping):
        return {str(name): _data(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return plain(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return iso_datetime(value.astimezone(UTC))
    if isinstance(value, timedelta):
        return f"{value // MICROSECOND} microseconds"
    return str(value) if isinstance(value, date | UUID) else repr(value)


def _digest(text: str, slow: bool) -> str:
    """A digest that tells nothing of the text. One over sensitive values is salted and slow, so that not even values of which
    there are few can be found by trying them."""
    if slow:
        salt = urandom(SALT_BYTES)
        return f"{SLOW_DIGEST}:{salt.hex()}:{_scrypt(text, salt)}"
    return f"{PLAIN_DIGEST}:{hashlib.sha256(text.encode()).hexdigest()}"


def _is_digest_of(digest: str, text: str) -> bool:
    kind, _, rest = digest.partition(":")
    if kind == SLOW_DIGEST:
        salt, _, rest = rest.partition(":")
        return rest == _scrypt(text, bytes.fromhex(salt))
    return digest == _digest(text, slow=False)


def _scrypt(text: str, salt: bytes) -> str:
    return hashlib.scrypt(text.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()


def _refuse(message: str, hint: str) -> NoReturn:
    raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=hint))


def _taken(key: str, by: str, run: str) -> ActionLangError:
    return ActionLangError(
        Diagnostic(
            codes.KEY_TAKEN,
            f"The key {key} was taken by {by}.",
            hint="repeat the very same call to get its answer again, or take another key for another call",
            notes=(f"it was run {run}",),
        )
    )
