"""What operators may set of reading rows."""

from __future__ import annotations

import attrs

from actionlang.runtime.reading import MOST_ROWS


@attrs.frozen
class ReadingSettings:
    """How many rows are given at once."""

    page: int = attrs.field(
        default=1000,
        validator=[attrs.validators.ge(1), attrs.validators.le(MOST_ROWS)],
        metadata={"about": "Rows of a page where the client does not say how many it wants."},
    )
    largest_page: int = attrs.field(
        default=MOST_ROWS,
        validator=[attrs.validators.ge(1), attrs.validators.le(MOST_ROWS)],
        metadata={"about": "Rows of a page at most, whatever the client wants."},
    )
