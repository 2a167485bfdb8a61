"""A statement with one text as its answer, prepared once and asked over and over, on psycopg's own connection to the server.

psycopg's cursors adapt values and rows. A call does not need that: its values are written already, and its answer is a text. It
waits as psycopg does, so that Ctrl-C ends the statement.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from itertools import count
from typing import Any

from psycopg import errors
from psycopg.pq import ExecStatus, TransactionStatus

_numbers = count(1)


class PreparedCall:
    """A statement on a connection; `formats` says of each of its parameters whether it is a text (0) or binary (1). Everything
    raises the driver's errors."""

    def __init__(self, driver: Any, statement: str, formats: Sequence[int]) -> None:
        self._driver = driver
        self._server = driver.pgconn
        self._statement = statement.encode()
        self._formats = formats
        self._name = f"actionlang_call_{next(_numbers)}".encode()
        self._is_prepared = False
        self._poll = select.poll()
        self._poll.register(self._server.socket, select.POLLIN)

    def ask(self, values: Sequence[bytes | None]) -> str | None:
        """The answer to the statement with these values."""
        if self._server.transaction_status != TransactionStatus.IDLE:
            # A statement that is not there any more would be the end of the transaction.
            self._server.send_query_params(self._statement, values, param_formats=self._formats)
            return _answer(self._result())
        try:
            return self._ask_prepared(values)
        except errors.InvalidSqlStatementName:
            # psycopg drops all prepared statements, ours among them, when a transaction is rolled back.
            self._is_prepared = False
            return self._ask_prepared(values)

    def _ask_prepared(self, values: Sequence[bytes | None]) -> str | None:
        if not self._is_prepared:
            _checked(self._server.prepare(self._name, self._statement))
            self._is_prepared = True
        self._server.send_query_prepared(self._name, values, param_formats=self._formats)
        return _answer(self._result())

    def _result(self) -> Any:
        server = self._server
        try:
            while server.flush():
                select.select([server.socket], [server.socket], [])
                server.consume_input()
            while server.is_busy():
                self._poll.poll()
                server.consume_input()
        except BaseException:
            self._stop()
            raise
        result = server.get_result()
        while (more := server.get_result()) is not None:
            result = more
        return result

    def _stop(self) -> None:
        """End what the server is doing, so that the connection can be used again."""
        self._driver.cancel()
        while self._server.get_result() is not None:
            pass


def _checked(result: Any) -> Any:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    raise errors.error_from_result(result)


def _answer(result: Any) -> str | None:
    value = _checked(result).get_value(0, 0)
    return None if value is None else str(value, "utf-8")
