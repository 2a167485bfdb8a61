"""Functions between texts and other values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Failure
from tests.engine.functions.calling import call


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "result"),
    [
        ("text_of", "integer", (-42,), "-42"),
        ("text_of", "decimal", (Decimal("100.0000"),), "100"),
        ("text_of", "decimal,integer", (Decimal("2.5"), 2), "2.50"),
        ("text_of", "decimal,integer", (Decimal("-0.004"), 2), "0.00"),
        ("text_of", "boolean", (True,), "true"),
        ("text_of", "date", (date(26, 1, 2),), "0026-01-02"),
        ("text_of", "datetime", (datetime(2026, 11, 24, 9, 30, tzinfo=UTC),), "2026-11-24T09:30:00Z"),
        ("text_of", "duration", (timedelta(minutes=90),), "PT1H30M"),
        ("text_of", "id", ("01a20ce4-05c0-7000-8000-000000000001",), "01a20ce4-05c0-7000-8000-000000000001"),
        ("number_of", "text", (" +1.50\n",), Decimal("1.5")),
        ("integer_of", "text", ("-0" + "0" * 5000 + "7",), -7),
        ("integer_of", "text", ("9223372036854775807",), 2**63 - 1),
        ("date_of", "text", (" 2026-11-24 ",), date(2026, 11, 24)),
        ("datetime_of", "text", ("2026-11-24T10:30:00+01:00",), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("is_number", "text", ("1e5",), False),
        ("is_number", "text", ("-1",), True),
        ("is_number", "text", ("1" * 39,), False),
        ("is_date", "text", ("2026-02-30",), False),
        ("is_date", "text", ("2026-02-28",), True),
    ],
)
def test_conversions(name: str, overload: str, arguments: tuple[Any, ...], result: object) -> None:
    assert call(name, overload, *arguments) == result


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "code"),
    [
        ("number_of", "text", ("1,000",), codes.NO_ANSWER),
        ("number_of", "text", ("x" * 100,), codes.NO_ANSWER),
        ("number_of", "text", ("1" * 39,), codes.TOO_MANY_DIGITS),
        ("integer_of", "text", ("1.0",), codes.NO_ANSWER),
        ("integer_of", "text", ("1" * 5000,), codes.NO_ANSWER),
        ("integer_of", "text", ("9223372036854775808",), codes.INTEGER_OVERFLOW),
        ("date_of", "text", ("24.11.2026",), codes.NO_ANSWER),
        ("datetime_of", "text", ("2026-11-24T10:30:00",), codes.NO_ANSWER),
        ("text_of", "decimal,integer", (Decimal(1), 13), codes.NO_ANSWER),
    ],
)
def test_what_no_value_stands_for(name: str, overload: str, arguments: tuple[Any, ...], code: Code) -> None:
    with pytest.raises(Failure) as caught:
        call(name, overload, *arguments)
    assert caught.value.code is code


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_reads_back(value: int) -> None:
    assert call("integer_of", "text", call("text_of", "integer", value)) == value


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_reads_back(value: datetime) -> None:
    assert call("datetime_of", "text", call("text_of", "datetime", value)) == value
