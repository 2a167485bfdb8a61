"""The harness itself: it reads pages as they are meant, and notices when one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.consoles import run_page
from tests.docs.fences import ROOT, Fence, fences
from tests.docs.scripts import check, check_steps, failures

PAGE = """# A page

```file a.txt
one
```

```console exit 3
$ cat a.txt
o...e
$ echo "two \\
> three"; exit 3
two ...three
```

```file a.txt more
two
```

- in a list

  ```python
  assert open("a.txt").read() == "one\\n\\ntwo\\n"
  ```
"""


def test_blocks_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, "utf-8")
    console, python = fences(page)
    assert console.info == ("console", "exit", "3")
    assert console.line == 8
    assert console.files == {"a.txt": "one\n"}
    assert python.text == 'assert open("a.txt").read() == "one\\n\\ntwo\\n"\n'
    assert python.files == {"a.txt": "one\n\ntwo\n"}
    run_page([python], tmp_path)


def _console(text: str, *info: str) -> Fence:
    return Fence(ROOT / "page.md", 1, ("console", *info), text, {})


@pytest.mark.process
@pytest.mark.parametrize(
    ("text", "info"),
    [
        ("$ echo one\ntwo\n", ()),
        ("$ echo one\none\n$ exit 1\n", ()),
        ("$ exit 1\n$ echo one\n", ()),
        ("$ echo one\none\n", ("exit", "1")),
        ("$ echo one two\none ...three\n", ()),
        ("$ echo nothing like a code\n", ("wrong",)),
    ],
)
def test_a_page_that_is_wrong_is_noticed(text: str, info: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run_page([_console(text, *info)], tmp_path)


@pytest.mark.process
def test_a_page_that_is_right(tmp_path: Path) -> None:
    run_page([_console("$ echo one; exit 3\no...e\n", "exit", "3"), _console("$ true\n$ echo anything\n")], tmp_path)
    run_page([_console("$ echo 'error[page]: wrong'; exit 1\n", "wrong", "exit", "1")], tmp_path)


def test_a_script_that_is_wrong_is_noticed() -> None:
    assert [found.code.id for found in check("action A < delete nothing_there >")] == ["E0201"]
    assert [found.code.id for found in check_steps("update case set priority = 5")] == ["E0302"]
    assert [found.code.id for found in failures('test "a" < require (1 = 2) >')] == ["E0701"]
