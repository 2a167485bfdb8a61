"""A verb by the name people type: of the project around, else of the standard library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

import attrs

from actionlang.compile.compiled import Compiled, VerbEntry, compile_scripts, compile_standard
from actionlang.compile.selection import Selection
from actionlang.diagnostics.catalogue import project as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic


@attrs.frozen
class FoundVerb:
    """A verb and its plan, as the bytes of its file."""

    entry: VerbEntry
    plan: bytes


def find_verb(word: str, selection: Selection, *, cached: bool = True) -> FoundVerb:
    """The verb of a short or full name. Those of the project come first, then those of the standard library.

    Raises ActionLangError when the project has errors, when there is no such verb, or when there are several.
    """
    known: list[VerbEntry] = []
    for compiled in _places(selection, cached):
        found = [verb for verb in compiled.verbs if word in (verb.name, verb.short_name)]
        exact = [verb for verb in found if verb.name == word]
        if len(exact or found) > 1:
            raise _several(word, found)
        if found:
            entry = (exact or found)[0]
            return FoundVerb(entry, compiled.plan(entry))
        known += compiled.verbs
    raise _unknown(word, known)


def known_verbs(selection: Selection, *, cached: bool = True) -> tuple[VerbEntry, ...]:
    """All verbs that `find_verb` finds. Raises ActionLangError when the project has errors."""
    return tuple(verb for compiled in _places(selection, cached) for verb in compiled.verbs)


def typed_names(selection: Selection, *, cached: bool = True) -> dict[str, VerbEntry]:
    """The words that `find_verb` takes, each with the verb it finds. Raises ActionLangError when the project has errors."""
    taken: dict[str, VerbEntry] = {}
    seen: set[str] = set()
    for compiled in _places(selection, cached):
        short = Counter(verb.short_name for verb in compiled.verbs)
        for verb in compiled.verbs:
            taken.setdefault(verb.name, verb)
            if short[verb.short_name] == 1 and verb.short_name not in seen:
                taken[verb.short_name] = verb
        seen |= short.keys()
    return taken


def _places(selection: Selection, cached: bool) -> Iterable[Compiled]:
    if selection.scripts:
        yield compile_scripts(selection, cached=cached).needed()
    yield compile_standard(cached=cached).needed()


def _several(word: str, found: list[VerbEntry]) -> ActionLangError:
    names = [verb.name for verb in found]
    message = f"There are several verbs named {word}: {', '.join(names)}."
    return ActionLangError(Diagnostic(codes.AMBIGUOUS_VERB, message, hint=f"Say which one, for example {names[0]}"))


def _unknown(word: str, known: list[VerbEntry]) -> ActionLangError:
    # A word without a dot is meant to be a short name.
    names = {verb.name if "." in word else verb.short_name for verb in known}
    folded = {name.lower(): name for name in sorted(names)}
    near = [word.lower()] if word.lower() in folded else get_close_matches(word.lower(), folded, n=3, cutoff=0.6)
    close = [folded[name] for name in near]
    hint = f"Did you mean {' or '.join(close)}?" if close else "actionlang verbs lists the verbs there are."
    return ActionLangError(Diagnostic(codes.NO_SUCH_VERB, f"There is no verb {word}.", hint=hint))
