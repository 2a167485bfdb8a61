"""A second import follows the database and keeps what people wrote."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.compile.merging import Merged, merge
from actionlang.diagnostics.catalogue import importing as codes
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.metadata.emit import emit
from actionlang.metadata.sources.database import Imported, read_database
from actionlang.metadata.sources.database_columns import IN_DATABASE, NOT_IMPORTED
from tests.check.checking import check
from tests.metadata.test_database import sqlite_of

MARKS = (NOT_IMPORTED, IN_DATABASE)

SQL = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, mail TEXT UNIQUE);
CREATE TABLE ticket (
    no INTEGER PRIMARY KEY,
    title VARCHAR(200) NOT NULL,
    status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'open', 'done')),
    prio INTEGER CHECK (prio IN (1, 2, 3)),
    customer_id INTEGER REFERENCES customer (id),
    amount NUMERIC(19, 4),
    created DATETIME,
    UNIQUE (title, customer_id)
);
"""

BY_HAND = """\
# What we know of tickets. Ask Ann before you change it.

choice Priority < low = 1 "Low"; normal = 2; high = 3 >

# Tables are in the order in which we like them.
## Something to put right.
table ticket "Ticket" <
  ## The number that people say on the phone.
  number        integer primary stored as "no";
  # The title goes first.
  title         text(200) required sensitive;   # not in logs
  status        < new -> open; open -> done; done "Done" -> open >
  prio          Priority default normal;
  amount        money;

  asked_by      customer stored as "customer_id";
  created       datetime required default now();
  unique (title, asked_by);
>

action Close on ticket < move ticket to done >

table customer < id integer primary; name text(80) required key; mail text unique; >
"""


def imported(sql: str, *patterns: str) -> Imported:
    """What a database makes."""
    with TemporaryDirectory() as folder, sqlite_of(Path(folder), sql) as connection:
        return read_database(connection, "tables", patterns)


def merged(old: str, sql: str, *patterns: str) -> Merged:
    """A script with what a database makes; both are fine, and a second time nothing is new."""
    found = imported(sql, *patterns)
    result = merge(Source("tables.act", old), found.script, found.everything, MARKS)
    assert [problem.message for problem in check(result.text).diagnostics] == [], result.text
    again = merge(Source("tables.act", result.text), found.script, found.everything, MARKS)
    assert again.text == result.text
    assert {change.kind for change in again.changes} <= {"kept"}
    return result


def changes(result: Merged) -> list[str]:
    """What was told, as lines."""
    return [f"{change.kind} {change.what}: {change.how}".removesuffix(": ") for change in result.changes]


def test_what_people_wrote_stays() -> None:
    result = merged(BY_HAND, SQL)
    assert result.text == BY_HAND
    assert changes(result) == ["kept ticket.created: required", "kept customer.name: key"]


def test_a_key_that_is_not_written_stays_so() -> None:
    """`id id primary` is what a table has that names no key."""
    sql = "CREATE TABLE note (id UUID PRIMARY KEY, text TEXT)"
    first = emit(imported(sql).script)
    assert "primary" not in first
    assert merged(first, sql).text == first


def test_new_columns_stand_where_the_database_has_them() -> None:
    sql = SQL.replace("    title VARCHAR(200) NOT NULL,", "    title VARCHAR(200) NOT NULL, more TEXT DEFAULT 'x',")
    sql = sql.replace("(id INTEGER PRIMARY KEY,", "(first DATE, id INTEGER PRIMARY KEY, second TEXT,")
    result = merged(BY_HAND, sql)
    line = "  title         text(200) required sensitive;   # not in logs\n"
    expected = BY_HAND.replace(line, f'{line}  more          text default "x";\n')
    expected = expected.replace("< id integer primary;", "< first date; id integer primary; second text;")
    assert result.text == expected
    assert changes(result)[:1] == ['added ticket.more: text default "x"']
    assert "added customer.first: date" in changes(result)
    assert "added customer.second: text" in changes(result)


def test_columns_that_are_gone_go_with_their_descriptions() -> None:
    sql = SQL.replace("    amount NUMERIC(19, 4),\n", "").replace(", mail TEXT UNIQUE", "")
    sql = sql.replace("    title VARCHAR(200) NOT NULL,\n", "").replace("UNIQUE (title, customer_id)", "more TEXT")
    old = BY_HAND.replace("  amount ", "  ## What it costs.\n  amount ")
    result = merged(old, sql)
    expected = BY_HAND.replace("  amount        money;\n", "").replace(" mail text unique;", "")
    expected = expected.replace("  title         text(200) required sensitive;   # not in logs\n", "")
    expected = expected.replace("  unique (title, asked_by);\n", "")
    expected = expected.replace("default now();\n", "default now();\n  more          text;\n")
    assert result.text == expected
    assert [line for line in changes(result) if line.startswith("removed")] == [
        "removed ticket.title: text(200) required sensitive",
        "removed ticket.amount: money",
        "removed ticket: unique (asked_by, title)",
        "removed customer.mail: text unique",
    ]


def test_types_follow_the_database() -> None:
    sql = SQL.replace("title VARCHAR(200)", "title VARCHAR(300)").replace(
        "amount NUMERIC(19, 4)", "amount NUMERIC(12, 2)"
    )
    sql = sql.replace("created DATETIME", "created DATE NOT NULL").replace(
        "mail TEXT UNIQUE", "mail TEXT NOT NULL UNIQUE"
    )
    result = merged(BY_HAND.replace(" required default now()", ""), sql)
    assert "  title         text(300) required sensitive;   # not in logs\n" in result.text
    assert "  amount        decimal(12,2);\n\n" in result.text
    assert "  created       date required;\n" in result.text
    assert "mail text required unique; >" in result.text
    assert changes(result)[:3] == [
        "changed ticket.title: text(200) required sensitive -> text(300) required sensitive",
        "changed ticket.amount: money -> decimal(12,2)",
        "changed ticket.created: datetime -> date required",
    ]


def test_a_status_gets_new_states_and_a_choice_new_members() -> None:
    sql = SQL.replace("'new', 'open', 'done'", "'new', 'waiting', 'done'").replace("(1, 2, 3)", "(1, 2, 3, 4)")
    result = merged(BY_HAND, sql)
    assert 'status        < new -> open; open -> done; done "Done" -> open; waiting; >' in result.text
    assert 'choice Priority < low = 1 "Low"; normal = 2; high = 3; `4` = 4; >' in result.text
    assert changes(result)[:2] == ["added ticket.status: waiting", "added choice Priority: `4` = 4"]


def test_members_on_lines_of_their_own() -> None:
    old = emit(imported(SQL).script).replace("< new; open; done >", "<\n  new;\n  # half way\n  open;\n  done\n>")
    result = merged(old, SQL.replace("'done'", "'done', 'gone'"))
    assert "  open;\n  done;\n  gone;\n>" in result.text


def test_new_tables_come_last_with_their_choices() -> None:
    more = "CREATE TABLE part (id INTEGER PRIMARY KEY, ticket INTEGER REFERENCES ticket, kind TEXT CHECK (kind IN ('a', 'b')));"
    result = merged(BY_HAND, SQL + more)
    assert result.text == BY_HAND + (
        "\nchoice PartKind < a; b >\n\n"
        "table part <\n  id integer primary readonly;\n  ticket ticket;\n  kind PartKind;\n>\n"
    )
    assert changes(result)[:2] == ["added choice PartKind", "added table part"]


def test_a_new_table_whose_name_is_taken() -> None:
    old = BY_HAND + '\ntable part stored as "Part" < id integer primary >\n'
    result = merged(
        old, SQL + 'CREATE TABLE "Part" (id INTEGER PRIMARY KEY);CREATE TABLE "part 1" (id INTEGER PRIMARY KEY);'
    )
    assert result.text == old + "\ntable `part 1` <\n  id integer primary readonly;\n>\n"
    old = BY_HAND + '\ntable part stored as "something" < id integer primary >\n'
    result = merged(old, SQL + "CREATE TABLE part (id INTEGER PRIMARY KEY);")
    assert result.text == old + '\ntable part_2 stored as "part" <\n  id integer primary readonly;\n>\n'
    assert "kept table part: only the file has it" in changes(result)


def test_tables_not_asked_for_stay_as_they_are() -> None:
    sql = SQL.replace("name VARCHAR(80)", "name VARCHAR(90)")
    result = merged(BY_HAND, sql, "ticket")
    assert result.text == BY_HAND.replace(
        "  asked_by ", "  # In the database: customer_id refers to customer (id), which is not imported\n  asked_by "
    )
    assert changes(result) == ["kept ticket.created: required"]


def test_tables_that_only_the_file_has_are_kept() -> None:
    old = BY_HAND + "\ntable planned < id integer primary; name text >\n"
    result = merged(old, SQL)
    assert result.text == old
    assert "kept table planned: only the file has it" in changes(result)


def test_what_the_database_says_more_is_added() -> None:
    sql = SQL.replace("title VARCHAR(200) NOT NULL", "title VARCHAR(200) NOT NULL UNIQUE DEFAULT 'none'")
    sql = sql.replace("mail TEXT UNIQUE", "mail TEXT UNIQUE, UNIQUE (name, mail)")
    result = merged(BY_HAND, sql)
    assert '  title         text(200) required key sensitive default "none";   # not in logs\n' in result.text
    assert "mail text unique; unique (name, mail); >" in result.text


def test_a_column_the_database_computes_loses_its_default() -> None:
    sql = SQL.replace("mail TEXT UNIQUE", "mail TEXT AS (name || '@') STORED")
    old = BY_HAND.replace("mail text unique;", 'mail text default "x";')
    assert "mail text readonly; >" in merged(old, sql).text


def test_lookups_made_by_hand_stay() -> None:
    sql = SQL.replace(" REFERENCES customer (id)", "")
    assert merged(BY_HAND, sql).text == BY_HAND


def test_a_foreign_key_makes_a_lookup_of_a_plain_column() -> None:
    old = BY_HAND.replace("asked_by      customer stored", "asked_by      integer stored")
    result = merged(old, SQL)
    assert result.text == BY_HAND
    assert changes(result)[0] == (
        'changed ticket.asked_by: integer stored as "customer_id" -> customer stored as "customer_id"'
    )


def test_renamed_tables_are_found_by_their_stored_names() -> None:
    old = BY_HAND.replace("customer stored as", "buyer stored as").replace(
        "table customer <", 'table buyer stored as "customer" <'
    )
    result = merged(old, SQL + "CREATE TABLE x (id INTEGER PRIMARY KEY, who INTEGER REFERENCES customer);")
    assert result.text == old + "\ntable x <\n  id integer primary readonly;\n  who buyer;\n>\n"


def test_a_lookup_to_several_tables_made_by_hand_stays() -> None:
    sql = """
    CREATE TABLE a (id INTEGER PRIMARY KEY);
    CREATE TABLE b (id INTEGER PRIMARY KEY);
    CREATE TABLE c (id INTEGER PRIMARY KEY, about_a INTEGER REFERENCES a, about_b INTEGER REFERENCES b);
    """
    old = emit(imported(sql).script)
    assert "  about_a a;\n  about_b b;\n" in old
    old = old.replace("  about_a a;\n  about_b b;\n", "  about a | b;\n")
    assert merged(old, sql).text == old


def test_an_owner_is_kept() -> None:
    old = BY_HAND.replace("  unique (title,", "  owner         owner required;\n  unique (title,")
    result = merged(old, SQL)
    assert result.text == old
    assert "kept ticket.owner: only the file has it" in changes(result)


def test_a_key_that_the_database_makes() -> None:
    counted, text = (
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);",
        "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT);",
    )
    old = emit(imported(counted).script)
    assert "  a integer primary readonly;\n" in old
    assert merged(old, counted).text == old
    given = old.replace(" readonly", "")
    assert merged(given, counted).text == given
    assert "  a integer primary readonly;\n" in merged(old, "CREATE TABLE t (a INT PRIMARY KEY, b TEXT);").text
    assert "  a text primary;\n" in merged(old, text).text


def test_a_part_of_the_key_that_is_unique_itself() -> None:
    sql = "CREATE TABLE t (a INTEGER NOT NULL UNIQUE, b INTEGER NOT NULL, c TEXT, PRIMARY KEY (a, b));"
    old = emit(imported(sql).script)
    assert "  a integer primary unique;\n" in old
    assert merged(old, sql).text == old


def test_descriptions_come_where_there_are_none() -> None:
    found = imported(SQL)
    tables = []
    import attrs

    for table in found.script.tables:
        columns = tuple(attrs.evolve(column, doc=f"Of {column.name}.") for column in table.columns)
        tables.append(attrs.evolve(table, doc="From the database.\nAnd more.", columns=columns))
    script = attrs.evolve(found.script, tables=tables)
    text = merge(Source("tables.act", BY_HAND), script, found.everything, MARKS).text
    assert "## Something to put right.\ntable ticket" in text
    assert "  ## The number that people say on the phone.\n  number" in text
    assert "  # The title goes first.\n  ## Of title.\n  title" in text
    assert "## From the database.\n## And more.\ntable customer <" in text
    assert merge(Source("tables.act", text), script, found.everything, MARKS).text == text


def test_notices_are_those_of_the_last_import() -> None:
    sql = SQL.replace("created DATETIME", "created DATETIME, photo BLOB, CHECK (amount > 0)")
    sql += "CREATE TABLE log (x TEXT); CREATE VIEW v AS SELECT 1;"
    result = merged(BY_HAND, sql)
    first = (
        "# Not imported: the table log: it has no primary key\n# Not imported: the view v: it has no primary key\n\n"
    )
    assert f"{first}choice Priority" in result.text
    assert "  # Not imported: photo, of type blob\n>" in result.text
    assert "# In the database: check (amount > 0)\ntable ticket" in result.text
    assert merged(result.text, SQL).text.replace("\n\n\n", "\n\n") == BY_HAND
    other = merged(result.text, sql.replace("photo BLOB", "picture BLOB")).text
    assert "photo" not in other
    assert "  # Not imported: picture, of type blob\n>" in other


def test_what_was_left_out_can_be_written_by_hand() -> None:
    sql = SQL + "CREATE TABLE log (at DATETIME, line TEXT);"
    old = BY_HAND + "\ntable log < at datetime primary; line text >\n"
    assert merged(old, sql).text == old


@pytest.mark.parametrize("old", ["", "\n", "# Only a comment.\n", 'import "other.act";\n\n# Some more\n'])
def test_a_file_without_tables_gets_all(old: str) -> None:
    found = imported(SQL)
    text = merge(Source("tables.act", old), found.script, found.everything, MARKS).text
    assert text.startswith(old.rstrip("\n") if old.strip() else "choice")
    assert text.count("table ") == 2
    assert merge(Source("tables.act", text), found.script, found.everything, MARKS).text == text


def test_a_file_with_mistakes_is_left_alone() -> None:
    found = imported(SQL)
    with pytest.raises(ActionLangError) as raised:
        merge(Source("tables.act", BY_HAND.replace("on ticket <", "on <")), found.script, found.everything, MARKS)
    (problem,) = raised.value.diagnostics
    assert problem.code is codes.NOT_UPDATABLE
    assert problem.message.startswith("tables.act can not be brought up to date: ")
    assert problem.primary is not None


COLUMNS = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.sampled_from(["INTEGER", "VARCHAR(9)", "TEXT", "NUMERIC(8, 2)", "DATE", "BLOB", "INTEGER REFERENCES other"]),
        st.sampled_from(
            ["", " NOT NULL", " UNIQUE", " DEFAULT 1", " CHECK ({0} IN ('x', 'y'))", " CHECK ({0} IN (1, 2))"]
        ),
    ),
    max_size=6,
    unique_by=lambda column: column[0],
)


def sql_of(columns: list[tuple[str, str, str]]) -> str:
    """A table with these columns, and another one that it may refer to."""
    parts = ["id INTEGER PRIMARY KEY", *(f"{name} {type_}{more.format(name)}" for name, type_, more in columns)]
    return f"CREATE TABLE other (id INTEGER PRIMARY KEY); CREATE TABLE t ({', '.join(parts)});"


@settings(max_examples=40, deadline=None)
@given(COLUMNS, COLUMNS, st.booleans())
def test_any_change_of_a_table_can_be_followed(
    before: list[tuple[str, str, str]], after: list[tuple[str, str, str]], one_line: bool
) -> None:
    old = emit(imported(sql_of(before)).script)
    if one_line:
        lines = [line for line in old.splitlines() if not line.strip().startswith("#")]
        old = " ".join(" ".join(lines).split()) + "\n"
    result = merged(old, sql_of(after))
    stored = {column.stored for column in check(result.text).tables["script.t"].columns}
    assert stored == {"id", *(name for name, type_, _ in after if type_ != "BLOB")}
