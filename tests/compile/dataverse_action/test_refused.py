"""Files that hold no process action, or nothing that can be read: one error each, with its place; and never a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.compile.dataverse_action.script import import_action
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse
from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import DATA, NOTHING_KNOWN, errors, tables
from tests.compile.dataverse_action.test_real_files import FILES

STEP = x.update("UpdateStep1", x.constant("v", "String", "x"), description="v")
ROW = (
    '<Entity xmlns="http://schemas.microsoft.com/xrm/2011/Contracts"><Attributes><KeyValuePairOfstringanyType><key>category'
    "</key><value><Value>{category}</Value></value></KeyValuePairOfstringanyType>{more}</Attributes></Entity>"
)
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>\n<Activity>&b;</Activity>'


def _refused(text: str | bytes, folder: Path, beside: str | None = None) -> Diagnostic:
    file = folder / "Close.xaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    if beside is not None:
        (folder / "Close.xaml.data.xml").write_text(beside)
    with pytest.raises(ActionLangError) as caught:
        import_action(file, file.name, NOTHING_KNOWN)
    (found,) = caught.value.diagnostics
    return found


def _line(found: Diagnostic) -> int:
    assert found.primary is not None
    return found.primary.source.position(found.primary.span.start).line


@pytest.mark.parametrize(
    ("text", "code", "message", "line"),
    [
        (BOMB, "E0433", "Close.xaml has a document type, which no workflow has.", 1),
        (x.action(STEP)[:900], "E0431", "Close.xaml is not well-formed XML: ", 1),
        ("", "E0431", "Close.xaml is not well-formed XML: no element found.", 1),
        ("no XML\n", "E0431", "Close.xaml is not well-formed XML: syntax error.", 1),
        ("<Activity>\n<a>\n</b>\n</Activity>", "E0431", "Close.xaml is not well-formed XML: mismatched tag.", 3),
        ("<a>" * 500 + "</a>" * 500, "E0434", "Close.xaml nests elements more than 200 deep.", 1),
        ("<Activity>\n</Activity>", "E0941", "Close.xaml holds no workflow.", 1),
        ("\n<html />", "E0941", "Close.xaml holds no workflow.", 2),
        (
            x.action(STEP, target="none").replace("Property", "Other"),
            "E0941",
            "Nothing says that Close.xaml is a process",
            1,
        ),
        (
            ROW.format(category="0", more=""),
            "E0941",
            "Close.xaml describes a workflow (category 0), not a process action",
            1,
        ),
        (ROW.format(category="3", more=""), "E0941", "Close.xaml holds no XAML.", 1),
    ],
)
def test_refused(text: str, code: str, message: str, line: int, tmp_path: Path) -> None:
    found = _refused(text, tmp_path)
    assert (found.code.id, found.message[: len(message)], _line(found)) == (code, message, line)


@pytest.mark.parametrize(
    ("category", "what"),
    [
        ("0", "a workflow (category 0)"),
        ("4", "a business process flow (category 4)"),
        ("77", "no process (category 77)"),
    ],
)
def test_other_categories(category: str, what: str, tmp_path: Path) -> None:
    beside = f'<Workflow Name="x">\n<Type>1</Type>\n<Category>{category}</Category>\n</Workflow>'
    found = _refused(x.action(STEP), tmp_path, beside)
    assert found.message == f"Close.xaml.data.xml describes {what}, not a process action (category 3)."
    assert _line(found) == 3


def test_other_bytes(tmp_path: Path) -> None:
    assert _refused(b"<Activity>\xff</Activity>", tmp_path).message == "Close.xaml is neither UTF-8 nor UTF-16 text."
    text = x.action(STEP).replace("<Activity ", '<?xml version="1.0" encoding="utf-16"?>\n<Activity ', 1)
    file = tmp_path / "Close.xaml"
    file.write_bytes(text.encode("utf-16"))
    assert import_action(file, file.name, NOTHING_KNOWN).left == ()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ActionLangError, match="E0901"):
        import_action(tmp_path / "Close.xaml", "Close.xaml", NOTHING_KNOWN)


RICH = x.action(
    x.composite(
        "StageStep1: Look",
        x.condition(
            x.read("a", "isprivate")
            + x.constant("b", "Boolean", "1", "x:Boolean")
            + x.compare("c", "Equal", "a", "b")
            + x.read("d", "estimatedvalue")
            + x.constant("e", "Money", "10", "mxs:Money")
            + x.compare("f", "GreaterEqual", "d", "e")
            + x.both("g", "Or", "c", "f"),
            x.branch(
                "g", x.output("AssignOutputArgumentStep3", "Result", x.constant("h", "String", "big"), "h.ToString()")
            ),
            x.read("i", "name") + x.constant("j", "String", "Ltd") + x.compare("k", "DoesNotContain", "i", "j"),
            x.branch("k", x.stop("Canceled", x.constant("l", "String", "No {Reason(Arguments)}"), "l")),
            x.branch("True", STEP),
        ),
        x.create("CreateStep4", "task", x.constant("m", "String", "Call"), "Call them", subject="m"),
    ),
    x.composite(
        "StageStep5: Do",
        x.update(
            "UpdateStep6",
            x.constant("n", "String", "x"),
            key="CreateStep4_localParameter",
            table="task",
            description="n",
        ),
        x.update(
            "UpdateStep7",
            x.read("o", "fullname", row=x.related("customerid", "contact"), table="contact", kind="x:String")
            + x.first("p", "o", "j")
            + x.evaluate("RetrieveCurrentTime", "", "q")
            + x.evaluate("Add", "q, period", "r", "s:DateTime")
            + x.read("s", "probability", kind="x:Int32")
            + x.evaluate("Add", "j, p, s", "t"),
            variables=x.span("period", Days=3, Months=1),
            description="t",
            createdon="r",
            estimatedclosedate="r",
        ),
        x.assign('New EntityReference("team", New Guid("6fccf473-7b67-4a66-9316-4f85a006211f"))'),
        x.set_state(1, 3),
        x.update(
            "UpdateStep8",
            x.constant("u", "String", "x"),
            key="related_parentcontactid#contact",
            table="contact",
            fullname="u",
        ),
        x.reference(
            "",
            x.given("In", "[u]", "x:String") + x.given("Out", "[w]", "x:String", "Out"),
            full="Contoso.Find, Contoso",
        ),
        x.update("UpdateStep9", x.first("y", "w"), description="y"),
    ),
    arguments=[
        x.argument("Reason", "x:String"),
        x.argument("Who", "mxs:EntityReference", entity="contact", required=False),
        x.argument("Result", "x:String", output=True),
    ],
)
"""A bit of everything."""

WHOLE = [*(file.read_text("utf-8-sig") for file in FILES), RICH, RICH, RICH]
PIECES = re.compile(r'"[^"<>]*"|>[^<>]+<|<[^<>]*/>')
"""Attributes, texts and empty elements: what may be changed without making the file no XML."""

OTHERS = [
    "",
    "x",
    "{x:Null}",
    "[x]",
    "True",
    "none",
    "New Object() { }",
    "[New Object() { x, &quot;y&quot; }]",
    "#",
    "`",
    "a.b",
]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_whatever_is_changed_gives_a_script_or_an_error(tmp_path: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(WHOLE))
    for _ in range(data.draw(st.integers(1, 4))):
        pieces = [found for found in PIECES.finditer(text) if "http" not in found[0]]
        piece = data.draw(st.sampled_from(pieces))
        other = data.draw(st.sampled_from(OTHERS) | st.sampled_from(pieces).map(lambda found: found[0][1:-1]))
        changed = "" if piece[0].startswith("<") else f"{piece[0][0]}{other}{piece[0][-1]}"
        text = text[: piece.start()] + changed + text[piece.end() :]
    if data.draw(st.integers(0, 9)) == 0:
        text = text[: data.draw(st.integers(0, len(text)))]
    file = tmp_path / "Close.xaml"
    file.write_text(text, "utf-8")
    known = data.draw(st.sampled_from([NOTHING_KNOWN, tables("tables.act"), tables("complaints.act")]))
    try:
        found = import_action(file, file.name, known)
    except ActionLangError as error:
        assert len(error.diagnostics) == 1
        return
    assert parse(Source("close.act", found.text)).diagnostics == ()
    assert found.left_steps <= found.steps + len(found.left)
    if known is not NOTHING_KNOWN and not found.left:
        assert errors(found) == []


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"])
    | st.sampled_from(['"', "{", "}", "\\", "<", ">", ";", "#", "\n"])
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS, TEXTS)
def test_whatever_stands_in_texts_the_script_parses(tmp_path: Path, text: str, title: str, label: str) -> None:
    step = x.update(f"UpdateStep1: {title}", x.constant("v", "String", text), description="v")
    row = x.update(
        "UpdateStep2",
        x.row_constant("r", "account", "6fccf473-7b67-4a66-9316-4f85a006211f", label.replace('"', "")),
        customerid="r",
    )
    argument = x.argument("Reason", "x:String", description=title)
    file = tmp_path / "Close.xaml"
    file.write_text(x.action(x.composite(f"StageStep1: {label}", step, row), arguments=[argument]), "utf-8")
    found = import_action(file, file.name, tables())
    assert parse(Source("close.act", found.text)).diagnostics == ()


def test_the_tables_have_to_be_without_errors() -> None:
    from actionlang.compile.dataverse_action.known_tables import read_tables

    with pytest.raises(ActionLangError, match="E0901"):
        read_tables(DATA / "nosuch.act", DATA, DATA)


def _nested(deep: int) -> str:
    held = x.read("a", "name") + x.compare("held", "NotNull", "a")
    step = STEP
    for _ in range(deep):
        step = x.condition(held, x.branch("held", step))
    return x.action(step)


def test_deep_nesting(tmp_path: Path) -> None:
    file = tmp_path / "Close.xaml"
    file.write_text(_nested(15))
    assert import_action(file, file.name, tables()).steps == 16
    assert _refused(_nested(40), tmp_path).code.id == "E0434"
    file.write_text(
        x.action(
            "<Sequence>" * 190 + STEP.replace("<Sequence.Variables></Sequence.Variables>", "") + "</Sequence>" * 190
        )
    )
    assert import_action(file, file.name, tables()).steps == 1
    file.write_text(_nested(22))
    assert import_action(file, file.name, tables()).steps == 23
