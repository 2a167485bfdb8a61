"""An operator who activates one draft after another: `python -m tests.registry.operator URL WHO < DRAFTS`.

DRAFTS is a JSON array of activations, each an array of plans as texts. It writes what it did as a JSON array: for each of them the
moments before and after, and the versions that became active, by verb.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from actionlang.registry.publishing import Order, publish
from actionlang.registry.settlement import Draft
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan


def main(url: str, who: str) -> None:
    """Do all of it."""
    done = []
    with Database.connect(url, busy_timeout=60) as database:
        for number, texts in enumerate(json.load(sys.stdin)):
            drafts = [Draft(Plan.loads(text.encode()), {}) for text in texts]
            began = datetime.now(UTC).isoformat()
            published = publish(database, drafts, Order(who, f"{who} {number}"))
            moved = {move.verb: move.after for move in published.moves}
            done.append([began, datetime.now(UTC).isoformat(), moved])
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
