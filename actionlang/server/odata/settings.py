"""What operators may set of OData."""

from __future__ import annotations

from datetime import timedelta

import attrs

from actionlang.metadata.wire_names import NAMESPACE


@attrs.frozen
class ODataSettings:
    """How verbs and rows look to clients, and how calls are kept that are answered later."""

    namespace: str = attrs.field(
        default=NAMESPACE,
        validator=attrs.validators.matches_re(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"),
        metadata={"about": "Stands before the names of bound verbs and of types."},
    )
    deepest: int = attrs.field(
        default=32,
        validator=[attrs.validators.ge(4), attrs.validators.le(200)],
        metadata={"about": "How deep lists and objects of a body may stand in each other."},
    )
    kept: timedelta = attrs.field(
        default=timedelta(days=1),
        metadata={"about": "How many seconds the answer to a call that is answered later is kept."},
    )
    async_workers: int = attrs.field(
        default=2,
        validator=[attrs.validators.ge(0), attrs.validators.le(64)],
        metadata={
            "about": "Calls that are answered later, and background runs, that one process works on at the same time; 0: none is."
        },
    )
    most_parts: int = attrs.field(
        default=1000,
        validator=[attrs.validators.ge(1), attrs.validators.le(100_000)],
        metadata={"about": "Requests in one batch."},
    )
    waiting: int = attrs.field(
        default=1000,
        validator=[attrs.validators.ge(0), attrs.validators.le(1_000_000)],
        metadata={
            "about": "Calls of one caller that may wait to be answered later; and background runs of one that may be open."
        },
    )
