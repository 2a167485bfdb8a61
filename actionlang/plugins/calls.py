"""Calling plug-ins: within their time, no deeper than is sensible, and with what goes wrong in them told as theirs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Failure, HostFailure, Site
from actionlang.engine.recorder import FAILED, PLUGIN
from actionlang.plugins.work import PlugInError
from actionlang.plugins.workers import WORKERS, Desk, Late

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from actionlang.engine.recorder import Recorder
    from actionlang.plugins.context import Context
    from actionlang.plugins.registration import Registration
    from actionlang.plugins.work import Work

DEEPEST = 16
"""Plug-ins at work inside each other."""

LONGEST_TOLD = 500
"""Characters of an exception's text that the failure tells."""


class _Left(Exception):
    """A plug-in has ended its thread; how is the cause."""


class Calls:
    """The plug-ins that are at work in the runs of one connection. `run` is the id of the run, `at_door` says that the run's own
    verb has been through its plug-ins before validation."""

    def __init__(self) -> None:
        self.run: str | None = None
        self.at_door = False
        self._chain: list[str] = []

    def begin(self, run: str) -> None:
        """A run begins."""
        self.run = run
        self.at_door = False
        self._chain.clear()

    @property
    def depth(self) -> int:
        """How many plug-ins are at work."""
        return len(self._chain)

    def call(
        self, registration: Registration, context: Context, work: Work, site: Site, recorder: Recorder | None
    ) -> Any:
        """Call a plug-in, and give what it returns.

        Raises Failure when it vetoes, or a verb that it performed fails; HostFailure when something is wrong with it.
        """
        label = f"{registration.name}, {registration.place}"
        with self._deeper(registration, label, site), _told(recorder, label, site):
            try:
                result = _in_time(registration, context, work)
            except BaseException as error:
                if not isinstance(error, Exception):
                    raise
                raise work.doom or _broken(registration, error, site, work.told) from _cause(work, error)
            if work.doom is not None:
                raise work.doom
            return result

    @contextmanager
    def _deeper(self, registration: Registration, label: str, site: Site) -> Iterator[None]:
        if len(self._chain) >= DEEPEST:
            chain = " > ".join((*self._chain, label))
            message = f"Plug-ins call each other more than {DEEPEST} deep: {chain}."
            raise broken(codes.TOO_DEEP, message, registration, site)
        self._chain.append(label)
        try:
            yield
        finally:
            self._chain.pop()


def _in_time(registration: Registration, context: Context, work: Work) -> Any:
    if registration.timeout is None:
        try:
            return registration.call(context)
        finally:
            work.end()

    def call(desk: Desk) -> Any:
        work.do = desk.ask
        try:
            return registration.call(context)
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException as error:
            # What ends a thread, such as sys.exit(), ends the plug-in's and not the run's.
            raise _Left from error

    return WORKERS.call(registration, registration.timeout, call)


@contextmanager
def _told(recorder: Recorder | None, label: str, site: Site) -> Iterator[None]:
    """Tell whoever watches the run."""
    if recorder is None:
        yield
        return
    recorder.begin(PLUGIN, label, site.verb, site.place.line)
    try:
        yield
    except BaseException:
        recorder.end(FAILED)
        raise
    recorder.end()


def _cause(work: Work, error: Exception) -> BaseException | None:
    """What is behind the exception that is raised in place of this one."""
    if work.doom is not None:
        return work.doom.__cause__
    if isinstance(error, _Left):
        return error.__cause__
    return None if isinstance(error, Late) else error


def _broken(registration: Registration, error: Exception, site: Site, told: Callable[[str], str]) -> HostFailure:
    """What to tell of an exception that a plug-in has raised; `told` is what may be told of a text of its making."""
    name = registration.name
    if isinstance(error, HostFailure):
        return error
    if isinstance(error, PlugInError):
        return broken(error.code, told(error.message), registration, site)
    if isinstance(error, Late):
        if error.hanging:
            message = f"{error.hanging} earlier calls of the plug-in {name} have not ended, so no other is begun."
        else:
            message = f"The plug-in {name} did not end within {registration.timeout:g} seconds."
        return broken(codes.TOO_LATE, message, registration, site)
    raised = error.__cause__ if isinstance(error, _Left) else error
    text = " ".join(told(_text_of(raised)).split())
    if len(text) > LONGEST_TOLD:
        text = f"{text[: LONGEST_TOLD - 3]}..."
    return broken(codes.FAILED, f"The plug-in {name} failed: {text.rstrip('.')}.", registration, site)


def _text_of(error: BaseException | None) -> str:
    """An exception's name, and its text if it has one."""
    name = type(error).__name__
    try:
        text = str(error).strip()
    except Exception:  # noqa: BLE001 - whatever goes wrong in an exception of the host's
        text = ""
    return f"{name}: {text}" if text else name


def broken(code: Code, message: str, registration: Registration, site: Site) -> HostFailure:
    """The failure of a run through a plug-in."""
    failure = Failure(code, message)
    failure.plugin = registration.name
    failure.site = site
    return HostFailure(failure)
