"""`actionlang background`, as its users run it: starting, looking at, ending and going on with runs."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.cli.background_list import STATES
from actionlang.durable import runs
from actionlang.runtime.database import Database
from tests.cli.inside import Command, command
from tests.cli.running import COMMAND, actionlang, environment
from tests.golden import compare
from tests.postgres import fresh_database

__all__ = ["command"]

PROJECT = """\
sources = ["desk.act"]
database = "sqlite:///desk.db"
"""

SCRIPT = """\
table request "Request" <
  number   text(20) required key;
  note     text(200);
  status   < open -> done; done -> open >;
  owner    owner;
>

action Ask (number text, owner owner optional) < create request set number = number, owner = owner >
action Note on request (text text) < update request set note = text >
action Finish on request < move request to done >
function Count returns (count integer) < return count: count(request) >

## Ask until somebody answers.
background action Chase on request (text text, pause duration default 0 days, pin text optional sensitive)
  returns (told text) <
  require (request.status = open) else "{request.number} is done.";
  require (pin is empty or length(pin) > 2) else "The pin is short.";
  update request set note = text;
  stage "Wait" <
    wait pause;
    require (request.status = open) else "{request.number} was done meanwhile.";
    update request set note = "chased";
  >
  start Note(text: "nobody answered") on request after 3 days;
  return told: "asked {text}";
>

## Chase it, later.
action Plan on request (pin text optional sensitive) <
  start Chase(text: "planned", pin: pin) on request after 2 days;
>

action Join (name text, email text, team text) <
  create user as joined set name = name, email = email;
  find optional team as there where (there.name = team);
  if (there is empty) < create team set name = team >
  create membership set team = team(team), user = joined;
>
"""

ROLES = """\
[agent]
doc = "Works on requests."
perform = ["desk.Chase", "desk.Note"]

[agent.tables]
"desk.request" = { read = "team", update = "own" }
"""

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
SHORT_ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}(?= )", re.MULTILINE)
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?Z?")


def steady(text: str) -> str:
    """Output without what is another each time."""
    return MOMENT.sub("MOMENT", SHORT_ID.sub("SHORT-ID     ", ID.sub("ID", text)))


def _make(run: Command, folder: Path, *options: str) -> None:
    """The project in a folder, its verbs in use, and two requests."""
    (folder / "actionlang.toml").write_text(PROJECT, "utf-8")
    (folder / "desk.act").write_text(SCRIPT, "utf-8")
    for words in (("tables", "create"), ("registry", "init"), ("activate", "--why", "test")):
        assert run(*words, *options).status == 0
    for number in ("R-1", "R-2"):
        run("run", "Ask", f"number={number}", *options).fine()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    _make(lambda *words: actionlang(folder, *words), folder)
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path, command: Command) -> Command:
    """The project in the test's folder, on SQLite."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return command


@pytest.fixture(params=["sqlite", "postgres"])
def on_each(request: pytest.FixtureRequest, tmp_path: Path, command: Command) -> Iterator[Command]:
    """The project on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("desk")
        return
    with fresh_database() as url:
        _make(command, tmp_path, "--db", url)
        yield lambda *words: command(*words, "--db", url)


def started(run: Command, *words: str) -> str:
    """Start a run; gives its id."""
    told = json.loads(run("background", "start", *words, "--json").fine())
    assert isinstance(told["run"], str)
    return told["run"]


# -------------------------------------------------------------------------------------------------- from start to end


def test_from_its_start_to_its_end(on_each: Command) -> None:
    assert on_each("background", "list").fine() == "No background runs.\n"
    told = on_each("background", "start", "Chase", "--on", "R-1", "text=hello", "pause=3 days", "pin=4711").fine()
    run = ID.findall(told)[0]
    texts = [told, on_each("background", "list").fine(), on_each("background", "show", run[:18]).fine()]
    texts += [on_each("background", "work", "--once").fine(), on_each("background", "show", run).fine()]
    waiting = json.loads(on_each("background", "show", run, "--json").fine())
    assert waiting["next"] == [
        {"line": 21, "text": 'require (request.status = open) else "{request.number} was done meanwhile."'},
        {"line": 22, "text": 'update request set note = "chased"'},
    ]
    assert (waiting["state"], waiting["done"], waiting["units"], waiting["outputs"]) == ("waiting", 2, 5, None)
    assert waiting["arguments"] == {"text": "hello", "pause": "P3D", "pin": "***"}
    texts += [on_each("background", "cancel", run).fine(), on_each("background", "show", run).fine()]
    run = started(on_each, "desk.Chase", "--on", "R-2", "text=again")
    texts += [on_each("background", "work", "--once").fine(), on_each("background", "show", run).fine()]
    texts.append(on_each("background", "list", "--limit", "3").fine())
    compare("cli/background.txt", "\n".join(map(steady, texts)))
    assert json.loads(on_each("background", "show", run, "--json").fine())["outputs"] == {"told": "asked again"}


def test_one_that_fails_is_tried_again_where_it_failed(on_each: Command) -> None:
    run = started(on_each, "Chase", "--on", "R-1", "text=hello", "pause=0 days")
    on_each("run", "Finish", "--on", "R-1").fine()
    failed = on_each("background", "work", "--once")
    assert (failed.status, failed.error) == (1, "")
    assert failed.out == (
        f"failed     Chase v1 on request R-1, run {run}: E0701 R-1 is done.\n"
        "1 failed (see actionlang background list --state failed).\n"
    )
    told = on_each("background", "show", run).fine()
    assert "  failed in    line 16: require (request.status = open)" in told
    assert told.endswith(f"\nNothing of it was done. To begin it again: actionlang background retry {run}\n")
    assert "E0701 R-1 is done." in on_each("background", "list", "--state", "failed").fine()
    assert on_each("background", "list", "--state", "done", "--state", "waiting").fine() == "No such background runs.\n"
    again = on_each("background", "retry", run[:18]).fine()
    assert again == f"desk.Chase, run {run}, waits again: actionlang background work, or a server, goes on with it.\n"
    assert json.loads(on_each("background", "cancel", run, "--json").fine()) == {"run": run, "state": "cancelled"}
    for word, told in (("retry", "is cancelled: it can not be tried again"), ("cancel", "it can not be cancelled")):
        refused = on_each("background", word, run)
        assert (refused.status, told in refused.error) == (2, True)


def test_a_moment_a_key_and_a_dry_run(desk: Command) -> None:
    call = ("background", "start", "Note", "--on", "R-1", "text=later")
    right = "The call of Note on R-1 is right. Nothing was started: it was a dry run.\n"
    assert desk(*call, "--dry-run").fine() == right
    assert desk("background", "list").fine() == "No background runs.\n"
    first = desk(*call, "--at", "2100-01-01T00:00:00Z", "--key", "mail-1").fine()
    assert first.startswith("Note on R-1 begins at 2100-01-01T00:00:00Z: actionlang background work, or a server,")
    again = desk(*call, "--key", "mail-1").fine()
    assert again.startswith("Note on R-1 was started by an earlier call with this key, and is waiting.\n")
    assert ID.findall(first) == ID.findall(again)
    other = desk(*call, "--at", "2099-01-01T00:00:00Z", "--key", "mail-1").fine()
    assert ID.findall(first) == ID.findall(other), "when it begins is no part of the call"
    assert desk("background", "work", "--once").fine() == "Nothing was due.\n"
    assert "waiting  2100-01-01 00:00" in desk("background", "list", "--verb", "Note").fine()
    over = desk(*call, "--at", "2001-01-01T00:00:00Z").fine()
    assert over.startswith("Note on R-1 begins at once: "), "that moment is over"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("start", "Nothing"), 2, "error[E0921]: There is no active verb Nothing."),
        (("start", "Count"), 2, "Count is a function"),
        (("start", "Chase", "--on", "R-1"), 2, "Chase needs `text`"),
        (("start", "Chase", "--on", "R-1", "text=a", "pause=soon"), 2, "`pause` takes a length of time"),
        (("start", "Chase", "--on", "R-7", "text=a"), 2, 'not "R-7"'),
        (("start", "Chase", "text=a"), 2, "error[E0907]"),
        (("start", "Note", "--on", "R-1", "text=a", "--at", "tomorrow"), 2, "--at takes a moment with its offset"),
        (("start", "Note", "--on", "R-1", "text=a", "--as", "a@x.org", "--caller", "b"), 2, "both say who calls"),
        (("show", "0000"), 2, "error[E0728]: There is no background run 0000"),
        (("cancel", "0000"), 2, "error[E0728]"),
        (("retry", "0000"), 2, "error[E0728]"),
        (("list", "--state", "gone"), 2, "'gone' is not one of 'waiting', 'running', 'done', 'failed', 'cancelled'"),
        (("list", "--verb", "Nothing"), 2, "The registry has no verb Nothing."),
    ],
)
def test_what_is_wrong_is_told(desk: Command, words: tuple[str, ...], status: int, told: str) -> None:
    done = desk("background", *words)
    assert (done.status, done.out) == (status, "")
    assert told in done.error


def test_an_id_that_several_begin_with(desk: Command) -> None:
    ids = [started(desk, "Note", "--on", "R-1", "text=a") for _ in range(2)]
    done = desk("background", "show", ids[0][:2])
    assert f"error[E0728]: Several background runs begin with {ids[0][:2]}." in done.error


def test_the_states_are_those_that_there_are() -> None:
    assert STATES == runs.STATES


COMMANDS = (("list",), ("work", "--once"), ("show", "0"), ("cancel", "0"), ("retry", "0"), ("start", "Chase"))


def test_a_database_without_a_registry(command: Command) -> None:
    for words in COMMANDS:
        done = command("background", *words, "--db", "sqlite://")
        assert done.status == (3 if words[0] == "start" else 1)
        assert "error[E0920]: The database has no registry of verbs in use." in done.error


def test_a_database_of_an_earlier_version(desk: Command) -> None:
    with Database.connect("sqlite:///desk.db") as database, database.connection() as connection, connection.begin():
        connection.exec_driver_sql("DROP TABLE actionlang_background")
    for words in COMMANDS:
        done = desk("background", *words)
        assert done.status == (3 if words[0] == "start" else 1)
        assert "error[E0806]: The database has no table actionlang_background" in done.error
        assert "actionlang registry init" in done.error


def test_running_one_is_refused_with_what_to_do(desk: Command) -> None:
    done = desk("run", "Chase", "--on", "R-1", "text=a")
    assert done.status == 3
    assert "error[E0726]: Chase is a background action" in done.error
    assert "actionlang background start Chase" in done.error


# ----------------------------------------------------------------------------------------------- what verbs have started


def test_what_a_verb_has_started(desk: Command) -> None:
    run = desk("run", "Plan", "--on", "R-1", "pin=4711").fine()
    assert steady(run).startswith(
        "Plan on R-1\n\nstart Chase on request R-1, at MOMENT\n\nDone: 1 run started. Run ID\n"
    )
    (waiting,) = json.loads(desk("background", "list", "--json").fine())
    by = ID.findall(run)[0]
    assert (waiting["started_by"], waiting["version"], waiting["begun"]) == (by, None, False)
    shown = desk("background", "show", waiting["run"]).fine()
    assert "4711" not in shown, "it is masked before the run begins, too"
    assert "  pin         ***\n" in shown
    assert f"  started by  run {by}\n" in shown
    assert f"\nstarted Chase, run {waiting['run']} in the background\n" in desk("log", by).fine()


def test_the_arguments_of_one_whose_verb_is_no_longer_in_use_are_masked(desk: Command) -> None:
    desk("run", "Plan", "--on", "R-1", "pin=4711").fine()
    assert desk("deactivate", "Chase", "--why", "test").status == 0
    (waiting,) = json.loads(desk("background", "list", "--json").fine())
    shown = desk("background", "show", waiting["run"]).fine()
    assert "4711" not in shown
    assert "planned" not in shown
    listed = desk("background", "list", "--verb", "desk.Chase").fine()
    assert re.search(r"Chase +request R-1 +waiting ", listed), "the row has its name nevertheless"
    assert waiting["row"] == {"table": "desk.request", "key": waiting["row"]["key"]}


def test_undoing_what_only_started_something_names_what_to_do_instead(desk: Command) -> None:
    by = ID.findall(desk("run", "Plan", "--on", "R-1").fine())[0]
    (waiting,) = json.loads(desk("background", "list", "--json").fine())
    refused = desk("log", "undo", by)
    assert refused.status == 3
    assert f"error[E0988]: Run {by} changed nothing." in refused.error
    assert f"  = hint: it started Chase; to end that: actionlang background cancel {waiting['run']}\n" in refused.error
    desk("background", "cancel", waiting["run"]).fine()
    refused = desk("log", "undo", by)
    assert f"  = hint: it started Chase, see: actionlang background show {waiting['run']}\n" in refused.error
    asked = started(desk, "Note", "--on", "R-1", "text=a")
    refused = desk("log", "undo", asked)
    assert f"to end that: actionlang background cancel {asked}\n" in refused.error


def test_undoing_what_changed_and_started_something_tells_what_stays(desk: Command) -> None:
    started(desk, "Chase", "--on", "R-1", "text=a")
    assert desk("background", "work", "--once").status == 0
    told = json.loads(desk("background", "list", "--state", "waiting", "--json").fine())
    (later,) = [each for each in told if each["verb"] == "desk.Note"]
    undone = desk("log", "undo", later["started_by"])
    assert f"actionlang background cancel {later['run']}" in undone.out + undone.error


def test_that_it_has_no_set_form_is_explained(desk: Command) -> None:
    told = desk("explain", "Chase", "--sql").fine()
    assert told.startswith(
        "-- sqlite: Chase has no set form: a background action is committed unit by unit.\n"
        "-- On many rows a verb starts it, in a loop: each of them has a run of its own.\n"
    )


def test_whoever_takes_a_verb_out_of_use_is_told_what_fails_by_that(desk: Command) -> None:
    desk("background", "start", "Chase", "--on", "R-1", "text=kept").fine()
    desk("run", "Plan", "--on", "R-1").fine()
    told = desk("deactivate", "Chase", "--why", "test", "--by", "ada", "--dry-run").fine()
    assert told == (
        "  desk.Chase  not active any more, was version 1\n\n"
        "desk.Plan starts desk.Chase, and what it starts fails.\n"
        "1 run of desk.Chase waits to begin, and will fail: "
        "actionlang background list --state waiting --verb desk.Chase\n\n"
        "Dry run: nothing was kept.\n"
    )
    desk("run", "Plan", "--on", "R-1").fine()
    assert "\n2 runs of desk.Chase wait to begin, and will fail: " in desk("deactivate", "Chase", "--why", "x").fine()
    done = json.loads(desk("deactivate", "Note", "--why", "x", "--json").fine())
    assert (done["starters"], done["not_begun"]) == ([], 0), "Chase starts it, and is not active"
    done = json.loads(desk("activate", "--why", "x", "--json").fine())
    assert (done["starters"], done["not_begun"]) == ([], 0)
    done = json.loads(desk("deactivate", "Note", "--why", "x", "--json").fine())
    assert (done["starters"], done["not_begun"]) == ([{"verb": "desk.Chase", "starts": "desk.Note"}], 0)


def test_the_log_tells_of_units(desk: Command) -> None:
    run = started(desk, "Chase", "--on", "R-1", "text=hello")
    desk("background", "work", "--once").fine()
    assert f"is told by actionlang background show {run}\n" in desk("log", run).fine()
    records = json.loads(desk("log", "--verb", "Chase", "--json").fine())
    assert len(records) == 1 + 5
    assert [each["background"] for each in reversed(records)] == [
        None,
        *({"run": run, "unit": number} for number in range(1, 6)),
    ]
    listed = desk("log", "--verb", "Chase").fine()
    assert [f"unit {number} " in listed for number in range(7)] == [False, *[True] * 5, False]
    unit = records[-2]["id"]
    told = desk("log", unit).fine()
    assert "note  empty -> hello" in told
    assert f"  part of  the background run {run}: unit 1\n" in told
    assert f"  runs     {unit}\n" in desk("background", "show", run).fine()
    starting = records[1]["id"]
    assert "started Note, run " in desk("log", starting).fine()
    undone = desk("log", "undo", records[2]["id"]).fine()
    assert 'set note = "hello"' in undone


# --------------------------------------------------------------------------------------------------------------- working


def test_quiet_and_json(desk: Command) -> None:
    started(desk, "Note", "--on", "R-1", "text=a")
    assert desk("background", "work", "--once", "--quiet").fine() == ""
    run = started(desk, "Note", "--on", "R-1", "text=b")
    line = json.loads(desk("background", "work", "--once", "--json").fine())
    assert (line["run"], line["verb"], line["state"], line["units"], line["done"]) == (run, "desk.Note", "done", 1, 1)


@pytest.mark.process
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_it_is_asked_to_and_finishes_the_unit(desk: Command, tmp_path: Path, how: int) -> None:
    count = 200
    started(desk, "Chase", "--on", "R-1", "text=call")
    with Database.connect("sqlite:///desk.db") as database:
        _repeat(database, count - 1)
    with subprocess.Popen(
        [*COMMAND, "background", "work"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(how)
        rest, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, "")
    assert first.startswith("done       Chase v1 on request R-1, run ")
    states = [each["state"] for each in json.loads(desk("background", "list", "--limit", "500", "--json").fine())]
    done = states.count("done")
    assert 1 <= done < count
    assert "running" not in states, "what was under way is given back"
    assert rest.splitlines()[-1].startswith(f"{done} done")


def _repeat(database: Database, count: int) -> None:
    """More runs like the one that there is."""
    with database.connection() as connection, connection.begin():
        row = connection.execute(sa.text("SELECT * FROM actionlang_background")).one()._mapping
        names = [str(name) for name in row]
        statement = sa.text(
            f"INSERT INTO actionlang_background ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
        )
        for number in range(count):
            connection.execute(statement, {**row, "id": f"{row['id'][:-4]}x{number:03}"})


# ---------------------------------------------------------------------------------------------------- rules of access


@pytest.fixture
def ruled(desk: Command) -> Command:
    """The same with rules of access: Ann may chase her own requests."""
    Path("roles.toml").write_text(ROLES, "utf-8")
    desk("access", "apply")
    for name in ("ann", "bob"):
        desk("run", "Join", f"name={name}", f"email={name}@x.org", "team=Red").fine()
        desk("run", "Ask", f"number={name}", f"owner=user {name}@x.org").fine()
    desk("access", "give", "ann@x.org", "agent").fine()
    return desk


def test_each_unit_is_held_to_what_its_user_may_do_then(ruled: Command) -> None:
    refused = ruled("background", "start", "Chase", "--on", "ann", "text=hi", "--as", "bob@x.org")
    assert (refused.status, "bob may not run Chase" in refused.error) == (3, True)
    run = started(ruled, "Chase", "--on", "ann", "text=hi", "--as", "ann@x.org")
    ruled("access", "take", "ann@x.org", "agent").fine()
    failed = ruled("background", "work", "--once")
    assert (failed.status, "E0730 ann may not run Chase" in failed.out) == (1, True)
    ruled("access", "give", "ann@x.org", "agent").fine()
    ruled("background", "retry", run).fine()
    ruled("background", "work", "--once").fine()
    shown = ruled("background", "show", run).fine()
    assert "  for      user ann@x.org\n" in shown
    assert shown.startswith("desk.Chase v1 done\n")
    assert "user ann@x.org" in ruled("background", "list").fine()


def test_one_that_was_started_without_rules_goes_on_without_them(ruled: Command) -> None:
    mine = started(ruled, "Chase", "--on", "bob", "text=hi", "--caller", "ann@x.org")
    nobodys = started(ruled, "Note", "--on", "ann", "text=hi")
    ruled("background", "work", "--once").fine()
    assert [json.loads(ruled("background", "show", run, "--json").fine())["state"] for run in (mine, nobodys)] == [
        "done",
        "done",
    ]


# ------------------------------------------------------------------------------------------------------------ the prompt


def test_starting_at_the_prompt_of_a_database_that_forgets(desk: Command, tmp_path: Path) -> None:
    typed = (
        'perform Ask(number: "R-9");\nstart Chase(text: "hi") on request("R-9");\n'
        'perform Plan() on request("R-9");\n:changes\n:rollback\n'
    )
    told = actionlang(tmp_path, "repl", given=typed).fine()
    assert steady(told).splitlines()[:3] == [
        "request R-9 created",
        "start Chase on request R-9",
        "start Chase on request R-9, at MOMENT",
    ]
    assert told.splitlines()[-1] == "1 changed row and 2 started runs are undone."


def test_starting_at_the_prompt_of_a_database_that_stays(desk: Command, tmp_path: Path) -> None:
    typed = 'start Note(text: "hi") on request("R-1");\n:commit\n'
    told = actionlang(tmp_path, "repl", "--db", "desk.db", given=typed).fine()
    assert told == "start Note on request R-1\n1 started run is kept.\n"
    assert desk("background", "work", "--once").fine().splitlines()[-1] == "1 done."


# ------------------------------------------------------------------------------------------------------------ the shell


def test_completion(desk: Command, tmp_path: Path) -> None:
    def completed(*words: str) -> list[str]:
        line = " ".join(("actionlang", *words))
        done = actionlang(tmp_path, _ACTIONLANG_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words)))
        return [offer.partition(",")[2] for offer in done.fine().splitlines() if offer]

    run = started(desk, "Note", "--on", "R-1", "text=a")
    assert completed("background", "") == ["cancel", "list", "retry", "show", "start", "work"]
    assert completed("background", "show", "") == [run]
    assert completed("background", "list", "--state", "d") == ["done"]
    assert completed("background", "start", "Cha") == ["Chase"]
    assert completed("background", "start", "Chase", "") == ["text=", "pause=", "pin="]
