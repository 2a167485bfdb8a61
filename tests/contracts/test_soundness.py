"""Where no rule of the category call finds anything, whatever callers gave is taken as what it was, and whatever they get is what
they know: for whole verbs, with choices and tables that change, too.

What callers may give and get is asked of the one thing that reads and writes it, `engine.arguments` and `engine.json_form`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.contracts.choosing import Chosen
from actionlang.contracts.comparing import compare
from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rules import chosen_rules
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.json_form import to_json
from actionlang.engine.memory import MemoryStore
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Default, Member, Table
from actionlang.plan.plan import Binding, Effects, Parameter, StepPlan, Verb
from tests.contracts.values import (
    CHOICES,
    GUEST,
    MOOD,
    NAME,
    OTHER,
    ROOM,
    ROWS,
    TABLES,
    TOUR,
    TYPES,
    VALUES,
    filled_store,
)

X = TypeVar("X")
Draw = Callable[[st.SearchStrategy[X]], X]
CALL = chosen_rules(Chosen(("call",)))
NAMES = ("a", "b")
NO_CONSTANT = (t.Row, t.ListOf, t.Choices, t.Json, t.Float)
"""Types without defaults."""

MOODS = (
    MOOD,
    Choice(MOOD.name, (*MOOD.members, Member("merry", 3))),
    Choice(MOOD.name, (Member("calm", 1),)),
    Choice(MOOD.name, (Member("calm", 2), Member("cross", 1))),
)
ROOMS = (
    ROOM,
    attrs.evolve(ROOM, keys=()),
    attrs.evolve(
        ROOM, columns=(*ROOM.columns, attrs.evolve(NAME, name="door", required=False)), keys=(("name",), ("door",))
    ),
    attrs.evolve(ROOM, columns=(ROOM.columns[0], attrs.evolve(NAME, type=t.Text(3)))),
    attrs.evolve(ROOM, columns=(ROOM.columns[0], attrs.evolve(NAME, type=t.Text(90)))),
)
WIDER: dict[t.Type, tuple[t.Type, ...]] = {
    t.Text(5): (t.Text(8), t.Text()),
    t.Integer(): (t.Decimal(), t.Decimal(20, 0)),
    t.Decimal(5, 2): (t.Decimal(8, 2), t.Money()),
    t.Row(("desk.room",)): (t.Row(("desk.room", "desk.guest")),),
    t.Row(("desk.room", "desk.guest")): (t.Row(("desk.guest", "desk.room", "desk.tour")),),
    t.ListOf(t.Text(5)): (t.ListOf(t.Text()),),
}


COMMON = (*TYPES, *(type_ for pair in WIDER.items() for type_ in (pair[0], *pair[1])), *(t.Choice(MOOD.name),) * 8)
"""Types of which there are more than of others: those with narrower and wider ones."""


@attrs.frozen
class World:
    """A verb with all that it mentions, and rows."""

    verb: Verb
    choices: tuple[Choice, ...]
    tables: tuple[Table, ...]
    store: MemoryStore

    @property
    def contracts(self) -> Contracts:
        return Contracts.of([self.verb], self.tables, self.choices)

    @property
    def reader(self) -> ArgumentReader:
        return ArgumentReader(StepPlan(self.verb.name, (self.verb,), self.tables, self.choices), self.store)

    def outputs_of(self, other: Verb) -> ArgumentReader:
        """What reads the outputs of another verb in this world."""
        verb = attrs.evolve(self.verb, inputs=other.outputs, binding=None)
        return ArgumentReader(StepPlan(verb.name, (verb,), self.tables, self.choices), self.store)


def values_of(type_: t.Type, world: World) -> st.SearchStrategy[Any]:
    """Values of a type, of those choices that its world has."""
    moods = world.choices[0].by_name
    if type_ == t.Choice(MOOD.name):
        return st.sampled_from(list(moods))
    if type_ == t.Choices(MOOD.name):
        return st.lists(st.sampled_from(list(moods)), unique=True).map(
            lambda names: tuple(name for name in moods if name in names)
        )
    if isinstance(type_, t.ListOf):
        return st.lists(values_of(type_.item, world), max_size=3).map(tuple)
    return st.sampled_from(VALUES[type_])


def world(verb: Verb, mood: Choice, room: Table) -> World:
    tables = (room, GUEST, TOUR)
    return World(verb, (mood, OTHER), tables, filled_store(tables))


@st.composite
def parameters(draw: Draw[Any], *, given: bool) -> tuple[Parameter, ...]:
    """Inputs, or outputs, of a verb. Those that are given may have defaults."""
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        type_ = draw(st.sampled_from(COMMON))
        optional = draw(st.booleans())
        default = given and draw(st.booleans()) and not isinstance(type_, NO_CONSTANT)
        value = Default(VALUES[type_][0]) if default else None
        found.append(Parameter(name, type_, optional, value))
    return tuple(found)


CHANGES = (*("wider",) * 8, "narrower", "narrower", "optional", "type", "default", "gone", "other default")


@st.composite
def changed(draw: Draw[Any], old: tuple[Parameter, ...], *, given: bool) -> tuple[Parameter, ...]:
    """The same inputs or outputs after some changes, more often than not harmless ones."""
    found = list(old)
    for at, parameter in enumerate(old):
        match draw(st.sampled_from(CHANGES)):
            case "type":
                found[at] = attrs.evolve(parameter, type=draw(st.sampled_from(TYPES)), default=None)
            case "wider" | "narrower" as change:
                wanted = WIDER.get(parameter.type, (parameter.type,))
                type_ = draw(st.sampled_from(wanted if given == (change == "wider") else _narrower(parameter.type)))
                found[at] = attrs.evolve(parameter, type=type_, default=_as_constant(parameter.default, type_))
            case "optional":
                found[at] = attrs.evolve(parameter, optional=not parameter.optional)
            case "default":
                found[at] = attrs.evolve(parameter, default=None)
            case "other default" if given and not isinstance(parameter.type, NO_CONSTANT):
                found[at] = attrs.evolve(parameter, default=Default(VALUES[parameter.type][-1]))
            case "gone" if draw(st.booleans()):
                found[at] = attrs.evolve(parameter, name="gone")
    if draw(st.integers(0, 3)) == 0:
        type_ = draw(st.sampled_from(TYPES))
        found.append(Parameter("new", type_, draw(st.integers(0, 3)) > 0))
    kept = [parameter for parameter in found if parameter.name != "gone"]
    return tuple(draw(st.permutations(kept)) if draw(st.integers(0, 4)) == 0 else kept)


def _as_constant(default: Default | None, type_: t.Type) -> Default | None:
    """A default as the checker has it for a type: an integer, or a number with decimals."""
    if default is None or not isinstance(type_, t.Integer | t.Decimal | t.Money):
        return default
    number = Decimal(str(default.value))
    return Default(int(number) if isinstance(type_, t.Integer) else number)


def _narrower(type_: t.Type) -> tuple[t.Type, ...]:
    return (type_, *(narrow for narrow, wider in WIDER.items() if type_ in wider))


@st.composite
def worlds(draw: Draw[Any]) -> tuple[World, World]:
    """A verb as it was and as it is."""
    inputs, outputs = draw(parameters(given=True)), draw(parameters(given=False))
    binding = draw(st.sampled_from((None, Binding("desk.room", "room"), Binding("desk.guest", "guest"))))
    old = Verb("desk.Do", "action", binding, inputs, outputs, (), False, False, None, "", Effects(), (), "desk.act", 1)
    what = draw(st.sampled_from(("contract", "contract", "metadata", "both")))
    if what == "metadata":
        return world(old, MOOD, ROOM), world(old, draw(st.sampled_from(MOODS)), draw(st.sampled_from(ROOMS)))
    new = attrs.evolve(old, inputs=draw(changed(inputs, given=True)), outputs=draw(changed(outputs, given=False)))
    if draw(st.integers(0, 9)) == 0:
        new = attrs.evolve(new, binding=draw(st.sampled_from((None, Binding("desk.guest", "guest")))))
    if what == "contract":
        return world(old, MOOD, ROOM), world(new, MOOD, ROOM)
    return world(old, MOOD, ROOM), world(new, draw(st.sampled_from(MOODS)), draw(st.sampled_from(ROOMS)))


def test_what_is_not_found_is_not_noticed() -> None:
    unnoticed: list[bool] = []

    @settings(max_examples=500, deadline=None)
    @given(worlds(), st.data())
    def see(pair: tuple[World, World], data: st.DataObject) -> None:
        old, new = pair
        if compare(old.contracts, new.contracts, rules=CALL):
            return
        unnoticed.append((old.verb, old.choices, old.tables) != (new.verb, new.choices, new.tables))
        see_call(old, new, data.draw)
        see_answer(old, new, data.draw)

    see()
    assert unnoticed.count(True) > 60, "most examples are about changes that are found: nothing is learnt from them"


def see_call(old: World, new: World, draw: Draw[Any]) -> None:
    """Whatever could be given to the old verb is taken by the new one, as the same."""
    arguments: dict[str, object] = {}
    values: dict[str, object] = {}
    for parameter in old.verb.inputs:
        choices = [values_of(parameter.type, old)]
        choices += [st.just(None)] if parameter.optional else []
        left_out = (parameter.optional or parameter.default is not None) and draw(st.booleans())
        if not left_out:
            value = draw(st.one_of(choices))
            values[parameter.name], arguments[parameter.name] = value, to_json(value, parameter.type)
    assert old.reader.arguments(arguments) == values
    assert new.reader.arguments(arguments) == values
    defaults = [{each.name: each.default for each in verb.inputs} for verb in (old.verb, new.verb)]
    for name in defaults[0].keys() - arguments.keys():
        assert defaults[0][name] == defaults[1][name]
    target = draw(st.sampled_from(rows_named(old.verb.binding)))
    assert old.reader.target(target) == new.reader.target(target)


def rows_named(binding: Binding | None) -> list[object]:
    """The rows that a verb may be on, each by every key that it has."""
    if binding is None:
        return [None]
    short = binding.table.partition(".")[2]
    return [name for row in ROWS[binding.table] for name in (row, row.key, f"the {short} {str(row.key)[-1]}")]


def see_answer(old: World, new: World, draw: Draw[Any]) -> None:
    """Whatever the new verb returns could have been returned by the old one."""
    answer: dict[str, object] = {}
    values: dict[str, object] = {}
    for output in new.verb.outputs:
        value = None if output.optional and draw(st.booleans()) else draw(values_of(output.type, new))
        values[output.name], answer[output.name] = value, to_json(value, output.type)
    known = {output.name: output for output in old.verb.outputs}
    assert known.keys() <= answer.keys()
    read = old.outputs_of(old.verb).arguments({name: answer[name] for name in known})
    assert read == {name: values[name] for name in known}
    assert {name: to_json(value, known[name].type) for name, value in read.items()} == {
        name: answer[name] for name in known
    }


def test_the_world_is_what_the_rules_are_told_of() -> None:
    assert set(TABLES) == {ROOM, GUEST, TOUR}
    assert CHOICES == (MOOD, OTHER)
