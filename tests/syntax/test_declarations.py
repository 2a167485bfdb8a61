"""Declarations to trees."""

from __future__ import annotations

import pytest

from actionlang.syntax import ast
from tests.syntax.reading import module, outline

DECLARATIONS = [
    ("import helpdesk;", 'Import("helpdesk", False, -)'),
    ("import helpdesk as h;", 'Import("helpdesk", False, h)'),
    ('import "tables.act";', 'Import("tables.act", True, -)'),
    ('import "tables.act" as t;', 'Import("tables.act", True, t)'),
    ("choice P < low >", "Choice(P, [Member(low, -, -)])"),
    (
        'choice P < low = 1 "Low"; high = -3; `very high` "!"; >',
        'Choice(P, [Member(low, 1, "Low"), Member(high, -3, -), Member(very high, -, "!")])',
    ),
    ("choice P < >", "Choice(P, [])"),
    ("table case < >", "Table(case, -, -, [])"),
    ('table case "Support case" stored as "dbo.Incident" < >', 'Table(case, "Support case", "dbo.Incident", [])'),
    ("action A < >", 'Action("action", A, -, [], [], [], Block([]))'),
    ("function F < >", 'Action("function", F, -, [], [], [], Block([]))'),
    ("background action B < >", 'Action("background", B, -, [], [], [], Block([]))'),
    ("override action m.C < >", 'Action("override", m.C, -, [], [], [], Block([]))'),
    ("extern action E;", 'Action("extern action", E, -, [], [], [], -)'),
    (
        "extern function E(a text);",
        'Action("extern function", E, -, [Parameter(a, TypeName(text, []), [])], [], [], -)',
    ),
    ("action A on case < >", 'Action("action", A, Binding(case, False), [], [], [], Block([]))'),
    ("action A on each m.case < >", 'Action("action", A, Binding(m.case, True), [], [], [], Block([]))'),
    ("action A () < >", 'Action("action", A, -, [], [], [], Block([]))'),
    (
        'action A requires a.b.c as system private deprecated "use B" requires "x y" < >',
        'Action("action", A, -, [], [], [Clause("requires", "a.b.c", -), Clause("system", -, -), Clause("private", -, -), Clause("deprecated", "use B", -), Clause("requires", "x y", -)], Block([]))',
    ),
    (
        'action A (b text optional deprecated "give c" until date "2027-01-01") deprecated "use B" until date "2027-01-01" < >',
        'Action("action", A, -, [Parameter(b, TypeName(text, []), [Modifier("optional", -, -), Modifier("deprecated", TypedLiteral("date", 2027-01-01), "give c")])], [], [Clause("deprecated", "use B", TypedLiteral("date", 2027-01-01))], Block([]))',
    ),
    ("on after create of case < >", 'Hook("after", "create", case, [], Block([]))'),
    ("on before update of m.case (a, b) < stop >", 'Hook("before", "update", m.case, [a, b], Block([Stop()]))'),
    ("on after delete of case < >", 'Hook("after", "delete", case, [], Block([]))'),
    ("on after assign of case < >", 'Hook("after", "assign", case, [], Block([]))'),
    ("on before move of case < >", 'Hook("before", "move", case, [], Block([]))'),
    ('test "it works" < stop >', 'Test("it works", -, Block([Stop()]))'),
    (
        'test "it works" at datetime "2026-11-24T09:30:00Z" < >',
        'Test("it works", TypedLiteral("datetime", 2026-11-24 09:30:00+00:00), Block([]))',
    ),
]


@pytest.mark.parametrize(("text", "tree"), DECLARATIONS, ids=[text for text, _ in DECLARATIONS])
def test_each_declaration(text: str, tree: str) -> None:
    assert outline(module(text)) == f"[{tree}]"


def test_declarations_follow_each_other() -> None:
    everything = "\n".join(text for text, _ in DECLARATIONS)
    assert outline(module(everything)) == f"[{', '.join(tree for _, tree in DECLARATIONS)}]"


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", ";", ";;"])
def test_nothing_is_a_script_of_no_declarations(text: str) -> None:
    assert module(text) == ()


TYPES = [
    ("text", "TypeName(text, [])"),
    ("text(20)", "TypeName(text, [20])"),
    ("decimal(10, 2)", "TypeName(decimal, [10, 2])"),
    ("m.Priority", "TypeName(m.Priority, [])"),
    ("choices of Tag", "ChoicesType(Tag)"),
    ("list of text(5)", "ListType(TypeName(text, [5]))"),
    ("list of list of m.case", "ListType(ListType(TypeName(m.case, [])))"),
    ("account | contact", "AlternativesType([account, contact])"),
    ("account | m.contact | lead", "AlternativesType([account, m.contact, lead])"),
]


@pytest.mark.parametrize(("text", "tree"), TYPES, ids=[text for text, _ in TYPES])
def test_each_type(text: str, tree: str) -> None:
    (verb,) = module(f"extern action A(a {text});")
    assert isinstance(verb, ast.Action)
    assert outline(verb.parameters[0].type) == tree
    (table,) = module(f"table t < c {text}; d {text} required >")
    assert isinstance(table, ast.Table)
    assert [outline(item.type) for item in table.items if isinstance(item, ast.Column)] == [tree, tree]


def test_parameters() -> None:
    (verb,) = module(
        "extern action A(a text optional, b integer sensitive default 2 * 3,) returns (c case, d text optional,);"
    )
    assert isinstance(verb, ast.Action)
    assert outline(verb.parameters) == (
        '[Parameter(a, TypeName(text, []), [Modifier("optional", -, -)]), '
        'Parameter(b, TypeName(integer, []), [Modifier("sensitive", -, -), Modifier("default", Binary("*", 2, 3), -)])]'
    )
    assert outline(verb.returns) == (
        '[Parameter(c, TypeName(case, []), []), Parameter(d, TypeName(text, []), [Modifier("optional", -, -)])]'
    )


def test_columns() -> None:
    (table,) = module(
        """
        table case <
          number integer primary;
          title text(200) required unique key readonly sensitive default "x" stored as "Titel";
          parent case hierarchy;;
          status < new = 1 "New" -> open, done; open; done -> open; > required stored as "State"
          unique (number, title);
          key (title)
        >
        """
    )
    assert isinstance(table, ast.Table)
    number, title, parent, status, unique, key = table.items
    assert outline(number) == 'Column(number, TypeName(integer, []), [Modifier("primary", -, -)])'
    words = ["required", "unique", "key", "readonly", "sensitive", "default", "stored"]
    assert isinstance(title, ast.Column)
    assert [modifier.word for modifier in title.modifiers] == words
    assert outline(title.modifiers[-2:]) == '[Modifier("default", "x", -), Modifier("stored", -, "Titel")]'
    assert outline(parent) == 'Column(parent, TypeName(case, []), [Modifier("hierarchy", -, -)])'
    assert outline(status) == (
        'StatusColumn(status, [State(new, 1, "New", [open, done]), State(open, -, -, []), State(done, -, -, [open])], '
        '[Modifier("required", -, -), Modifier("stored", -, "State")])'
    )
    assert outline(unique) == 'Together("unique", [number, title])'
    assert outline(key) == 'Together("key", [title])'


DOCUMENTED = """## A priority.
choice P <
  ## The lowest.
  low;
  high
>
## A case.
## In two lines.
table case <
  ## Its title.
  title text;
  ## Its state.
  status < new; ## Not quite behind it.
    open >
>
# Not documentation.
## Goes up.
action A on case (
  ## Why.
  reason text
) <
  ## Belongs to a step.
  stop
>
## Of the host.
extern action B;
"""


def test_documentation_is_kept() -> None:
    choice, table, action, extern = module(DOCUMENTED)
    assert isinstance(choice, ast.Choice)
    assert isinstance(table, ast.Table)
    assert isinstance(action, ast.Action)
    assert isinstance(extern, ast.Action)
    assert choice.doc == "A priority."
    assert [member.doc for member in choice.members if isinstance(member, ast.Member)] == ["The lowest.", ""]
    assert table.doc == "A case.\nIn two lines."
    title, status = table.items
    assert isinstance(title, ast.Column)
    assert isinstance(status, ast.StatusColumn)
    assert (title.doc, status.doc) == ("Its title.", "Its state.")
    assert [state.doc for state in status.states] == ["", "Not quite behind it."]
    assert (action.doc, action.parameters[0].doc, extern.doc) == ("Goes up.", "Why.", "Of the host.")


def test_the_names_that_a_verb_calls() -> None:
    text = 'action A < perform B; let x = f(g(1)) + m.h(2); perform m.C > test "t" < perform D > function F < return r: k() >'
    first, _, last = module(text)
    assert isinstance(first, ast.Action)
    assert isinstance(last, ast.Action)
    assert first.calls == {"B", "m.C", "f", "g", "m.h"}
    assert last.calls == {"k"}
