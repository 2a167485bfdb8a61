"""When what could not be delivered is tried again, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

import attrs

LONGEST_ASKED_FOR = timedelta(days=1)
"""A receiver may ask to be left alone for a while (`Retry-After`), but not for ever."""


@attrs.frozen
class Schedule:
    """At most `attempts` of them. The second is made `first` after the first one failed, each later one `factor` times as long
    after the one before, but never longer than `longest`; up to the part `jitter` of each pause is left to chance, so that
    what failed together does not come back together.

    The usual one goes over three days, as Standard Webhooks recommends: 5 s, 30 s, 3 min, 18 min, 1 h 48 min, 10 h 48 min, 24 h
    and 24 h. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """

    attempts: int = attrs.field(default=9, validator=attrs.validators.ge(1))
    first: timedelta = attrs.field(default=timedelta(seconds=5), validator=attrs.validators.gt(timedelta(0)))
    factor: float = attrs.field(default=6.0, validator=attrs.validators.ge(1))
    longest: timedelta = attrs.field(default=timedelta(days=1), validator=attrs.validators.gt(timedelta(0)))
    jitter: float = attrs.field(
        default=0.2, validator=attrs.validators.and_(attrs.validators.ge(0), attrs.validators.le(1))
    )

    def pause(self, failed: int, chance: float, asked_for: timedelta | None = None) -> timedelta | None:
        """How long to wait after so many attempts that failed (from 1 on); None when that was the last one.

        `chance` is a random number from 0 to 1. What a receiver asked for is waited for, if it is longer.
        """
        if failed >= self.attempts:
            return None
        try:
            whole = min(self.first * self.factor ** (failed - 1), self.longest)
        except OverflowError:
            whole = self.longest
        pause = whole * (1 - self.jitter * chance)
        return pause if asked_for is None else max(pause, min(asked_for, LONGEST_ASKED_FOR))


USUAL = Schedule()
