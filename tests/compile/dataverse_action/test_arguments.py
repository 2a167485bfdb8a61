"""The contract: inputs and outputs of every type, what the verb is on, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.compile.dataverse_action.script import import_action
from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import NOTHING_KNOWN, tables, translated

NOTHING = x.update("UpdateStep1", x.constant("v", "String", "x"), description="v")
FILE = '<?xml version="1.0" encoding="utf-8"?>\n<Workflow Name="{name}">\n  <Category>3</Category>\n{more}</Workflow>\n'


@pytest.mark.parametrize(
    ("kind", "entity", "written"),
    [
        ("x:Boolean", "", "boolean"),
        ("s:DateTime", "", "datetime"),
        ("x:Decimal", "", "decimal"),
        ("mxs:Entity", "contact", "contact"),
        ("mxs:Entity", "", "json"),
        ("mxs:EntityCollection", "contact", "list of contact"),
        ("mxs:EntityCollection", "", "json"),
        ("mxs:EntityReference", "contact", "contact"),
        ("mxs:EntityReference", "nosuch", "id"),
        ("x:Double", "", "float"),
        ("x:Int32", "", "integer"),
        ("mxs:Money", "", "money"),
        ("mxs:OptionSetValue", "", "integer"),
        ("x:String", "", "text"),
    ],
)
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("output", [True, False])
def test_types(kind: str, entity: str, written: str, required: bool, output: bool, tmp_path: Path) -> None:
    argument = x.argument("Value", kind, entity=entity, required=required, output=output)
    text = translated(x.action(NOTHING, arguments=[argument]), tmp_path).text
    optional = " optional" if output or not required else ""
    assert f"{'returns ' if output else 'on opportunity '}(Value {written}{optional})\n" in text
    told = "# Value is " in text
    assert told == (written in ("json", "id") or "OptionSet" in kind)


def test_a_global_action(tmp_path: Path) -> None:
    made = x.create("CreateStep1", "task", x.constant("v", "String", "x"), subject="v")
    assert "action Close\n<\n" in translated(x.action(made, target="none"), tmp_path).text
    found = translated(x.action(NOTHING, target="none"), tmp_path, NOTHING_KNOWN)
    assert found.left[0].endswith(
        'updating a row is not translated: a global action has no row of its own. description was to be "x".'
    )


def test_an_action_without_steps_is_for_the_host(tmp_path: Path) -> None:
    argument = x.argument("Reason", "x:String", description='Why, in "words"?')
    found = translated(x.action(arguments=[argument]), tmp_path)
    assert found.text == (
        'import "tables.act";\n\n'
        "# The action has no steps of its own: what it does is written in .NET, and here it is for the host to do.\n"
        "## Close\n"
        "extern action Close on opportunity (\n"
        '  ## Why, in "words"?\n'
        "  Reason text\n"
        ");\n"
    )
    assert (found.steps, found.left) == (0, ())


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("Complaint - Move to Stage", "ComplaintMoveToStage"),
        ("Anruf wieder öffnen (groß)", "AnrufWiederOffnenGross"),
        ("2nd line", "Action2ndLine"),
        ("再開", "Action"),
    ],
)
def test_names(name: str, verb: str, tmp_path: Path) -> None:
    (tmp_path / "Close.xaml.data.xml").write_text(FILE.format(name=name, more=""), "utf-8")
    found = translated(x.action(NOTHING), tmp_path)
    assert found.verb == verb
    assert f"## {name}\naction {verb} on opportunity\n" in found.text


def test_what_the_file_beside_it_says(tmp_path: Path) -> None:
    more = (
        "<RunAs>0</RunAs><IsTransacted>0</IsTransacted><StateCode>0</StateCode><UniqueName>new_Close</UniqueName>"
        '<Descriptions><Description languagecode="1033" description="Ends it." /></Descriptions>'
    )
    (tmp_path / "Close.xaml.data.xml").write_text(FILE.format(name="Close it", more=more), "utf-8")
    text = translated(x.action(NOTHING), tmp_path).text
    assert text.startswith(
        'import "tables.act";\n\n'
        "# There, what an action did before it failed stays; here all of it is undone.\n"
        "# This is a draft: it was not active when it was exported.\n"
        "## Close it\n## Ends it.\n## In Dataverse it is called by the name new_Close.\n"
        "action CloseIt on opportunity\n  as system\n<\n"
    )


def test_the_file_s_own_name_does_where_nothing_else_is(tmp_path: Path) -> None:
    file = tmp_path / "Case-Close-6FCCF473-7B67-4A66-9316-4F85A006211F.xaml"
    file.write_text(x.action(NOTHING))
    assert import_action(file, file.name, NOTHING_KNOWN).verb == "CaseClose"


def test_the_tables_lack_the_one_it_is_on(tmp_path: Path) -> None:
    file = tmp_path / "Close.xaml"
    file.write_text(x.action(target="incident"))
    found = import_action(file, file.name, tables())
    assert found.left == ("Close.xaml: the tables have no table incident, which the action is on.",)
    assert "# Close.xaml: the tables have no table incident, which the action is on.\n" in found.text
