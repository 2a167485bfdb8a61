"""Running the commands and programs on a page, in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import attrs

from tests.docs.fences import Fence
from tests.docs.serving import ON_PAGES, furnish, served
from tests.forked.commands import command as actionlang
from tests.postgres import fresh_database

ANYTHING = "..."
ON_A_SERVER = "postgresql://localhost/desk"
"""What a page says for the URL of a database on a server."""

SECONDS = 120


def run_page(blocks: Iterable[Fence], folder: Path) -> None:
    """Run a page's console and python blocks in order, in a folder that has its files, and see that each ends and prints as the
    page says. A file is written when the page gives it, so that commands may change and remove it. Where a page has the URL of a
    PostgreSQL database, there is a new one."""
    blocks = list(blocks)
    if not any(ON_A_SERVER in text for fence in blocks for text in (fence.text, *fence.files.values())):
        _run_blocks(blocks, folder)
        return
    with fresh_database() as url:
        plain = url.replace("postgresql+psycopg:", "postgresql:")
        _run_blocks([_replaced(fence, ON_A_SERVER, plain) for fence in blocks], folder)


def _replaced(fence: Fence, old: str, new: str) -> Fence:
    files = {name: content.replace(old, new) for name, content in fence.files.items()}
    return attrs.evolve(fence, text=fence.text.replace(old, new), files=files)


def _run_blocks(blocks: Iterable[Fence], folder: Path) -> None:
    given: dict[str, str] = {}
    for fence in blocks:
        for name, content in fence.files.items():
            if given.get(name) != content:
                file = folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content, "utf-8")
        given = fence.files
        if "desk" in fence.info:
            furnish(folder)
        if "served" in fence.info:
            with served(folder) as root:
                _run_block(_replaced(fence, ON_PAGES, root), folder)
        else:
            _run_block(fence, folder)


def _run_block(fence: Fence, folder: Path) -> None:
    if fence.language == "python":
        done = _run([sys.executable, "-c", fence.text], folder)
        assert done.returncode == 0, f"{fence}: {done.stdout}"
        return
    commands = _commands(fence)
    told = any(expected for _, expected in commands)
    printed = ""
    done = None
    for number, (command, expected) in enumerate(commands):
        done = _run(["bash", "-c", command], folder)
        printed += done.stdout
        if told:
            assert _matches(expected, done.stdout), f"{fence}: {command}\n{done.stdout}\nThe page has:\n{expected}"
        wanted = _exit_code(fence) if number == len(commands) - 1 else 0
        assert done.returncode == wanted, f"{fence}: {command} ended with {done.returncode}:\n{done.stdout}"
    if "wrong" in fence.info:
        # Over the wire a code stands in a member of its own.
        told = fence.page.stem if "served" in fence.info else f"[{fence.page.stem}]"
        assert told in printed, f"{fence}: {printed}"


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONWARNINGS": "error"}
    # A page's commands load the project themselves, as its users' do.
    programs = (actionlang("libraries", environment).parent, Path(sys.executable).parent)
    environment["PATH"] = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _commands(fence: Fence) -> list[tuple[str, str]]:
    """The commands of a block, each with what the page says that it prints. A `\\` at the end goes on on the next line."""
    found: list[tuple[str, str]] = []
    goes_on = False
    for line in fence.text.splitlines():
        if goes_on:
            command, _ = found[-1]
            found[-1] = (f"{command}\n{line}", "")
        elif line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            command, expected = found[-1]
            found[-1] = (command, f"{expected}{line}\n")
        goes_on = line.endswith("\\") and (goes_on or line.startswith("$ "))
    return found


def _matches(expected: str, printed: str) -> bool:
    """Whether a command printed what the page says; blank lines at the end do not count."""
    pattern = re.escape(expected.rstrip()).replace(re.escape(ANYTHING), ".*?")
    return re.fullmatch(pattern, printed.rstrip(), re.DOTALL) is not None


def _exit_code(fence: Fence) -> int:
    return int(fence.info[fence.info.index("exit") + 1]) if "exit" in fence.info else 0
