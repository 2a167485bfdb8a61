"""Outputs: set by steps there, by `return` here."""

from __future__ import annotations

from pathlib import Path

from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import NOTHING_KNOWN, steps, translated

RESULT = x.argument("Result", "x:String", output=True)
SCORE = x.argument("Score", "x:Decimal", output=True)
REASON = x.argument("Reason", "x:String")
WORD = x.constant("w", "String", "done")
HELD = x.read("a", "isprivate") + x.constant("b", "Boolean", "1", "x:Boolean") + x.compare("held", "Equal", "a", "b")
NOTE = x.update("UpdateStep9", x.constant("v", "String", "Noted"), description="v")


def _set(text: str, step: str = "AssignOutputArgumentStep1") -> str:
    return x.output(step, "Result", x.constant("w", "String", text), "w.ToString()")


def _score(number: str) -> str:
    return x.output("S", "Score", x.constant("s", "Decimal", number), "CDec(s)", "x:Decimal")


def test_an_output_at_the_end(tmp_path: Path) -> None:
    found = translated(x.action(NOTE, _set("done", "AssignOutputArgumentStep1: Say so"), arguments=[RESULT]), tmp_path)
    assert steps(found) == 'update opportunity set description = "Noted";\n# Say so\nreturn Result: "done"'
    assert "  returns (Result text)\n" in found.text


def test_the_last_value_counts(tmp_path: Path) -> None:
    found = translated(x.action(_set("first"), _set("second"), arguments=[RESULT]), tmp_path)
    assert steps(found) == 'return Result: "second"'


def test_a_value_that_later_steps_change_is_kept(tmp_path: Path) -> None:
    read = x.output("S", "Result", x.read("d", "name", kind="x:String") + x.first("e", "d"), "e.ToString()")
    found = translated(x.action(read, NOTE, arguments=[RESULT]), tmp_path)
    assert steps(found) == (
        'let result_value = opportunity.name;\nupdate opportunity set description = "Noted";\nreturn Result: result_value'
    )


def test_branches_that_set_one_take_what_follows(tmp_path: Path) -> None:
    chain = x.condition(HELD, x.branch("held", _set("yes"), _score("1.5")), x.branch("True", _set("no")))
    found = translated(x.action(chain, NOTE, arguments=[RESULT, SCORE]), tmp_path)
    assert steps(found) == (
        "if (opportunity.isprivate = true) <\n"
        '  update opportunity set description = "Noted";\n'
        '  return Result: "yes", Score: 1.5\n'
        "> else <\n"
        '  update opportunity set description = "Noted";\n'
        '  return Result: "no"\n'
        ">"
    )
    assert "returns (Result text, Score decimal optional)" in found.text
    assert "# Score should always be set, says the action; not every way through its steps does that.\n" in found.text


def test_branches_that_set_none_go_on(tmp_path: Path) -> None:
    chain = x.condition(HELD, x.branch("held", NOTE))
    again = x.condition(HELD, x.branch("held", _set("yes")))
    found = translated(x.action(_set("no"), chain, again, NOTE, arguments=[RESULT]), tmp_path)
    assert steps(found) == (
        'if (opportunity.isprivate = true) < update opportunity set description = "Noted" >\n'
        "if (opportunity.isprivate = true) <\n"
        '  update opportunity set description = "Noted";\n'
        '  return Result: "yes"\n'
        ">\n"
        'update opportunity set description = "Noted";\n'
        'return Result: "no"'
    )


def test_too_many_ways_are_left(tmp_path: Path) -> None:
    chain = x.condition(HELD, x.branch("held", _set("yes")), x.branch("True", _set("no")))
    found = translated(x.action(*[chain] * 12, arguments=[RESULT]), tmp_path)
    assert found.left
    assert set(found.left) == {"Close.xaml: the output Result is set where too many branches follow."}
    assert len(found.text.splitlines()) < 1500


def test_stops(tmp_path: Path) -> None:
    message = x.constant("m", "String", "No, {Reason(Arguments)}.")
    chain = x.condition(
        HELD, x.branch("held", x.stop("Canceled", message, "m")), x.branch("True", x.stop("Succeeded", WORD, "w"))
    )
    found = translated(x.action(_set("kept"), chain, arguments=[RESULT, REASON]), tmp_path)
    assert steps(found) == (
        "if (opportunity.isprivate = true) <\n"
        '  fail "No, {Reason}."\n'
        "> else <\n"
        '  # It ends with the message "done"\n'
        '  return Result: "kept"\n'
        ">"
    )
    alone = translated(x.action(x.stop("Succeeded", "", "nothing")), tmp_path)
    assert steps(alone) == "stop"
    wordless = translated(x.action(x.stop("Canceled", "", "nothing")), tmp_path)
    assert steps(wordless) == 'fail "The action was cancelled."'
    optional = x.stop("Canceled", x.read("d", "description", kind="x:String") + x.first("e", "d"), "e")
    assert steps(translated(x.action(optional), tmp_path)) == 'fail opportunity.description otherwise ""'


def test_steps_behind_an_end_stay_as_comments(tmp_path: Path) -> None:
    found = translated(x.action(x.stop("Canceled", WORD, "w"), NOTE), tmp_path)
    assert steps(found) == 'fail "done"\n# What follows never runs.\n# update opportunity set description = "Noted"'


def test_outputs_in_stages(tmp_path: Path) -> None:
    first = x.composite("StageStep1: One", _set("yes"), NOTE)
    second = x.composite("StageStep2: Two", x.condition(HELD, x.branch("held", _score("2"))), NOTE)
    found = translated(x.action(first, second, NOTE, arguments=[RESULT, SCORE]), tmp_path)
    assert steps(found) == (
        'stage "One" <\n'
        '  update opportunity set description = "Noted"\n'
        ">\n"
        "# Stage: Two\n"
        "if (opportunity.isprivate = true) <\n"
        '  update opportunity set description = "Noted";\n'
        '  update opportunity set description = "Noted";\n'
        '  return Result: "yes", Score: 2\n'
        ">\n"
        'update opportunity set description = "Noted";\n'
        'update opportunity set description = "Noted";\n'
        'return Result: "yes"'
    )


def test_an_output_that_may_be_empty_is_optional(tmp_path: Path) -> None:
    read = x.output("S", "Result", x.read("d", "description", kind="x:String") + x.first("e", "d"), "e")
    found = translated(x.action(read, arguments=[RESULT]), tmp_path)
    assert steps(found) == "return Result: opportunity.description"
    assert "returns (Result text optional)" in found.text
    as_text = x.output("S", "Result", x.read("d", "createdon", kind="s:DateTime") + x.first("e", "d"), "e.ToString()")
    assert steps(translated(x.action(as_text, arguments=[RESULT]), tmp_path)) == (
        'return Result: "{words_of_datetime(opportunity.createdon)}"'
    )


def test_an_output_that_is_none_is_left(tmp_path: Path) -> None:
    found = translated(x.action(_set("done")), tmp_path, NOTHING_KNOWN)
    assert found.left[0].endswith(
        'setting the output Result is not translated: the action has no output Result; it was to be "done".'
    )
