"""`actionlang test` as people and CI servers call it: real processes, and what they print, kept in tests/golden/testing/."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pexpect
import pytest

from tests.golden import compare

VERBS = """\
import helpdesk;

action MakeUrgent on case (reason text) <
  require (case.status = open) else "Only an open case can be made urgent.";
  if (case.priority = high) < stop >
  update case set priority = high, escalation_reason = reason
>

action Sweep <
  for each case in case where (case.status = new and case.priority = low) <
    attempt < perform MakeUrgent(reason: "swept") on case > else < move case to cancelled >
  >
>
"""

PASSING = """\
import "../verbs.act";
import helpdesk;

test "an open case becomes urgent" <
  create case as c set number = "CAS-1", title = "Fire", status = open;
  perform MakeUrgent(reason: "smoke") on c;
  require (c.priority = high and c.escalation_reason = "smoke")
>

test "nothing to sweep" < perform Sweep() >
"""

FAILING = """\
import "../verbs.act";
import helpdesk;

test "two values" <
  create case as c set number = "CAS-1", title = "Fire", status = open;
  create case as d set number = "CAS-2", title = "Flood", status = open;
  perform MakeUrgent(reason: "smoke") on c;
  require (c.priority = high and (c.title = d.title or c.priority = d.priority))
>

test "inside a verb" <
  create case as c set number = "CAS-1", title = "Fire", status = resolved;
  stage "Close" < perform MakeUrgent(reason: "smoke") on c >
>

test "another failure than the expected one" <
  create case as c set number = "CAS-1", title = "Fire";
  expect failure "It is on fire." < perform MakeUrgent(reason: "smoke") on c >
>

test "no failure at all" <
  create case as c set number = "CAS-1", title = "Fire", status = open;
  expect failure < perform MakeUrgent(reason: "smoke") on c >
>

test "a row that is not there" < require (case("CAS-9").title = "Fire") >

test "a rule of the table" <
  create case set number = "CAS-1", title = "Fire";
  create case set number = "CAS-1", title = "Flood"
>
"""

TIMES = ((r"in \d+\.\d\d s", "in N s"), (r"\(\d+\.\d ms\)", "(N ms)"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a verb, tests that pass, and tests that fail."""
    for name, text in {
        "actionlang.toml": "",
        "verbs.act": VERBS,
        "tests/failing.act": FAILING,
        "tests/passing.act": PASSING,
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path


def start(folder: Path, *arguments: str, **more: object) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).parent / "actionlang"), "test", *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": "error", "XDG_CACHE_HOME": str(folder / ".cache"), "COLUMNS": "100"}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, env=environment, **streams, **more)  # type: ignore[call-overload, no-any-return]


def call(folder: Path, *arguments: str, status: int = 0) -> str:
    """What a call prints: its output, then what it says on standard error."""
    with start(folder, *arguments) as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == status, output + errors
    return output + errors


def golden(name: str, text: str) -> None:
    for pattern, instead in TIMES:
        text = re.sub(pattern, instead, text)
    compare(f"testing/{name}.txt", text)


GOLDEN: list[tuple[str, list[str], int]] = [
    ("passing", ["tests/passing.act"], 0),
    ("failing", ["tests/failing.act"], 1),
    ("verbose", ["-v"], 1),
    ("coverage", ["tests/passing.act", "--coverage"], 0),
    ("fail_under", ["tests/passing.act", "--fail-under", "90"], 1),
    ("by_words", ["-k", "urgent open", "-k", "sweep", "-v"], 0),
    ("no_such_words", ["-k", "nonsense"], 1),
    ("no_tests", ["verbs.act"], 1),
    ("no_such_file", ["nowhere.act"], 2),
]


@pytest.mark.parametrize(("name", "arguments", "status"), GOLDEN, ids=[name for name, _, _ in GOLDEN])
def test_what_is_printed(project: Path, name: str, arguments: list[str], status: int) -> None:
    golden(name, call(project, *arguments, status=status))


def test_errors_in_scripts_come_first_and_nothing_is_run(project: Path) -> None:
    (project / "tests" / "broken.act").write_text('test "x" < require (1 = "one") >\n', "utf-8")
    golden("check_errors", call(project, status=1))
    found = json.loads(call(project, "--json", status=1))
    assert found["errors"] == 1
    assert found["diagnostics"][0]["place"]["file"] == "tests/broken.act"


def test_no_scripts(tmp_path: Path) -> None:
    assert "error[E0903]" in call(tmp_path, status=2)


def test_what_is_printed_does_not_depend_on_the_processes(project: Path) -> None:
    outputs = {re.sub(r"in \S+ s", "", call(project, "-j", jobs, "--coverage", status=1)) for jobs in ("1", "2", "7")}
    assert len(outputs) == 1


def test_reports(project: Path) -> None:
    call(project, "--junit", "out/results.xml", "--lcov", "out/coverage.info", status=1)
    root = ET.fromstring((project / "out" / "results.xml").read_bytes())
    assert (root.get("tests"), root.get("failures")) == ("8", "6")
    lcov = (project / "out" / "coverage.info").read_text("utf-8")
    assert re.findall("^SF:.*", lcov, re.MULTILINE) == ["SF:verbs.act"]
    assert re.findall("^FN:.*", lcov, re.MULTILINE) == ["FN:3,verbs.MakeUrgent", "FN:9,verbs.Sweep"]


def test_a_report_that_can_not_be_written(project: Path) -> None:
    printed = call(project, "tests/passing.act", "--junit", "verbs.act/results.xml", status=1)
    assert "error[E0908]: verbs.act/results.xml can not be written: " in printed


def test_json(project: Path) -> None:
    found = json.loads(call(project, "--json", "--coverage", status=1))
    assert (found["passed"], found["failed"], found["not_run"]) == (2, 6, 0)
    assert [test["title"] for test in found["tests"] if test["outcome"] == "passed"] == [
        "an open case becomes urgent",
        "nothing to sweep",
    ]
    assert {verb["verb"] for verb in found["coverage"]["verbs"]} == {"verbs.MakeUrgent", "verbs.Sweep"}


def test_colours_only_on_a_terminal(project: Path) -> None:
    assert "\x1b" not in call(project, status=1)


@pytest.mark.terminal
@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
def test_on_a_terminal(project: Path, no_color: str, colored: bool) -> None:
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": no_color}
    command = f"{Path(sys.executable).parent / 'actionlang'} test"
    printed, status = pexpect.run(
        command, cwd=project, env=environment, encoding="utf-8", withexitstatus=True, timeout=60
    )
    assert status == 1
    assert ("\x1b[32m2 passed\x1b[0m" in printed) is colored
    assert "tests/passing.act" in printed


def test_today_goes_by_the_projects_time_zone(project: Path) -> None:
    (project / "zone.act").write_text(
        'test "the next day" at datetime "2026-11-24T23:30:00Z" < require (today() = date "2026-11-25") >\n', "utf-8"
    )
    call(project, "zone.act", status=1)
    (project / "actionlang.toml").write_text('time_zone = "Europe/Berlin"\n', "utf-8")
    call(project, "zone.act")


def test_tests_of_two_projects(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each is checked by itself: both may have a module of the same name."""
    other = tmp_path_factory.mktemp("other")
    (other / "actionlang.toml").write_text("", "utf-8")
    (other / "verbs.act").write_text(f'{VERBS}\ntest "here, too" < perform Sweep() >\n', "utf-8")
    output = call(project, "tests/passing.act", str(other), "--coverage")
    assert "3 passed" in output
    assert output.count("verbs.MakeUrgent") == 4


ENDLESS = f"""\
test "it ends, but nobody wants to wait for it" <
{"".join(f'  create team set name = "Team {number}";{chr(10)}' for number in range(20))}
  {" ".join(f"for each team{number} in team <" for number in range(9))}
  require (team0 = team0)
  {">" * 9}
>
"""


@pytest.mark.process
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_stops_all_and_tells_what_was_run(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "first.act").write_text('test "at once" < require (1 = 1) >\n', "utf-8")
    for number in range(3):
        (tmp_path / f"slow{number}.act").write_text(ENDLESS, "utf-8")
    process = start(tmp_path, "-j", jobs, start_new_session=True)
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert first == "first.act  1 passed\n"
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert re.search(r"1 passed, 3 not run in \S+ s", output)
    assert not alive(process.pid)


def alive(group: int) -> bool:
    """Whether a process of this group is there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
