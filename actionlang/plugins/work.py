"""What one call of a plug-in does to its run, and what it may not do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code
from actionlang.engine.failure import Failure
from actionlang.plugins.members import Member, Members
from actionlang.plugins.registration import Registration
from actionlang.plugins.stages import AFTER, BEFORE, BEFORE_VALIDATION
from actionlang.plugins.workers import Ended

Do = Callable[[Callable[[], Any]], Any]
"""Has something done in the run's thread, and gives what comes of it."""

Performing = Callable[[Registration, str, object, Mapping[str, object]], Mapping[str, object]]
"""Performs a verb for a plug-in: by name, on a row, with arguments."""


class PlugInError(Exception):
    """A plug-in asked for what it can not have; nothing was done. `code` is a code of the language."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Vetoed(Exception):
    """A plug-in has refused, and should end now."""


class Work:
    """One call. `arguments` are changed by it, `outputs` added to; `accepts` and `gives` say which may be set, and to what. After
    `doom` is set, the run fails with that, whatever else happens. `note_secrets` keeps what is sensitive in them from being told,
    as `told` does with a text.
    """

    def __init__(
        self,
        registration: Registration,
        arguments: dict[str, Any],
        outputs: dict[str, Any],
        accepts: Members,
        gives: Members,
        performing: Performing,
        note_secrets: Callable[[], None],
        told: Callable[[str], str],
    ) -> None:
        self.arguments = arguments
        self.outputs = outputs
        self.accepts = accepts
        self.gives = gives
        self.doom: Exception | None = None
        self.do: Do = _at_once
        self._registration = registration
        self._performing = performing
        self._note_secrets = note_secrets
        self._told = told

    def set_argument(self, name: str, value: object) -> None:
        """See `Context`."""
        if self._registration.stage not in (BEFORE_VALIDATION, BEFORE):
            raise self._not_allowed("sets an argument", "when there is nothing left to be done with it")
        self.do(lambda: self._put(self.arguments, self.accepts, name, value, "argument"))

    def set_output(self, name: str, value: object) -> None:
        """See `Context`."""
        if self._registration.stage is not AFTER:
            raise self._not_allowed("sets an output", "before the steps that give it")
        self.do(lambda: self._put(self.outputs, self.gives, name, value, "output"))

    def perform(self, verb: str, on: object, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """See `Context`."""
        found: Mapping[str, object] = self.do(lambda: self._perform(verb, on, arguments))
        return found

    def veto(self, message: str) -> NoReturn:
        """See `Context`."""
        refused = f"The plug-in {self._name} refuses."
        given: object = message
        told = "" if given is None else self.told(str(given))
        failure = Failure(codes.VETOED, told if told.strip() else refused)
        failure.plugin = self._registration.name
        self.doom = self.doom or failure
        raise Vetoed(message)

    def told(self, text: str) -> str:
        """What may be told, and written to the records, of a text that the plug-in has made."""
        return self._told(text.encode(errors="backslashreplace").decode().replace("\0", "\\x00"))

    def end(self) -> None:
        """The plug-in has returned: what it has kept of its context is of no use any more."""
        self.do = _ended

    def _perform(self, verb: str, on: object, arguments: Mapping[str, object]) -> Mapping[str, object]:
        if verb not in self._registration.performs:
            known = ", ".join(self._registration.performs)
            performs = f"it may perform {known}" if known else "it was registered to perform none"
            raise PlugInError(codes.NOT_ALLOWED, f"The plug-in {self._name} performs {verb}, and {performs}.")
        try:
            return self._performing(self._registration, verb, on, arguments)
        except ActionLangError as error:
            told = error.diagnostics[0]
            message = f"The plug-in {self._name} performs {verb} with something that does not fit: {told.message}"
            raise PlugInError(codes.WRONG_VALUE, message) from error
        except PlugInError:
            raise
        except Exception as error:
            if isinstance(error, Failure) and error.plugin is None:
                error.plugin = self._name
            self.doom = self.doom or error
            raise

    def _put(self, into: dict[str, Any], members: Members, name: str, value: object, what: str) -> None:
        member = members.get(name)
        if member is None:
            known = f"it may set {', '.join(members)}" if members else f"there is no {what} that it may set"
            raise PlugInError(codes.WRONG_VALUE, f"The plug-in {self._name} sets `{name}`, but {known}.")
        read = self._read(member, value)
        if member.sensitive:
            self._note_secrets()
        into[name] = read
        if member.sensitive:
            self._note_secrets()

    def _read(self, member: Member, value: object) -> Any:
        try:
            return member.value(value)
        except ValueError as error:
            given = "" if member.sensitive else f", not {_short(self.told(repr(value)))}"
            message = f"The plug-in {self._name} sets `{member.name}`, which takes {error}{given}."
            raise PlugInError(codes.WRONG_VALUE, message) from None

    def _not_allowed(self, does: str, why: str) -> PlugInError:
        return PlugInError(codes.NOT_ALLOWED, f"The plug-in {self._name} ({self._registration.place}) {does} {why}.")

    @property
    def _name(self) -> str:
        return self._registration.name


LONGEST_SHOWN = 60


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def _at_once(do: Callable[[], Any]) -> Any:
    return do()


def _ended(do: Callable[[], Any]) -> NoReturn:
    raise Ended
