"""What comes through a pipe, in a process of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import Done, actionlang, steady, write

TOOLS = """
choice Size < small = 1; large = 2 >

table tool "Tool" <
  name   text(50) required key;
  size   Size required default small;
  price  money;
  bought date;
  status < new -> used; used -> broken; broken >
>

## Buy a tool.
action Buy(name text(50), price money optional) returns (bought tool) <
  require (name != "") else "A tool has a name.";
  create tool as made set name = name, price = price, bought = date "2026-11-24";
  return bought: made
>

action Break on tool < move tool to broken >

function Twice(number integer) returns (result integer) < return result: number * 2 >
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, tools=TOOLS)
    return tmp_path


def piped(folder: Path, *lines: str, arguments: tuple[str, ...] = ()) -> Done:
    return actionlang(folder, "repl", *arguments, given="".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        ("1 + 2 * 3", "7"),
        ("1 < 2", "true"),
        ("1 / 3", "0.333333333333"),
        ('"a {1 + 1} \\"b\\""', '"a 2 \\"b\\""'),
        ("2 days + 90 minutes", "2 days 1 hour 30 minutes"),
        ('date "2026-11-24" + 1 days', "2026-11-25 (Wednesday)"),
        ('datetime "2026-11-24T09:30:00Z"', "2026-11-24 09:30:00 UTC"),
        ("(1, 2, 3)", "(1, 2, 3)"),
        ("Twice(21)", "42"),
        ("count(tool)", "0"),
        ("tool", "no rows"),
        ("max(tool.price from tool)", "empty"),
        ("1 + 1;", "2"),
    ],
)
def test_an_expression_is_shown_as_its_value(folder: Path, entry: str, answer: str) -> None:
    assert piped(folder, entry).fine() == f"{answer}\n"


def test_statements_and_queries(folder: Path) -> None:
    done = piped(
        folder,
        'create tool as hammer set name = "Hammer", price = 12.5',
        'create tool set name = "金槌", size = large, price = 1_234;',
        "tool order by tool.price descending",
        "tool as t where (t.size = large) limit 1",
        "move hammer to used",
        "hammer",
        "let price = hammer.price otherwise 0",
        "price * 2",
        ":rollback",
    )
    assert steady(done.fine()) == (
        "tool Hammer created\n"
        "tool 金槌 created\n"
        "name    size      price  bought  status\n"
        "------  -----  --------  ------  ------\n"
        "金槌    large  1,234.00          new\n"
        "Hammer  small     12.50          new\n"
        "name  size      price  bought  status\n"
        "----  -----  --------  ------  ------\n"
        "金槌  large  1,234.00          new\n"
        "tool Hammer changed: status new -> used\n"
        "tool Hammer\n"
        "  id      ID-1\n"
        '  name    "Hammer"\n'
        "  size    small\n"
        "  price   12.50\n"
        "  bought  empty\n"
        "  status  used\n"
        "25\n"
        "2 changed rows are undone.\n"
    )


def test_what_a_verb_returns_is_shown_and_can_be_named(folder: Path) -> None:
    entries = (
        'perform Buy(name: "Saw", price: 3)',
        'perform Buy(name: "Axe") as got',
        "got",
        "got.bought.name",
        ":rollback",
    )
    assert piped(folder, *entries).fine() == (
        "tool Saw created\n  bought  tool Saw\n"
        "tool Axe created\n  bought  tool Axe\n"
        "  bought  tool Axe\n"
        '"Axe"\n'
        "2 changed rows are undone.\n"
    )


def test_names_stay_and_may_be_bound_again(folder: Path) -> None:
    assert piped(folder, "let a = 1; let b = a + 1", "let a = 10", "a + b", "let a = a + 1").out == "12\n"


def test_a_row_found_again(folder: Path) -> None:
    made = ('create tool set name = "Saw"', 'create tool set name = "Axe"')
    found = ('find tool where (tool.name = "Saw")', "tool.name", 'find tool where (tool.name = "Axe")', "tool.name")
    assert piped(folder, *made, *found, ":rollback").fine().splitlines()[2:6] == [
        "tool: tool Saw",
        '"Saw"',
        "tool: tool Axe",
        '"Axe"',
    ]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("1 +)", "E0101"),
        ("nonsense", "E0201"),
        ("hammer.nme", "E0203"),
        ("perform By()", "E0204"),
        ("update hammer set price = true", "E0302"),
        ("move hammer to new", "E0506"),
        ("1 / 0", "E0706"),
        ('fail "So not."', "E0701"),
        ('create tool set name = "Hammer"', "E0711"),
        ("action Bad < create nothing >", "E0202"),
        ('test "wrong" < require (1 = 2) else "No." >', "E0701"),
        (":nonsense", "E0912"),
        (":load", "E0913"),
        (":load nowhere.act", "E0901"),
        (":explain Nothing", "E0905"),
        (":tables nothing", "E0913"),
    ],
)
def test_a_failure_names_its_line_undoes_only_itself_and_the_rest_is_answered(
    folder: Path, entry: str, code: str
) -> None:
    done = piped(folder, 'create tool as hammer set name = "Hammer"', "", f"  {entry}", "count(tool)", ":rollback")
    assert done.status == 1
    assert done.out.splitlines() == ["tool Hammer created", "1", "1 changed row is undone."]
    assert f"error[{code}]" in done.error
    assert entry.startswith(":") or "<stdin>:3:" in done.error


def test_a_failure_inside_a_loaded_verb_points_to_its_script(folder: Path) -> None:
    done = piped(folder, 'perform Buy(name: "")')
    assert "tools.act:14:3" in done.error
    assert "A tool has a name." in done.error


def test_declarations_are_used_and_replaced(folder: Path) -> None:
    done = piped(
        folder,
        "table shelf < label text(10) required key; holds tool >",
        "action Put on tool (label text(10)) < create shelf set label = label, holds = tool > ",
        'create tool as t set name = "Saw"',
        'perform Put(label: "A") on t',
        "shelf",
        'action Put on tool (label text(10)) < fail "No." >',
        'perform Put(label: "B") on t',
        'test "shelves are put up" < create shelf set label = "A"; require (count(shelf) = 1) >',
        "function Half(n integer) returns (result decimal(10,2)) < return result: n / 2 >",
        "Half(5)",
    )
    assert done.status == 1
    assert done.out == (
        "table shelf: declared\naction Put: declared\ntool Saw created\nshelf A created\n"
        "label  holds\n-----  -----\nA      Saw\n"
        'action Put: replaced\ntest "shelves are put up" passed\nfunction Half: declared\n2.5\n'
    )
    assert done.error.count("error[") == 1
    assert "<stdin>:6:" in done.error


def test_a_table_declared_again_is_made_again_while_it_has_no_rows(folder: Path) -> None:
    done = piped(
        folder,
        "table shelf < label text(10) required key >",
        "shelf",
        "table shelf < label text(10) required key; height integer >",
        'create shelf set label = "A", height = 2',
    )
    assert "shelf A created" in done.out
    assert "error" not in done.error


def test_the_standard_library_is_imported_at_the_prompt(tmp_path: Path) -> None:
    done = piped(
        tmp_path,
        "import helpdesk",
        'create team as tier2 set name = "Tier 2"',
        'create case as c set number = "CAS-0042", title = "Printer on fire", amount = 12_500',
        "move c to open",
        'perform Escalate(reason: "smoke") on c as r',
        "c.priority",
        "c.amount",
        ":rollback",
    )
    assert done.error == ""
    assert "high\n12,500.00\n" in done.out


def test_what_is_not_kept_is_undone_and_said_to_be(folder: Path) -> None:
    done = piped(folder, 'create tool set name = "Saw"')
    assert done.status == 0
    assert "warning[W0901]: 1 changed row is undone." in done.error


def test_commit_keeps_and_leaves_records(folder: Path) -> None:
    actionlang(folder, "tables", "create", "--db", "sqlite:///tools.db").fine()
    made = 'create tool set name = "Saw"'
    piped(folder, made, ":commit", 'create tool set name = "Axe"', ":rollback", arguments=("--db", "tools.db")).fine()
    piped(folder, 'create tool set name = "Lost"', arguments=("--db", "sqlite:///tools.db"))
    assert piped(folder, "count(tool)", arguments=("--db", "tools.db")).fine() == "1\n"
    log = actionlang(folder, "log", "--db", "sqlite:///tools.db").fine()
    assert log.count("prompt.input") + log.count("input") >= 1
    assert "Axe" not in log


def test_a_table_declared_at_the_prompt_is_kept_with_the_rest(folder: Path) -> None:
    actionlang(folder, "tables", "create", "--db", "sqlite:///tools.db").fine()
    declared = "table shelf < label text(10) required key >"
    first = ("--db", "tools.db")
    piped(folder, declared, 'create shelf set label = "A"', ":rollback", arguments=first).fine()
    piped(folder, declared, 'create shelf set label = "B"', ":commit", arguments=first).fine()
    assert piped(folder, declared, "shelf", arguments=first).fine().splitlines()[-1] == "B"


def test_changes_are_shown_with_before_and_after(folder: Path) -> None:
    done = piped(
        folder,
        ":changes",
        'create tool as t set name = "Saw"',
        "update t set price = 3",
        ":changes",
        ":rollback",
        ":changes",
    )
    assert done.fine() == (
        "Nothing is changed.\n"
        "tool Saw created\n"
        "tool Saw changed: price empty -> 3\n"
        "tool Saw created\n  name    Saw\n  size    small\n  price   3\n  status  new\n"
        "1 changed row is undone.\n"
        "Nothing is changed.\n"
    )


def test_rollback_forgets_the_names_bound_since(folder: Path) -> None:
    done = piped(folder, "let a = 1", 'create tool as t set name = "Saw"', ":rollback", "a", "t")
    assert done.out.splitlines()[-1] == "1"
    assert "E0201" in done.error


def test_commands_that_list_and_explain(folder: Path) -> None:
    out = piped(folder, ":tables", ":tables tool", ":verbs", ":explain Buy", ":explain e0301", ":help").fine()
    for words in ("tool", "new -> used", "Buy a tool.", "E0301", ":rollback", "price"):
        assert words in out


def test_load_and_reload(folder: Path) -> None:
    write(folder, more='import "tools.act";\n\naction Sell on tool < delete tool >\n')
    write(folder / "..", other="action Elsewhere < stop >\n")
    done = piped(
        folder, "import helpdesk", ":load ../other.act", "perform Elsewhere()", ":reload", "perform Elsewhere()"
    )
    assert (done.status, done.error) == (0, "")


def test_a_script_with_errors_is_not_loaded(folder: Path) -> None:
    write(folder, tools="action Broken < create nothing >\n")
    done = piped(folder, "1 + 1")
    assert done.status == 1
    assert done.out == ""
    assert "E0202" in done.error


def test_a_database_without_the_tables_is_refused(folder: Path) -> None:
    actionlang(folder, "tables", "create", "--db", "sqlite:///tools.db").fine()
    write(folder, tools=TOOLS.replace("price  money;", "price  money;\n  maker text;"))
    done = piped(folder, "tool", arguments=("--db", "tools.db"))
    assert done.status != 0
    assert "E0806" in done.error
    assert "maker" in done.error


def test_a_database_that_is_not_there_is_refused(folder: Path) -> None:
    done = piped(folder, "tool", arguments=("--db", "nowhere.db"))
    assert done.status != 0
    assert "E0801" in done.error


def test_many_rows_are_cut_off(folder: Path) -> None:
    lines = [f'create tool set name = "Tool {number:03}"' for number in range(60)]
    out = piped(folder, *lines, "tool", ":rollback").fine().splitlines()
    assert out[-2] == "... and 10 more"
    assert "Tool 049" in out[-3]


def test_nothing_that_a_terminal_would_obey_is_written(folder: Path) -> None:
    done = piped(
        folder, '"\\u{1B}[31m red"', 'create tool as t set name = "\\u{1B}[2J"', "t", "tool", ":changes", ":rollback"
    )
    assert "\x1b" not in done.out + done.error
    assert done.status == 0


def test_an_empty_input_is_fine(folder: Path) -> None:
    assert piped(folder).fine() == ""


def test_input_that_ends_in_the_middle_is_an_error(folder: Path) -> None:
    done = piped(folder, "if (1 = 1) <", "  let a = 1;")
    assert done.status == 1
    assert "E0107" in done.error


def test_what_was_made_of_a_sensitive_value_is_masked_in_records(folder: Path) -> None:
    write(folder, safe="table safe < name text(9) required key; code text(20) sensitive; opened integer default 0 >")
    actionlang(folder, "tables", "create", "--db", "sqlite:///safe.db").fine()
    piped(
        folder,
        'create safe as s set name = "Big", code = "hush-hush"',
        'let code = "{s.code otherwise ""}!"; let number = 4711',
        "if (length(code) > 3) < update s set opened = number >",
        ":commit",
        arguments=("--db", "safe.db"),
    ).fine()
    with closing(sqlite3.connect(folder / "safe.db")) as database:
        arguments = [row[0] for row in database.execute("SELECT arguments FROM actionlang_run")]
        everything = "\n".join(database.iterdump())
    assert '"code":"***"' in arguments[-1]
    assert "4711" in arguments[-1]
    assert everything.count("hush-hush") == 1


def test_an_expression_may_be_json(folder: Path) -> None:
    write(folder, form="table form < name text(9) required key; data json >")
    done = piped(
        folder,
        'create form as f set name = "A"',
        "let d = f.data",
        'create form set name = "B", data = d',
        "form",
        ":rollback",
    )
    assert done.fine().splitlines()[-2:] == ["B", "2 changed rows are undone."]


def test_a_caller_can_be_named(folder: Path) -> None:
    done = piped(
        folder,
        'create user as ann set name = "Ann", email = "ann@example.com"',
        "caller.name",
        ':caller user("ann@example.com")',
        "caller.name",
        'action Take(name text(50)) < create tool set name = "{name} of {caller.name}" >',
        'perform Take(name: "Saw")',
        ":caller 1 + 1",
        ":caller",
        "caller.name",
        ":rollback",
    )
    assert done.out.splitlines()[1:] == [
        "caller: user ann@example.com",
        '"Ann"',
        "action Take: declared",
        "tool Saw of Ann created",
        "Nobody calls.",
        "2 changed rows are undone.",
    ]
    assert [done.error.count(code) for code in ("E0716", "E0913")] == [2, 1]
