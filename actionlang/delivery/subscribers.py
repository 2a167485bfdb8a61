"""Functions of a program that get events: marked with `@subscriber`, found in modules and by entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import NoReturn

import attrs

from actionlang.delivery.events import ARRIVED, Delivered, Outcome
from actionlang.delivery.matching import is_pattern
from actionlang.delivery.subscription import NAME
from actionlang.delivery.subscriptions import RESERVED
from actionlang.diagnostics.catalogue import delivery as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

GROUP = "actionlang.subscribers"
"""The group of entry points that name modules with subscribers, or subscribers."""

Receive = Callable[[Delivered], object]


@attrs.frozen
class Subscriber:
    """A function that is called with each of its events. What it raises is a failed attempt, which is made again. `name` is that
    of its subscription, and stays the same for as long as it is the same subscriber."""

    name: str
    events: tuple[str, ...]
    receive: Receive

    def __call__(self, event: Delivered) -> object:
        """What the function does."""
        return self.receive(event)


def subscriber(*events: str, name: str | None = None) -> Callable[[Receive], Subscriber]:
    """Mark a function as one that gets events: names, or patterns such as `helpdesk.*`.

    The name of its subscription is that of its module and its own, if none is given. Raises ActionLangError (E0965) when an
    event or the name can not be one.
    """
    for each in events:
        if not is_pattern(each):
            _unfit(f"{each} is no event and no pattern of events.", "write it like helpdesk.Escalated, helpdesk.* or *")
    if not events:
        _unfit("A subscriber names no event.", 'write @subscriber("helpdesk.Escalated")')

    def mark(receive: Receive) -> Subscriber:
        own = name or f"{receive.__module__}.{getattr(receive, '__qualname__', type(receive).__name__)}"
        if NAME.fullmatch(own) is None or own in RESERVED.values():
            _unfit(f"{own} can not be the name of a subscriber.", 'give it one: @subscriber(..., name="chat")')
        return Subscriber(own, events, receive)

    return mark


class Subscribers:
    """Subscribers by name."""

    def __init__(self, found: Iterable[Subscriber] = ()) -> None:
        """Raises ActionLangError when two have one name."""
        self._by_name: dict[str, Subscriber] = {}
        for each in found:
            if self._by_name.setdefault(each.name, each) is not each:
                _unfit(
                    f"Two subscribers are named {each.name}.", 'give one of them a name: @subscriber(..., name="chat")'
                )

    @staticmethod
    def of_modules(*names: str) -> Subscribers:
        """Those in modules, which are imported. Raises ActionLangError when one can not be, or has none."""
        return Subscribers(each for name in names for each in _in_module(name))

    @staticmethod
    def installed() -> Subscribers:
        """Those of installed packages, by the entry points of the group `actionlang.subscribers`.

        Raises ActionLangError when one of them can not be loaded.
        """
        return Subscribers(each for point in sorted(entry_points(group=GROUP)) for each in _of_entry_point(point.name))

    def __or__(self, others: Subscribers) -> Subscribers:
        """Both together. Raises ActionLangError when two have one name."""
        return Subscribers({id(each): each for each in (*self, *others)}.values())

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Subscriber | None:
        """The one of that name."""
        return self._by_name.get(name)


class CallChannel:
    """Gives events to a function."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    def send(self, event: Delivered) -> Outcome:
        """Call the function. What it raises is told by its kind and message."""
        try:
            self._receive(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, the event has not arrived
            return Outcome(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
        return ARRIVED

    def close(self) -> None:
        """Nothing is open."""


def _of_entry_point(name: str) -> Iterable[Subscriber]:
    (point,) = entry_points(group=GROUP, name=name)
    try:
        found = point.load()
    except Exception as error:  # noqa: BLE001 - code of others, which may raise anything
        _unfit(
            f"The entry point {name} of {GROUP} can not be loaded: {_told(error)}.", "see the package that brings it"
        )
    return _in(found, f"The entry point {name} of {GROUP}")


def _in_module(name: str) -> Iterable[Subscriber]:
    try:
        module = import_module(name)
    except Exception as error:  # noqa: BLE001 - code of others, which may raise anything
        _unfit(f"The module {name} can not be imported: {_told(error)}.", "see where it is, and PYTHONPATH")
    return _in(module, f"The module {name}")


def _in(found: object, where: str) -> Iterable[Subscriber]:
    if isinstance(found, Subscriber):
        return (found,)
    if isinstance(found, Subscribers):
        return found
    inside = (
        [each for each in vars(found).values() if isinstance(each, Subscriber)] if isinstance(found, ModuleType) else []
    )
    if not inside:
        _unfit(f"{where} has no subscriber.", 'mark a function with @subscriber("helpdesk.Escalated")')
    return {id(each): each for each in inside}.values()


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _unfit(message: str, hint: str) -> NoReturn:
    raise ActionLangError(Diagnostic(codes.UNFIT_SUBSCRIBER, message, hint=hint)) from None
