"""Names of files for verbs: each its own, none that leads elsewhere, the same for the same names."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from hypothesis import example, given
from hypothesis import strategies as st

from actionlang.plan.file_names import LONGEST, file_names


@given(st.lists(st.text(min_size=1), unique=True, max_size=8))
@example(["a/b", "a_b", "A_B", "..", ".", "x" * 500, "x" * 501, "ä", "a\\b", "a\0b"])
def test_names_of_files(names: list[str]) -> None:
    found = file_names(names)
    assert found == file_names(reversed(names))
    assert len({name.lower() for name in found.values()}) == len(names)
    for name in found.values():
        assert name.isascii()
        assert 0 < len(name) <= LONGEST + 9
        assert PurePosixPath(name).parts == PureWindowsPath(name).parts == (name,)
        assert not name.startswith(".")


def test_a_plain_name_stays() -> None:
    assert file_names(["desk.Escalate", "core.team"]) == {"desk.Escalate": "desk.Escalate", "core.team": "core.team"}
