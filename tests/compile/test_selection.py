"""Which scripts a command is about, and under which names their places are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.compile.compiled import check
from actionlang.compile.finding import find_verb, known_verbs
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import Selection, select
from actionlang.diagnostics.diagnostic import ActionLangError

VERB = "action {name} < stop >\n"
TREE = {
    "a.act": VERB.format(name="A"),
    "verbs/b.act": VERB.format(name="B"),
    "verbs/deep/c.act": VERB.format(name="C"),
    "verbs/readme.txt": "",
    ".hidden/d.act": "",
    "node_modules/e.act": "",
    "folder.act/f.act": VERB.format(name="F"),
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(selection: Selection) -> list[str]:
    """The scripts' names, relative to the project."""
    return [path.relative_to(selection.project.root).as_posix() for path in selection.scripts]


def test_without_a_project_file_the_current_folder_is_the_project(tree: Path) -> None:
    assert names(select()) == ["a.act", "folder.act/f.act", "verbs/b.act", "verbs/deep/c.act"]


def test_the_project_file_is_found_upwards(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "actionlang.toml").write_text('sources = ["verbs", "a.act", "verbs/deep"]')
    monkeypatch.chdir(tree / "verbs" / "deep")
    assert names(select()) == ["a.act", "verbs/b.act", "verbs/deep/c.act"]
    assert select([Path("c.act")]).project.root == tree


def test_paths(tree: Path) -> None:
    (tree / "actionlang.toml").write_text('sources = ["a.act"]')
    assert names(select([Path("verbs/deep")])) == ["verbs/deep/c.act"]
    assert names(select([Path("verbs"), Path("verbs/b.act")])) == ["verbs/b.act", "verbs/deep/c.act"]
    assert names(select([Path("verbs/../a.act"), Path("./a.act")])) == ["a.act"]
    assert names(select([tree])) == ["a.act"], "the project's folder stands for its sources"
    with pytest.raises(ActionLangError, match="There is no file or folder nowhere"):
        select([Path("nowhere")])


def test_places_are_shown_from_where_the_reader_is(tree: Path) -> None:
    (tree / "actionlang.toml").write_text("")
    (tree / "verbs/b.act").write_text("action B < fail 3 >")
    found = check(select(), cached=False)
    for folder, name in ((tree, "verbs/b.act"), (tree / "verbs", "b.act"), (tree / "folder.act", "../verbs/b.act")):
        (seen,) = seen_from(folder, found.diagnostics, found.root)
        assert seen.primary is not None
        assert seen.primary.source.name == name


def test_verbs_by_name(tree: Path) -> None:
    (tree / "a.act").write_text("action B < stop > action Escalate < stop >")
    selection = select()
    assert find_verb("C", selection, cached=False).entry.name == "verbs.deep.c.C"
    assert find_verb("verbs.b.B", selection, cached=False).entry.name == "verbs.b.B"
    assert find_verb("Escalate", selection, cached=False).entry.name == "a.Escalate", "the project's own come first"
    assert find_verb("helpdesk.Escalate", selection, cached=False).entry.on == "case"
    assert known_verbs(selection, cached=False)[0].name == "a.B"


WRONG = {
    "B": ("E0906", "a.B, verbs.b.B"),
    "Escalat": ("E0905", "Did you mean Escalate?"),
    "helpdesk.escalate": ("E0905", "Did you mean helpdesk.Escalate"),
    "Zzzzz": ("E0905", "actionlang verbs lists"),
    "Cancel": ("E0906", "helpdesk.Cancel"),
}


@pytest.mark.parametrize("word", WRONG)
def test_what_is_said_of_a_verb_that_can_not_be_found(tree: Path, word: str) -> None:
    (tree / "a.act").write_text("action B < stop >")
    code, said = WRONG[word]
    with pytest.raises(ActionLangError) as caught:
        find_verb(word, select(), cached=False)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.id == code
    assert said in f"{diagnostic.message} {diagnostic.hint}"
