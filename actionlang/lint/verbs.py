"""Verbs as a whole: private ones that nothing performs, and those that do more than was agreed to."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.check.call_order import calls_in
from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.lint.agreed import FILE_NAME, effects_told, in_words, rights_told
from actionlang.lint.script import Script
from actionlang.lint.walking import nodes
from actionlang.plan.woven import written_name
from actionlang.syntax import ast


def unused_verbs(script: Script) -> Iterator[Diagnostic]:
    """Private verbs that nothing in their module performs, calls or starts."""
    private = {node.name.text: node for node, verb in script.actions() if verb.private}
    if not private:
        return
    used = {
        name
        for declaration in script.module.declarations
        for name in _called(declaration)
        if not isinstance(declaration, ast.Action) or name != declaration.name.text
    }
    for name, node in private.items():
        if name not in used:
            message = f"{name} is private, and nothing in this module performs it."
            yield script.diagnostic(codes.UNUSED_VERB, node.name, message, "Remove it, or leave private out.")


def _called(declaration: ast.Declaration) -> Iterator[str]:
    """The names of verbs that a declaration performs, calls or starts."""
    yield from (name.text for name in calls_in(declaration))
    yield from (node.verb.text for node in nodes(declaration) if isinstance(node, ast.Start))


def wider_effects(script: Script) -> Iterator[Diagnostic]:
    """Verbs that do what their project has not agreed to, and overrides that do what the verb they replace does not."""
    replaced = {full: original for original, full in script.checked.overrides.items()}
    for node, verb in script.actions():
        agreed = script.agreed.get(written_name(verb.name))
        original = script.originals.get(replaced.get(verb.name, ""))
        more = None if agreed is None else effects_told(verb.effects) - agreed
        if more:
            message = f"{node.name.text} does more than was agreed to: it {in_words(more)}."
            hint = f"If that is meant, agree to it: actionlang check --agree, and have {FILE_NAME} reviewed."
            yield script.diagnostic(codes.WIDER_EFFECTS, node.name, message, hint)
        elif agreed is None and original is not None and not original.kind.startswith("extern"):
            more = rights_told(verb.effects) - rights_told(original.effects)
            if more:
                message = f"This override does what {original.short_name} itself does not: it {in_words(more)}."
                hint = (
                    "Whoever performs it needs the rights for that too. If it is meant, say so: # allow: wider-effects"
                )
                yield script.diagnostic(codes.WIDER_EFFECTS, node.name, message, hint)
