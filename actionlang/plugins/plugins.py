"""What a host registers: functions of its own on verbs and on what happens to tables, and its implementations of extern verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from actionlang.plugins.after_commit import Delivered, read
from actionlang.plugins.attached import attach
from actionlang.plugins.calls import Calls
from actionlang.plugins.registration import OPERATIONS, Registration
from actionlang.plugins.stages import AFTER_COMMIT, BEFORE, Stage
from actionlang.plugins.wellformed import see_that_it_fits

if TYPE_CHECKING:
    from actionlang.plan.plan import StepPlan

Function = TypeVar("Function", bound=Callable[..., Any])

TIMEOUT = 30.0
"""Seconds that a plug-in has, unless it is registered with more or less."""

MOST_KNOWN = 1000
"""Plans of which it is remembered what plug-ins perform in their runs."""


class Plugins:
    """The plug-ins of a host. Registered at its start, handed to `Hosting`, and from the first run on the same for good.

    Where several are registered at one place they are called in the order of their `order`, those of the same order by name. The
    name is that of module and function, unless another is given. `timeout` is in seconds; a plug-in with one is called in a
    thread of its own. With `timeout=None` it is called in the run's thread, which waits for as long as it takes.
    """

    def __init__(self) -> None:
        self._registrations: list[Registration] = []
        self._in_use = False
        self._abroad: dict[str, tuple[tuple[str, str], ...]] = {}

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """All that is registered, in the order of places, then that in which they are called."""
        return tuple(sorted(self._registrations, key=_listed))

    # ----------------------------------------------------------------------------------------------------- registering

    def on_verb(
        self,
        verb: str,
        /,
        *,
        stage: Stage = BEFORE,
        order: int = 0,
        timeout: float | None = TIMEOUT,
        images: Iterable[str] | None = None,
        performs: Iterable[str] = (),
        name: str | None = None,
    ) -> Callable[[Function], Function]:
        """Register the function below on a verb, by the verb's full name. It takes a `Context`, or an `AfterCommit`.

        Raises ActionLangError (E0970) when it can not be registered like that.
        """

        def register(function: Function) -> Function:
            shown = None if images is None else tuple(images)
            self._add(name, function, verb, None, stage, order, timeout, (), shown, tuple(performs))
            return function

        return register

    def on_table(  # noqa: PLR0913 - one parameter an option
        self,
        table: str,
        operation: str,
        /,
        *,
        stage: Stage = BEFORE,
        columns: Iterable[str] = (),
        order: int = 0,
        timeout: float | None = TIMEOUT,
        images: Iterable[str] | None = None,
        performs: Iterable[str] = (),
        name: str | None = None,
    ) -> Callable[[Function], Function]:
        """Register the function below on what happens to rows of a table, by its full name: create, update, delete, assign or
        move. Of updates it is called for those that set one of `columns`, or for all.

        Raises ActionLangError (E0970) when it can not be registered like that.
        """

        def register(function: Function) -> Function:
            shown = None if images is None else tuple(images)
            of = tuple(columns)
            self._add(name, function, table, operation, stage, order, timeout, of, shown, tuple(performs))
            return function

        return register

    def implements(
        self,
        verb: str,
        /,
        *,
        timeout: float | None = TIMEOUT,
        images: Iterable[str] | None = None,
        performs: Iterable[str] = (),
        name: str | None = None,
    ) -> Callable[[Function], Function]:
        """Register the function below as the implementation of an `extern action` or `extern function`. It takes a `Context`, and
        returns the outputs by name.

        Raises ActionLangError (E0970) when it can not be registered like that.
        """

        def register(function: Function) -> Function:
            shown = None if images is None else tuple(images)
            self._add(name, function, verb, None, None, 0, timeout, (), shown, tuple(performs))
            return function

        return register

    def include(self, others: Plugins) -> None:
        """Register all that is registered there. Raises ActionLangError (E0970) as registering does."""
        for each in others._registrations:
            see_that_it_fits(each, self._registrations, late=self._in_use)
            self._registrations.append(each)

    def load_module(self, name: str) -> None:
        """Import a module, and register what it has: by its function `actionlang_register(plugins)`, or as a `Plugins` of its own
        that goes by the name `plugins`.

        Raises ActionLangError (E0973) when it can not be imported or has neither, (E0970) as registering does.
        """
        from actionlang.plugins.loading import load_module

        load_module(self, name)

    def load_entry_points(self) -> None:
        """Register what installed packages have, by pluggy's way: entry points of the group `actionlang` that implement the hook
        `actionlang_register(plugins)`.

        Raises ActionLangError (E0973) when one can not be loaded, (E0911) when pluggy is not installed.
        """
        from actionlang.plugins.loading import load_entry_points

        load_entry_points(self)

    def _add(self, name: str | None, function: Callable[..., Any], *rest: Any) -> None:
        made = Registration(name or name_of(function), function, *rest)
        see_that_it_fits(made, self._registrations, late=self._in_use)
        self._registrations.append(made)

    # ----------------------------------------------------------------------------------------------------------- using

    @property
    def any_after_commit(self) -> bool:
        """Whether a deliverer has to call any of them."""
        return any(each.stage is AFTER_COMMIT for each in self._registrations)

    def check(self, plans: Iterable[StepPlan]) -> None:
        """See that all that is registered has its place in one of these plans, and that their extern verbs are implemented.

        Raises ActionLangError (E0971, E0972) with all that is wrong.
        """
        from actionlang.plugins.checking import check

        check(self.registrations, tuple(plans))

    def see_none_on(self, verb: str) -> None:
        """See that no plug-in is on a background action. Raises ActionLangError (E0971) when one is."""
        from actionlang.plugins.checking import see_none_on

        see_none_on(self.registrations, verb)

    def begin(self) -> None:
        """A run begins: nothing can be registered any more."""
        self._in_use = True

    def abroad(self, plan: StepPlan, plan_hash: str) -> tuple[tuple[str, str], ...]:
        """The verbs that plug-ins perform in runs of a plan and that it does not have, each with the name of a plug-in that does.

        Raises ActionLangError (E0972) when the plan has a verb that is not implemented.
        """
        known = self._abroad.get(plan_hash)
        if known is None:
            self._in_use = True
            attached = attach(self, plan, Calls())
            if len(self._abroad) >= MOST_KNOWN:
                self._abroad.clear()
            names = () if attached is None else attached.abroad
            known = self._abroad[plan_hash] = tuple((name, each.name) for name, each in names)
        return known

    def after_commit(self, delivered: Delivered) -> None:
        """Call the plug-in that an event named `actionlang.after_commit` is for; what it raises is raised here, for whoever
        delivers to try again.

        Raises LookupError when there is no such plug-in (any more).
        """
        call = read(delivered)
        for each in self._registrations:
            is_it = (each.name, each.operation) == (call.plugin, call.operation)
            if is_it and each.stage is AFTER_COMMIT and each.subject == delivered.payload["subject"]:
                each.call(call)
                return
        raise LookupError(f"there is no plug-in {call.plugin} {AFTER_COMMIT.value} any more")


def name_of(function: Callable[..., Any]) -> str:
    """The name of a function with that of its module."""
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    return f"{function.__module__}.{name}".replace(".<locals>", "")


def _listed(each: Registration) -> tuple[str, int, int, tuple[int, str]]:
    operation = -1 if each.operation is None else OPERATIONS.index(each.operation)
    stage = -1 if each.stage is None else list(Stage).index(each.stage)
    return each.subject, operation, stage, each.rank
