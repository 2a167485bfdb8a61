"""Pictures as Mermaid, DOT and SVG."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from actionlang.graph.dot import to_dot
from actionlang.graph.flow import flow_of
from actionlang.graph.layout import draw_png, draw_svg
from actionlang.graph.linking import linked_verbs
from actionlang.graph.mermaid import to_mermaid
from actionlang.graph.moves import moves_of
from actionlang.graph.picture import Picture
from actionlang.graph.svg import Wanted, to_svg
from actionlang.graph.touching import touching
from tests.golden import compare
from tests.graph.long_verb import long_verb
from tests.graph.pictures import HOSTILE, plans_of, standard_plan

SVG = "{http://www.w3.org/2000/svg}"
STANDARD = ("helpdesk.Escalate", "approval.Approve", "helpdesk.Resolve")


def _drawn(picture: Picture, link: str = "{verb}.svg") -> ET.Element:
    verbs = [node.verb for node in picture.nodes if node.verb is not None]
    (text,) = to_svg([picture], [linked_verbs(verbs, link)])
    return ET.fromstring(text)


def _texts(root: ET.Element) -> str:
    return " ".join(each.text or "" for each in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("name", STANDARD)
def test_standard_verbs(name: str) -> None:
    picture = flow_of(standard_plan(name))
    compare(f"graph/{name}.mmd", to_mermaid(picture))
    compare(f"graph/{name}.dot", to_dot(picture))


def test_hostile_names(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, HOSTILE)
    link = linked_verbs(["desk.graph"], 'https://example.org/"x y"?v={verb}')
    compare("graph/hostile.mmd", to_mermaid(flow_of(plans["end"]), link))
    compare("graph/hostile.dot", to_dot(flow_of(plans["end"]), link))
    compare("graph/hostile-project.mmd", to_mermaid(touching(plans.values(), 'The "end" <project>: %% #1;')))


def test_a_mermaid_label_holds_no_sign_that_mermaid_reads(tmp_path: Path) -> None:
    text = to_mermaid(flow_of(plans_of(tmp_path, HOSTILE)["end"]))
    for line in text.splitlines():
        if '"' in line and not line.startswith("title"):
            assert line.count('"') == 2, line
            label = line.split('"')[1].replace("<b>", "").replace("</b>", "").replace("<br/>", "")
            assert not set(label) & set("<>[]{}`|\\*_~&"), line


def test_hostile_names_as_svg(tmp_path: Path) -> None:
    picture = flow_of(plans_of(tmp_path, HOSTILE)["end"])
    root = _drawn(picture, "a&b/<{verb}>.svg")
    text = _texts(root)
    for words in (
        '"]\\"); click',
        '<out> = "done </text></svg> ]]> -->',
        "- list\\\\l \\\\N \\\\G",
        "日本語 العربية 😀",
    ):
        assert words in text
    assert [each.get("href") for each in root.iter(f"{SVG}a")] == ["a&b/<desk.graph>.svg"]
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
        "svg", "title", "desc", "style", "g", "a", "polygon", "path", "text"
    }  # fmt: skip


def test_an_svg_tells_what_it_shows() -> None:
    root = _drawn(flow_of(standard_plan("helpdesk.Escalate")))
    heads = {each.tag.removeprefix(SVG): each.text or "" for each in list(root)[:3]}
    assert heads["title"] == "Escalate on case"
    assert heads["desc"].endswith("can fail in 5 places. It returns ticket (task).")
    assert "prefers-color-scheme:dark" in heads["style"]
    assert root.get("role") == "group"
    told = [each.find(f"{SVG}title") for each in root.iter(f"{SVG}g")]
    whole = [each.text for each in told if each is not None]
    assert "Require; level >= 2" in whole
    assert [each.get("href") for each in root.iter(f"{SVG}a")] == ["core.Notify.svg"]


def test_ids_of_several_pictures_on_a_page_differ() -> None:
    picture = flow_of(standard_plan("helpdesk.Complete"))
    texts = to_svg([picture, picture], wanted=[Wanted("one", styled=False), Wanted("two", styled=False)])
    ids = [each.get("id") for text in texts for each in ET.fromstring(text).iter() if each.get("id")]
    assert ids == ["one-title", "one-told", "two-title", "two-told"]
    assert "<style" not in texts[0]


def test_a_hundred_steps(tmp_path: Path) -> None:
    picture = flow_of(plans_of(tmp_path, long_verb())["Grow"])
    root = _drawn(picture)
    assert _texts(root).count("Require") == 10
    wide, high = (float(root.attrib[name].removesuffix("pt")) for name in ("width", "height"))
    assert wide < high / 4, "the flow keeps to one line"


def test_a_png_is_one() -> None:
    (drawn,) = draw_png([to_dot(flow_of(standard_plan("helpdesk.Complete")))])
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    wide = int.from_bytes(drawn[16:20])
    (svg,) = draw_svg([to_dot(flow_of(standard_plan("helpdesk.Complete")))])
    assert abs(wide - 2 * float(ET.fromstring(svg).attrib["width"].removesuffix("pt"))) < 3


def test_only_tables_that_verbs_touch(tmp_path: Path) -> None:
    many = "".join(f"table t{number} < name text(9) key; other t{(number + 1) % 400} >\n" for number in range(400))
    script = f'{many}action Do on t7 < update t7 set name = "x"; perform More() >\naction More < create t9 set name = "y" >\n'
    picture = touching(plans_of(tmp_path, script).values(), "Many")
    titles = {node.key: node.title for node in picture.nodes}
    assert sorted(titles.values()) == ["Do", "More", "t7", "t9"]
    assert {(titles[edge.source], edge.kind, edge.label, titles[edge.target]) for edge in picture.edges} == {
        ("Do", "performs", "", "More"),
        ("Do", "writes", "updates", "t7"),
        ("More", "writes", "creates", "t9"),
    }


def test_a_background_action_says_that_it_is_one(tmp_path: Path) -> None:
    script = "table t < name text(9) key; size integer >\naction Do on t < start Grow(by: 2) on t >\n"
    script += "background action Grow on t (by integer) < wait 1 day; update t set size = by >\n"
    plans = plans_of(tmp_path, script)
    picture = flow_of(plans["Grow"])
    assert picture.title == "Grow on t"
    compare("graph/background.mmd", to_mermaid(picture))
    compare("graph/background.dot", to_dot(picture))
    assert "Grow background action on t by integer Wait" in _texts(_drawn(picture))
    assert "background" not in to_mermaid(flow_of(plans["Do"]))


def test_who_starts_whom(tmp_path: Path) -> None:
    script = "action Do on t < start More() on t after 1 day >\ntable t < name text(9) key >\n"
    script += "background action More on t < wait 1 day; start More() on t >\n"
    plans = plans_of(tmp_path, script)
    picture = touching(plans.values(), "Starts")
    titles = {node.key: node.title for node in picture.nodes}
    starts = {(titles[edge.source], edge.label, titles[edge.target]) for edge in picture.edges if edge.kind == "starts"}
    assert starts == {("Do", "starts", "More"), ("More", "starts", "More")}
    assert '-->|"starts"|' in to_mermaid(picture)
    assert "starts" in _texts(_drawn(picture))
    assert not [edge for edge in touching([plans["Do"]], "Alone").edges if edge.kind == "starts"]


def test_status_moves(tmp_path: Path) -> None:
    script = "table t < status < new -> open, gone; open -> new; gone > >\naction Do on t < stop >\n"
    (table,) = plans_of(tmp_path, script)["Do"].tables
    compare("graph/moves.mmd", to_mermaid(moves_of(table)))


def test_links_are_addresses() -> None:
    text = to_mermaid(
        flow_of(standard_plan("helpdesk.Escalate")), lambda node: f'x/{quote("a b")}"' if node.verb else None
    )
    assert 'href "x/a%20b%22"' in text
