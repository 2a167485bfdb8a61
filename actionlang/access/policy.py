"""What may be done by whom, on one database."""

from __future__ import annotations

import attrs


@attrs.frozen(eq=False)
class Policy:
    """The rules of access that runs on a database are held to."""
