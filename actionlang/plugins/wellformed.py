"""Whether something can be registered, seen when it is: whatever plans there may be."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import NoReturn

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.plugins.registration import OPERATIONS, Registration
from actionlang.plugins.stages import Stage

FULL_NAME = re.compile(r"[^\s.]([^.]*[^\s.])?\.\S([^\x00-\x1f\x7f]*\S)?")
"""Of a module and a name in it, which may have been written in backticks."""


LONGEST_TIMEOUT = 31_536_000
"""Seconds of a year: more than threads can wait for on some systems would be no time-out but a failure."""


def see_that_it_fits(made: Registration, others: Iterable[Registration], *, late: bool) -> None:
    """See that it can be registered beside the others. Raises ActionLangError (E0970)."""
    if late:
        _refuse(made, "is registered when runs have begun already", "register everything before the first run")
    if not callable(made.call):
        _refuse(made, f"is {made.call!r}, which can not be called", "register a function that takes a context")
    if inspect.iscoroutinefunction(made.call) or inspect.iscoroutinefunction(type(made.call).__call__):
        _refuse(made, "is an async function", "write it with def: a run waits for it")
    if inspect.isgeneratorfunction(made.call) or inspect.isasyncgenfunction(made.call):
        _refuse(made, "is a generator, which does nothing when it is called", "write it without yield")
    if not _takes_one(made):
        _refuse(made, "does not take one argument, its context", "write it like def check(context): ...")
    _see_name(made)
    _see_where(made)
    _see_what_is_said_of_it(made)
    for other in others:
        _see_that_both_can_be(made, other)


def _see_name(made: Registration) -> None:
    name: object = made.name
    if not isinstance(name, str) or not name.isprintable() or not name.strip():
        _refuse(made, f"has the name {name!r}", "a name is a short text")


def _see_where(made: Registration) -> None:
    what = "verb" if made.operation is None else "table"
    if not FULL_NAME.fullmatch(str(made.subject)):
        _refuse(made, f"names the {what} {made.subject!r}", f'a {what} goes by its full name here: "helpdesk.case"')
    if made.operation is not None and made.operation not in OPERATIONS:
        _refuse(made, f"is on {made.operation!r} of a table", f"a table has {', '.join(OPERATIONS)}")
    stage: object = made.stage
    if stage is not None and not isinstance(stage, Stage):
        _refuse(made, f"has the stage {stage!r}", f"the stages are {', '.join(each.name for each in Stage)}")


def _see_what_is_said_of_it(made: Registration) -> None:
    if type(made.order) is not int:
        _refuse(made, f"has the order {made.order!r}", "an order is a whole number; lower ones come first")
    seconds: object = made.timeout
    if seconds is not None and not _is_time(seconds):
        _refuse(made, f"has the timeout {seconds!r}", "give seconds above 0, or None for as long as it takes")
    if made.columns and made.operation != "update":
        _refuse(made, f"names columns for {made.operation}", "columns are for update")
    for names in (made.columns, made.images or (), made.performs):
        for name in names:
            if not isinstance(name, str):
                _refuse(made, f"names {name!r}, which is no text", "columns and verbs go by their names")
        if len(names) > 1 and all(len(str(name)) == 1 for name in names):
            _refuse(made, f"names {''.join(names)!r} letter by letter", 'a tuple of one has a comma: ("title",)')
    for verb in made.performs:
        if not FULL_NAME.fullmatch(verb):
            _refuse(made, f"performs {verb!r}", 'a verb goes by its full name here: "helpdesk.Escalate"')


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds <= LONGEST_TIMEOUT


def _see_that_both_can_be(made: Registration, other: Registration) -> None:
    if made.stage is None and other.stage is None and made.subject == other.subject:
        _refuse(made, f"implements {made.subject}, and so does {other.name}", "leave one of them out")
    same = (made.name, made.subject, made.operation, made.stage)
    if same == (other.name, other.subject, other.operation, other.stage):
        _refuse(made, f"is registered {made.place} already", 'give one of them another name: name="..."')


def _takes_one(made: Registration) -> bool:
    """Whether it can be called with a context. What tells nothing of its parameters is believed."""
    try:
        signature = inspect.signature(made.call)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(None)
    except TypeError:
        return False
    return True


def _refuse(made: Registration, what: str, hint: str) -> NoReturn:
    raise ActionLangError(Diagnostic(codes.NOT_REGISTRABLE, f"The plug-in {made.name} {what}.", hint=hint))
