"""Activation: scripts become the verbs that callers get. Checked, tested, compiled, compared with what is active, published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from actionlang.activation.drafts import Drafts, drafts_of
from actionlang.activation.library import is_of_library
from actionlang.activation.proving import Tell, prove
from actionlang.activation.showing import examples_from
from actionlang.contracts.rules import chosen_rules
from actionlang.registry.publishing import Order, Published, publish
from actionlang.registry.store import active_heads, see_registry
from actionlang.runtime.database import Database
from actionlang.testing.results import Results


@attrs.frozen(eq=False)
class Activated:
    """What came of it: what was published; the drafts, with what checking them had to say; how their tests went; verbs that are
    active and that the project, which was activated as a whole, does not have."""

    published: Published
    drafts: Drafts
    tests: Results
    left: tuple[str, ...]


def activate(
    database: Database,
    paths: Sequence[Path] = (),
    *,
    who: str,
    why: str | None = None,
    allowed: Sequence[str] = (),
    dry_run: bool = False,
    cached: bool = True,
    tell: Tell = lambda tests: None,
) -> Activated:
    """Make the verbs of scripts active: those under some paths, or all of the project around the current folder.

    All of them become active at once, or none does. `allowed` names rules of compatibility whose breaking is let pass, which is
    kept with `who` and `why`. `dry_run` does everything and keeps nothing. `tell` is given tests as they are run.
    Raises ActionLangError when the scripts have errors, a test fails, callers or active verbs would break, or the database has
    no registry or not the tables that a verb needs; nothing has changed then.
    """
    with database.connection() as connection:
        see_registry(connection)
        active = active_heads(connection)
    drafts = drafts_of(paths, active=active.values(), cached=cached)
    tests = prove(drafts, tell)
    order = Order(who, why, tuple(allowed), chosen_rules(drafts.project.breaking))
    published = publish(database, drafts.drafts, order, examples=examples_from(drafts, tests), dry_run=dry_run)
    return Activated(published, drafts, tests, _left(database, drafts) if drafts.asked is None else ())


def _left(database: Database, drafts: Drafts) -> tuple[str, ...]:
    """Verbs that are active, and are neither of this project nor of the standard library, which every project has."""
    with database.connection() as connection:
        known = active_heads(connection)
    return tuple(name for name in known if name not in drafts.names and not is_of_library(name))
