"""Running `actionlang` inside the process of the tests: quicker than `running`, for what does not depend on the process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from actionlang.cli.main import main
from tests.cli.running import Done, cache_folder

Command = Callable[..., Done]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line in the test's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACTIONLANG_CACHE", cache_folder())
    monkeypatch.delenv("NO_COLOR", raising=False)

    def run(*arguments: str) -> Done:
        capfd.readouterr()
        status = main(list(arguments))
        out, error = capfd.readouterr()
        assert "Traceback" not in error, error
        return Done(status, out, error)

    return run
