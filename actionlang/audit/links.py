"""The links of the chain, and what each one's hash is over.

A link's hash is SHA-256, in hexadecimal digits, over these texts, a line each: `actionlang.seal/1`, its number, kind, the hash
of the link before (64 zeros for the first), the moment it was sealed, the number of runs, the first and the last run's id
(empty for a link of kind `pruned`), its digest. The digest of a link of kind `runs` is SHA-256 over its runs in the order of
their ids, a line each: the id, a blank, the digest of the record. That of one of kind `pruned` is SHA-256 over its content.
Each line ends in a line feed.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import attrs

FORMAT = "actionlang.seal/1"
NOTHING_BEFORE = "0" * 64
RUNS_SEALED, RUNS_PRUNED = "runs", "pruned"


@attrs.frozen
class Link:
    """One link of the chain, as it stands in `actionlang_seal`."""

    number: int
    kind: str
    previous: str
    sealed: str
    runs: int
    first_run: str | None
    last_run: str | None
    digest: str
    content: str | None
    hash: str

    @staticmethod
    def of_runs(before: Link | None, sealed: str, digests: dict[str, str]) -> Link:
        """The link behind another that seals records; their digests are in the order of the runs' ids."""
        first, last = next(iter(digests)), next(reversed(digests))
        return _linked(before, RUNS_SEALED, sealed, len(digests), first, last, list_digest(digests.items()), None)

    @staticmethod
    def of_pruning(before: Link | None, sealed: str, runs: int, content: str) -> Link:
        """The link behind another that says what retention deletes."""
        digest = sha256(content.encode()).hexdigest()
        return _linked(before, RUNS_PRUNED, sealed, runs, None, None, digest, content)

    def right_hash(self) -> str:
        """What the link's hash has to be."""
        lines = (
            FORMAT,
            self.number,
            self.kind,
            self.previous,
            self.sealed,
            self.runs,
            self.first_run or "",
            self.last_run or "",
            self.digest,
        )
        return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def list_digest(runs: Iterable[tuple[str, str]]) -> str:
    """The digest of a list of runs, each with the digest of its record."""
    return sha256("".join(f"{run} {digest}\n" for run, digest in runs).encode()).hexdigest()


def _linked(
    before: Link | None,
    kind: str,
    sealed: str,
    runs: int,
    first: str | None,
    last: str | None,
    digest: str,
    content: str | None,
) -> Link:
    number, previous = (1, NOTHING_BEFORE) if before is None else (before.number + 1, before.hash)
    link = Link(number, kind, previous, sealed, runs, first, last, digest, content, "")
    return attrs.evolve(link, hash=link.right_hash())
