"""What a project has agreed that its verbs may do: the file `actionlang.effects` beside the project file.

`actionlang check --agree` writes it, people review its changes, and a verb that does more than it says is told. One line a verb,
by its full name, and below it, set in, a line for each thing it may do. A line that begins with `#` is for readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from actionlang.check.names import listed, short
from actionlang.plan.plan import Effects

FILE_NAME = "actionlang.effects"

HEADING = """\
# What each verb may do, those it performs included. actionlang check tells of a verb that does more; if that is meant,
# actionlang check --agree writes this file anew. Keep it under version control.
"""

Effect = tuple[str, str]
"""A word such as `updates`, and what: a table, a table's column, an event."""

Agreed = Mapping[str, frozenset[Effect]]
"""By the full name of each verb what it may do."""

OF_COLUMN = "updates"
OF_TABLE = "updates rows of"
WORDS = ("reads", "creates", OF_COLUMN, OF_TABLE, "assigns", "moves", "deletes", "emits", "starts")


def effects_told(effects: Effects) -> frozenset[Effect]:
    """Effects as the file tells them: what is updated by column, everything else by table."""
    columns = {(OF_COLUMN, f"{table}.{column}") for table, columns in effects.updates for column in columns}
    return _by_table(effects) | columns


def rights_told(effects: Effects) -> frozenset[Effect]:
    """Effects as far as whoever performs the verb needs rights for them, which are given by table; and events."""
    return _by_table(effects) | {(OF_TABLE, table) for table, _ in effects.updates}


def _by_table(effects: Effects) -> frozenset[Effect]:
    found = {("reads", table) for table, _ in effects.reads}
    found |= {("assigns", table) for table, _ in effects.assigns}
    found |= {("moves", table) for table, _ in effects.moves}
    found |= {("creates", table) for table in effects.creates}
    found |= {("deletes", table) for table in effects.deletes}
    found |= {("starts", verb) for verb in effects.starts}
    return frozenset(found | {("emits", event) for event in effects.emits})


def in_words(effects: Iterable[Effect]) -> str:
    """Effects as a sentence tells them: `updates case.priority and creates task`."""
    return listed((f"{word} {_short(word, what)}" for word, what in _sorted(effects)), "and")


def _short(word: str, what: str) -> str:
    if word != OF_COLUMN:
        return short(what)
    table, _, column = what.rpartition(".")
    return f"{short(table)}.{column}"


def _sorted(effects: Iterable[Effect]) -> list[Effect]:
    return sorted(effects, key=lambda effect: (WORDS.index(effect[0]), effect[1]))


def agreement(verbs: Mapping[str, Effects]) -> str:
    """The text of the file for verbs, by full name."""
    lines = [HEADING]
    for name in sorted(verbs):
        lines.append(name)
        lines += [f"  {word} {what}" for word, what in _sorted(effects_told(verbs[name]))]
    return "\n".join([*lines, ""])


def read_agreement(text: str) -> Agreed:
    """What the text of such a file says. Raises ValueError with the number of a line that can not be understood."""
    found: dict[str, set[Effect]] = {}
    effects: set[Effect] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if line[0] not in " \t" and len(words) == 1:
            effects = found.setdefault(words[0], set())
        elif line[0] in " \t" and len(words) == 2 and words[0] in WORDS and effects is not None:
            effects.add((words[0], words[1]))
        else:
            raise ValueError(number)
    return {name: frozenset(effects) for name, effects in found.items()}
