"""Process actions in the designer's XAML, put together by hand: what the exported ones in data/ have no example of.

Each function gives the elements of one thing; `action` joins them to a file. Variables are named as a test likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

PLATFORM = "Microsoft.Crm.Workflow.Activities"
ASSEMBLY = "Microsoft.Crm.Workflow, Version=9.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
SPACES = " ".join(
    f'xmlns{prefix}="{name}"'
    for prefix, name in (
        ("", "http://schemas.microsoft.com/netfx/2009/xaml/activities"),
        (":mcwa", f"clr-namespace:{PLATFORM};assembly={ASSEMBLY}"),
        (":mxs", "clr-namespace:Microsoft.Xrm.Sdk;assembly=Microsoft.Xrm.Sdk, Version=9.0.0.0"),
        (":mxsq", "clr-namespace:Microsoft.Xrm.Sdk.Query;assembly=Microsoft.Xrm.Sdk, Version=9.0.0.0"),
        (":mxsw", "clr-namespace:Microsoft.Xrm.Sdk.Workflow;assembly=Microsoft.Xrm.Sdk.Workflow, Version=9.0.0.0"),
        (":mxswa", "clr-namespace:Microsoft.Xrm.Sdk.Workflow.Activities;assembly=Microsoft.Xrm.Sdk.Workflow"),
        (":s", "clr-namespace:System;assembly=mscorlib, Version=4.0.0.0"),
        (":scg", "clr-namespace:System.Collections.Generic;assembly=mscorlib, Version=4.0.0.0"),
        (":sco", "clr-namespace:System.Collections.ObjectModel;assembly=mscorlib, Version=4.0.0.0"),
        (":x", "http://schemas.microsoft.com/winfx/2006/xaml"),
    )
)
PRIMARY = 'InputEntities("primaryEntity")'
TARGET = "opportunity"


def action(*steps: str, arguments: Sequence[str] = (), target: str = TARGET) -> str:
    """A whole file: an action on a table, or a global one (`none`)."""
    return (
        f'<Activity x:Class="XrmWorkflow0" {SPACES}>\n<x:Members>\n'
        f"{chr(10).join([*arguments, argument('Target', 'mxs:EntityReference', entity=target, is_target=True)])}\n"
        f"</x:Members>\n<mxswa:Workflow>\n{chr(10).join(steps)}\n</mxswa:Workflow>\n</Activity>\n"
    )


def argument(
    name: str,
    kind: str,
    *,
    required: bool = True,
    output: bool = False,
    entity: str = "",
    description: str = "New Argument",
    is_target: bool = False,
) -> str:
    """An input or output."""
    return (
        f'<x:Property Name="{name}" Type="{"Out" if output else "In"}Argument({kind})"><x:Property.Attributes>'
        f'<mxsw:ArgumentRequiredAttribute Value="{required}" /><mxsw:ArgumentTargetAttribute Value="{is_target}" />'
        f"<mxsw:ArgumentDescriptionAttribute Value={quoteattr(description)} />"
        f'<mxsw:ArgumentDirectionAttribute Value="{"Output" if output else "Input"}" />'
        f'<mxsw:ArgumentEntityAttribute Value="{entity}" /></x:Property.Attributes></x:Property>'
    )


# ----------------------------------------------------------------------------------------------------------- values


def reference(name: str, arguments: str = "", properties: str = "", label: str = "", full: str = "") -> str:
    """An ActivityReference of the platform's, or of another assembly (`full`)."""
    named = full or f"{PLATFORM}.{name}, {ASSEMBLY}"
    inside = f"<mxswa:ActivityReference.Arguments>{arguments}</mxswa:ActivityReference.Arguments>" if arguments else ""
    if properties:
        inside += f"<mxswa:ActivityReference.Properties>{properties}</mxswa:ActivityReference.Properties>"
    title = quoteattr(label or name)
    return f"<mxswa:ActivityReference AssemblyQualifiedName={quoteattr(named)} DisplayName={title}>{inside}</mxswa:ActivityReference>"


def given(key: str, text: str, kind: str = "x:Object", way: str = "In") -> str:
    """An argument of an activity."""
    return f'<{way}Argument x:TypeArguments="{kind}" x:Key="{key}">{escape(text)}</{way}Argument>'


def kind_given(kind: str | None) -> str:
    """The TargetType of an activity."""
    inside = f' Value="{kind}" />' if kind else "><x:Null /></mxswa:ReferenceLiteral>"
    return (
        '<InArgument x:TypeArguments="s:Type" x:Key="TargetType">'
        f'<mxswa:ReferenceLiteral x:TypeArguments="s:Type"{inside}</InArgument>'
    )


def evaluate(operator: str, operands: str, result: str, kind: str | None = None) -> str:
    """EvaluateExpression."""
    return reference(
        "EvaluateExpression",
        given("ExpressionOperator", operator, "x:String")
        + given("Parameters", f"[New Object() {{ {operands} }}]", "s:Object[]")
        + kind_given(kind)
        + given("Result", f"[{result}]", way="Out"),
    )


def constant(result: str, kind: str, text: str, target: str = "x:String") -> str:
    """A constant, as the designer writes it: commas and quotes in it are spelt otherwise."""
    written = text.replace('"', '""').replace(",", "&#44;")
    return evaluate(
        "CreateCrmType",
        f'Microsoft.Xrm.Sdk.Workflow.WorkflowPropertyType.{kind}, "{written}", "{kind}"',
        result,
        target,
    )


def row_constant(result: str, table: str, number: str, label: str = "") -> str:
    """One row, spelt out."""
    return constant(f"{result}_id", "Guid", number, "mxs:EntityReference") + evaluate(
        "CreateCrmType",
        f'Microsoft.Xrm.Sdk.Workflow.WorkflowPropertyType.EntityReference, "{table}", "{label}", {result}_id, "Lookup"',
        result,
        "mxs:EntityReference",
    )


def read(result: str, column: str, *, row: str = PRIMARY, table: str = TARGET, kind: str | None = None) -> str:
    """GetEntityProperty."""
    return (
        f'<mxswa:GetEntityProperty Attribute={quoteattr(column)} Entity={quoteattr(f"[{row}]")} EntityName="{table}"'
        f' Value="[{result}]"><mxswa:GetEntityProperty.TargetType>{kind_given(kind)}</mxswa:GetEntityProperty.TargetType>'
        "</mxswa:GetEntityProperty>"
    )


def related(lookup: str, table: str) -> str:
    """The row that a lookup of the primary row refers to."""
    return f'InputEntities("related_{lookup}#{table}")'


def first(result: str, *names: str, kind: str | None = "x:String") -> str:
    """SelectFirstNonNull."""
    return evaluate("SelectFirstNonNull", ", ".join(names), result, kind)


def span(name: str, **lengths: int) -> str:
    """A length of time, as a variable."""
    known = dict.fromkeys(("Days", "Hours", "Minutes", "Months", "Years"), 0) | lengths
    inside = " ".join(f'{key}="{value}"' for key, value in known.items())
    return (
        f'<Variable x:TypeArguments="mxsw:XrmTimeSpan" Name="{name}"><Variable.Default><Literal '
        f'x:TypeArguments="mxsw:XrmTimeSpan"><mxsw:XrmTimeSpan {inside} /></Literal></Variable.Default></Variable>'
    )


# ------------------------------------------------------------------------------------------------------------ steps


def sequence(label: str, *inside: str, variables: str = "") -> str:
    """One step of the designer's."""
    return (
        f"<Sequence DisplayName={quoteattr(label)}><Sequence.Variables>{variables}</Sequence.Variables>"
        f"{''.join(inside)}</Sequence>"
    )


def put(row: str, table: str, column: str, variable: str) -> str:
    """SetEntityProperty."""
    return (
        f'<mxswa:SetEntityProperty Attribute={quoteattr(column)} Entity={quoteattr(f"[{row}]")} EntityName="{table}"'
        f' Value="[{variable}]" />'
    )


def begin(row: str, table: str) -> str:
    """The beginning of a row, or of changes to one."""
    value = quoteattr(f'[New Entity("{table}")]')
    return f'<Assign x:TypeArguments="mxs:Entity" To={quoteattr(f"[{row}]")} Value={value} />'


def create(step: str, table: str, values: str = "", about: str = "", **columns: str) -> str:
    """A step that creates a row; `columns` name the variables."""
    row = f'CreatedEntities("{step}_localParameter#Temp")'
    sets = "".join(put(row, table, column, variable) for column, variable in columns.items())
    entity = quoteattr(f"[{row}]")
    kept = quoteattr(f'[CreatedEntities("{step}_localParameter")]')
    return sequence(
        f"{step}: {about}",
        begin(row, table),
        values,
        sets,
        f'<mxswa:CreateEntity EntityId="{{x:Null}}" DisplayName="{step}" Entity={entity} EntityName="{table}" />',
        f'<Assign x:TypeArguments="mxs:Entity" To={kept} Value={entity} />',
    )


def update(
    step: str, values: str = "", *, key: str = "primaryEntity", table: str = TARGET, variables: str = "", **columns: str
) -> str:
    """A step that updates a row."""
    row = f'CreatedEntities("{key}#Temp")'
    sets = "".join(put(row, table, column.removesuffix("_"), variable) for column, variable in columns.items())
    entity, kept = quoteattr(f"[{row}]"), quoteattr(f'[InputEntities("{key}")]')
    return sequence(
        step,
        begin(row, table),
        f'<Assign x:TypeArguments="s:Guid" To={quoteattr(f"[{row}.Id]")} Value={quoteattr(f"[InputEntities({chr(34)}{key}{chr(34)}).Id]")} />',
        values,
        sets,
        f'<mxswa:UpdateEntity DisplayName={quoteattr(step)} Entity={entity} EntityName="{table}" />',
        f'<Assign x:TypeArguments="mxs:Entity" To={kept} Value={entity} />',
        variables=variables,
    )


def output(step: str, name: str, values: str, value: str, kind: str = "x:String") -> str:
    """A step that sets an output; `value` is the Visual Basic of it."""
    return sequence(step, values, f'<Assign x:TypeArguments="{kind}" To="[{name}]" Value={quoteattr(f"[{value}]")} />')


def set_state(state: int, status: int, *, row: str = PRIMARY, table: str = TARGET) -> str:
    """A step that changes the status."""
    parts = "".join(
        f'<mxswa:SetState.{name}><InArgument x:TypeArguments="mxs:OptionSetValue"><mxswa:ReferenceLiteral '
        f'x:TypeArguments="mxs:OptionSetValue"><mxs:OptionSetValue ExtensionData="{{x:Null}}" Value="{number}" />'
        f"</mxswa:ReferenceLiteral></InArgument></mxswa:SetState.{name}>"
        for name, number in (("State", state), ("Status", status))
    )
    return (
        f'<mxswa:SetState DisplayName="SetStateStep1" Entity={quoteattr(f"[{row}]")} EntityId={quoteattr(f"[{row}.Id]")}'
        f' EntityName="{table}">{parts}</mxswa:SetState>'
    )


def assign(owner: str, *, row: str = PRIMARY, table: str = TARGET, values: str = "") -> str:
    """A step that changes the owner; `owner` is the Visual Basic of it."""
    return sequence(
        "AssignStep1",
        values,
        f'<mxswa:AssignEntity Owner={quoteattr(f"[{owner}]")} DisplayName="AssignStep1" Entity={quoteattr(f"[{row}]")}'
        f' EntityId={quoteattr(f"[{row}.Id]")} EntityName="{table}" />',
    )


def stop(status: str, values: str, variable: str, step: str = "StopWorkflowStep1") -> str:
    """A step that ends the action: `Canceled` or `Succeeded`."""
    outcome = f"[New Microsoft.Xrm.Sdk.InvalidPluginExecutionException(Microsoft.Xrm.Sdk.OperationStatus.{status})]"
    return sequence(
        step,
        values,
        f'<TerminateWorkflow DisplayName="{step}" Exception="{outcome}" Reason="[DirectCast({variable}, System.String)]" />',
    )


def composite(label: str, *inside: str) -> str:
    """A wrapper: a stage, what a branch does, or a custom activity."""
    return reference("Composite", "", collections("", "".join(inside)), label)


def collections(variables: str, activities: str) -> str:
    """The two lists of a wrapper."""
    return (
        f'<sco:Collection x:TypeArguments="Variable" x:Key="Variables">{variables}</sco:Collection>'
        f'<sco:Collection x:TypeArguments="Activity" x:Key="Activities">{activities}</sco:Collection>'
    )


# ------------------------------------------------------------------------------------------------------- conditions


def compare(result: str, operator: str, operand: str, *parameters: str) -> str:
    """EvaluateCondition."""
    listed = given("Parameters", f"[New Object() {{ {', '.join(parameters)} }}]", "s:Object[]")
    return reference(
        "EvaluateCondition",
        given("ConditionOperator", operator, "mxsq:ConditionOperator")
        + (listed if parameters else '<x:Null x:Key="Parameters" />')
        + given("Operand", f"[{operand}]")
        + given("Result", f"[{result}]", "x:Boolean", "Out"),
    )


def both(result: str, operator: str, left: str, right: str) -> str:
    """EvaluateLogicalCondition."""
    return reference(
        "EvaluateLogicalCondition",
        given("LogicalOperator", operator)
        + given("LeftOperand", f"[{left}]", "x:Boolean")
        + given("RightOperand", f"[{right}]", "x:Boolean")
        + given("Result", f"[{result}]", "x:Boolean", "Out"),
    )


def branch(condition: str, *steps: str, label: str = "ConditionBranchStep") -> str:
    """One way; `condition` is a variable, or True for "otherwise"."""
    inside = composite(label, *steps).replace("<mxswa:ActivityReference ", '<mxswa:ActivityReference x:Key="Then" ', 1)
    return reference(
        "ConditionBranch",
        given("Condition", condition if condition == "True" else f"[{condition}]", "x:Boolean"),
        (inside if steps else '<x:Null x:Key="Then" />') + '<x:Null x:Key="Else" /><x:Null x:Key="Description" />',
        label,
    )


def condition(*activities: str, label: str = "ConditionStep1", wait: bool = False) -> str:
    """A condition: what works the comparisons out, and the branches, in order."""
    return reference(
        "ConditionSequence", given("Wait", str(wait), "x:Boolean"), collections("", "".join(activities)), label
    )
