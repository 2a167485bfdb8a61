"""A background action, unit after unit, each made by a worker of its own: what later units need is there, and it ends where it
would end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actionlang.durable.parts import Parts
from actionlang.runtime.plans import Plan
from tests.durable.bench import MODULE, Bench, script
from tests.registry.board import drafts

BOOK = "00000000-0000-7000-8000-000000000001"


def in_units(here: Bench, name: str = "Do", /, **options: Any) -> tuple[int, dict[str, Any]]:
    """Run a verb, each unit by a worker of its own; gives how many there were, and its outputs as JSON data."""
    run = here.start(name, **options)
    count = 0
    while here.find(run).ended is None:
        here.one_unit(run)
        count += 1
    found = here.find(run)
    assert (found.state, found.position, found.is_taken, found.due) == ("done", count, False, None)
    return count, dict(found.outputs)


def a_book(here: Bench, title: str = "Ulysses", pages: int = 3) -> None:
    """Somebody has a book."""
    here.do(
        "INSERT INTO book (id, title, pages, data, secret, status) "
        f"VALUES ('{BOOK}', '{title}', {pages}, 'null', 's3cret', 'fresh')"
    )


# ------------------------------------------------------------------------------------------------------ what units keep

CARRY = """
background action Do on book(
  a text(200) optional, b integer, c decimal(30,6), d money, e date, f datetime, g duration, h boolean, i Color,
  j list of integer, k list of Color, l list of text, m book, n list of book, o text(9) default "as told"
)
  returns (
    a text(200) optional, b integer, c decimal(30,6), d money, e date, f datetime, g duration, h boolean, i Color,
    j list of integer, k list of Color, l list of text, m book, n list of book, o text(9),
    said text, whole integer, at shelf, none boolean
  )
<
  let a1 = a; let b1 = b; let c1 = c; let d1 = d; let e1 = e; let f1 = f; let g1 = g; let h1 = h; let i1 = i;
  let j1 = j; let k1 = k; let l1 = l; let m1 = m; let n1 = n; let o1 = o; let data = book.data;
  create shelf as top set name = "top";
  update m1 set place = top;
  let place = m1.place;
  find optional mark as gone where (gone.number = 77);
  perform Say(text: "said") as said;
  wait 0 seconds;
  create book as copy set title = "copy", place = place, data = data, shelf = top, secret = book.secret;
  stage "Return" <
    update top set name = "topper";
    return
      a: a1, b: b1, c: c1, d: d1, e: e1, f: f1, g: g1, h: h1, i: i1, j: j1, k: k1, l: l1, m: m1, n: n1, o: o1,
      said: copy.title, whole: said.number, at: top, none: gone is empty;
  >
>
"""


def test_values_of_every_type_reach_the_last_unit(here: Bench) -> None:
    here.use(CARRY)
    a_book(here)
    given: dict[str, Any] = {
        "b": str(2**63 - 1),
        "c": "123456789012345678901234.123456",
        "d": "-9999999999999.99",
        "e": "2026-02-28",
        "f": "2026-02-28T23:59:59.999999Z",
        "g": "P1DT1.000001S",
        "h": False,
        "i": "green",
        "j": [1, str(2**60), -5],
        "k": ["red", "blue"],
        "l": ["", "ä☃\n\u0001"],
        "m": BOOK,
        "n": [BOOK, BOOK],
    }
    count, outputs = in_units(here, on="Ulysses", **given)
    shelf = outputs["at"]
    assert [str(found) for (found,) in here.ask("SELECT id FROM shelf")] == [shelf]
    assert count == 7
    assert outputs == {**given, "a": None, "o": "as told", "said": "copy", "whole": 1, "at": shelf, "none": True}
    found = here.ask("SELECT title, CAST(data AS text), CAST(place_shelf AS text), secret FROM book ORDER BY title")
    assert found == [("Ulysses", "null", shelf, "s3cret"), ("copy", "null", shelf, "s3cret")]
    assert here.ask("SELECT name FROM shelf") == [("topper",)]


ROUGH: dict[str, tuple[str, int, dict[str, Any], list[str]]] = {
    "nothing": ("", 1, {}, []),
    "an empty stage": ('stage "A" < >', 1, {}, []),
    "what only reads": ("let a = 1; require (a = 1); return n: a", 1, {"n": 1}, []),
    "a moment that has come": ('perform Say(text: "a"); wait until datetime "2020-01-01T00:00:00Z"', 3, {}, ["a"]),
    "a wait of no length": ("wait 0 seconds; return n: 2", 2, {"n": 2}, []),
    "returning early": ('perform Say(text: "a"); if (1 = 1) < return n: 7 > perform Say(text: "b")', 2, {"n": 7}, ["a"]),
    "not returning early": (
        'perform Say(text: "a"); if (1 = 2) < return n: 7 > perform Say(text: "b"); return n: 8',
        3,
        {"n": 8},
        ["a", "b"],
    ),
    "stopping": ('perform Say(text: "a"); if (1 = 1) < stop > perform Say(text: "b")', 2, {}, ["a"]),
    "returning in a loop": (
        ('perform Say(text: "a"); for each m in mark < perform Say(text: m.text otherwise ""); return n: m.number > '
        'perform Say(text: "b")'),
        2,
        {"n": 1},
        ["a", "a"],
    ),
    "returning in an attempt": (
        ('perform Say(text: "a"); attempt < perform Say(text: "b"); if (1 = 1) < return n: 3 > > else < stop > '
        'perform Say(text: "c")'),
        2,
        {"n": 3},
        ["a", "b"],
    ),
    "an attempt that is undone": (
        'attempt < perform Say(text: "a"); fail "no" > else < perform Say(text: failure.message) > perform Say(text: "b")',
        2,
        {},
        ["no", "b"],
    ),
    "falling through": ('perform Say(text: "a")', 1, {}, ["a"]),
    "the same name in stages, of two types": (
        ('stage "A" < let a = 1; require (a > 0); > stage "B" < perform Say(text: "b") > '
        'stage "C" < let a = "c"; perform Say(text: a); perform Say(text: a) >'),
        3,
        {},
        ["b", "c", "c"],
    ),
    "the same name for what verbs return": (
        ('stage "A" < perform Say(text: "a") as r; perform Say(text: "{r.number}") > '
        'stage "B" < let r = "b"; perform Say(text: r); perform Say(text: r) > '
        'stage "C" < perform Length(text: "12345") as r; perform Say(text: "{r.length}"); perform Say(text: "{r.length}") >'),
        6,
        {},
        ["a", "1", "b", "b", "5", "5"],
    ),
    "a name of a loop, and later another's": (
        ('let x = "x"; perform Say(text: x); for each m in mark < perform Say(text: "{m.number}") > '
        'let m = "m"; perform Say(text: m); perform Say(text: "{m}{x}")'),
        4,
        {},
        ["x", "1", "m", "mx"],
    ),
    "a result of a verb that only reads": (
        'perform Length(text: "123") as r; perform Say(text: "{r.length}"); perform Say(text: "{r.length}"); return n: r.length',
        3,
        {"n": 3},
        ["3", "3"],
    ),
    "stages in stages": (
        'stage "A" < stage "B" < let a = "a"; stage "C" < perform Say(text: a) > perform Say(text: a) > > perform Say(text: "z")',
        3,
        {},
        ["a", "a", "z"],
    ),
    "a wait behind a stage": ('let d = 0 seconds; stage "A" < require (1 = 1) > wait d; perform Say(text: "{d}")', 2, {}, ["PT0S"]),
    "deleting what it made": (
        'create shelf as top set name = "top"; perform Say(text: top.name); delete top; perform Say(text: "gone")',
        4,
        {},
        ["top", "gone"],
    ),
}  # fmt: skip


ROUGH_NAMED = {f"Do{number}": case for number, case in enumerate(ROUGH.values())}
ROUGH_SCRIPT = "action Length (text text(500)) returns (length integer) < return length: length(text) >\n" + "\n".join(
    f"background action {name} returns (n integer optional) < {body} >" for name, (body, *_) in ROUGH_NAMED.items()
)


@pytest.mark.parametrize("case", ROUGH_NAMED.items(), ids=ROUGH)
def test_a_verb_in_units(desk: Bench, case: tuple[str, tuple[str, int, dict[str, Any], list[str]]]) -> None:
    name, (_, units, outputs, said) = case
    desk.use(ROUGH_SCRIPT, name)
    assert in_units(desk, name) == (units, {"n": None, **outputs})
    assert desk.said == said
    assert len(desk.ask(f"SELECT * FROM actionlang_run WHERE verb = 'bench.{name}'")) == units + 1, (
        "one more that asked"
    )


DELETES = {
    "Delete": "delete book",
    "Perform": "perform Throw() on book",
    "Perhaps": "if (book.pages = 3) < delete book >",
}
OWN_ROW = "action Throw on book < delete book >\n" + "\n".join(
    f"""
    background action {name} on book returns (title text) <
      let title = book.title;
      {delete};
      perform Say(text: "deleted {{title}}");
      perform Say(text: "still {{title}}");
      return title: title
    >
    """
    for name, delete in DELETES.items()
)


@pytest.mark.parametrize("name", DELETES)
def test_a_verb_goes_on_when_it_has_deleted_its_own_row(here: Bench, name: str) -> None:
    here.use(OWN_ROW, name)
    a_book(here)
    assert in_units(here, name, on="Ulysses") == (4, {"title": "Ulysses"})
    assert here.said == ["deleted Ulysses", "still Ulysses"]
    assert here.ask("SELECT * FROM book") == []


OTHERS = """
background action OnRow on book < perform Say(text: "a"); update book set pages = 1 >
background action Kept (it book) < perform Say(text: "a"); update it set pages = 1 >
background action Read (it book) < perform Say(text: "a"); perform Say(text: it.title) >
background action Made < create book as it set title = "x"; perform Say(text: it.title) >
"""
GONE = {
    "the row it is on": ("OnRow", {"on": "Ulysses"}, "E0703"),
    "a row that is changed": ("Kept", {"it": "Ulysses"}, "E0703"),
    "a row that is read": ("Read", {"it": "Ulysses"}, "E0703"),
    "a row that it has made": ("Made", {}, "E0703"),
}


@pytest.mark.parametrize("case", GONE.values(), ids=GONE)
def test_a_row_that_others_delete_meanwhile_fails_the_unit_that_needs_it(
    here: Bench, case: tuple[str, dict[str, Any], str]
) -> None:
    name, options, code = case
    here.use(OTHERS)
    a_book(here)
    run = here.start(name, **options)
    here.one_unit(run)
    before = here.said
    here.do("DELETE FROM book")
    here.work()
    found = here.find(run)
    assert (found.state, found.position, found.code) == ("failed", 1, code)
    assert found.message is not None
    assert "book" in found.message
    assert here.said == before


def test_a_unit_sees_what_others_have_written_since(desk: Bench) -> None:
    desk.use("""
        background action Do on book returns (pages integer optional, first integer optional) <
          let first = book.pages;
          perform Say(text: "a");
          require (book.pages = 99) else "other pages";
          perform Say(text: "b");
          return pages: book.pages, first: first
        >
    """)
    a_book(desk)
    run = desk.start("Do", on="Ulysses")
    desk.one_unit(run)
    desk.do("UPDATE book SET pages = 99")
    desk.one_unit(run)
    desk.do("UPDATE book SET pages = 100")
    desk.work()
    assert desk.find(run).outputs == {"pages": 100, "first": 3}


# ------------------------------------------------------------------------------------------------------ the parts themselves


def parts(body: str) -> Parts:
    (draft,) = drafts(script(f"background action Do (a text, b text sensitive) {body}"), "Do", name=MODULE)
    return Parts(draft.plan)


def contract(found: Parts) -> list[tuple[list[str], list[str]]]:
    """What goes into each part and comes out."""
    return [
        ([each.name for each in part.verb.inputs], [each.name for each in part.verb.outputs]) for part in found.units
    ]


def test_only_what_later_units_need_goes_from_one_to_the_next() -> None:
    body = """<
      let c = a; let d = b; let unused = "u"; require (unused = "u");
      perform Say(text: c) as r;
      perform Say(text: d);
      wait 1 second;
      perform Say(text: "{c}{r.number}")
    >"""
    assert contract(parts(body)) == [
        (["a", "b"], ["c", "d", "r.number"]),
        (["d"], []),
        ([], [":until"]),
        (["c", "r.number"], []),
    ]


def test_what_is_sensitive_stays_so_from_unit_to_unit() -> None:
    found = parts('< let c = "{b}!"; let d = a; perform Say(text: "x"); perform Say(text: "{c}{d}") >')
    assert {each.name: each.sensitive for each in found.units[0].verb.outputs} == {"c": True, "d": False}
    assert {each.name: each.sensitive for each in found.units[1].verb.inputs} == {"c": True, "d": False}


def test_every_part_is_recorded_as_the_whole(desk: Bench) -> None:
    desk.use('background action Do < perform Say(text: "a"); perform Say(text: "b") >')
    in_units(desk)
    plan: Plan = desk.background.verbs.find("Do").plan
    assert [part.hash.partition("#")[0] for part in Parts(plan).units] == [plan.hash] * 2
    found = desk.ask("SELECT plan_hash, verb, outcome FROM actionlang_run ORDER BY id")
    assert found == [(plan.hash, "bench.Do", "done")] * 3
    changed = desk.ask("SELECT verb, row_key FROM actionlang_change ORDER BY run")
    assert [verb for verb, _ in changed] == ["bench.Say", "bench.Say"]
    assert json.loads(str(changed[0][1]))


def test_a_wait_beyond_all_time_fails(desk: Bench) -> None:
    desk.use('background action Long < perform Say(text: "a"); wait 90000000 days; perform Say(text: "b") >', "Long")
    run = desk.run("Long")
    assert (run.outcome, run.code, run.position, desk.said) == ("failed", "E0709", 1, ["a"])
