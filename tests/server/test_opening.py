"""What is served is opened as the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.server.opening import Launch, opened
from actionlang.server.settings import ServerSettings
from tests.server.world import desk_url


@pytest.mark.parametrize(("call_timeout", "waits"), [(1.5, 1500), (30.0, 5000)])
def test_no_call_waits_longer_for_another_writer_than_it_may_take(
    call_timeout: float, waits: int, tmp_path: Path
) -> None:
    """SQLite waits by itself, and is not stopped while it does."""
    with desk_url("sqlite") as url:
        launch = Launch(url, "UTC", (), str(tmp_path), ServerSettings(call_timeout=call_timeout))
        with opened(launch) as (database, _), database.connection() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == waits
