"""Checking only what changed finds what checking everything finds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.compile.modules import Loader
from actionlang.lsp.analysis import Analysis
from tests.lsp.asking import new_workspace

NAMES = ("base", "left", "right", "top")
IMPORTS = {"base": (), "left": ("base",), "right": ("base",), "top": ("left", "right")}

COLUMNS = st.sampled_from(["name text;", "name text required;", "title text;", "amount money; name text;", "name text"])
BODIES = st.sampled_from(
    [
        "",
        'for each row in {table} < update row set name = "x" >',
        "let n = count({table} where ({table}.name = empty)); require (n = 0);",
        "perform {verb}();",
        "find {table}; delete {table}",
        "let x = {table}.name;",
    ]
)


@attrs.frozen
class Script:
    """One script of a small project."""

    imports: tuple[str, ...]
    columns: str
    body: str
    table: str
    verb: str
    blank_lines: int

    def text(self, name: str) -> str:
        """The script as it is written."""
        lines = [f'import "{each}.act";' for each in self.imports]
        body = self.body.format(table=f"t_{self.table}", verb=f"v_{self.verb}")
        lines += ["" for _ in range(self.blank_lines)]
        lines += [f"table t_{name} < {self.columns} >", f"action v_{name} < {body} >"]
        return "\n".join(lines)


def scripts_of(name: str) -> st.SearchStrategy[Script]:
    """Scripts that import what the one of this name does, or some of it."""
    known = st.sampled_from([*IMPORTS[name], name])
    imports = st.sampled_from([IMPORTS[name], IMPORTS[name], IMPORTS[name][:1]])
    return st.builds(Script, imports, COLUMNS, BODIES, known, known, st.integers(0, 2))


edits = st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), scripts_of(name), st.booleans()))


@cache
def standard() -> Loader:
    """The modules that every other one has, checked once for all examples."""
    loader = Loader(Path("/nowhere"))
    loader.load_standard("core")
    return loader


def told(root: Path, paths: Iterable[Path]) -> dict[str, list[str]]:
    """What is wrong with each script, found by checking all of them."""
    loader = Loader(root)
    loader.checked.update(standard().checked)
    loader.load_files(paths)
    return {
        name: [f"{each.code}: {each.message}" for each in module.diagnostics]
        for name, module in loader.checked.items()
        if name in NAMES
    }


def told_by(analysis: Analysis) -> dict[str, list[str]]:
    """What is wrong with each script, as the server knows it."""
    analysis.complete()
    return {
        name: [f"{each.code}: {each.message}" for each in module.checked.diagnostics]
        for name, module in analysis.modules.items()
        if name in NAMES
    }


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(edits, min_size=1, max_size=6))
def test_checking_what_changed_finds_what_checking_everything_finds(steps: list[tuple[str, Script, bool]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        (root / "actionlang.toml").write_text("")
        paths = [root / f"{each}.act" for each in NAMES]
        for path in paths:
            path.write_text(Script(IMPORTS[path.stem], "name text;", "", "", "", 0).text(path.stem))
        workspace = new_workspace()
        workspace.set_folders([root])
        analysis = workspace.analysis_of(paths[0])
        assert told_by(analysis) == told(root, paths)
        for script, new, only_one in steps:
            path = root / f"{script}.act"
            path.write_text(new.text(script))
            workspace.file_changed(path)
            if only_one:
                found = analysis.current(root / "top.act")
                assert found is not None
                assert [f"{each.code}: {each.message}" for each in found.checked.diagnostics] == told(root, paths)[
                    "top"
                ]
            else:
                assert told_by(analysis) == told(root, paths)


def test_what_does_not_matter_to_others_has_nothing_else_checked(tmp_path: Path) -> None:
    (tmp_path / "base.act").write_text("table t < name text >\naction A < let n = 1; require (n = 1) >")
    (tmp_path / "user.act").write_text('import "base.act";\naction B < perform A(); find t; delete t >')
    workspace = new_workspace()
    workspace.set_folders([tmp_path])
    base, user = tmp_path / "base.act", tmp_path / "user.act"
    analysis = workspace.analysis_of(base)
    analysis.complete()
    before = analysis.modules["user"]
    base.write_text("# A comment.\ntable t < name text >\naction A < let m = 1; require (m = 1) >")
    workspace.file_changed(base)
    analysis.complete()
    assert analysis.modules["user"] is before
    base.write_text("table t < name text >\naction A (n integer) < require (n = 1) >")
    workspace.file_changed(base)
    analysis.complete()
    assert analysis.modules["user"] is not before
    assert analysis.current(user) is analysis.modules["user"]
    assert [each.message for each in analysis.modules["user"].checked.diagnostics] == ["A needs the argument n."]
