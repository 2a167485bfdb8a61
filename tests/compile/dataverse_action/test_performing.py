"""Steps that run something else: e-mail, actions, custom activities, workflows; and what nobody knows."""

from __future__ import annotations

from pathlib import Path

from actionlang.compile.dataverse_action.known_tables import read_tables
from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import DATA, NOTHING_KNOWN, steps, translated

MAIL = 'CreatedEntities("SendEmailStep1_localParameter#Temp")'
WORD = x.constant("w", "String", "Hello")


def _mail(values: str, **columns: str) -> str:
    sets = "".join(x.put(MAIL, "email", column.removesuffix("_"), variable) for column, variable in columns.items())
    sent = f'<mxswa:SendEmail EntityId="{{x:Null}}" DisplayName="SendEmailStep1" Entity=\'[{MAIL}]\' />'
    return x.sequence("SendEmailStep1: Tell them", x.begin(MAIL, "email"), values, sets, sent)


def _parties(result: str, *names: str) -> str:
    kind = "Microsoft.Xrm.Sdk.Workflow.WorkflowPropertyType.PartyList"
    return x.evaluate("CreateCrmType", f"{kind}, {', '.join(names)}", result, "mxs:EntityCollection")


def _message(*arguments: str, name: str = "new_Close", table: str = "{x:Null}") -> str:
    inside = f"<mcwa:InvokeSdkMessageActivity.Arguments>{''.join(arguments)}</mcwa:InvokeSdkMessageActivity.Arguments>"
    return (
        f'<mcwa:InvokeSdkMessageActivity SdkMessageEntityName="{table}" DisplayName="InvokeSdkMessageStep1" SdkMessageId="1"'
        f' SdkMessageName="{name}" SdkMessageRequestSuffix="">{inside}</mcwa:InvokeSdkMessageActivity>'
    )


def test_an_e_mail_is_a_row_and_a_contract(tmp_path: Path) -> None:
    people = (
        x.read("p", "parentcontactid", kind="mxs:EntityReference")
        + x.read("q", "customerid", kind="mxs:EntityReference")
        + _parties("to", "p", "q")
        + x.read("o", "ownerid", kind="mxs:EntityReference")
        + x.first("from", "o", kind="mxs:EntityReference")
    )
    found = translated(x.action(_mail(WORD + people, subject="w", description="w", to="to", from_="from")), tmp_path)
    assert steps(found) == (
        "# Tell them\n"
        'create email as new_email set subject = "Hello", description = "Hello";\n'
        "perform SendEmail(\n"
        "  to: opportunity.parentcontactid,\n"
        "  to_2: opportunity.customerid,\n"
        "  from: opportunity.ownerid\n"
        ") on new_email"
    )
    assert (
        "extern action SendEmail on email (to contact optional, to_2 account | contact optional, from owner optional);"
        in found.text
    )
    bare = translated(x.action(_mail(people, to="to")), tmp_path, NOTHING_KNOWN)
    assert "(to systemuser | contact | account optional, to_2 systemuser | contact | account optional)" in bare.text


def test_a_custom_activity_is_a_contract(tmp_path: Path) -> None:
    full = "Contoso.Workflows.ExtractDomain, Contoso.Workflows, Version=1.0.0.0, Culture=neutral, PublicKeyToken=1"
    activity = x.reference(
        "",
        x.given("Website", "[DirectCast(w, System.String)]", "x:String")
        + x.given("Days", "[n]", "x:Int32")
        + x.given("Domain", "[Domain1]", "x:String", "Out")
        + x.given("Account", "[Account1]", "mxs:EntityReference", "Out"),
        label="CustomActivityStep3: Extract Domain (CodeActivity)",
        full=full,
    )
    loaded = (
        '<If Condition="[Microsoft.VisualBasic.IsNothing(Account1)]"><If.Then>'
        '<Assign x:TypeArguments="mxs:Entity" To=\'[CreatedEntities("Account1_entity")]\' Value="[New Entity()]" /></If.Then>'
        '<If.Else><mxswa:RetrieveEntity Attributes="{x:Null}" Entity=\'[CreatedEntities("Account1_entity")]\''
        ' EntityId="[DirectCast(Account1.Id, System.Guid)]" EntityName="account" ThrowIfNotExists="False" /></If.Else></If>'
    )
    number = x.constant("n", "Integer", "3", "x:Int32")
    used = x.first("d", "Domain1") + x.read("a", "name", row='CreatedEntities("Account1_entity")', table="account")
    found = translated(
        x.action(
            x.composite("CustomActivityStep3: Where from?", WORD, number, activity, loaded),
            x.update("UpdateStep4", used + x.evaluate("Add", "d, a", "e"), description="e"),
        ),
        tmp_path,
    )
    assert steps(found) == (
        "# Where from?\n"
        'perform ExtractDomain(Website: "Hello", Days: 3) as extract_domain;\n'
        "update opportunity set\n"
        '  description = "{extract_domain.Domain otherwise ""}{extract_domain.Account.name otherwise ""}"'
    )
    assert (
        "extern action ExtractDomain (Website text optional, Days integer optional)"
        " returns (Domain text optional, Account account optional);\n"
    ) in found.text


def test_an_action_on_a_row(tmp_path: Path) -> None:
    itself = x.read("t", "opportunityid", kind="mxs:EntityReference")
    target = x.given("Target", "[DirectCast(t, Microsoft.Xrm.Sdk.EntityReference)]", "mxs:EntityReference")
    number = x.given("Number", "[Number1]", "x:Int32", "Out")
    found = translated(
        x.action(
            x.composite("InvokeSdkMessageStep1", itself, _message(target, number, table="opportunity")),
            x.update("UpdateStep2", x.first("n", "Number1", kind="x:Int32"), probability="n"),
        ),
        tmp_path,
    )
    assert steps(found) == (
        "perform new_Close() on opportunity as new_close;\nupdate opportunity set probability = new_close.Number"
    )
    assert "extern action new_Close on opportunity returns (Number integer optional);\n" in found.text


def test_a_global_action(tmp_path: Path) -> None:
    itself = x.read("t", "opportunityid", kind="mxs:EntityReference")
    target = x.given("Target", "[DirectCast(t, Microsoft.Xrm.Sdk.EntityReference)]", "mxs:EntityReference")
    found = translated(x.action(itself, _message(target)), tmp_path)
    assert steps(found) == "perform new_Close(Target: opportunity)"
    assert "extern action new_Close (Target opportunity optional);\n" in found.text


def test_a_verb_that_the_tables_have_needs_no_contract(tmp_path: Path) -> None:
    own = tmp_path / "own.act"
    own.write_text((DATA / "tables.act").read_text() + "\nextern action new_Close (Target opportunity optional);\n")
    itself = x.read("t", "opportunityid", kind="mxs:EntityReference")
    known = read_tables(own, tmp_path, tmp_path)
    file = tmp_path / "Close.xaml"
    file.write_text(x.action(itself, _message(x.given("Target", "[t]", "mxs:EntityReference"))))
    from actionlang.compile.dataverse_action.script import import_action

    found = import_action(file, file.name, known)
    assert "extern" not in found.text
    assert steps(found) == "perform new_Close(Target: opportunity)"


def test_lists_of_rows_are_left(tmp_path: Path) -> None:
    found = translated(x.action(_message(x.given("Rows", "[r]", "mxs:EntityCollection"))), tmp_path)
    assert found.left == (
        "line 6 of Close.xaml: performing new_Close(Rows) is not translated: Rows is a list of rows of any table.",
    )


def test_another_workflow_is_started(tmp_path: Path) -> None:
    started = (
        '<mxswa:StartChildWorkflow DisplayName="ChildWorkflowStep1" EntityName="opportunity" InputParameters="[p]"'
        ' EntityId="[InputEntities(&quot;primaryEntity&quot;).Id]" WorkflowId="E784A882-c8ef-46b2-b6e4-00cbe9146360" />'
    )
    found = translated(x.action(x.sequence("ChildWorkflowStep1: Do the rest", started)), tmp_path)
    assert steps(found) == "# Do the rest\nstart Workflow_e784a882() on opportunity"
    assert "extern action Workflow_e784a882 on opportunity;\n" in found.text


def test_what_is_not_known_is_left_and_so_is_what_comes_from_it(tmp_path: Path) -> None:
    postponed = '<mxswa:Postpone BlockExecution="True" DisplayName="PostponeStep1" PostponeUntil="[when]" />'
    strange = x.reference("Guess", x.given("Result", "[g]", way="Out"), label="GuessStep2")
    found = translated(x.action(postponed, strange, x.update("UpdateStep3", WORD, description="g", name="w")), tmp_path)
    assert steps(found) == (
        "# line 6 of Close.xaml: the activity Postpone (PostponeStep1) is not translated: it is not known here.\n"
        "# line 7 of Close.xaml: the activity Guess (GuessStep2) is not translated: it is not known here.\n"
        "# line 8, column 1114 of Close.xaml: description is not set: it comes from the activity Guess (GuessStep2) (line 7\n"
        "# of Close.xaml).\n"
        'update opportunity set name = "Hello"'
    )
    assert (found.steps, found.left_steps, len(found.left)) == (3, 3, 3)


def test_steps_in_something_unknown_are_counted(tmp_path: Path) -> None:
    picked = f"<Pick>{x.set_state(1, 3)}{x.update('UpdateStep1', WORD, description='w')}</Pick>"
    (left,) = translated(x.action(picked), tmp_path).left
    assert left.endswith("the activity Pick, with 2 steps in it, is not translated: it is not known here.")
