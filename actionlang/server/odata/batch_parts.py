"""What a batch is made of, however it was written: requests, some of them in change sets."""

from __future__ import annotations

import attrs
from starlette.datastructures import Headers

from actionlang.diagnostics.catalogue.server import BAD_BATCH, BATCH_TOO_LARGE
from actionlang.server.messages import Response
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

CONTENT_TOO_LARGE, FAILED_DEPENDENCY = 413, 424


@attrs.frozen
class Part:
    """A request in a batch. `id` is what others refer to it by, `url` is as it was sent; `after` are the ids of those that it
    depends on."""

    id: str | None
    method: str
    url: str
    headers: Headers
    body: bytes
    after: tuple[str, ...] = ()


@attrs.frozen
class ChangeSetPart:
    """Requests of which all are carried out or none. `id` is what others refer to them by."""

    id: str | None
    parts: tuple[Part, ...]


Batch = tuple[Part | ChangeSetPart, ...]


@attrs.frozen
class Done:
    """A request of a batch with its response."""

    part: Part
    response: Response


@attrs.frozen
class DoneChangeSet:
    """The requests of a change set with their responses; `failure` is the one response that counts where nothing was kept."""

    change_set: ChangeSetPart
    done: tuple[Done, ...]
    failure: Response | None = None


class Counting:
    """Counts the requests of a batch while it is read."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found = 0

    def one_more(self) -> None:
        """There is one more. Raises Refusal (413, E1141) where that is too many."""
        self._found += 1
        if self._found > self._most:
            raise too_large(f"A batch has at most {self._most:,} requests.", "send several batches")


def too_large(message: str, hint: str) -> Refusal:
    """The refusal of a batch, or of what is left of one."""
    return Refusal(CONTENT_TOO_LARGE, BATCH_TOO_LARGE.id, message, hint=hint)


def bad_batch(message: str, hint: str | None = None, target: str | None = None) -> Refusal:
    """The refusal of a batch that can not be read."""
    return Refusal(BAD_REQUEST, BAD_BATCH.id, message, hint=hint, target=target)


def size_of(done: Done | DoneChangeSet) -> int:
    """Bytes of responses."""
    return sum(len(each.response.body) for each in (done.done if isinstance(done, DoneChangeSet) else (done,)))


def requests_in(batch: Batch) -> int:
    """How many requests a batch holds."""
    return sum(len(item.parts) if isinstance(item, ChangeSetPart) else 1 for item in batch)


def see_ids(batch: Batch) -> None:
    """See that no two requests or change sets of a batch are called the same, and that each depends on earlier ones only. Raises
    Refusal (E1140)."""
    seen: set[str] = set()
    for item in batch:
        if isinstance(item, ChangeSetPart):
            for part in item.parts:
                _see(part, seen)
            if item.id is not None:
                _see_new(item.id, seen)
        else:
            _see(item, seen)


def _see(part: Part, seen: set[str]) -> None:
    for id_ in part.after:
        if id_ not in seen:
            hint = "let that one come first; what depends on requests of a change set stands behind it, or in it"
            raise bad_batch(f"A request depends on {id_[:100]}, which is not before it in the batch.", hint, id_[:100])
    if part.id is not None:
        _see_new(part.id, seen)


def _see_new(id_: str, seen: set[str]) -> None:
    if id_ in seen:
        hint = "give each an id of its own; the requests of a change set stand next to each other"
        raise bad_batch(f"Two parts of the batch are called {id_[:100]}.", hint, id_[:100])
    seen.add(id_)
