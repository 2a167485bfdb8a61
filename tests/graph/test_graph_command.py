"""`actionlang graph`, as its users run it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.cli.inside import Command, command
from tests.cli.running import actionlang, write

__all__ = ["command"]

DESK = """
table ticket < title text(100) required >
## Tell somebody.
action Tell (text text) private < create ticket set title = text >
action Open (title text) < perform Tell(text: title); perform Close() >
action Close < perform Tell(text: "closed") >
"""


def test_mermaid_to_standard_output(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    text = command("graph", "Open", "--link", "https://wiki.example.org/{verb}").fine()
    assert text.startswith('---\ntitle: "Open"\n')
    assert 'click n2 href "https://wiki.example.org/desk.Tell"' in text
    assert command("graph", "Open", "--format", "dot").fine().startswith("digraph picture {")


def test_a_plan_is_drawn_without_its_script(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    drawn = command("graph", "Open").fine()
    command("compile", "-o", "plans").fine()
    (tmp_path / "desk.act").unlink()
    assert command("graph", "plans/desk.Open.plan.json").fine() == drawn


def test_a_file_by_its_suffix(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    assert command("graph", "Open", "-o", "out/open.svg").fine() == "wrote      out/open.svg\n"
    assert command("graph", "Open", "-o", "out/open.svg").fine() == "unchanged  out/open.svg\n"
    assert "href" not in (tmp_path / "out/open.svg").read_text("utf-8"), "links lead nowhere where nothing is beside it"
    command("graph", "--project", "-o", "out/project.png").fine()
    assert (tmp_path / "out/project.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_has_all_verbs_and_every_link_leads_somewhere(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    told = command("graph", "-o", "pictures").fine()
    assert told == "".join(f"wrote      pictures/desk.{verb}.svg\n" for verb in ("Close", "Open", "Tell"))
    links = set()
    for file in (tmp_path / "pictures").iterdir():
        ET.fromstring(file.read_text("utf-8"))
        links.update(re.findall(r' href="([^"]*)"', file.read_text("utf-8")))
    assert links == {"desk.Close.svg", "desk.Tell.svg"}
    assert all((tmp_path / "pictures" / link).is_file() for link in links)
    command("graph", "Close", "-o", "one", "--format", "mmd").fine()
    assert sorted(file.name for file in (tmp_path / "one").iterdir()) == ["desk.Close.mmd", "desk.Tell.mmd"]


def test_a_verb_leads_to_what_it_starts_where_that_is_drawn(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk="action Ask < start Chase() >\nbackground action Chase < wait 1 day; start Chase() >\n")
    command("graph", "-o", "all").fine()
    command("graph", "Ask", "-o", "one").fine()
    leading = {
        str(file.relative_to(tmp_path)): re.findall(r' href="([^"]*)"', file.read_text("utf-8"))
        for file in tmp_path.glob("*/*.svg")
    }
    assert leading == {"all/desk.Ask.svg": ["desk.Chase.svg"], "all/desk.Chase.svg": [], "one/desk.Ask.svg": []}


def test_a_name_can_not_lead_out_of_the_folder(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk="action `../../away` < stop >\naction open < stop >\naction Open < stop >\n")
    command("graph", "-o", "deep/pictures").fine()
    names = sorted(file.name for file in (tmp_path / "deep/pictures").iterdir())
    assert len(names) == len({name.lower() for name in names}) == 3
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["pictures"]


def test_what_does_not_fit_is_told(tmp_path: Path, command: Command) -> None:
    write(tmp_path, desk=DESK)
    for words, told in (
        ([], "Name a verb"),
        (["Open", "--project"], "not both"),
        (["Open", "-o", "x.gif"], "ends in .mmd, .dot, .svg or .png"),
        (["Open", "-o", "x.svg", "--format", "png"], "its suffix says svg"),
        (["-o", "pictures", "--link", "x"], "--link is for one picture"),
        (["Opn"], "Did you mean Open"),
    ):
        done = command("graph", *words)
        assert done.status == 2, words
        assert told in done.error


def test_without_graphviz(tmp_path: Path) -> None:
    write(tmp_path, desk=DESK)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/sitecustomize.py").write_text('import sys\nsys.modules["pygraphviz"] = None\n')
    done = actionlang(tmp_path, "graph", "Open", "-o", "open.svg", PYTHONPATH=str(tmp_path / "hidden"), PATH="")
    assert done.status == 2
    assert "error[E0911]: This needs pygraphviz, which is not installed." in done.error
    assert "pip install 'actionlang[graph]'" in done.error
    assert not (tmp_path / "open.svg").exists()
    actionlang(tmp_path, "graph", "Open", "-o", "open.mmd", PYTHONPATH=str(tmp_path / "hidden"), PATH="").fine()


def test_without_fonts(tmp_path: Path) -> None:
    write(tmp_path, desk=DESK)
    (tmp_path / "fonts.conf").write_text("<?xml version='1.0'?><fontconfig></fontconfig>")
    done = actionlang(tmp_path, "graph", "Open", "-o", "open.png", FONTCONFIG_FILE=str(tmp_path / "fonts.conf"))
    assert done.status == 1
    assert "error[E0915]: There is no font" in done.error
