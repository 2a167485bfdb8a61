"""Whether everything that is registered has its place, and every extern verb its implementation: seen at a host's start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.plugins.attached import implemented_as, not_implemented
from actionlang.plugins.registration import Registration

if TYPE_CHECKING:
    from actionlang.metadata.tables import Table
    from actionlang.plan.plan import StepPlan, Verb


def check(registrations: Sequence[Registration], plans: Sequence[StepPlan]) -> None:
    """See `Plugins.check`."""
    verbs = {verb.name: verb for plan in plans for verb in plan.verbs}
    tables = {table.name: table for plan in plans for table in plan.tables}
    problems = [problem for each in registrations for problem in _of(each, verbs, tables)]
    done = {each.subject for each in registrations if each.stage is None}
    externs = {implemented_as(verb.name): verb for verb in verbs.values() if verb.kind.startswith("extern")}
    problems += [not_implemented(verb) for name, verb in sorted(externs.items()) if name not in done]
    if problems:
        raise ActionLangError(*problems)


def _of(each: Registration, verbs: Mapping[str, Verb], tables: Mapping[str, Table]) -> Iterator[Diagnostic]:
    """What of one registration is not there."""
    for name in each.performs:
        if name not in verbs:
            yield _missing(each, f"performs {name}", name, verbs)
        elif verbs[name].kind == "background":
            yield _problem(each, f"performs {name}, a background action", "let a verb start it, and perform that verb")
    if each.operation is not None:
        if each.subject in tables:
            yield from _of_table(each, tables[each.subject])
        else:
            yield _missing(each, f"is on the table {each.subject}", each.subject, tables)
        return
    verb = verbs.get(each.subject)
    if verb is None:
        does = "implements" if each.stage is None else "is on the verb"
        yield _missing(each, f"{does} {each.subject}", each.subject, verbs)
        return
    layers = (layer for name, layer in verbs.items() if implemented_as(name) == each.subject)
    if each.stage is None and not any(layer.kind.startswith("extern") for layer in layers):
        yield _problem(
            each, f"implements {verb.name}, which is no extern verb", "its steps are written in the language"
        )
    if each.stage is not None and verb.kind == "background":
        yield _on_background(each)
    if each.images is not None:
        if verb.binding is None:
            yield _problem(each, f"wants to be shown columns, and {verb.name} is on no row", "leave images out")
        else:
            yield from _columns(each, each.images, tables[verb.binding.table])


def _of_table(each: Registration, table: Table) -> Iterator[Diagnostic]:
    if each.operation == "assign" and table.owner is None:
        yield _problem(
            each, f"is on assign of {table.name}, which has no owner", "only rows with an owner are assigned"
        )
    if each.operation == "move" and table.status is None:
        yield _problem(each, f"is on move of {table.name}, which has no status", "only rows with a status are moved")
    yield from _columns(each, (*each.columns, *(each.images or ())), table)


def _columns(each: Registration, names: Iterable[str], table: Table) -> Iterator[Diagnostic]:
    for name in names:
        if name not in table.by_name:
            yield _missing(each, f"names the column {name} of {table.name}", name, table.by_name)


def _missing(each: Registration, does: str, name: str, known: Iterable[str]) -> Diagnostic:
    close = get_close_matches(name, list(known), n=1, cutoff=0.75)
    hint = f"did you mean {close[0]}?" if close else "see how it is written, with the module before the dot"
    return _problem(each, f"{does}, which is not there", hint)


def see_none_on(registrations: Sequence[Registration], verb: str) -> None:
    """See `Plugins.see_none_on`."""
    found = [each for each in registrations if each.operation is None and each.subject == verb]
    if found:
        raise ActionLangError(*map(_on_background, found))


def _on_background(each: Registration) -> Diagnostic:
    hint = "register it on the verbs that it performs, or on the tables that it changes"
    return _problem(each, f"is on {each.subject}, a background action, which is not done as one", hint)


def _problem(each: Registration, what: str, hint: str) -> Diagnostic:
    return Diagnostic(codes.NO_SUCH_PLACE, f"The plug-in {each.name} {what}.", hint=hint)
