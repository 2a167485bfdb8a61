"""Conditions: each operator, groups, else branches, and what can not be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import NOTHING_KNOWN, steps, translated

ACCOUNT = "6fccf473-7b67-4a66-9316-4f85a006211f"
ROW = f'account(id "{ACCOUNT}")'
MONEY = x.constant("b", "Money", "1000.50", "mxs:Money")
WORD = x.constant("b", "String", "Ltd")
HOT = x.constant("b", "OptionSetValue", "1", "mxs:OptionSetValue")
WARM = x.constant("c", "OptionSetValue", "2", "mxs:OptionSetValue")
THREE = x.constant("b", "Integer", "3", "x:Int32")
YES = x.constant("b", "Boolean", "1", "x:Boolean")
NOW = x.evaluate("RetrieveCurrentTime", "", "b")
DAY = x.constant("b", "DateTime", "2020-02-29T00:00:00.0000000Z", "s:DateTime")
CONTOSO = x.row_constant("b", "account", ACCOUNT)
USED = "u.estimatedclosedate is not empty and u.estimatedclosedate"

OPERATORS = [
    ("Equal", "name", (WORD,), 'u.name = "Ltd"'),
    ("NotEqual", "name", (WORD,), 'u.name != "Ltd"'),
    ("Equal", "rating", (HOT,), "u.rating = hot"),
    ("Equal", "status", (HOT,), "u.status = open"),
    ("Equal", "isprivate", (YES,), "u.isprivate = true"),
    ("Equal", "customerid", (CONTOSO,), f"u.customerid = {ROW}"),
    ("GreaterThan", "estimatedvalue", (MONEY,), "u.estimatedvalue is not empty and u.estimatedvalue > 1000.5"),
    ("GreaterEqual", "probability", (THREE,), "u.probability is not empty and u.probability >= 3"),
    ("LessThan", "probability", (THREE,), "u.probability is not empty and u.probability < 3"),
    ("LessEqual", "estimatedclosedate", (DAY,), f'{USED} <= date "2020-02-29"'),
    ("Null", "description", (), "u.description is empty"),
    ("NotNull", "description", (), "u.description is not empty"),
    ("In", "rating", (HOT, WARM), "u.rating in (hot, warm)"),
    ("In", "rating", (HOT,), "u.rating = hot"),
    ("NotIn", "rating", (HOT, WARM), "not (u.rating in (hot, warm))"),
    ("Contains", "name", (WORD,), 'contains(u.name, "Ltd")'),
    ("DoesNotContain", "name", (WORD,), 'not contains(u.name, "Ltd")'),
    (
        "DoesNotContain",
        "description",
        (WORD,),
        'not (u.description is not empty and contains(u.description, "Ltd"))',
    ),
    ("Like", "name", (WORD,), 'contains(u.name, "Ltd")'),
    ("NotLike", "name", (WORD,), 'not contains(u.name, "Ltd")'),
    ("BeginsWith", "name", (WORD,), 'starts_with(u.name, "Ltd")'),
    ("DoesNotBeginWith", "name", (WORD,), 'not starts_with(u.name, "Ltd")'),
    ("EndsWith", "name", (WORD,), 'ends_with(u.name, "Ltd")'),
    ("DoesNotEndWith", "name", (WORD,), 'not ends_with(u.name, "Ltd")'),
    ("On", "estimatedclosedate", (NOW,), f"{USED} = today()"),
    ("NotOn", "estimatedclosedate", (NOW,), f"not ({USED} = today())"),
    ("OnOrAfter", "createdon", (NOW,), "u.createdon is not empty and date_of(u.createdon) >= date_of(now())"),
    ("OnOrBefore", "createdon", (NOW,), "u.createdon is not empty and date_of(u.createdon) <= date_of(now())"),
    (
        "Between",
        "probability",
        (THREE, x.constant("c", "Integer", "5", "x:Int32")),
        "u.probability is not empty and u.probability >= 3 and u.probability <= 5",
    ),
    (
        "NotBetween",
        "probability",
        (THREE, x.constant("c", "Integer", "5", "x:Int32")),
        "not (u.probability is not empty and u.probability >= 3 and u.probability <= 5)",
    ),
    ("Today", "estimatedclosedate", (), f"{USED} = today()"),
    ("Yesterday", "estimatedclosedate", (), f"{USED} = today() - 1 day"),
    ("Tomorrow", "estimatedclosedate", (), f"{USED} = today() + 1 day"),
    (
        "Last7Days",
        "estimatedclosedate",
        (),
        f"{USED} >= today() - 7 days and u.estimatedclosedate <= today()",
    ),
    (
        "NextXMonths",
        "estimatedclosedate",
        (THREE,),
        f"{USED} >= today() and u.estimatedclosedate <= add_months(today(), 3)",
    ),
    (
        "ThisMonth",
        "estimatedclosedate",
        (),
        "u.estimatedclosedate is not empty and start_of_month(u.estimatedclosedate) = start_of_month(today())",
    ),
    ("LastYear", "createdon", (), "u.createdon is not empty and year(date_of(u.createdon)) = year(today()) - 1"),
    ("OlderThanXYears", "estimatedclosedate", (THREE,), f"{USED} < add_months(today(), -3 * 12)"),
    ("EqualUserId", "ownerid", (), "u.ownerid = caller"),
    ("NotEqualUserId", "ownerid", (), "u.ownerid != caller"),
    (
        "UnderOrEqual",
        "parentaccountid",
        (CONTOSO,),
        f"u.parentaccountid is not empty and u.parentaccountid under {ROW}",
    ),
]


def _condition(operator: str, column: str, parameters: tuple[str, ...]) -> str:
    names = ("b", "c")[: len(parameters)]
    return x.condition(
        x.read("a", column),
        *parameters,
        x.compare("held", operator, "a", *names),
        x.branch("held", x.update("UpdateStep2", x.constant("v", "String", "Yes"), description="v")),
    )


@pytest.mark.parametrize(
    ("operator", "column", "parameters", "written"),
    OPERATORS,
    ids=lambda value: value if isinstance(value, str) and value.isalnum() else "",
)
def test_operators(operator: str, column: str, parameters: tuple[str, ...], written: str, tmp_path: Path) -> None:
    found = translated(x.action(_condition(operator, column, parameters)), tmp_path)
    condition = " ".join(steps(found).split()).removeprefix("if (").partition(") < update")[0]
    assert condition == written.replace("u.", "opportunity.")
    assert (found.steps, found.left) == (2, ())


@pytest.mark.parametrize("operator", [line[0] for line in OPERATORS])
def test_operators_without_tables_parse(operator: str, tmp_path: Path) -> None:
    _, column, parameters, _ = next(line for line in OPERATORS if line[0] == operator)
    assert translated(x.action(_condition(operator, column, parameters)), tmp_path, NOTHING_KNOWN).left == ()


def test_groups_and_else_branches(tmp_path: Path) -> None:
    group = (
        x.read("a", "isprivate")
        + YES
        + x.compare("one", "Equal", "a", "b")
        + x.read("d", "estimatedvalue")
        + x.constant("e", "Money", "10", "mxs:Money")
        + x.compare("two", "GreaterEqual", "d", "e")
        + x.read("f", "probability")
        + x.compare("three", "Null", "f")
        + x.both("either", "Or", "two", "three")
        + x.both("all", "And", "one", "either")
    )
    note = x.constant("v", "String", "It is big")
    other = x.read("g", "rating") + HOT + x.compare("four", "Equal", "g", "b")
    found = translated(
        x.action(
            x.condition(
                group,
                x.branch(
                    "all", x.update("UpdateStep3: Note it", note, description="v"), label="ConditionBranchStep2: Big"
                ),
                other,
                x.branch("four", x.set_state(1, 3)),
                x.branch("True", x.update("UpdateStep4", note, name="v")),
                label="ConditionStep1: How big?",
            )
        ),
        tmp_path,
    )
    assert steps(found) == (
        "# How big?\n"
        "if (opportunity.isprivate = true\n"
        "    and (opportunity.estimatedvalue is not empty and opportunity.estimatedvalue >= 10"
        " or opportunity.probability is empty)) <\n"
        "  # Big\n"
        "  # Note it\n"
        '  update opportunity set description = "It is big"\n'
        "> else if (opportunity.rating = hot) <\n"
        "  move opportunity to won;\n"
        "  update opportunity set statecode = 1\n"
        "> else <\n"
        '  update opportunity set name = "It is big"\n'
        ">"
    )
    assert (found.steps, found.left_steps) == (4, 0)


def test_what_a_condition_shows_holds_in_its_branch(tmp_path: Path) -> None:
    read = x.read("a", "probability", kind="x:Int32") + x.compare("held", "NotNull", "a")
    text = x.read("p", "probability", kind="x:Int32") + x.constant("q", "String", "At ")
    found = translated(
        x.action(
            x.condition(
                read,
                x.branch(
                    "held",
                    x.update("UpdateStep2", text + x.evaluate("Add", "q, p", "r"), description="r"),
                    x.update("UpdateStep3", text + x.evaluate("Add", "q, p", "r"), description="r"),
                ),
            )
        ),
        tmp_path,
    )
    assert steps(found) == (
        "if (opportunity.probability is not empty) <\n"
        '  update opportunity set description = "At {opportunity.probability}";\n'
        '  update opportunity set description = "At {words_of_integer(opportunity.probability)}"\n'
        ">"
    )


def test_a_condition_that_can_not_be_said_stays_as_comments(tmp_path: Path) -> None:
    found = translated(
        x.action(
            x.condition(
                x.read("a", "createdon"),
                x.compare("held", "ThisFiscalYear", "a"),
                x.branch("held", x.update("UpdateStep2: Say so", x.constant("v", "String", "Yes"), description="v")),
                x.branch("True", x.set_state(1, 3)),
                label="ConditionStep1: Of this year?",
            ),
            x.update("UpdateStep3", x.constant("v", "String", "Done"), description="v"),
        ),
        tmp_path,
    )
    assert steps(found) == (
        "# Of this year?\n"
        "# line 6, column 1536 of Close.xaml: the condition is not translated: the comparison ThisFiscalYear.\n"
        "# if (...) <\n"
        "#   # Say so\n"
        '#   update opportunity set description = "Yes"\n'
        "# > else <\n"
        "#   move opportunity to won;\n"
        "#   update opportunity set statecode = 1\n"
        "# >\n"
        'update opportunity set description = "Done"'
    )
    assert (found.steps, found.left_steps) == (4, 3)


def test_waiting_is_left(tmp_path: Path) -> None:
    read = x.read("a", "name") + x.compare("held", "NotNull", "a")
    found = translated(x.action(x.condition(read, x.branch("held"), wait=True)), tmp_path)
    assert found.left == (
        "line 6, column 1 of Close.xaml: waiting for something is not translated; a process action can not wait.",
    )


def test_what_follows_an_unconditional_branch_is_never_reached(tmp_path: Path) -> None:
    note = x.update("UpdateStep2", x.constant("v", "String", "Yes"), description="v")
    found = translated(
        x.action(
            x.condition(
                x.branch("True", note), x.read("a", "name") + x.compare("c", "NotNull", "a"), x.branch("c", note)
            )
        ),
        tmp_path,
    )
    assert steps(found) == (
        'update opportunity set description = "Yes"\n'
        "# No way leads to what follows.\n"
        '# if (opportunity.name is not empty) < update opportunity set description = "Yes" >'
    )


def test_a_condition_that_nothing_fills_is_left(tmp_path: Path) -> None:
    found = translated(x.action(x.condition(x.branch("unfilled", x.set_state(1, 3)))), tmp_path)
    assert found.left[0].endswith("the condition is not translated: nothing says when it holds.")


def test_what_a_row_was_called_is_said_in_its_branch(tmp_path: Path) -> None:
    row = x.row_constant("b", "account", ACCOUNT, "Contoso")
    held = x.read("a", "customerid") + row + x.compare("c", "Equal", "a", "b")
    found = translated(x.action(x.condition(held, x.branch("c", x.set_state(1, 3)))), tmp_path)
    assert f"  # account {ACCOUNT} was called 'Contoso'.\n" in steps(found)


def _grouped(operator: str, tmp_path: Path) -> str:
    """What a text says of two numbers, in a branch for which both are shown, or one of them."""
    held = (
        x.read("a", "probability")
        + x.compare("c", "NotNull", "a")
        + x.read("b", "estimatedvalue")
        + x.compare("d", "NotNull", "b")
        + x.both("e", operator, "c", "d")
    )
    values = x.constant("t", "String", "At ") + x.read("a", "probability") + x.read("b", "estimatedvalue")
    step = x.update("UpdateStep2", values + x.evaluate("Add", "t, a, b", "v"), description="v")
    return steps(translated(x.action(x.condition(held, x.branch("e", step))), tmp_path))


def test_both_sides_of_and_are_shown_and_neither_of_or(tmp_path: Path) -> None:
    assert 'description = "At {opportunity.probability}{opportunity.estimatedvalue}"' in _grouped("And", tmp_path)
    assert (
        'description = "At {words_of_integer(opportunity.probability)}{words_of_money(opportunity.estimatedvalue)}"'
        in _grouped("Or", tmp_path)
    )
