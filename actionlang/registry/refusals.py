"""What the registry refuses, as coded errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from actionlang.contracts.rule import Finding
from actionlang.diagnostics.catalogue import project as project_codes
from actionlang.diagnostics.catalogue import registry as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.registry.store import VersionHead


def breaks_performer(
    head: VersionHead, changed: Sequence[str], error: ActionLangError, *, back: bool = False
) -> ActionLangError:
    """A verb in use performs what is to be changed, or rolled `back`, and could not run any more."""
    _, _, reason = error.diagnostics[0].message.partition(" is refused: ")
    reason = (reason or error.diagnostics[0].message).rstrip(".")
    message = f"{head.verb}, which is active, performs {' and '.join(changed)} and could not run any more: {reason}."
    if back:
        hint = f"roll back {head.verb} first, to a version that fits, or deactivate it"
    else:
        hint = f"activate {head.verb} in the same go, changed so that it fits, or deactivate it first"
    return ActionLangError(Diagnostic(codes.BREAKS_PERFORMER, message, hint=hint, notes=(_nothing_done(back=back),)))


def breaks_contract(findings: Sequence[Finding], *, back: bool = False) -> ActionLangError:
    """Callers of verbs in use would notice what is activated, or rolled `back`."""
    first, *others = findings
    rules = sorted({finding.code.id for finding in findings})
    message = f"Callers of {first.subject} would break: {first.message.rstrip('.')} ({first.code.id})."
    hint = f"{first.hint.rstrip('.')}; to let it pass: {' '.join(f'--allow {rule}' for rule in rules)} --why TEXT"
    notes = [f"{each.subject}: {each.message.rstrip('.')} ({each.code.id})" for each in others]
    return ActionLangError(
        Diagnostic(codes.BREAKS_CONTRACT, message, hint=hint, notes=(*notes, _nothing_done(back=back)))
    )


def _nothing_done(*, back: bool) -> str:
    return "nothing was rolled back" if back else "nothing was activated"


def not_active(word: str, known: Iterable[str], told: str | None = None) -> ActionLangError:
    """Nothing of a name is active; `told` says what became of it."""
    names = sorted({name for full in known for name in (full, full.rpartition(".")[2])} - {word})
    close = get_close_matches(word, names, n=1)
    message = told or f"There is no active verb {word}."
    if close:
        hint = f"did you mean {close[0]}?"
    else:
        hint = "actionlang verbs --active lists what is active; actionlang activate makes a verb of the project active"
    return ActionLangError(Diagnostic(codes.NOT_ACTIVE, message, hint=hint))


def several(word: str, found: Iterable[str]) -> ActionLangError:
    """Several verbs are called so."""
    names = sorted(found)
    message = f"There are several verbs named {word}: {', '.join(names)}."
    return ActionLangError(
        Diagnostic(project_codes.AMBIGUOUS_VERB, message, hint=f"say which one, for example {names[0]}")
    )


def private(name: str) -> ActionLangError:
    """A private verb was called by name."""
    message = f"{name} is private: only verbs of its own module perform it, and nobody calls it."
    return ActionLangError(Diagnostic(codes.PRIVATE_VERB, message, hint="call a verb that performs it"))


def unknown_version(verb: str, number: int, heads: Sequence[VersionHead]) -> ActionLangError:
    """A verb has no version of a number."""
    there = f"it has versions 1 to {heads[-1].number}" if len(heads) > 1 else "it has only version 1"
    message = f"There is no version {number} of {verb}."
    return ActionLangError(Diagnostic(codes.UNKNOWN_VERSION, message, hint=f"{there}: see actionlang history {verb}"))
