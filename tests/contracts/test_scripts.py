"""Where no rule finds anything, scripts that perform a verb check as before: asked of the checker itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.compile.contracted import contracts_of
from actionlang.compile.modules import Loader
from actionlang.contracts.comparing import compare
from actionlang.contracts.contracts import Contracts
from actionlang.contracts.wording import parameter_text
from actionlang.diagnostics.diagnostic import Severity
from actionlang.diagnostics.source import Source
from actionlang.metadata import types as t
from actionlang.plan.describe import type_text
from actionlang.plan.plan import Parameter, Verb
from actionlang.plan.walk import type_tables
from tests.contracts.comparing import ROOT, standard
from tests.contracts.test_pages import example
from tests.contracts.test_soundness import World, worlds

KEYS = {
    "room": "number integer primary; name text(40) required key",
    "guest": "name text(40) required key",
    "tour": "name text(40) required key",
}


class Scripts(Loader):
    """Loads scripts that are in no file, by name."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__(ROOT)
        self.texts = texts
        self.checked.update(standard().checked)
        for name in texts:
            self.load_file(ROOT / name)

    def read(self, path: Path) -> Source:
        return Source(path.name, self.texts[path.name])

    @property
    def errors(self) -> list[str]:
        return [found.message for found in self.program().diagnostics if found.severity is Severity.ERROR]

    def contracts(self, script: str) -> Contracts:
        return contracts_of(self, [ROOT / script])


def library(world: World) -> str:
    """The script that declares a world's verb; the host does its work."""
    parts = [
        f"choice {choice.name.partition('.')[2]} < {'; '.join(f'{m.name} = {m.number}' for m in choice.members)} >"
        for choice in world.choices
    ]
    parts += [f"table {name} < {columns} >" for name, columns in KEYS.items()]
    return "\n\n".join([*parts, declared(world.verb)]) + "\n"


def declared(verb: Verb) -> str:
    on = f" on {verb.binding.table.partition('.')[2]}" if verb.binding else ""
    takes = f" ({', '.join(map(parameter_text, verb.inputs))})" if verb.inputs else ""
    returns = f" returns ({', '.join(map(parameter_text, verb.outputs))})" if verb.outputs else ""
    return f"extern action Do{on}{takes}{returns};"


def caller(verb: Verb, draw: Any) -> str:
    """A script that performs a verb, gives what can be given, some of it by its place alone, and hands on what it gets."""
    by_place = draw(st.integers(0, len(verb.inputs)))
    given: list[tuple[Parameter, str]] = []
    for at, parameter in enumerate(verb.inputs):
        may_go = parameter.optional or parameter.default is not None
        if at < by_place or not may_go or draw(st.booleans()):
            given.append(
                (parameter, f"my_{parameter.name}" if at < by_place else f"{parameter.name}: my_{parameter.name}")
            )
    takes = [f"my_{each.name} {type_text(each.type)}{' optional' if each.optional else ''}" for each, _ in given]
    row = verb.binding.table.partition(".")[2] if verb.binding else None
    perform = f"perform Do({', '.join(text for _, text in given)}){f' on {row}' if row else ''} as answer;"
    sinks = "\n".join(
        f"extern action Take{each.name} (it {type_text(each.type)}{' optional' if each.optional else ''});"
        for each in verb.outputs
    )
    hands_on = [f"perform Take{each.name}(it: answer.{each.name});" for each in verb.outputs]
    asks = [
        f"if (answer.{each.name} is not empty) < if (answer.{each.name} is {table.partition('.')[2]}) < stop > >"
        for each in verb.outputs
        if isinstance(each.type, t.Row) and len(each.type.tables) > 1
        for table in type_tables(each.type)
    ]
    head = f"action Call{f' on {row}' if row else ''}{f' ({chr(44).join(takes)})' if takes else ''}"
    return "\n".join(['import "library.act";', sinks, f"{head} <", perform, *hands_on, *asks, ">", ""])


def test_scripts_check_as_before() -> None:
    unnoticed: list[bool] = []

    @settings(max_examples=120, deadline=None)
    @given(worlds(), st.data())
    def see(pair: tuple[World, World], data: st.DataObject) -> None:
        old, new = (library(world) for world in pair)
        script = caller(pair[0].verb, data.draw)
        before = Scripts({"library.act": old, "caller.act": script})
        assert before.errors == [], f"{old}\n{script}"
        after = Scripts({"library.act": new, "caller.act": script})
        if compare(before.contracts("library.act"), after.contracts("library.act")):
            return
        unnoticed.append(old != new)
        assert after.errors == [], f"{old}\n{new}\n{script}"

    see()
    assert unnoticed.count(True) > 10, "most examples are about changes that are found: nothing is learnt from them"


def test_a_verb_that_changes_more_takes_away_what_its_caller_knew() -> None:
    """The reason for the rule effect-widened, on the example of its page."""
    script = """\
import "library.act";
import helpdesk;

action Remind on case <
  if (case.escalated_on is not empty) <
    perform Raise() on case;
    create task set subject = case.title, due = date_of(case.escalated_on);
  >
>
"""
    told = {
        word: Scripts({"library.act": example("effect-widened", word), "caller.act": script}).errors
        for word in ("before", "noticed", "unnoticed")
    }
    assert told["before"] == told["unnoticed"] == []
    assert told["noticed"] == ["case.escalated_on may be empty, and date_of needs a value."]
