"""What ends an attempt of a run that has to begin again with another plan."""

from __future__ import annotations


class Stale(Exception):
    """The caller's rights are others than those for which the plan was bound; the run has been undone, and may begin again."""
