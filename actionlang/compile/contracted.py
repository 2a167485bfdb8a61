"""The contracts of a project's verbs, as they are to be compared with those of another time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.project import module_name
from actionlang.contracts.contracts import Contracts


def contracts_of(loader: Loader, scripts: Iterable[Path], layers: Sequence[str] = ()) -> Contracts:
    """The contracts of the verbs that some loaded scripts declare or override; `layers` is the project's order of overrides.

    Raises ActionLangError when the modules do not go together.
    """
    wanted = set(scripts)
    linker = Linker(loader.program().modules, layers).needed()
    verbs = linker.callable(name for name in loader.checked if loader.names.get(name) in wanted)
    plans = [linker.plan(verb) for verb in verbs if not verb.private]
    return Contracts.of_plans(plans, [verb for verb in verbs if verb.private], linker.verbs.values())


def under(contracts: Contracts, paths: Sequence[Path], root: Path, now: Contracts) -> Contracts:
    """The contracts with those verbs as entries whose modules are some scripts of the project at `root`, or in some folders, and
    with the entries of `now`: these are overridden in these scripts."""
    places = [path.resolve() for path in paths]
    named = set(now.entries)
    entries = [
        entry for entry in contracts.entries if entry in named or any(_is_under(entry, place, root) for place in places)
    ]
    return attrs.evolve(contracts, entries=tuple(entries))


def _is_under(verb: str, place: Path, root: Path) -> bool:
    if place.suffix == ".act":
        return verb.rpartition(".")[0] == module_name(place, root)
    if not place.is_relative_to(root):
        return False
    return verb.startswith("".join(f"{part}." for part in place.relative_to(root).parts))
