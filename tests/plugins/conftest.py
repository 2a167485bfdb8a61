from __future__ import annotations

import pytest

from actionlang.plugins import Plugins


@pytest.fixture
def plugins() -> Plugins:
    """Nothing is registered yet."""
    return Plugins()
