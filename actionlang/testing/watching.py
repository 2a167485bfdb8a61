"""A failed test is run once more, watched, to tell more of its failure than a run that passes could afford to know.

A test is the same each time it is run: clock, ids and rows are its own. So what is seen is what happened.
"""

from __future__ import annotations

from typing import Any

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.engine.failure import Failure, Site, span_of
from actionlang.engine.interpreter.bind import RULES
from actionlang.engine.interpreter.frame import Execute, Frame
from actionlang.engine.interpreter.scope import Rules, Scope, StepRule
from actionlang.plan import steps as s
from actionlang.testing.cases import Case
from actionlang.testing.operands import bind_reasons


@attrs.frozen(eq=False)
class Story:
    """A failure's way out: the step it came from, then in each verb around it the step that performed the inner one;
    `reasons` for what a `require` found; `cause` for the failure that came where another one was expected."""

    failure: Failure
    sites: tuple[Site, ...] = ()
    reasons: tuple[str, ...] = ()
    cause: Story | None = None

    def passing(self, site: Site) -> Story:
        """The story once the failure has left a step. Of the steps around one another in one verb the first counts."""
        if self.sites and self.sites[-1].verb == site.verb:
            return self
        return attrs.evolve(self, sites=(*self.sites, site))


class Watch:
    """Follows the failures of one run. `story` is that of the last one."""

    def __init__(self) -> None:
        self.story: Story | None = None

    @property
    def rules(self) -> Rules:
        """How a plan is bound so that its run is followed."""
        return RULES._replace(steps={kind: self._watched(rule) for kind, rule in RULES.steps.items()})

    def _watched(self, rule: StepRule) -> StepRule:
        def bind(step: Any, scope: Scope) -> Execute:
            execute, site = rule(step, scope), scope.site(step)
            reasons = bind_reasons(step.condition, scope) if isinstance(step, s.Require) else None

            def watched(frame: Frame) -> bool | None:
                try:
                    return execute(frame)
                except Failure as failure:
                    story = self._story_of(failure)
                    # Without a step that it has passed, the failure is this step's own.
                    if reasons is not None and not story.sites and failure.code is codes.REFUSED:
                        story = attrs.evolve(story, reasons=tuple(reasons(frame)))
                    self.story = story.passing(site)
                    raise

            return watched

        return bind

    def _story_of(self, failure: Failure) -> Story:
        if self.story is not None and self.story.failure is failure:
            return self.story
        return Story(failure, cause=self.story if failure.code is codes.FAILED_OTHERWISE else None)


def tell(case: Case, failure: Failure, story: Story | None) -> Diagnostic:
    """The failure of a test, pointing at the step that failed and at each that led to it."""
    sources = case.suite.sources
    found = failure.diagnostic(sources.get(failure.source or ""))
    notes = list(found.notes)
    if failure.site is not None and found.primary is not None:
        # The place is shown already.
        in_test = failure.verb == case.verb.name
        notes[:1] = [] if in_test else [f"in {failure.site.verb.rpartition('.')[2]}"]
    labels: list[Label] = []
    if story is not None:
        notes = [*story.reasons, *notes]
        labels += _labels(case, story.sites[1:], "performed here")
        if story.cause is not None:
            inside = [site for site in story.cause.sites if site.verb != case.verb.name] or story.cause.sites[:1]
            labels += _labels(case, inside[:1], "this failed")
            notes += story.cause.reasons
    return attrs.evolve(found, secondary=tuple(labels), notes=tuple(notes))


def _labels(case: Case, sites: tuple[Site, ...] | list[Site], words: str) -> list[Label]:
    sources = case.suite.sources
    return [
        Label(sources[site.source], span_of(sources[site.source], site.place), words)
        for site in sites
        if site.source in sources
    ]
