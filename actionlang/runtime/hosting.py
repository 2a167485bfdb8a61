"""What a host adds to the runs on its database: what is hung on them, who may do what, how closely they are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from actionlang.access.policy import Policy
    from actionlang.plugins.plugins import Plugins


@attrs.frozen(eq=False)
class Hosting:
    """The same for every run on a database. Without `policy` whoever calls may do everything; `trace` records each step with
    the time it took."""

    plugins: Plugins | None = None
    policy: Policy | None = None
    trace: bool = False


PLAIN = Hosting()
"""Nothing is added."""
