"""The pages of a project: valid, whole, linked, safe, the same each time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actionlang.compile.selection import select
from actionlang.documentation.site import site_of
from actionlang.documentation.subject import read_subject
from actionlang.documentation.writing import write_site
from tests.documentation.pages import Page, dead_links, pages_of
from tests.graph.pictures import HOSTILE

EXAMPLES = Path(__file__).parents[2] / "examples"

DESK = """
choice Reason < late = 1 "Too late"; other = 2 >
## A request.
table request "Request" <
  number text(20) required key;
  ## Why not.
  reason Reason;
  parent request hierarchy;
  secret text sensitive;
  status < new -> done; done >
  made datetime required default now();
  amount money required default 12.5;
  unique (reason, parent)
>
## Settle it. See [the rules](https://example.org/rules).
action Settle on request (
  ## Say why.
  reason Reason default other,
  notes list of text optional
)
  returns (settled request)
  requires desk.settle
<
  stage "Decide" < update request set reason = reason; move request to done >
  perform Tell(text: "done");
  return settled: request
>
action Tell (text text, to text optional deprecated "Say it to all." until date "2030-12-31") private deprecated "Use Say." < require (text != "") >
test "it is settled" < create request as r set number = "1"; perform Settle() on r; require (r.status = done) >
test "it is not settled" < create request as r set number = "1"; require (r.status = done) >
"""


def _written(folder: Path, text: str, *, with_outcomes: bool = False) -> Path:
    (folder / "desk.act").write_text(text, "utf-8")
    site = folder / "site"
    write_site(site_of(read_subject(select([folder / "desk.act"]), with_outcomes=with_outcomes)), site)
    return site


def _is_sound(site: Path) -> dict[str, Page]:
    """Pages nest, have an id once, lead somewhere, and load nothing from elsewhere."""
    pages = pages_of(site)
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        referred = [word for _, found in page.elements for name in ("aria-labelledby", "aria-describedby", "for") for word in found.get(name, "").split()]  # fmt: skip
        assert set(referred) <= set(page.ids), path
        assert all(not re.match("(?i)(https?:)?//", each) for each in page.loaded), path
        headings = [tag for tag, _ in page.elements if tag in ("h1", "h2", "h3")]
        assert headings[0] == "h1" and headings.count("h1") == 1, path
    assert list(dead_links(site, pages)) == []
    return pages


@pytest.mark.parametrize("example", ["helpdesk", "wholesale"])
def test_examples(example: str, tmp_path: Path) -> None:
    subject = read_subject(select([EXAMPLES / example]))
    write_site(site_of(subject), tmp_path / "site")
    pages = _is_sound(tmp_path / "site")
    assert {f"verbs/{name}.html" for name in subject.verbs} | {f"tables/{name}.html" for name in subject.tables} < set(
        pages
    )


def test_a_verb_has_its_page(tmp_path: Path) -> None:
    page = _is_sound(_written(tmp_path, DESK, with_outcomes=True))["verbs/desk.Settle.html"]
    for words in (
        "Settle on request",
        "It is called on a row of request.",
        "reason Reason Say why. default other",
        "notes list of text optional",
        "settled request",
        "Whoever calls it needs desk.settle.",
        "What it does needs move request, read request, update request.",
        "Updates request: reason",
        "Moves the status of request",
        "It performs Tell.",
        "action Settle on request (",
        "it is settled passed",
    ):
        assert words in page.text, words
    assert "https://example.org/rules" in page.links
    assert [link for link in page.links if "Tell" in link] == ["../verbs/desk.Tell.html"] * 2, (
        "in words and in the picture"
    )
    told = pages_of(tmp_path / "site")["verbs/desk.Tell.html"].text
    for words in (
        "private to its module",
        "Deprecated. Use Say.",
        "deprecated: Say it to all. It is kept until 2030-12-31.",
        "It is performed by Settle.",
        "changes nothing",
    ):
        assert words in told, words


def test_who_starts_a_verb_is_told(tmp_path: Path) -> None:
    script = """
action Ask < start Chase(times: 3) after 1 day >
background action Chase (times integer) < if (times > 0) < start Chase(times: times - 1) after 1 week > >
"""
    pages = _is_sound(_written(tmp_path, script))
    assert "Starts in the background Chase" in pages["verbs/desk.Ask.html"].text
    leading = [link for link in pages["verbs/desk.Ask.html"].links if "Chase" in link]
    assert leading == ["../verbs/desk.Chase.html"] * 2, "in words and in the picture"
    assert "It is started in the background by Ask, Chase." in pages["verbs/desk.Chase.html"].text


def test_a_table_has_its_page(tmp_path: Path) -> None:
    page = _is_sound(_written(tmp_path, DESK))["tables/desk.request.html"]
    for words in (
        "request Request",
        "number text(20) key, required",
        "reason Reason Why not.",
        "parent request hierarchy",
        "secret text sensitive: never logged",
        "made datetime required, default now()",
        "amount money required, default 12.5",
        "A row is known by number.",
        "No two rows have the same reason, parent.",
        "A new row is new.",
        "Settle reads",
        "request: parent",
    ):
        assert words in page.text, words


def test_choices_stages_and_tests(tmp_path: Path) -> None:
    pages = _is_sound(_written(tmp_path, DESK, with_outcomes=True))
    assert "late 1 Too late" in pages["choices.html"].text
    assert "Used by request (reason)." in pages["choices.html"].text
    assert "Decide Settle" in pages["stages.html"].text
    tests = pages["tests.html"].text
    assert "it is settled passed" in tests
    assert "it is not settled failed" in tests
    assert "r.status = done" in tests
    assert "passed" not in _is_sound(_written(tmp_path, DESK))["tests.html"].text


def test_hostile_names_and_docs_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    docs = """
## <img src="https://evil.example/x.png"> <script>alert(1)</script> ![x](https://evil.example/y.png) [bad](javascript:alert(1))
## [worse](data:text/html,<script>alert(1)</script>) <https://fine.example/> ](javascript:x) **bold** &lt;
action Docs (`<b onclick=x>` text default "</script><script>alert(2)</script>") deprecated "<u>no</u>" < require (`<b onclick=x>` != "") >
test "</summary><script>alert(3)</script>" < perform Docs(`<b onclick=x>`: "") >
"""
    pages = _is_sound(_written(tmp_path, HOSTILE + docs, with_outcomes=True))
    for path, page in pages.items():
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"img", "iframe", "u", "b", "object"}, path
        scripts = [found for tag, found in page.elements if tag == "script"]
        assert scripts == ([{"src": "search.js"}] if path == "index.html" else []), path
        assert not [name for _, found in page.elements for name in found if name.startswith("on")], path
        outward = [link for link in page.links if re.match("[a-z]+:", link)]
        assert set(outward) <= {"https://fine.example/", "https://evil.example/y.png"}, (
            "a link is no harm until it is followed"
        )
    (page,) = [page for path, page in pages.items() if "Docs" in path]
    assert '<img src="https://evil.example/x.png"> <script>alert(1)</script>' in page.text
    assert "https://fine.example/" in page.links


def test_the_same_project_gives_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "desk.act").write_text(DESK)
    first, second = (site_of(read_subject(select([tmp_path / "desk.act"]), with_outcomes=True)) for _ in range(2))
    assert first == second


def test_a_project_without_tests_or_tables(tmp_path: Path) -> None:
    pages = _is_sound(_written(tmp_path, "function Double (n integer) returns (twice integer) < return twice: n * 2 >"))
    assert "It reads and changes nothing." in pages["verbs/desk.Double.html"].text
    assert "There are none." in pages["tests.html"].text
