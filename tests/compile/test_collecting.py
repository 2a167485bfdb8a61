"""The collector of reference cycles rests during a compilation, and is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from actionlang.compile.collecting import without_collection


def test_it_rests_and_goes_on() -> None:
    assert gc.isenabled()
    with without_collection():
        assert not gc.isenabled()
        with without_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_a_failure() -> None:
    with pytest.raises(ValueError, match="why"), without_collection():
        raise ValueError("why")
    assert gc.isenabled()
