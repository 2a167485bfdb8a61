"""Verbs with plug-ins around them, and verbs that the host implements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.failure import Failure, Site
from actionlang.engine.interpreter.frame import UNIT, Frame
from actionlang.engine.interpreter.naming import RowNames
from actionlang.engine.interpreter.scope import BoundVerb, PlanBinding
from actionlang.engine.interpreter.verbs import bind_verb
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.plan.plan import Verb
from actionlang.plan.steps import Place as Where
from actionlang.plugins.attached import known_as
from actionlang.plugins.calls import broken
from actionlang.plugins.context import Image
from actionlang.plugins.images import image_of
from actionlang.plugins.members import Members, members_of
from actionlang.plugins.performing import performing
from actionlang.plugins.place import Occasion, Place
from actionlang.plugins.registration import Registration
from actionlang.plugins.stages import AFTER, AFTER_COMMIT, BEFORE, BEFORE_VALIDATION, Stage

if TYPE_CHECKING:
    from actionlang.plugins.attached import Attached, Door


def bind_with_plugins(verb: Verb, plan: PlanBinding, attached: Attached) -> BoundVerb:
    """A verb ready to run, with what the host has registered on it."""
    bound = bind_verb(verb, plan)
    registrations, extern = attached.verbs.get(verb.name, ()), attached.externs.get(verb.name)
    if not registrations and extern is None:
        return bound
    place = _place(verb, plan, attached)
    if extern is not None:
        bound = bound._replace(call=_implemented(bound, place, extern, plan))
    if not registrations:
        return bound
    is_door = BEFORE_VALIDATION in place.stages and verb.name == attached.plan.entry
    if is_door:
        attached.door = _door(place, _target_image(verb, plan), RowNames(plan))
    return bound._replace(call=_around(bound, place, plan, is_door=is_door))


def _place(verb: Verb, plan: PlanBinding, attached: Attached) -> Place:
    rows = ArgumentReader(attached.plan, plan.store).row
    stages: dict[Stage, tuple[Registration, ...]] = {}
    for each in attached.verbs.get(verb.name, ()):
        if each.stage is not None:
            stages[each.stage] = (*stages.get(each.stage, ()), each)
    arguments = members_of(verb.inputs, plan.schema, rows)
    columns = members_of(plan.schema.tables[verb.binding.table].columns, plan.schema, rows) if verb.binding else {}
    return Place(
        site=Site(verb.name, verb.source, Where(verb.line, 1, verb.line, 1)),
        verb=known_as(verb.name),
        table=None,
        operation=None,
        stages=stages,
        arguments=arguments,
        accepts=arguments,
        gives=members_of(verb.outputs, plan.schema, rows),
        columns=columns,
        calls=attached.calls,
        performing=performing(plan, attached, writes=verb.kind not in ("function", "extern function")),
    )


Imaged = Callable[[Unit, RowRef | None], Image | None]


def _target_image(verb: Verb, plan: PlanBinding) -> Imaged:
    """What gives the row that a verb is on, as it is now."""
    if verb.binding is None:
        return lambda unit, row: None
    image = image_of(plan.tables[verb.binding.table])
    return lambda unit, row: None if row is None else image(unit, row)


@contextmanager
def _naming_rows(names: RowNames, unit: Unit) -> Iterator[None]:
    """A failure that leaves the block knows its row by name."""
    try:
        yield
    except Failure as failure:
        if failure.row is not None and failure.row_name is None:
            failure.row_name = names.name(unit, failure.row)
        raise


def _door(place: Place, image: Imaged, names: RowNames) -> Door:
    """What is done with the arguments of a run before they are held against the contract."""

    def pass_door(unit: Unit, row: RowRef | None, given: Mapping[str, object]) -> Mapping[str, object]:
        occasion = Occasion(place, unit, row, dict(given), before=image(unit, row))
        with _naming_rows(names, unit):
            occasion.pass_(BEFORE_VALIDATION)
        place.calls.at_door = True
        return occasion.arguments

    return pass_door


def _around(bound: BoundVerb, place: Place, plan: PlanBinding, *, is_door: bool) -> Callable[[Frame], tuple[Any, ...]]:
    """What runs a verb with the plug-ins around it. At the door, those before validation may have been called already."""
    inner, image, names = bound.call, _target_image(bound.verb, plan), RowNames(plan)
    outputs = tuple(output.name for output in bound.verb.outputs)
    slots, row, calls = tuple(bound.parameters.items()), bound.row, place.calls
    shows_after = AFTER in place.stages or AFTER_COMMIT in place.stages

    def pass_stages(frame: Frame, occasion: Occasion) -> tuple[Any, ...]:
        unit, target = occasion.unit, occasion.target
        occasion.before = image(unit, target)
        if is_door and calls.at_door:
            calls.at_door = False
        elif occasion.pass_(BEFORE_VALIDATION):
            occasion.before = image(unit, target)
        if occasion.pass_(BEFORE):
            occasion.before = image(unit, target)
        for name, slot in slots:
            frame[slot] = occasion.arguments[name]
        occasion.outputs = dict(zip(outputs, inner(frame), strict=True))
        if shows_after:
            occasion.after = image(unit, target)
            if occasion.pass_(AFTER):
                occasion.after = image(unit, target)
            occasion.announce()
        return tuple([occasion.outputs[name] for name in outputs])

    def call(frame: Frame) -> tuple[Any, ...]:
        unit: Unit = frame[UNIT]
        target: RowRef | None = None if row is None else frame[row]
        occasion = Occasion(place, unit, target, {name: frame[slot] for name, slot in slots})
        with _naming_rows(names, unit):
            return pass_stages(frame, occasion)

    return call


def _implemented(
    bound: BoundVerb, place: Place, registration: Registration, plan: PlanBinding
) -> Callable[[Frame], tuple[Any, ...]]:
    """What runs a verb that the host implements."""
    image, row = _target_image(bound.verb, plan), bound.row
    slots = tuple(bound.parameters.items())

    def call(frame: Frame) -> tuple[Any, ...]:
        unit: Unit = frame[UNIT]
        target: RowRef | None = None if row is None else frame[row]
        arguments = {name: frame[slot] for name, slot in slots}
        occasion = Occasion(place, unit, target, arguments, before=image(unit, target))
        result = occasion.call(registration)
        try:
            return _outputs(result, place.gives)
        except ValueError as error:
            message = f"The implementation {registration.name} of {registration.subject} returns {error}."
            raise broken(codes.WRONG_VALUE, message, registration, place.site) from None

    return call


def _outputs(result: object, gives: Members) -> tuple[Any, ...]:
    """What an implementation returned, as outputs. Raises ValueError saying what is wrong with it."""
    given: object = {} if result is None else result
    if not isinstance(given, Mapping):
        raise ValueError(f"{type(given).__name__}, not its outputs by name, such as {{{', '.join(map(repr, gives))}}}")
    unknown = [name for name in given if name not in gives]
    if unknown:
        known = f"; its outputs are {', '.join(gives)}" if gives else ", and it has no outputs"
        raise ValueError(f"`{unknown[0]}`{known}")
    found: list[Any] = []
    for name, member in gives.items():
        if name not in given and not member.optional:
            raise ValueError(f"no `{name}`")
        try:
            found.append(member.value(given.get(name)))
        except ValueError as error:
            raise ValueError(f"`{name}` that is not {error}") from None
    return tuple(found)
