"""Steps that write rows."""

from __future__ import annotations

from pathlib import Path

from actionlang.compile.dataverse_action.script import import_action
from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import NOTHING_KNOWN, errors, steps, tables, translated

WORD = x.constant("v", "String", "Call back")
TEAM = "6FCCF473-7b67-4a66-9316-4f85a006211f"


def test_a_row_created_before_can_be_changed_and_named(tmp_path: Path) -> None:
    itself = x.read("o", "opportunityid", kind="mxs:EntityReference") + x.first("p", "o", kind="mxs:EntityReference")
    found = translated(
        x.action(
            x.create("CreateStep1", "task", WORD + itself, "Plan a call", subject="v", regardingobjectid="p"),
            x.create("CreateStep2", "task", WORD, subject="v"),
            x.update("UpdateStep3", WORD, key="CreateStep1_localParameter", table="task", description="v"),
        ),
        tmp_path,
    )
    assert steps(found) == (
        "# Plan a call\n"
        'create task as new_task set subject = "Call back", regardingobjectid = opportunity;\n'
        'create task set subject = "Call back";\n'
        'update new_task set description = "Call back"'
    )


def test_many_columns_stand_below_one_another(tmp_path: Path) -> None:
    found = translated(
        x.action(x.update("U", WORD, name="v", description="v", rating="w", probability="w", discount="w")), tmp_path
    )
    assert steps(found) == (
        "update opportunity set\n"
        '  name        = "Call back",\n'
        '  description = "Call back",\n'
        "  rating      = empty,\n"
        "  probability = empty,\n"
        "  discount    = empty"
    )


def test_a_related_row_has_to_be_there_to_be_changed(tmp_path: Path) -> None:
    found = translated(
        x.action(
            x.update("UpdateStep1", WORD, key="related_parentcontactid#contact", table="contact", fullname="v"),
            x.update("UpdateStep2", WORD, key="related_customerid#contact", table="contact", fullname="v"),
        ),
        tmp_path,
    )
    assert steps(found) == (
        'require (opportunity.parentcontactid is not empty) else "There is no contact to change.";\n'
        'update opportunity.parentcontactid set fullname = "Call back";\n'
        "let the_contact = as_contact(opportunity.customerid);\n"
        'require (the_contact is not empty) else "There is no contact to change.";\n'
        'update the_contact set fullname = "Call back"'
    )
    assert (
        "function as_contact(value account | contact optional) returns (result contact optional) private" in found.text
    )


def test_what_can_not_be_set_is_told_and_the_rest_is_set(tmp_path: Path) -> None:
    nine = x.constant("n", "OptionSetValue", "9", "mxs:OptionSetValue")
    optional = x.read("d", "description", kind="x:String")
    found = translated(
        x.action(
            x.update("U", WORD + nine + optional, description="v", nosuch="v", rating="n", name="d", status_="n"),
            x.update("V", WORD, nosuch="v"),
            x.create("CreateStep4", "nosuch", WORD, description="v"),
        ),
        tmp_path,
    )
    place = "of Close.xaml: "
    assert [left.partition(place)[2] for left in found.left] == [
        'nosuch is not set: table opportunity has no column nosuch; it was to be "Call back".',
        "rating is not set: Rating has no member with the number 9; it was to be 9.",
        "name is not set: opportunity.description may be empty, and the column is required; it was to be opportunity.description.",
        "status is not set: opportunity.status is a status, which only a move changes; it was to be 9.",
        'nosuch is not set: table opportunity has no column nosuch; it was to be "Call back".',
        'creating a row is not translated: the tables have no table nosuch. description was to be "Call back".',
    ]
    assert all(" ".join(left.split()) in " ".join(found.text.replace("\n  # ", " ").split()) for left in found.left)
    assert 'update opportunity set description = "Call back"' in steps(found)
    assert (found.steps, found.left_steps) == (3, 3)


def test_a_new_row_without_what_it_needs(tmp_path: Path) -> None:
    file = tmp_path / "Close.xaml"
    file.write_text(x.action(x.create("CreateStep3", "task", WORD, description="v")))
    found = import_action(file, file.name, tables())
    assert found.left == ("line 6, column 1142 of Close.xaml: subject is not set, and table task requires it.",)
    assert errors(found) == ["E0502: A new task needs a value for the column subject."]


def test_a_value_that_is_never_stored_is_told(tmp_path: Path) -> None:
    loose = x.sequence("UpdateStep1", x.begin(x.PRIMARY, x.TARGET), WORD, x.put(x.PRIMARY, x.TARGET, "name", "v"))
    found = translated(x.action(loose), tmp_path)
    assert found.left[0].endswith("name is set on a row that is not stored.")


def test_owners(tmp_path: Path) -> None:
    by_variable = x.read("o", "ownerid", kind="mxs:EntityReference")
    steps_there = (
        x.assign(f'New EntityReference("team", New Guid("{TEAM}"))'),
        x.assign("DirectCast(o, Microsoft.Xrm.Sdk.EntityReference)", values=by_variable),
        x.assign(
            "DirectCast(r, Microsoft.Xrm.Sdk.EntityReference)", values=x.row_constant("r", "systemuser", TEAM, "Ann")
        ),
    )
    found = translated(x.action(*steps_there), tmp_path)
    assert steps(found) == (
        f'assign opportunity to core.team(id: id "{TEAM.lower()}");\n'
        "assign opportunity to opportunity.ownerid;\n"
        f"# systemuser {TEAM} was called 'Ann'.\n"
        f'assign opportunity to core.user(id: id "{TEAM.lower()}")'
    )
    assert translated(x.action(*steps_there), tmp_path, NOTHING_KNOWN).left == ()


def test_status(tmp_path: Path) -> None:
    related = x.related("originatingleadid", "lead")
    found = translated(
        x.action(
            x.set_state(1, 3), x.set_state(1, 5, row=related, table="lead"), x.set_state(2, 9), x.set_state(0, 77)
        ),
        tmp_path,
    )
    assert steps(found).split("\n")[:4] == [
        "move opportunity to won;",
        "update opportunity set statecode = 1;",
        'require (opportunity.originatingleadid is not empty) else "There is no lead to change.";',
        "update opportunity.originatingleadid set statecode = 1, statuscode = 5",
    ]
    assert [left.partition("translated: ")[2] for left in found.left] == [
        "no move of the status of opportunity leads to spam.",
        "the status of opportunity has no state with the number 77.",
    ]
    bare = translated(x.action(x.set_state(1, 3)), tmp_path, NOTHING_KNOWN)
    assert steps(bare) == "update opportunity set statecode = 1, statuscode = 3"


def test_stages(tmp_path: Path) -> None:
    other = x.update("UpdateStep3", WORD, key="CreateStep2_localParameter", table="task", description="v")
    found = translated(
        x.action(
            x.composite("StageStep1: Look {at} it", x.update("UpdateStep1", WORD, description="v"), "<Persist />"),
            x.composite("StageStep2: Plan", x.create("CreateStep2", "task", WORD, subject="v")),
            x.composite("StageStep3: Do", other),
        ),
        tmp_path,
    )
    assert steps(found) == (
        'stage "Look {{at}} it" <\n'
        '  update opportunity set description = "Call back"\n'
        ">\n"
        "# Stage: Plan\n"
        'create task as new_task set subject = "Call back";\n'
        'stage "Do" <\n'
        '  update new_task set description = "Call back"\n'
        ">"
    )


def test_a_row_that_only_a_branch_makes_is_not_known_behind_it(tmp_path: Path) -> None:
    held = x.read("a", "name") + x.compare("held", "NotNull", "a")
    found = translated(
        x.action(
            x.condition(held, x.branch("held", x.create("CreateStep2", "task", WORD, subject="v"))),
            x.update("UpdateStep3", WORD, key="CreateStep2_localParameter", table="task", description="v"),
        ),
        tmp_path,
    )
    assert found.left[0].endswith(
        'updating a row is not translated: the row is one that only a branch above makes. description was to be "Call back".'
    )


def test_a_form_s_value_is_an_update(tmp_path: Path) -> None:
    changed = x.update("UpdateStep1", WORD, description="v").replace("mxswa:UpdateEntity", "mxswa:SetAttributeValue")
    assert steps(translated(x.action(changed), tmp_path)) == 'update opportunity set description = "Call back"'
