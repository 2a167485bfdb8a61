"""When a plug-in is called: the stages of a verb and of a step that changes a table, as Dataverse has them."""

from __future__ import annotations

from enum import Enum


class Stage(Enum):
    """The values are how people read them. BEFORE_VALIDATION is Dataverse's PreValidation, BEFORE its PreOperation, AFTER its
    PostOperation, AFTER_COMMIT its asynchronous PostOperation."""

    BEFORE_VALIDATION = "before validation"
    BEFORE = "before"
    AFTER = "after"
    AFTER_COMMIT = "after commit"


BEFORE_VALIDATION = Stage.BEFORE_VALIDATION
"""Before arguments are held against the contract, or new values against the table."""

BEFORE = Stage.BEFORE
"""Before the steps of the verb, or before the row is written; in the run's transaction."""

AFTER = Stage.AFTER
"""After the steps of the verb, or after the row is written; in the run's transaction."""

AFTER_COMMIT = Stage.AFTER_COMMIT
"""Some time after the commit, at least once, by whoever delivers the events of the outbox."""
