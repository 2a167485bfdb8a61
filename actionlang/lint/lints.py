"""All lints there are. Each has a page, docs/lints/NAME.md."""

from __future__ import annotations

from actionlang.diagnostics.catalogue import lints as codes
from actionlang.lint.conditions import pointless_conditions
from actionlang.lint.empty_blocks import empty_blocks
from actionlang.lint.ids import magic_ids
from actionlang.lint.lint import Lint
from actionlang.lint.loops import loops_that_change_their_filter
from actionlang.lint.money import unlike_scales
from actionlang.lint.secrets import logged_secrets
from actionlang.lint.starts import starts_of_itself
from actionlang.lint.updates import repeated_updates
from actionlang.lint.verbs import unused_verbs, wider_effects

LINTS = (
    Lint(
        codes.CONSTANT_CONDITION,
        "A condition whose answer is known beforehand decides nothing: something else was meant.",
        pointless_conditions,
    ),
    Lint(codes.DEPRECATED_PARAMETER, "A parameter whose author recommends another one will be refused some day."),
    Lint(codes.DEPRECATED_VERB, "A verb whose author recommends another one will be removed some day."),
    Lint(codes.EMPTY_BLOCK, "A block without steps is unfinished, or hides that nothing is done.", empty_blocks),
    Lint(
        codes.LOGGED_SECRET,
        "What fills a sensitive column is written into the record of each run, unless its parameter is sensitive, too.",
        logged_secrets,
    ),
    Lint(
        codes.LOOP_CHANGES_FILTER,
        "A loop whose turns change what its where asks for also visits rows for which it holds no longer.",
        loops_that_change_their_filter,
    ),
    Lint(codes.MAGIC_ID, "An id in a step means a row of one database and nothing in all others.", magic_ids),
    Lint(
        codes.MONEY_SCALE,
        "A stored amount is never equal to a number of more decimals than it has.",
        unlike_scales,
    ),
    Lint(
        codes.REDUNDANT_CONDITION,
        "A part of a condition that adds nothing to the rest of it was meant differently, or is in the way.",
    ),
    Lint(
        codes.REPEATED_UPDATE,
        "A value that is replaced before anything has read it was set in vain: another column or row was meant.",
        repeated_updates,
    ),
    Lint(
        codes.STARTS_ITSELF,
        "A verb that starts itself again at once keeps workers busy for ever, unless a condition ends that.",
        starts_of_itself,
    ),
    Lint(codes.UNKNOWN_LINT, "A comment that allows what is no lint allows nothing."),
    Lint(codes.UNUSED_ALLOW, "A comment that suppresses nothing would hide the next mistake."),
    Lint(codes.UNUSED_IMPORT, "An import that nothing needs makes readers look for what it is there for."),
    Lint(codes.UNUSED_NAME, "A name that nothing uses hints at a forgotten step, or at a wrong name in another one."),
    Lint(codes.UNUSED_PARAMETER, "A parameter that nothing uses asks callers for what makes no difference."),
    Lint(codes.UNUSED_VERB, "A private verb that nothing performs can not be run at all.", unused_verbs),
    Lint(
        codes.WIDER_EFFECTS,
        "A verb that does more than was agreed to needs rights that those who perform it may not have.",
        wider_effects,
    ),
)
"""By name."""

NAMES = tuple(lint.name for lint in LINTS)
