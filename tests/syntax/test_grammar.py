"""The parse table: without conflicts, the same from cache or worked out, whatever state the cache is in."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lark
import pytest

from actionlang.syntax import grammar
from actionlang.syntax.build import Builder
from actionlang.syntax.cache_folder import cache_folder
from actionlang.syntax.grammar import PASS_THROUGH, grammar_text, parse_table, work_out
from actionlang.syntax.tokens import KEYWORDS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, and a process that has not read a table yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ACTIONLANG_CACHE", str(folder))
    parse_table.cache_clear()
    return folder


def conflicts(text: str, **more: object) -> list[str]:
    """What Lark says of conflicts in a grammar: it raises for some, and resolves others with a word in its log only."""
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    lark.logger.addHandler(handler)
    before = lark.logger.level
    lark.logger.setLevel(logging.DEBUG)
    try:
        lark.Lark(text, parser="lalr", lexer="basic", debug=True, **more)  # type: ignore[call-overload]
    except lark.exceptions.GrammarError as error:
        told.append(str(error))
    finally:
        lark.logger.setLevel(before)
        lark.logger.removeHandler(handler)
    return [message for message in told if "onflict" in message or "ollision" in message]


def test_the_grammar_has_no_conflicts() -> None:
    text = grammar_text()
    declared = [name for line in re.findall(r"^%declare (.+)$", text, re.MULTILINE) for name in line.split()]
    rules = re.sub(r"^%declare .+$", "", text, flags=re.MULTILINE)
    terminals = "\n".join(f'{name}: "{name}"' for name in declared)
    assert conflicts(f"{rules}\n{terminals}\n", start=list(grammar.STARTS)) == []


def test_a_conflict_would_be_found() -> None:
    assert conflicts('start: a | b\na: "x"\nb: "x"')
    assert conflicts('start: "if" start | "if" start "else" start | "x"')


def test_the_table_is_the_same_each_time() -> None:
    assert work_out(grammar_text()) == work_out(grammar_text())


def test_each_rule_has_a_method_and_each_method_a_rule() -> None:
    used = {rule[0] for rule in work_out(grammar_text())["rules"]} | PASS_THROUGH
    for name in used - {None}:
        assert callable(getattr(Builder, str(name))), name


def test_each_keyword_is_a_terminal() -> None:
    declared = {word for line in re.findall(r"^%declare (.+)$", grammar_text(), re.MULTILINE) for word in line.split()}
    assert {word.upper() for word in KEYWORDS} <= declared
    words = set(re.findall(r"\b[A-Z][A-Z_]+\b", re.sub(r"^(//|%).*$", "", grammar_text(), flags=re.MULTILINE)))
    assert words == declared


def test_the_table_is_cached_and_read_back(cache: Path) -> None:
    worked_out = parse_table()
    (file,) = cache.iterdir()
    assert file.name.startswith("grammar-")
    parse_table.cache_clear()
    assert parse_table() == worked_out


def test_a_cached_table_needs_no_lark(cache: Path) -> None:
    parse_table()
    program = (
        "import sys; from actionlang.syntax.parser import parse; from actionlang.diagnostics.source import Source;"
        "assert not parse(Source('', 'action A < stop >')).diagnostics; assert 'lark' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "ACTIONLANG_CACHE": str(cache)})


DAMAGED = {
    "nothing": b"",
    "half": b'{"rows": [{"ACT',
    "no JSON": b"\xff\xfe\x00",
    "another thing": b"[]",
    "another number": b"7",
    "no rows": b"{}",
    "rows of nothing": b'{"rows": [], "rules": [], "starts": {}, "ends": {}}',
    "rows of no rules": b'{"rows": [{"NAME": -5}], "rules": [], "starts": {}, "ends": {}}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_cache_is_mended(cache: Path, content: bytes) -> None:
    worked_out = parse_table()
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(content)
    parse_table.cache_clear()
    assert parse_table() == worked_out
    assert file.read_bytes() == whole


def test_a_table_altered_in_one_place_is_mended(cache: Path) -> None:
    worked_out = parse_table()
    (file,) = cache.iterdir()
    digest, content = file.read_bytes().split(b"\n")
    assert digest == hashlib.sha256(content).hexdigest().encode()
    data = json.loads(content)
    data["rules"][0][1] += 1
    file.write_bytes(digest + b"\n" + json.dumps(data).encode())
    parse_table.cache_clear()
    assert parse_table() == worked_out


def test_a_folder_that_can_not_be_made(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert parse_table().rows
    assert cache.read_text() == "a file where the folder should be"


def test_a_folder_in_place_of_the_file(cache: Path) -> None:
    worked_out = parse_table()
    (file,) = cache.iterdir()
    file.unlink()
    (file / "inside").mkdir(parents=True)
    parse_table.cache_clear()
    assert parse_table() == worked_out
    assert [path.name for path in cache.iterdir()] == [file.name]


@pytest.mark.process
def test_many_processes_at_once(cache: Path) -> None:
    program = (
        "from actionlang.syntax.parser import parse; from actionlang.diagnostics.source import Source;"
        "assert not parse(Source('', 'action A < stop >')).diagnostics"
    )
    environment = {**os.environ, "ACTIONLANG_CACHE": str(cache)}

    def start(_: int) -> int:
        return subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(6))) == [0] * 6
    assert len(list(cache.iterdir())) == 1


def test_threads_of_one_process(cache: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        tables = list(pool.map(lambda _: parse_table(), range(8)))
    assert all(table == tables[0] for table in tables)
    assert len(list(cache.iterdir())) == 1


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ACTIONLANG_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "actionlang"
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "actionlang"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "actionlang"
    monkeypatch.setenv("ACTIONLANG_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
