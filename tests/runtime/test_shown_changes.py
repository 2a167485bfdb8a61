"""Changes as people read them: each row once, as it was before and as it is in the end."""

from __future__ import annotations

from datetime import date

import pytest

from actionlang.engine.changes import Change
from actionlang.engine.interpreter.rows import key_text
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.runtime.shown_changes import ShownColumn, ShownRow, change_lines, net_changes, pair_lines, value_text
from tests.plan.samples import column

BOX = Table(
    "desk.box",
    "box",
    (
        column("id", t.Id(), primary=True),
        column("name", t.Text(20), required=True),
        column("due", t.Date()),
        column("secret", t.Text(), sensitive=True),
        column("inside", t.Row(("desk.box",))),
    ),
)
ROW, OTHER = RowRef("desk.box", "box-1"), RowRef("desk.box", "box-2")
DAY = date(2026, 11, 24)


def named(row: RowRef) -> str:
    return f"{row.table.rpartition('.')[2]} {key_text(row.key)}"


def change(row: RowRef, before: dict[str, object] | None, after: dict[str, object] | None) -> Change:
    """A change as a step leaves it."""
    columns = tuple(before if before is not None else after or ())
    operation = "create" if before is None else "delete" if after is None else "update"
    old = None if before is None else tuple(before.values())
    new = None if after is None else tuple(after.values())
    return Change(BOX, row.key, operation, "desk.Do", 1, None, columns, old, new)


def shown(*changes: Change) -> list[str]:
    return change_lines(net_changes(changes, named))


CREATE = change(ROW, None, {"name": "a", "due": None, "secret": "s", "inside": OTHER})
RENAME = change(ROW, {"name": "a"}, {"name": "b"})
BACK = change(ROW, {"name": "b"}, {"name": "a"})
DUE = change(ROW, {"due": None}, {"due": DAY})
DELETE = change(ROW, {"name": "b", "due": DAY, "secret": None, "inside": None}, None)
AGAIN = change(ROW, None, {"name": "c", "due": None, "secret": None, "inside": None})

CASES: dict[str, tuple[tuple[Change, ...], list[str]]] = {
    "created": ((CREATE,), ["box box-1 created", "  name    a", "  secret  ***", "  inside  box box-2"]),
    "created, then changed": (
        (CREATE, RENAME),
        ["box box-1 created", "  name    b", "  secret  ***", "  inside  box box-2"],
    ),
    "changed twice": ((RENAME, DUE), ["box box-1 changed", "  name  a     -> b", "  due   empty -> 2026-11-24"]),
    "changed back": ((RENAME, BACK), []),
    "deleted": ((DELETE,), ["box box-1 deleted", "  name  b", "  due   2026-11-24"]),
    "changed, then deleted": ((RENAME, DUE, DELETE), ["box box-1 deleted", "  name  a"]),
    "created and deleted again": ((CREATE, RENAME, DUE, DELETE), []),
    "deleted and created again": (
        (DELETE, AGAIN),
        ["box box-1 changed", "  name  b          -> c", "  due   2026-11-24 -> empty"],
    ),
    "a secret": ((change(ROW, {"secret": "x"}, {"secret": "y"}),), ["box box-1 changed", "  secret  *** -> ***"]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_told_in_the_end(case: str) -> None:
    changes, lines = CASES[case]
    assert shown(*changes) == lines


def test_rows_stand_in_the_order_in_which_they_were_touched() -> None:
    lines = shown(change(OTHER, {"name": "x"}, {"name": "y"}), CREATE, change(OTHER, {"name": "y"}, {"name": "z"}))
    assert [line for line in lines if line.startswith("box")] == ["box box-2 changed", "box box-1 created"]
    assert lines[2] == ""


def test_values_are_one_line_that_a_terminal_does_not_obey() -> None:
    assert shown(change(ROW, {"name": "a\nb"}, {"name": "\x1b[2J"})) == [
        "box box-1 changed",
        "  name  a\\nb -> <U+001B>[2J",
    ]


@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_fit_a_terminal(width: int) -> None:
    long = ShownColumn("name", "before " * 20, "after, wide: 漢字 " * 20)
    rows = [
        ShownRow("box box-1", "changed", (long,)),
        ShownRow("box box-2", "created", (ShownColumn("name", None, "x" * 200),)),
    ]
    for line in change_lines(rows, width):
        cells = sum(2 if "\u2e80" <= sign <= "\u9fff" else 1 for sign in line)
        assert cells <= max(width, 36)
    assert "x" * 200 in "\n".join(change_lines(rows)), "nothing is shortened without a width"


def test_colour_only_where_it_is_wanted() -> None:
    rows = net_changes((RENAME,), named)
    assert "\x1b" not in "".join(change_lines(rows))
    assert "\x1b[31ma\x1b[0m" in "".join(change_lines(rows, color=True))


def test_pairs_and_lists() -> None:
    assert pair_lines([("ticket", "task 7"), ("n", "3")]) == ["  ticket  task 7", "  n       3"]
    assert value_text((ROW, OTHER), t.ListOf(t.Row(("desk.box",))), named) == "box box-1, box box-2"
    assert value_text((), t.ListOf(t.Integer()), named) == ""
