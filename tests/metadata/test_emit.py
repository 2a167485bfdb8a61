"""What is written of tables and choices is read back as the same, and looks like what people write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.compile.standard import standard_source
from actionlang.metadata import types as t
from actionlang.metadata.emit import (
    BEFORE_TEXT,
    VALUES,
    Notice,
    Script,
    Spelling,
    comment,
    emit,
    emit_table,
    name_text,
    value_text,
    writable,
)
from actionlang.metadata.tables import Choice, Column, Default, Member, Moves, Table
from actionlang.syntax.tokens import KEYWORDS
from tests.check.checking import NAME, check, loader_with

ODD = ["Order Details", "größe", "2nd", "unique", "a.b", 'x"y', "<>", "# no", " padded ", "a{b}", *sorted(KEYWORDS)]
ODD += sorted(BEFORE_TEXT | VALUES)
SHORT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="`."), min_size=1, max_size=9
)
TABLE_NAMES = st.sampled_from([each for each in ODD if "." not in each]) | SHORT
NAMES = st.sampled_from(ODD) | st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True) | SHORT
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
WORDS = st.lists(st.sampled_from(["some", "words", "of\n", "a", "text", "# or", "other", "{x}", "`"]), max_size=40)
DOCS = WORDS.map(lambda words: " ".join(" ".join(words).split()))
MOMENTS = st.datetimes(timezones=st.just(UTC))
TYPES: dict[t.Type, st.SearchStrategy[Any]] = {
    t.Text(): TEXTS,
    t.Text(20): TEXTS,
    t.Integer(): st.integers(-(2**63), 2**63 - 1),
    t.Decimal(12, 2): st.decimals(-(10**10) + 1, 10**10 - 1, places=2),
    t.Money(): st.decimals(-1000, 1000, places=4),
    t.Boolean(): st.booleans(),
    t.Date(): st.dates(),
    t.DateTime(): MOMENTS,
    t.Duration(): st.timedeltas(timedelta(-9), timedelta(9)) | st.integers(-9, 9).map(lambda days: timedelta(days)),
    t.Id(): st.uuids().map(str),
}
PLAIN = (*TYPES, t.Float(), t.Json(), t.File(), t.OWNER)
NO_KEY = (t.Choices, t.Json, t.File, t.Float)


@st.composite
def choices(draw: st.DrawFn, name: str) -> Choice:
    """A choice of this full name."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    numbers = draw(st.lists(st.integers(-9, 2**31), min_size=len(names), max_size=len(names), unique=True))
    labels = [draw(st.none() | TEXTS) for _ in names]
    numbered = draw(st.booleans())
    members = [
        Member(each, number if numbered else None, label)
        for each, number, label in zip(names, numbers, labels, strict=True)
    ]
    return Choice(name, tuple(members), draw(DOCS))


@st.composite
def columns(draw: st.DrawFn, name: str, table: str, tables: list[str], known: list[Choice]) -> Column:
    """A column that is no status, and no part of a primary key."""
    rows = st.lists(st.sampled_from(tables), min_size=1, max_size=3, unique=True).map(lambda all_: t.Row(tuple(all_)))
    some = [t.Choice(each.name) for each in known] + [t.Choices(each.name) for each in known]
    type_ = draw(st.sampled_from([*PLAIN, *some]) | rows)
    unique = draw(st.booleans()) and not isinstance(type_, NO_KEY)
    default, readonly = None, draw(st.booleans())
    if not readonly and draw(st.booleans()):
        if type_ == t.DateTime():
            default = Default(function="now")
        elif isinstance(type_, t.Choice):
            choice = next(each for each in known if each.name == type_.name)
            default = Default(draw(st.sampled_from(choice.members)).name)
        elif type_ in TYPES:
            value = draw(TYPES[type_])
            default = Default(value[:20] if isinstance(value, str) and type_ == t.Text(20) else value)
    key = unique and draw(st.booleans())
    return Column(
        name,
        type_,
        draw(st.just(name) | TEXTS.map(lambda text: f"{name}{text}")),
        required=draw(st.booleans()),
        unique=unique and not key,
        key=key,
        default=default,
        readonly=readonly,
        sensitive=draw(st.booleans()),
        hierarchy=False,
        doc=draw(DOCS),
    )


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Tables and choices that refer to each other, as the checker would make them."""
    names = draw(
        st.lists(TABLE_NAMES.filter(lambda name: name not in (*t.SIMPLE, "owner")), min_size=2, max_size=4, unique=True)
    )
    full = [f"{NAME}.{name}" for name in names]
    known = [draw(choices(name)) for name in full[:1]]
    tables = [draw(_tables(name, full[1:], known)) for name in full[1:]]
    statuses = [draw(_status_choice(table)) for table in tables]
    return Script(NAME, [*known, *(each for each in statuses if each)], tables)


@st.composite
def _tables(draw: st.DrawFn, name: str, tables: list[str], known: list[Choice]) -> Table:
    names = draw(st.lists(NAMES.filter(lambda each: each not in ("id", "state")), min_size=2, max_size=5, unique=True))
    made = [draw(columns(each, name, tables, known)) for each in names]
    if draw(st.booleans()):
        made.insert(0, Column("id", t.Id(), "id", primary=True, readonly=draw(st.booleans())))
    else:
        made[0] = Column(names[0], t.Integer(), names[0], primary=True, readonly=draw(st.booleans()))
    if draw(st.booleans()):
        moves = (Moves("open", ("done", "not")), Moves("done", ()), Moves("not", ("open",)))
        made.append(Column("state", t.Choice(f"{name}.state"), draw(st.sampled_from(["state", "St"])), moves=moves))
    able = [column.name for column in made if not isinstance(column.type, NO_KEY)]
    sets = [tuple(able[:2])] if len(able) > 1 and draw(st.booleans()) else []
    kind = draw(st.booleans())
    keys = [(column.name,) for column in made if column.key] + (sets if kind else [])
    uniques = [(column.name,) for column in made if column.unique] + ([] if kind else sets)
    label = draw(st.none() | TEXTS)
    stored = draw(st.just(name.rpartition(".")[2]) | TEXTS.filter(bool))
    return Table(name, stored, tuple(made), tuple(keys), tuple(uniques), label, draw(DOCS))


@st.composite
def _status_choice(draw: st.DrawFn, table: Table) -> Choice | None:
    if table.status is None:
        return None
    members = [Member(each, None, draw(st.none() | TEXTS)) for each in ("open", "done", "not")]
    return Choice(f"{table.name}.state", tuple(members))


def plain(text: str) -> str:
    """A description without its line breaks, which are not kept."""
    return " ".join(text.split())


def same(table: Table) -> Table:
    """A table as it is compared: descriptions without line breaks."""
    made = tuple(attrs.evolve(column, doc=plain(column.doc)) for column in table.columns)
    return attrs.evolve(table, columns=made, doc=plain(table.doc))


@settings(max_examples=150, deadline=None)
@given(scripts())
def test_reads_back_as_the_same(script: Script) -> None:
    text = emit(script)
    checked = check(text)
    assert [found.message for found in checked.diagnostics] == [], text
    assert [same(table) for table in checked.tables.values()] == [same(table) for table in script.tables]
    found = {name: attrs.evolve(choice, doc=plain(choice.doc)) for name, choice in checked.choices.items()}
    assert found == {choice.name: choice for choice in script.choices}


@pytest.mark.parametrize("module", ["core", "parties", "helpdesk", "sales", "approval", "scheduling"])
def test_standard_modules_read_back_as_the_same(module: str) -> None:
    original = loader_with().checked[module]
    imports = {"core": (), "parties": ()}.get(module, ("parties", "helpdesk", "sales"))
    known = [each for each in imports if each != module]
    text = emit(Script(module, [*original.choices.values()], [*original.tables.values()], imports=known))
    checked = loader_with(**{f"again_{module}": text.replace("again_", "")}).checked[f"again_{module}"]
    renamed = [_renamed(table, module) for table in checked.tables.values()]
    assert [same(table) for table in renamed] == [same(table) for table in original.tables.values()]


def _renamed(table: Table, module: str) -> Table:
    """A table of `again_MODULE` as one of MODULE."""

    def name(full: str) -> str:
        return full.replace(f"again_{module}.", f"{module}.")

    made = []
    for column in table.columns:
        type_ = column.type
        if isinstance(type_, t.Row):
            type_ = t.Row(tuple(map(name, type_.tables)))
        elif isinstance(type_, t.Choice | t.Choices):
            type_ = attrs.evolve(type_, name=name(type_.name))
        made.append(attrs.evolve(column, type=type_))
    return attrs.evolve(table, name=name(table.name), columns=tuple(made))


@pytest.mark.parametrize("name", ["user", "team", "membership", "note"])
def test_looks_like_what_people_write(name: str) -> None:
    checked = loader_with().checked["core"]
    spelling = Spelling.of("core", (), checked.tables.values())
    written = emit_table(checked.tables[f"core.{name}"], spelling, checked.choices)
    people_wrote = [line for line in standard_source("core").text.splitlines() if not line.startswith("# ")]
    assert written in "\n".join(people_wrote)


def test_notices_stand_with_what_they_are_about() -> None:
    table = Table("m.t", "t", (Column("n", t.Integer(), "n", primary=True), Column("x", t.Text(), "x")))
    choice = Choice("m.C", (Member("a"), Member("b")))
    notices = (
        Notice("Of all."),
        Notice("Of the table.", "m.t"),
        Notice("Of x.", "m.t", "x"),
        Notice("Left out: y, of type box.", "m.t", "y"),
        Notice("Of the choice.", "m.C"),
        Notice("Of b.", "m.C", "b"),
    )
    assert emit(Script("m", (choice,), (table,), notices, ("parties",), "Made by a machine.", ("# the end",))) == (
        "# Made by a machine.\n\n# Of all.\n\nimport parties;\n\n"
        "# Of the choice.\nchoice C <\n  a;\n  # Of b.\n  b;\n>\n\n"
        "# Of the table.\ntable t <\n  n integer primary;\n  # Of x.\n  x text;\n"
        "  # Left out: y, of type box.\n>\n\n# the end\n"
    )


def test_what_another_module_also_declares_is_qualified() -> None:
    table = Table("m.user", "user", (Column("is", t.Row(("core.user",)), "is", primary=True),))
    assert "  is core.user primary;" in emit(Script("m", (), (table,)))


def test_long_comments_are_broken() -> None:
    assert comment("word " * 60, "  ") == [
        f"  # {'word ' * 23}".rstrip(),
        f"  # {'word ' * 23}".rstrip(),
        f"  # {'word ' * 14}".rstrip(),
    ]
    assert comment("a\n\nb\x07c\n\n") == ["# a", "#", "# b c"]


def test_names_that_can_not_be_written() -> None:
    assert [writable(name) for name in ("a b", "a`b", "a\nb", "", "\u2028")] == [True, False, False, False, False]
    with pytest.raises(ValueError, match="can not be written as a name"):
        name_text("a`b")


def test_constants_that_can_not_be_written() -> None:
    with pytest.raises(ValueError, match="no way to write a constant of type json"):
        value_text(t.Json(), "{}")


def test_constants() -> None:
    moment = datetime(2026, 11, 24, 9, 30, 0, 5, UTC)
    assert value_text(t.DateTime(), moment) == 'datetime "2026-11-24T09:30:00.000005Z"'
    assert value_text(t.Date(), date(999, 1, 2)) == 'date "0999-01-02"'
    assert value_text(t.Duration(), timedelta(seconds=-90)) == "-90 seconds"
    assert value_text(t.Duration(), timedelta(microseconds=1)) == "0.000001 seconds"
    assert value_text(t.Decimal(12, 2), Decimal("1E+3")) == "1000"
    assert value_text(t.Choices("m.C"), ("a", "b c")) == "(a, `b c`)"
