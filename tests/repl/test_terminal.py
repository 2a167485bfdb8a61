"""The prompt in a real terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.cli.running import COMMAND, actionlang, environment, write
from tests.repl.test_piped import TOOLS

pytestmark = pytest.mark.terminal

PROMPT, PENDING, MORE = "actionlang>", r"actionlang\*", r"\.{11}"
TAB, ENTER, UP, CTRL_C, CTRL_D = "\t", "\r", "\x1b[A", "\x03", "\x04"


class Terminal:
    """A session in a terminal. What is expected is text that is written from the last expectation on."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self.child = child

    def sees(self, *patterns: str) -> None:
        """Wait for texts, one after another."""
        for pattern in patterns:
            self.child.expect(pattern)

    def types(self, text: str, *seen: str) -> None:
        """Type something and wait for what is seen then."""
        self.child.send(text)
        self.sees(*seen)

    def enters(self, text: str, *seen: str) -> None:
        """Type a line, end it, and wait for what is seen then."""
        self.types(text + ENTER, *seen)

    def ends(self) -> int | None:
        """Wait for the end; gives the exit code."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@contextmanager
def terminal(folder: Path, *arguments: str) -> Iterator[Terminal]:
    """A session whose user has a state folder of their own."""
    more = {
        "TERM": "xterm",
        # Nothing here answers where the cursor is.
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "XDG_STATE_HOME": str(folder / "state"),
        "NO_COLOR": "1",
    }
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "repl", *arguments],
        cwd=str(folder),
        env=environment(**more),  # type: ignore[arg-type]
        dimensions=(30, 100),
        encoding="utf-8",
        timeout=20,
    )
    try:
        session = Terminal(child)
        session.sees(PROMPT)
        yield session
    finally:
        child.close(force=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, tools=TOOLS)
    return tmp_path


def test_an_answer_and_leaving(folder: Path) -> None:
    with terminal(folder) as session:
        session.enters("6 * 7", "42", PROMPT)
        session.types(CTRL_D)
        assert session.ends() == 0


def test_what_is_not_complete_goes_on_in_the_next_line(folder: Path) -> None:
    with terminal(folder) as session:
        session.enters("if (1 = 1) <", MORE)
        session.enters('let a = "then";', MORE)
        session.enters(">", PROMPT)
        session.enters("(20 +", MORE)
        session.enters("22)", "42", PROMPT)


def test_tab_completes_by_type(folder: Path) -> None:
    with terminal(folder) as session:
        session.enters('create tool as t set name = "Saw"', "tool Saw created", PENDING)
        session.types("update t set size = l" + TAB, "arge")
        session.enters("", "size small -> large", PENDING)
        session.types("update t set size = " + TAB, "small", "large", "choice")
        session.types(CTRL_C, PENDING)
        session.types("perform B" + TAB, "Break", "Buy", "verb")
        session.types(CTRL_C, PENDING)
        session.types("t." + TAB, "name", "price", "money")
        session.types(CTRL_C, PENDING)
        session.types("move t to " + TAB, "used")
        session.enters("", "status new -> used", PENDING)
        session.types(":ro" + TAB, "llback")
        session.enters("", "undone", PROMPT)


def test_ctrl_c_clears_what_is_typed(folder: Path) -> None:
    with terminal(folder) as session:
        session.types("1 + nonsense (", "nonsense")
        session.types(CTRL_C, PROMPT)
        session.enters("40 + 2", "42", PROMPT)


def test_an_error_is_shown_in_place_and_the_session_goes_on(folder: Path) -> None:
    with terminal(folder) as session:
        session.enters("tool where (tool.nme = 1)", "E0203", "<input>:1:", r"\^", "name", PROMPT)
        session.enters("count(tool)", "0", PROMPT)


def test_history_is_there_in_the_next_session(folder: Path) -> None:
    with terminal(folder) as session:
        session.enters("1000 + 234", "1234", PROMPT)
        session.enters(":quit")
        assert session.ends() == 0
    with terminal(folder) as session:
        session.types(UP + UP, "1000")
        session.types(ENTER, "1234", PROMPT)
    assert (folder / "state" / "actionlang" / "history").stat().st_mode & 0o077 == 0


def test_without_a_place_for_history_it_goes_without(folder: Path) -> None:
    (folder / "state").write_text("a file where a folder should be")
    with terminal(folder) as session:
        session.enters("6 * 7", "42", PROMPT)
        session.types(CTRL_D)
        assert session.ends() == 0


def test_only_commit_keeps(folder: Path) -> None:
    actionlang(folder, "tables", "create", "--db", "sqlite:///tools.db").fine()
    with terminal(folder, "--db", "tools.db") as session:
        session.enters('create tool set name = "Kept"', "tool Kept created", PENDING)
        session.enters(":commit", "kept", PROMPT)
        session.enters('create tool set name = "Undone"', "tool Undone created", PENDING)
        session.enters(":rollback", "undone", PROMPT)
        session.enters('create tool set name = "Lost"', "tool Lost created", PENDING)
        session.types(CTRL_D, r"1 changed row is not kept\. Keep\? \[yes/no/stay\]")
        session.enters("stay", PENDING)
        session.types(CTRL_D, "Keep")
        session.enters("no", "undone")
        assert session.ends() == 0
    with terminal(folder, "--db", "tools.db") as session:
        session.enters('create tool set name = "Late"', "tool Late created", PENDING)
        session.enters(":quit", "Keep")
        session.enters("yes", "kept")
        assert session.ends() == 0
    seen = actionlang(folder, "repl", "--db", "tools.db", given="tool\n").fine()
    assert re.findall(r"^(\w+) +small", seen, re.MULTILINE) == ["Kept", "Late"]


def test_what_is_pasted_is_answered_entry_by_entry(folder: Path) -> None:
    with terminal(folder) as session:
        pasted = "let a = 20\nlet b = 22\na + b"
        session.types(f"\x1b[200~{pasted}\x1b[201~", "b")
        session.types(ENTER, "42", PROMPT)


def test_ctrl_c_stops_what_runs_and_undoes_only_that(folder: Path) -> None:
    loops = " ".join(f"for each n{depth} in (1, 2, 3, 4, 5, 6, 7, 8, 9) <" for depth in range(12))
    endless = f"for each t in tool < update t set price = 7 > {loops} let _a = 1 {'>' * 12}"
    with terminal(folder) as session:
        session.enters('create tool as saw set name = "Saw", price = 3', "tool Saw created", PENDING)
        session.types(f"\x1b[200~6 * 7\n{endless}\x1b[201~", ">")
        session.types(ENTER, "42")
        session.types(CTRL_C, "E0807", PENDING)
        session.enters("saw.price", r"3\.00", PENDING)
