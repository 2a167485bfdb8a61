"""Values: constants, inputs, texts put together, fallbacks, sums, time, rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.compile.dataverse_action.known_tables import read_tables
from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import NOTHING_KNOWN, errors, steps, translated

INPUTS = (
    x.argument("Reason", "x:String"),
    x.argument("Level", "x:Int32", required=False),
    x.argument("empty", "x:String", required=False),
)
NAME = x.read("n", "name", kind="x:String")
NOW = x.evaluate("RetrieveCurrentTime", "", "now") + x.first("first", "now", kind="s:DateTime")


def _set(column: str, values: str, variable: str, tmp_path: Path, variables: str = "") -> tuple[str, str]:
    """What a column is set to, and the whole script."""
    step = x.update("UpdateStep1", values, variables=variables, **{column: variable})
    found = translated(x.action(step, arguments=INPUTS), tmp_path)
    assert found.left == ()
    return steps(found).partition(" = ")[2], found.text


@pytest.mark.parametrize(
    ("column", "kind", "text", "written"),
    [
        ("description", "String", 'He said "no", {then} left \\ \n', r'"He said \"no\", {{then}} left \\ \n"'),
        ("probability", "Integer", "-3", "-3"),
        ("probability", "OptionSetValue", "924340001", "924340001"),
        ("rating", "OptionSetValue", "3", "cold"),
        ("isprivate", "Boolean", "True", "true"),
        ("isprivate", "Boolean", "0", "false"),
        ("estimatedvalue", "Money", "12.50", "12.5"),
        ("estimatedvalue", "Decimal", "-0.250", "-0.25"),
        ("discount", "Double", "1.5", "to_float(1.5)"),
        ("createdon", "DateTime", "2026-11-24T09:30:00.0000000Z", 'datetime "2026-11-24T09:30:00Z"'),
        ("createdon", "DateTime", "2026-11-24T09:30:00+02:00", 'datetime "2026-11-24T07:30:00Z"'),
        ("estimatedclosedate", "DateTime", "11/24/2026", 'date "2026-11-24"'),
        ("description", "Integer", "5", '"5"'),
    ],
)
def test_constants(column: str, kind: str, text: str, written: str, tmp_path: Path) -> None:
    assert _set(column, x.constant("v", kind, text), "v", tmp_path)[0] == written


@pytest.mark.parametrize(
    ("column", "kind", "text"),
    [
        ("isprivate", "Boolean", "perhaps"),
        ("probability", "Integer", "many"),
        ("estimatedvalue", "Money", "1e9"),
        ("createdon", "DateTime", "yesterday"),
        ("createdon", "Colour", "red"),
        ("isprivate", "String", "true"),
        ("rating", "String", "hot"),
    ],
)
def test_constants_that_do_not_fit_are_left(column: str, kind: str, text: str, tmp_path: Path) -> None:
    step = x.update("UpdateStep1", x.constant("v", kind, text), **{column: "v"})
    found = translated(x.action(step), tmp_path)
    assert len(found.left) == 1
    assert f"{column} is not set: " in found.left[0]


def test_inputs_in_texts(tmp_path: Path) -> None:
    whole = x.constant("v", "String", "{Reason(Arguments)}")
    assert _set("description", whole, "v", tmp_path)[0] == "Reason"
    mixed = x.constant("v", "String", "As {Reason(Arguments)}, {Level(Arguments)} {Other(Arguments)}")
    written, script = _set("description", mixed, "v", tmp_path)
    assert written == '"As {Reason}, {words_of_integer(Level)} {{Other(Arguments)}}"'
    assert "function words_of_integer(value integer optional) returns (words text) private" in script
    reserved = x.evaluate("CustomOperationArguments", "empty", "v") + x.first("w", "v")
    assert _set("description", reserved, "w", tmp_path)[0] == "`empty`"


def test_texts_put_together(tmp_path: Path) -> None:
    dear = x.constant("d", "String", "Dear ")
    customer = (
        x.read("c", "description", kind="x:String") + x.constant("e", "String", "customer") + x.first("f", "c", "e")
    )
    day = x.read("t", "estimatedclosedate", kind="x:String") + x.first("u", "t")
    inner = x.evaluate("Add", "d, n", "i")
    written, _ = _set(
        "description", dear + NAME + customer + day + inner + x.evaluate("Add", "i, f, u", "v"), "v", tmp_path
    )
    assert written == (
        '"Dear {opportunity.name}{opportunity.description otherwise "customer"}'
        '{words_of_date(opportunity.estimatedclosedate)}"'
    )


def test_fallbacks(tmp_path: Path) -> None:
    contact = x.read("a", "fullname", row=x.related("parentcontactid", "contact"), table="contact", kind="x:String")
    customer = x.read("b", "fullname", row=x.related("customerid", "contact"), table="contact", kind="x:String")
    nobody = x.constant("c", "String", "nobody")
    written, _ = _set("description", contact + customer + nobody + x.first("v", "a", "b", "c", "n"), "v", tmp_path)
    assert written == (
        'opportunity.parentcontactid.fullname otherwise as_contact(opportunity.customerid).fullname otherwise "nobody"'
    )


@pytest.mark.parametrize(
    ("operator", "written"),
    [
        ("Add", "(opportunity.probability otherwise 0) + 5"),
        ("Subtract", "(opportunity.probability otherwise 0) - 5"),
        ("Multiply", "(opportunity.probability otherwise 0) * 5"),
    ],
)
def test_sums(operator: str, written: str, tmp_path: Path) -> None:
    both = x.read("a", "probability", kind="x:Int32") + x.constant("b", "Integer", "5", "x:Int32")
    assert _set("probability", both + x.evaluate(operator, "a, b", "v", "x:Int32"), "v", tmp_path)[0] == written


@pytest.mark.parametrize(
    ("column", "operator", "lengths", "written"),
    [
        ("createdon", "Add", {"Days": 7}, "now() + 7 days"),
        ("createdon", "Add", {"Days": 1, "Hours": 2, "Minutes": 30}, "now() + 1 day + 2 hours + 30 minutes"),
        ("createdon", "Subtract", {"Days": 1, "Hours": 2}, "now() - 1 day - 2 hours"),
        ("createdon", "Add", {}, "now()"),
        ("createdon", "Add", {"Months": 1}, "datetime_months_after(now(), 1)"),
        ("createdon", "Subtract", {"Years": 1, "Days": 1}, "datetime_after(datetime_months_after(now(), -12), -1 day)"),
        ("estimatedclosedate", "Add", {"Days": 7}, "today() + 7 days"),
        ("estimatedclosedate", "Add", {"Years": 1, "Months": 2}, "add_months(today(), 14)"),
        ("estimatedclosedate", "Add", {"Hours": 5}, "date_of(now() + 5 hours)"),
    ],
)
def test_time(column: str, operator: str, lengths: dict[str, int], written: str, tmp_path: Path) -> None:
    values = NOW + x.evaluate(operator, "first, period", "v", "s:DateTime")
    assert _set(column, values, "v", tmp_path, x.span("period", **lengths))[0] == written


def test_time_after_what_may_not_be(tmp_path: Path) -> None:
    read = x.read("a", "followupon", kind="s:DateTime") + x.first("b", "a", kind="s:DateTime")
    values = read + x.evaluate("Add", "b, period", "v", "s:DateTime")
    written, script = _set("createdon", values, "v", tmp_path, x.span("period", Days=7))
    assert written == "datetime_after(opportunity.followupon, 7 days)"
    assert "  if (value is not empty) < return result: value + by >\n  return result: empty\n" in script


@pytest.mark.parametrize(
    ("source", "column", "written"),
    [
        ("estimatedvalue", "description", '"words_of_money(opportunity.estimatedvalue)"'),
        ("estimatedclosedate", "createdon", "moment_of_day(opportunity.estimatedclosedate)"),
        ("createdon", "estimatedclosedate", "day_of_moment(opportunity.createdon)"),
        ("estimatedvalue", "discount", "float_of_number(opportunity.estimatedvalue)"),
        ("discount", "estimatedvalue", "number_of_float(opportunity.discount)"),
        ("probability", "estimatedvalue", "opportunity.probability"),
        ("customerid", "parentcontactid", "as_contact(opportunity.customerid)"),
        ("parentcontactid", "customerid", "opportunity.parentcontactid"),
    ],
)
def test_a_column_into_one_of_another_type(source: str, column: str, written: str, tmp_path: Path) -> None:
    values = x.read("a", source) + x.first("b", "a", kind=None)
    assert _set(column, values, "b", tmp_path)[0] == written.strip('"')


def test_types_without_a_way_are_left(tmp_path: Path) -> None:
    step = x.update("UpdateStep1", x.read("a", "isprivate"), estimatedvalue="a", parentaccountid="b", createdon="a")
    found = translated(x.action(step), tmp_path)
    assert [left.partition("not set: ")[2] for left in found.left] == [
        "opportunity.isprivate is boolean, and money is wanted; it was to be opportunity.isprivate.",
        "opportunity.isprivate is boolean, and datetime is wanted; it was to be opportunity.isprivate.",
    ]


def test_rows(tmp_path: Path) -> None:
    written, script = _set(
        "customerid", x.row_constant("v", "account", "6FCCF473-7B67-4A66-9316-4F85A006211F", "A, B"), "v", tmp_path
    )
    assert written == 'account(id "6fccf473-7b67-4a66-9316-4f85a006211f")'
    assert "  # account 6FCCF473-7B67-4A66-9316-4F85A006211F was called 'A, B'.\n" in script


@pytest.mark.parametrize("operator", ["RetrieveLastExecutionTime", "DiffInDays", "TrimLeft", "Sum"])
def test_calculations_that_are_not_known_are_left(operator: str, tmp_path: Path) -> None:
    step = x.update("UpdateStep1", NAME + x.evaluate(operator, "n", "v"), description="v")
    (left,) = translated(x.action(step), tmp_path).left
    assert f"description is not set: the calculation {operator} (line 6, column " in left


def test_without_tables_values_are_as_the_action_says(tmp_path: Path) -> None:
    values = NAME + x.read("a", "estimatedvalue", kind="mxs:Money") + x.first("b", "a", kind="mxs:Money")
    text = x.evaluate("Add", "n, b", "v")
    found = translated(x.action(x.update("UpdateStep1", values + text, description="v")), tmp_path, NOTHING_KNOWN)
    assert steps(found) == (
        'update opportunity set description = "{opportunity.name otherwise ""}{words_of_money(opportunity.estimatedvalue)}"'
    )


def test_what_was_read_before_a_step_that_writes_is_not_used_behind_it(tmp_path: Path) -> None:
    held = (
        x.read("a", "isprivate") + x.constant("b", "Boolean", "1", "x:Boolean") + x.compare("held", "Equal", "a", "b")
    )
    write = x.update("UpdateStep1", x.constant("v", "String", "x"), description="v")
    found = translated(
        x.action(
            NAME,
            held,
            x.condition(x.branch("held", write), x.branch("held", x.update("UpdateStep2", "", description="n"))),
            x.update("UpdateStep3", "", description="n"),
        ),
        tmp_path,
    )
    (left,) = found.left
    assert left.endswith("description is not set: name was read before a step that writes rows, and is used behind it.")
    assert (
        "else if (opportunity.isprivate = true) < update opportunity set description = opportunity.name >"
        in " ".join(steps(found).split())
    )


def test_a_lookup_that_never_refers_to_the_table(tmp_path: Path) -> None:
    lead = x.read("a", "subject", row=x.related("customerid", "lead"), table="lead", kind="x:String")
    (left,) = translated(x.action(x.update("UpdateStep1", lead, description="a")), tmp_path).left
    assert left.endswith("description is not set: opportunity.customerid never refers to a row of lead.")


def test_a_table_that_the_language_has_too_is_named_with_its_module(tmp_path: Path) -> None:
    (tmp_path / "crm.act").write_text(
        'table team "Team" stored as "crm_team" < teamid id primary; name text(100) >\n'
        "table opportunity < opportunityid id primary; helpers team; ownerid owner >\n"
    )
    known = read_tables(tmp_path / "crm.act", tmp_path, tmp_path)
    number = "6fccf473-7b67-4a66-9316-4f85a006211f"
    name = x.read("n", "name", row=x.related("helpers", "team"), table="team", kind="x:String") + x.first("o", "n")
    result = x.argument("Result", "x:String", output=True)
    found = translated(
        x.action(
            x.update("UpdateStep1", x.row_constant("v", "team", number), helpers="v"),
            x.update("UpdateStep2", x.row_constant("v", "team", number), ownerid="v"),
            x.output("AssignOutputArgumentStep3", "Result", name, "o"),
            arguments=[result, x.argument("Whose", "mxs:EntityReference", entity="team")],
        ),
        tmp_path,
        known,
    )
    assert steps(found) == (
        f'update opportunity set helpers = crm.team(id "{number}");\n'
        f'update opportunity set ownerid = core.team(id: id "{number}");\n'
        "return Result: opportunity.helpers.name"
    )
    assert "(Whose crm.team)" in found.text
    assert errors(found, tmp_path) == []
