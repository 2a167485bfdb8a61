"""What differs between databases, for the store: how its statements are spelt, and what its driver's errors mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec, Kind
from actionlang.engine.store import StoreError
from actionlang.metadata.types import Type

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine


class Cursor(Protocol):
    """What is needed of a driver's cursor."""

    @property
    def rowcount(self) -> int: ...

    @property
    def connection(self) -> Any: ...

    def execute(self, statement: str, parameters: Sequence[Any] = ..., /) -> object: ...

    def executemany(self, statement: str, parameters: Sequence[Any], /) -> object: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


@attrs.frozen
class Refusal:
    """Why a database refused a write. `kind` is a ConstraintError's, but `foreign key` may be either direction; `cells` are the
    stored columns it named, `name` the constraint's name; either may be missing."""

    kind: str
    cells: tuple[str, ...] = ()
    name: str | None = None


@attrs.frozen
class Dialect:
    """One kind of database.

    How statements are spelt: `parameter` is a parameter; `same` compares a column (`{0}`) with one, empty being equal to empty
    (None where no such comparison uses an index, so that a statement is made for each set of columns that are to be empty);
    `by_code_point` makes text sort by code point, `equal_by_code_point` makes it be equal only when it is the same; `casts` stand
    behind a parameter that is compared with a column of a kind; `begin` opens a transaction that writes. With `percent_doubled`
    a `%` in a statement is written twice; with `namespaces` a stored name `a.b` means table b of namespace a, else it is a name
    with a dot in it; with `tells_capitals` names that differ in capitals only are two.

    What its driver does: `error` is the driver's base exception; `refusal` tells a refused write (else None), `trouble` what any
    other error means, `undecodable` the name of the column in which a text could not be read (else None); `in_transaction` tells
    whether a driver's connection is in a transaction, `usable` whether one that is kept may serve another run; `make_ready` lets
    a driver's cursor take and give values as the codecs do; `stop` has the statement fail that a driver's connection executes in
    another thread, if any.

    How types stand in columns: `codec_of` in one that we make, `codec_in` in one of SQLAlchemy's type that was found (None when
    it can not).

    How its transactions are: `end_check`, called at the beginning of a trial, gives what tells whether the end of the transaction
    would refuse a reference to a row that is not there; with `error_ends_transaction` nothing can be asked after an error until a
    savepoint or the transaction is rolled back; with `writes_at_once` several transactions may write at the same time.
    """

    name: str
    parameter: str
    same: str | None
    by_code_point: str
    equal_by_code_point: str
    casts: Mapping[Kind, str]
    begin: str
    error: type[Exception]
    refusal: Callable[[Exception], Refusal | None]
    trouble: Callable[[Exception], StoreError]
    undecodable: Callable[[Exception], str | None]
    end_check: Callable[[Cursor], Callable[[], bool]]
    codec_of: Callable[[Type, Schema], Codec]
    codec_in: Callable[[Type, Schema, TypeEngine[Any]], Codec | None]
    in_transaction: Callable[[Any], bool]
    usable: Callable[[Any], bool]
    make_ready: Callable[[Any], None]
    stop: Callable[[Any], None]
    percent_doubled: bool = False
    error_ends_transaction: bool = False
    writes_at_once: bool = False
    namespaces: bool = False
    tells_capitals: bool = False
    begin_hastily: Callable[[Any], None] | None = None

    def quoted(self, name: str) -> str:
        """A name as it stands in a statement that the driver is given with parameters."""
        spelt = quoted(name)
        return spelt.replace("%", "%%") if self.percent_doubled else spelt

    def quoted_table(self, stored: str) -> str:
        """A table's stored name as it stands in a statement that the driver is given with parameters."""
        namespace, table = self.namespace_of(stored)
        return self.quoted(table) if namespace is None else f"{self.quoted(namespace)}.{self.quoted(table)}"

    def namespace_of(self, stored: str) -> tuple[str | None, str]:
        """The namespace (PostgreSQL calls it schema) in a table's stored name, if it names one, and the name within it."""
        namespace, dot, table = stored.partition(".")
        return (namespace, table) if self.namespaces and dot and namespace and table else (None, stored)


def quoted(name: str) -> str:
    """A name as it stands in SQL."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
