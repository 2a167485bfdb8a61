"""What an activation comes to, decided by what is active: which verbs change, which have to change with them, and whether anybody
who uses them would notice.

One rule stands behind it: a verb that is active is one thing, wherever it runs. Its callers get the active version, and so do
the active verbs that perform it. So an activation takes along
- verbs that an activated one performs, where they are active in another form than the one it was compiled with;
- active verbs that perform an activated one: their plans are linked anew, with the steps that they have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import attrs
import sqlalchemy as sa

from actionlang.contracts.comparing import compare
from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rule import Finding, Rule
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan.plan import StepPlan
from actionlang.plan.woven import written_name
from actionlang.registry.refusals import breaks_contract, breaks_performer
from actionlang.registry.relinking import plan_within, relink
from actionlang.registry.store import Scripts, VersionHead, load_plan, scripts_of
from actionlang.runtime.plans import Plan

ASKED = "asked"


@attrs.frozen(eq=False)
class Draft:
    """A verb's plan that is to be active, with the scripts that it was made from."""

    plan: Plan
    scripts: Scripts = attrs.field(repr=False)

    @property
    def verb(self) -> str:
        """The verb's full name."""
        return self.plan.verb.name


@attrs.frozen(eq=False)
class Change:
    """A draft that takes the place of what is active (`before`, if anything is). `because` is `asked`, or the full name of the
    verb on whose account. `old` is the active plan, where it has been read already."""

    draft: Draft
    before: VersionHead | None
    because: str
    old: StepPlan | None = None


@attrs.frozen(eq=False)
class Settlement:
    """All changes, those asked for first; what was asked for and is active already; what callers will notice, and may."""

    changes: tuple[Change, ...]
    unchanged: tuple[VersionHead, ...]
    noticed: tuple[Finding, ...]


def settle(
    connection: sa.Connection,
    active: Mapping[str, VersionHead],
    asked: Sequence[Draft],
    *,
    rules: Iterable[Rule],
    allowed: Collection[str] = (),
    back: bool = False,
) -> Settlement:
    """Decide what becomes of drafts that are asked for. `rules` are those of compatibility, `allowed` the names of those whose
    breaking is let pass. `back` says that the drafts are older than what is active: then what they perform stays as it is.

    Raises ActionLangError when a verb that performs one of them could not run any more, or callers would notice.
    """
    changes = [
        Change(draft, active.get(draft.verb), ASKED) for draft in asked if not _is_active(draft, active.get(draft.verb))
    ]
    if not back:
        changes = [*changes, *_taken_along(asked, active)]
    changes = [*changes, *_linked_anew(connection, changes, active, back=back)]
    noticed = _noticed(connection, changes, rules)
    if refused := [finding for finding in noticed if finding.code.id not in allowed]:
        raise breaks_contract(refused, back=back)
    unchanged = tuple(active[draft.verb] for draft in asked if _is_active(draft, active.get(draft.verb)))
    return Settlement(tuple(changes), unchanged, noticed)


def _is_active(draft: Draft, head: VersionHead | None) -> bool:
    return head is not None and head.plan_hash == draft.plan.hash


def _taken_along(asked: Sequence[Draft], active: Mapping[str, VersionHead]) -> Iterator[Change]:
    """Verbs that those asked for perform, where they are active in another form."""
    seen = {draft.verb for draft in asked}
    for outer in asked:
        steps = outer.plan.steps
        for verb in steps.verbs:
            head = active.get(verb.name)
            if head is not None and verb.name not in seen:
                seen.add(verb.name)
                plan = plan_within(steps, verb.name)
                draft = Draft(plan, _of_plan(plan, outer.scripts))
                if not _is_active(draft, head):
                    yield Change(draft, head, outer.verb)


def _linked_anew(
    connection: sa.Connection, changes: Sequence[Change], active: Mapping[str, VersionHead], *, back: bool
) -> Iterator[Change]:
    """Active verbs that perform changed ones, or what these perform: a private verb, or a hook that other verbs set off, too."""
    entries = {change.draft.verb: change.draft for change in changes}
    inner = {verb.name: change.draft for change in changes for verb in change.draft.plan.steps.verbs}
    touched = entries if back else {**inner, **entries}
    kept = active.keys() - entries.keys() if back else None
    for head in active.values():
        shared = [name for name in head.performs if name in touched]
        if head.verb in entries or not shared:
            continue
        old, drafts = load_plan(connection, head).steps, [touched[name] for name in shared]
        try:
            plan = relink(old, {draft.verb: draft.plan.steps for draft in drafts}.values(), kept=kept)
        except ActionLangError as error:
            named = [name for name in shared if name in entries] or shared
            raise breaks_performer(head, named, error, back=back) from error
        if plan.hash != head.plan_hash:
            because = _first_changed(old, plan.steps, shared, entries)
            yield Change(Draft(plan, _scripts(connection, head, plan, drafts)), head, because, old)


def _first_changed(old: StepPlan, new: StepPlan, shared: Sequence[str], entries: Iterable[str]) -> str:
    """The verb on whose account a performer changes: one that is activated, if it performs one."""
    before = {verb.name: verb for verb in old.verbs}
    changed = [verb.name for verb in new.verbs if verb.name in shared and verb != before.get(verb.name)]
    named = [name for name in entries if name in changed]
    return written_name((named or changed or shared)[0])


def _scripts(connection: sa.Connection, head: VersionHead, plan: Plan, changed: Iterable[Draft]) -> Scripts:
    """The scripts that a plan that was linked anew is from."""
    known = scripts_of(connection, head)
    for draft in changed:
        known |= draft.scripts
    return _of_plan(plan, known)


def _of_plan(plan: Plan, scripts: Scripts) -> Scripts:
    return {verb.source: scripts[verb.source] for verb in plan.steps.verbs if verb.source in scripts}


def _noticed(connection: sa.Connection, changes: Iterable[Change], rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """What callers of verbs that are active would notice: of each verb by itself, as their plans may be of different times."""
    found: dict[Finding, None] = {}
    for change in changes:
        if change.before is not None:
            old = change.old or load_plan(connection, change.before).steps
            before, after = Contracts.of_plans([old]), Contracts.of_plans([change.draft.plan.steps])
            found |= dict.fromkeys(compare(before, after, rules=rules))
    return tuple(sorted(found, key=lambda finding: finding.subject))
