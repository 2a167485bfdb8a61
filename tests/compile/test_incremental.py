"""A project of which a part was edited: what the cache still knows and what is worked out anew make the same answer as all of it
worked out anew, and no more is checked than the edit can have changed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.compile.compiled import check
from actionlang.compile.incremental import IncrementalLoader
from actionlang.compile.interfaces import interface_of, restored
from actionlang.compile.modules import Loader
from actionlang.compile.records import ModuleRecord
from actionlang.compile.selection import select
from actionlang.compile.stored_diagnostics import to_data
from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import ParsedModule

BASE = """import core;

choice Urgency < low = 1; normal = 2; high = 3 >

## Whom we do business with.
table partner "Partner" <
  number   text(20) required key;
  name     text(200) required;
  rating   decimal(5, 2);
  parent   partner hierarchy;
  owner    owner required
>

action Inform on partner (words text) <
  perform Notify(to: partner.owner, text: "{partner.name}: {words}")
>

function rated(of partner) returns (rated decimal) < return rated: length(of.name) + 1 >
"""
ORDERS = """import "base.act";

table order "Order" <
  number   text(20) required key;
  partner  partner required;
  urgency  Urgency required default normal;
  amount   money;
  status   < asked -> agreed, refused; agreed; refused >
>

action Agree on order (words text default "Agreed") returns (worth decimal) <
  update order set urgency = high;
  move order to agreed;
  perform Inform(words: words) on order.partner;
  return worth: (order.amount otherwise 0) * rated(order.partner)
>

action Refuse on order < move order to refused >
"""
VISITS = """import "base.act";

table visit <
  number   text(20) required key;
  partner  partner required;
  on_day   date
>

action Visit on partner (on_day date optional) returns (made visit) <
  create visit as made set number = "V {partner.number}", partner = partner, on_day = on_day;
  return made: made
>
"""
TOP = """import "orders.act";
import "visits.act" as v;

action Close on order (again boolean default false) <
  if (again) < perform Agree() on order as agreed; require (agreed.worth > 0) >
  if ((order.partner.rating otherwise 0) > 2.5) < stop >
  perform v.Visit(on_day: today()) on order.partner;
  perform Refuse() on order
>

test "closing" < let many = count(order where order.urgency = low); require (many = 0) >
"""
ALONE = 'action Nothing(count integer) < if (count > 3) < stop > fail "no {count}" >\n'
FILES = {"base.act": BASE, "orders.act": ORDERS, "visits.act": VISITS, "top.act": TOP, "alone.act": ALONE}

REPLACED = [
    ("number   text(20)", "number   text(30)"),
    ("rating   decimal(5, 2)", "rating   decimal(6, 1) required"),
    ("rating   decimal(5, 2)", "rating   text(10)"),
    ("rating   decimal(5, 2)", "score    decimal(5, 2)"),
    ("amount   money", "amount   integer"),
    ("high = 3", "high = 3; urgent = 4"),
    ("high = 3", "top = 3"),
    ("words text", "words text(50)"),
    ("words text", "text text"),
    ("perform Inform", "# allow: unused-parameter\n  perform Inform"),
    ("on_day   date", "on_day   datetime"),
    ("perform Refuse() on order", "delete order"),
    ("move order to refused", "update order set amount = 5; move order to refused"),
    ("move order to refused", "create partner set number = 1"),
    ("update order set urgency = high;", ""),
    ("today()", "now()"),
    ("otherwise 0", "otherwise 1"),
    ("otherwise 0", ""),
    ('import "base.act";', ""),
    ('import "base.act";', 'import "base.act";\nimport "top.act";'),
    ('import "visits.act" as v;', "import visits as v;"),
    ('import "visits.act" as v;', 'import "visits" as v;'),
    ("import core;", "import helpdesk;\nimport core;"),
    ("action Agree", "action Accept"),
    ("action Agree", "## Says yes.\naction Agree"),
    ("function rated", "extern function rated"),
    ("action Visit on partner", "private action Visit on partner"),
    ("returns (made visit)", "returns (made visit)\n  private"),
    ("returns (made visit)", 'returns (made visit)\n  deprecated "Write it down."'),
    ("action", "acton"),
    (">\n", "\n"),
    (";", ""),
    ("partner", "parner"),
    ("count > 3", "count > 3 and count > 2"),
]
Edit = tuple[str, str, int]
"""A file, what is done to it (a new text, `delete`, or a replacement), and a number for it."""

FITTING = [(file, i) for file, text in FILES.items() for i, (old, _) in enumerate(REPLACED) if old in text]
replaced = st.sampled_from(FITTING).map(lambda found: (found[0], "replace", found[1]))
of_base = st.sampled_from([i for file, i in FITTING if file == "base.act"]).map(lambda i: ("base.act", "replace", i))
edits = st.one_of(
    of_base,
    replaced,
    st.tuples(
        st.sampled_from(sorted(FILES)), st.sampled_from(["comment", "delete", "back", "swap"]), st.integers(0, 4)
    ),
    st.tuples(st.sampled_from(["actionlang.effects", "tables.act", "visits"]), st.just("write"), st.integers(0, 2)),
)
WRITTEN = ["", "orders.Agree\n  updates orders.order.amount\n", "action Other < stop >\n"]


def make(folder: Path, edit: Edit) -> None:
    """Edit a file of the project."""
    name, kind, number = edit
    file = folder / name
    if kind == "write":
        file.write_text(WRITTEN[number])
    elif kind == "delete":
        file.unlink(missing_ok=True)
    elif kind in ("back", "swap"):
        file.write_text(FILES[name] if kind == "back" else FILES[sorted(FILES)[number]])
    elif file.is_file():
        text = file.read_text()
        old, new = REPLACED[number] if kind == "replace" else ("", f"# {number}\n")
        file.write_text(text.replace(old, new, 1))


def write(folder: Path) -> None:
    """The project as it is before any edit."""
    (folder / "actionlang.toml").write_text("")
    for name, text in FILES.items():
        (folder / name).write_text(text)


@settings(max_examples=40, deadline=None)
@given(st.lists(edits, min_size=1, max_size=5))
def test_the_cache_changes_no_answer(made: Sequence[Edit]) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        folder = Path(place) / "project"
        folder.mkdir()
        patch.setenv("ACTIONLANG_CACHE", str(Path(place) / "cache"))
        write(folder)
        assert not check(select([folder])).diagnostics
        for edit in made:
            make(folder, edit)
            agreed = folder / "actionlang.effects"
            if edit[0] == agreed.name and "action" in agreed.read_text():
                agreed.unlink()  # A file that can not be understood ends a check before it begins.
            selection = select([folder])
            anew = [to_data(found) for found in check(selection, cached=False).diagnostics]
            assert [to_data(found) for found in check(selection).diagnostics] == anew
            assert [to_data(found) for found in check(selection).diagnostics] == anew


# ----------------------------------------------------------------------------------------------------- what is done again


class Watched(IncrementalLoader):
    """A loader that keeps the names of the scripts that it parses."""

    def __init__(self, root: Path, known: dict[str, ModuleRecord]) -> None:
        super().__init__(root, known)
        self.parsed: list[str] = []

    def parse(self, source: Source) -> ParsedModule:
        """Parse, and keep the name."""
        self.parsed.append(source.name)
        return super().parse(source)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project."""
    write(tmp_path)
    return tmp_path


def load(folder: Path, known: dict[str, ModuleRecord]) -> Watched:
    """Load the project's scripts."""
    loader = Watched(folder, known)
    loader.load_files(sorted(folder.glob("*.act")))
    return loader


@pytest.mark.parametrize(
    ("file", "old", "new", "again"),
    [
        ("orders.act", '"Agreed"', '"Yes"', ["orders.act", "top.act"]),
        ("orders.act", "(order.amount otherwise 0)", "(order.amount otherwise 1)", ["orders.act"]),
        ("orders.act", "action Refuse", "# Says no.\n\naction Refuse", ["orders.act"]),
        ("orders.act", "urgency = high", "amount = 5", ["orders.act", "top.act"]),
        ("top.act", "today()", "today() + 1 days", ["top.act"]),
        ("alone.act", "no {count}", "{count}", ["alone.act"]),
        ("visits.act", "on_day   date", "on_day   date required", ["visits.act", "top.act"]),
        ("base.act", "rating   decimal(5, 2)", "rating   money", ["base.act", "orders.act", "visits.act", "top.act"]),
        ("base.act", "length(of.name) + 1", "length(of.name) + 2", ["base.act"]),
    ],
)
def test_an_edit_is_followed_only_where_it_can_matter(
    project: Path, file: str, old: str, new: str, again: list[str]
) -> None:
    before = load(project, {})
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new))
    after = load(project, before.records)
    assert sorted(after.parsed) == sorted(again)
    assert after.records.keys() == before.records.keys()


def test_nothing_is_parsed_again_where_nothing_changed(project: Path) -> None:
    before = load(project, {})
    assert len(before.parsed) > len(FILES)
    assert not load(project, before.records).parsed


def test_a_damaged_interface_is_worked_out_anew(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACTIONLANG_CACHE", str(cache))
        check(select([project]))
        (entry,) = (cache / "checks").iterdir()
        data = entry.read_bytes()
        assert data.count(b'"decimal(5,2)"') == 1
        entry.write_bytes(data.replace(b'"decimal(5,2)"', b'"decimal(5,3)"'))
        (project / "top.act").write_text(TOP.replace("2.5", '"much"'))
        found = check(select([project]))
        assert found.diagnostics
        anew = check(select([project]), cached=False)
        assert list(map(to_data, found.diagnostics)) == list(map(to_data, anew.diagnostics))


def test_an_import_that_was_not_found_is_looked_for_again(project: Path) -> None:
    (project / "visits.act").unlink()
    before = load(project, {})
    assert [found.code.id for found in before.program().diagnostics] == ["E0901"]
    (project / "visits.act").write_text(VISITS)
    assert not load(project, before.records).program().diagnostics


@pytest.mark.parametrize("name", ["prelude", "core", "helpdesk", "sales", "scheduling", "approval"])
def test_a_module_is_the_same_after_its_interface(name: str) -> None:
    loader = Loader(Path("/"))
    module = loader.load_standard(name)
    data = interface_of(module)
    assert data is not None
    imports = [loader.checked[each] for each in _imported(name)]
    again = restored(data, name, module.source, imports)
    assert interface_of(again) == data
    assert again.tables == module.tables
    assert list(again.universe.tables) == list(module.universe.tables)
    assert list(again.universe.choices) == list(module.universe.choices)
    assert again.universe.functions == module.universe.functions
    for full, verb in again.universe.verbs.items():
        assert (verb.inputs, verb.outputs, verb.effects) == (
            module.universe.verbs[full].inputs,
            module.universe.verbs[full].outputs,
            module.universe.verbs[full].effects,
        )


def _imported(name: str) -> list[str]:
    """The modules that one of the standard library imports, in the order in which its records have them."""
    loader = IncrementalLoader(Path("/"), {})
    loader.load_standard(name)
    return [each.name for each in loader.records[name].imports]
