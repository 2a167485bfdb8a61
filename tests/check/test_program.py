"""Whole modules: what they declare, what an importer gets, and that nothing raises."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.check.names import HostFunction
from actionlang.check.program import check_module
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader, standard_modules
from actionlang.compile.standard import standard_source
from actionlang.diagnostics.source import Source
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.memory import MemoryStore
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Member
from actionlang.plan.host_functions import host_functions
from actionlang.plan.plan import Effects
from actionlang.syntax.parser import parse
from tests.check.checking import NAME, check, loader_with, verify_all

TESTS = Path(__file__).parents[2] / "stdlib" / "tests"


@pytest.mark.parametrize("name", standard_modules())
def test_the_standard_library_is_right(name: str) -> None:
    loader = loader_with()
    assert loader.checked[name].diagnostics == ()
    verify_all(loader, name)


@pytest.mark.parametrize("file", sorted(TESTS.glob("*.act")), ids=lambda file: file.stem)
def test_the_standard_librarys_tests_are_right(file: Path) -> None:
    loader = loader_with(**{NAME: file.read_text("utf-8")})
    assert loader.checked[NAME].diagnostics == ()
    assert verify_all(loader, NAME) == len(loader.checked[NAME].tests) > 0


def test_the_prelude_declares_what_the_host_has() -> None:
    declared: dict[tuple[str, str], HostFunction] = {}
    for name, functions in loader_with().checked["prelude"].functions.items():
        declared.update({(name, function.overload): function for function in functions})
    known = host_functions()
    assert declared.keys() == known.keys()
    for key, function in declared.items():
        assert (function.result, function.optional) == (known[key].result, False)
        assert not any(parameter.optional for parameter in function.parameters)


def test_what_a_module_declares() -> None:
    module = check(
        """
        import helpdesk;
        choice Colour < red; green >
        table thing < name text; status < new -> old; old > >
        action Paint on thing (colour Colour) returns (said text) private < return said: "{colour}" >
        extern action Send(text text);
        test "it is painted" at datetime "2026-11-24T10:00:00+01:00" < create thing as x; perform Paint(colour: red) on x >
        test "another" < stop >
        on after create of thing < stop >
        override action Escalate on case (reason text(400), level integer) returns (ticket task) < fail reason >
        """
    )
    assert sorted(module.choices) == ["script.Colour", "script.thing.status"]
    assert module.choices["script.thing.status"] == Choice("script.thing.status", (Member("new"), Member("old")))
    assert list(module.tables) == ["script.thing"]
    assert sorted(module.verbs) == ["helpdesk.Escalate@script", "script.Paint", "script.Send"]
    assert [(test.name, test.kind, test.doc, test.at) for test in module.tests] == [
        ("script.test 1", "test", "it is painted", "2026-11-24T09:00:00Z"),
        ("script.test 2", "test", "another", None),
    ]
    assert [(hook.time, hook.event, hook.target) for hook in module.hooks] == [("after", "create", "script.thing")]
    paint = module.verbs["script.Paint"]
    assert (paint.private, paint.line, paint.source) == (True, 5, "script.act")
    assert paint.inputs[0].type == t.Choice("script.Colour")


def test_effects_are_those_of_the_steps_and_of_what_they_perform() -> None:
    module = check(
        """
        table thing < name text; status < new -> old; old >; owner owner >
        action Age on thing < move thing to old; perform Call(name: "x") on thing; assign thing to empty >
        action Call on thing (name text) < update thing set name = name; create thing set name = name; delete thing >
        """
    )
    assert module.verbs["script.Age"].effects == Effects(
        reads=(("script.thing", ()),),
        updates=(("script.thing", ("name",)),),
        assigns=(("script.thing", "owner"),),
        moves=(("script.thing", "status"),),
        creates=("script.thing",),
        deletes=("script.thing",),
        performs=("script.Call",),
    )


def test_an_importer_gets_what_a_module_declares_and_imports() -> None:
    names = loader_with(**{NAME: "import sales; action A on lead < stop >"}).checked[NAME].names
    assert names.tables["lead"] == ("sales.lead",)
    assert names.tables["account"] == ("parties.account",)
    assert names.tables["user"] == ("core.user",)
    assert names.verbs["A"] == ("script.A",)
    assert set(names.modules) == {"prelude", "core", "sales"}


def load(root: Path, **files: str) -> Loader:
    """A project of files, all loaded."""
    for name, text in files.items():
        (root / f"{name}.act").write_text(text, "utf-8")
    loader = Loader(root)
    loader.load_files(root / f"{name}.act" for name in files)
    return loader


def told(loader: Loader) -> list[str]:
    return [f"{found.code.id} {found.message}" for found in loader.program().diagnostics]


def test_files_import_each_other_by_path(tmp_path: Path) -> None:
    loader = load(
        tmp_path,
        verbs='import "tables.act" as mine; action A on visit < update visit set place = "x" > action B on mine.visit < stop >',
        tables="table visit < place text >",
    )
    assert told(loader) == []
    assert list(loader.checked)[-2:] == ["tables", "verbs"]
    assert verify_all(loader, "verbs") == 2


def test_a_clash_of_two_files_names_both(tmp_path: Path) -> None:
    loader = load(
        tmp_path,
        verbs='import "one.act"; import "two.act"; action A on visit < stop > action B on two.visit < stop > '
        "table t < a Colour > action C < perform Go() >",
        one="table visit < place text > choice Colour < red > action Go < stop >",
        two="table visit < place text > choice Colour < red > action Go < stop >",
    )
    assert told(loader) == [
        "E0207 Two imports bring a table named visit.",
        "E0207 Two imports bring a choice named Colour.",
        "E0207 Two imports bring a verb named Go.",
    ]


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    loader = load(
        tmp_path,
        one='import "two.act"; action A < perform B() >',
        two='import "one.act"; action B < perform A() >',
    )
    assert told(loader) == ["E0211 These modules import each other: one imports two imports one."]


def test_two_imports_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "tables.act").write_text("table gone < place text >", "utf-8")
    loader = load(
        tmp_path,
        verbs='import "tables.act"; import "old/tables.act"; action A on visit < stop >',
        tables="table visit < place text >",
    )
    assert told(loader) == ["E0214 Two imports are called tables: tables and old.tables."]


def test_a_broken_import_is_told_once_and_what_it_would_bring_is_not_missed(tmp_path: Path) -> None:
    loader = load(
        tmp_path,
        verbs='import "none.act"; action A on visit (to customer) < perform B() on visit; assign visit to to >',
    )
    assert [message.partition(" ")[0] for message in told(loader)] == ["E0901"]


def test_every_plan_of_the_standard_library_can_be_bound() -> None:
    loader = loader_with()
    linker = Linker(loader.checked)
    for name in standard_modules():
        for verb in loader.checked[name].verbs.values():
            bind(linker.plan(verb), MemoryStore())


SOURCES = [standard_source(name).text for name in standard_modules()]
SOURCES += [file.read_text("utf-8") for file in sorted(TESTS.glob("*.act"))]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A script of the standard library of which parts were lost, doubled or put elsewhere."""
    text = draw(st.sampled_from(SOURCES))
    start = draw(st.integers(0, len(text)))
    text = text[start : start + draw(st.integers(0, 3000))]
    words = text.split(" ")
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(words) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "cut", "foreign"])):
            case "drop":
                words[at] = ""
            case "double":
                words.insert(at, words[at])
            case "swap":
                other = draw(st.integers(0, len(words) - 1))
                words[at], words[other] = words[other], words[at]
            case "cut":
                words[at] = words[at][: len(words[at]) // 2]
            case _:
                words[at] = draw(
                    st.sampled_from(["case", "5", '"x"', "empty", "<", ">", "caller", "r.ticket", "text(0)", "owner"])
                )
    return "import helpdesk;\nimport sales;\n" + " ".join(words)


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_nothing_raises_whatever_the_script(text: str) -> None:
    module = check(text)
    for diagnostic in module.diagnostics:
        assert diagnostic.primary is not None
        assert 0 <= diagnostic.primary.span.start <= diagnostic.primary.span.end <= len(text)


def test_diagnostics_come_in_the_order_of_the_script() -> None:
    module = check("action A < let x = ; perform B() > table t < a nothing > action C < fail 5 > choice d < >")
    starts = [found.primary.span.start for found in module.diagnostics if found.primary]
    assert starts == sorted(starts)
    assert [found.code.id for found in module.diagnostics] == ["E0101", "E0204", "E0205", "E0302", "E0401"]


def test_the_same_source_gives_the_same_plan() -> None:
    text = standard_source("helpdesk").text
    verbs = []
    for _ in range(2):
        loader = Loader(Path("/nowhere"))
        loader.load_source("helpdesk2", Source("helpdesk2.act", text), None)
        verbs.append(loader.checked["helpdesk2"].verbs)
    assert verbs[0] == verbs[1]


def test_a_script_nested_too_deeply_for_what_is_left_of_the_stack() -> None:
    text = f'action A < require ({"not " * 100}true) > test "x" < stop >'
    source = Source("deep.act", text)
    parsed, imports = parse(source), {"prelude": loader_with().checked["prelude"]}
    check_module(parsed, "deep", imports)
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 100)
    try:
        module = check_module(parsed, "deep", imports)
    finally:
        sys.setrecursionlimit(limit)
    assert [found.code.id for found in module.diagnostics] == ["E0109"]
