"""Opening a database to look at it: nothing is made, nothing is changed, not even how a file keeps its journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""The driver that is used where a URL names none, by what the URL begins with."""


@contextmanager
def open_to_read(url: str) -> Iterator[sa.Connection]:
    """A connection to a database by its URL, of any kind that SQLAlchemy has a driver for.

    Raises ActionLangError when it can not be opened, or fails while it is looked at.
    """
    engine = _engine(url)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise _failed(error.orig or error, shown) from error
    except sa.exc.NoSuchTableError as error:
        raise _error(
            codes.DATABASE_DIFFERS, f"The database changed while it was looked at: {error} is gone."
        ) from error
    finally:
        engine.dispose()


def _engine(url: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
        if parsed.get_backend_name() == "sqlite":
            return sa.create_engine("sqlite://", creator=lambda: _file(str(parsed.database or "")), poolclass=NullPool)
        return sa.create_engine(parsed, poolclass=NullPool)
    except sa.exc.NoSuchModuleError:
        name = url.partition(":")[0]
        message = f"{name} is no kind of database that is known here."
        raise _error(
            codes.NO_DATABASE_THERE, message, "SQLAlchemy finds others when their packages are installed"
        ) from None
    except ModuleNotFoundError as error:
        postgres = str(error.name).startswith("psycopg")
        message = f"The driver for this kind of database is not installed: there is no module {error.name}."
        hint = (
            "pip install 'actionlang[postgres]'"
            if postgres
            else "install it, or name another one, as in mysql+pymysql://"
        )
        raise _error(codes.NO_DATABASE_THERE, message, hint) from None
    except (sa.exc.ArgumentError, ValueError):
        hint = "write it like sqlite:///path/to/file.db or postgresql://user@host/database"
        raise _error(codes.NO_DATABASE_THERE, f"{url} is not a database's URL.", hint) from None


def _file(name: str) -> sqlite3.Connection:
    path = Path(name).absolute()
    if not name or not path.is_file():
        raise _error(
            codes.NO_DATABASE_THERE, f"There is no database {name or 'in memory'}.", "see how the path is written"
        )
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)


def _failed(error: BaseException, shown: str) -> ActionLangError:
    told = str(error).strip().splitlines() or [type(error).__name__]
    if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
        return _error(codes.DAMAGED, "The file is not an SQLite database.")
    return _error(codes.NO_DATABASE_THERE, f"{shown} can not be looked at: {told[0].strip().rstrip('.')}.")


def _error(code: Code, message: str, hint: str | None = None) -> ActionLangError:
    return ActionLangError(Diagnostic(code, message, hint=hint))
