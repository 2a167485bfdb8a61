"""All rules there are. Each has a page, docs/breaking/NAME.md."""

from __future__ import annotations

from actionlang.contracts import effects, events, metadata, outputs, parameters, rights, status, verbs
from actionlang.contracts.choosing import Chosen
from actionlang.contracts.rule import CALL, CATEGORIES, SOURCE, WIRE, Rule
from actionlang.diagnostics.catalogue import breaking as codes

RULES = (
    Rule(codes.VERB_REMOVED, WIRE, "Who calls a verb finds it.", verbs.removed),
    Rule(codes.VERB_MADE_PRIVATE, WIRE, "Who calls a verb may go on calling it.", verbs.made_private),
    Rule(
        codes.VERB_KIND_CHANGED,
        CALL,
        "A verb is called in the way it was, and is done when it was.",
        verbs.kind_changed,
    ),
    Rule(codes.BINDING_CHANGED, WIRE, "A verb is called on what it was called on.", verbs.binding_changed),
    Rule(codes.PARAMETER_REMOVED, WIRE, "What callers give is taken.", parameters.removed),
    Rule(
        codes.PARAMETER_ADDED_REQUIRED,
        WIRE,
        "Callers need not give what they do not know of.",
        parameters.added_required,
    ),
    Rule(codes.PARAMETER_MADE_REQUIRED, WIRE, "What could be left out can be left out.", parameters.made_required),
    Rule(codes.PARAMETER_TYPE_CHANGED, WIRE, "A parameter takes values of the kind it took.", parameters.type_changed),
    Rule(codes.PARAMETER_NARROWED, WIRE, "A parameter takes each value it took, as it is.", parameters.narrowed),
    Rule(codes.PARAMETER_DEFAULT_CHANGED, CALL, "The same call does the same.", parameters.default_changed),
    Rule(
        codes.PARAMETER_ORDER_CHANGED, WIRE, "Values given without names keep their places.", parameters.order_changed
    ),
    Rule(codes.SENSITIVE_REMOVED, CALL, "What was kept out of the records stays out.", parameters.sensitive_removed),
    Rule(codes.OUTPUT_REMOVED, CALL, "What callers read is returned.", outputs.removed),
    Rule(codes.OUTPUT_TYPE_CHANGED, CALL, "An output is of the kind, and of the form, it was.", outputs.type_changed),
    Rule(codes.OUTPUT_WIDENED, CALL, "An output is nothing that callers never met.", outputs.widened),
    Rule(codes.OUTPUT_NARROWED, SOURCE, "A script may ask of an output what it asked.", outputs.narrowed),
    Rule(
        codes.FUNCTION_VALUE_LOST, SOURCE, "A function that stands in expressions has one output.", outputs.value_lost
    ),
    Rule(codes.CHOICE_MEMBER_REMOVED, WIRE, "What callers give and rows hold is known.", metadata.member_removed),
    Rule(codes.CHOICE_MEMBER_RENUMBERED, WIRE, "What is stored means what it meant.", metadata.member_renumbered),
    Rule(codes.ROW_KEY_CHANGED, WIRE, "Rows go by the keys they went by.", metadata.key_changed),
    Rule(codes.PRIVILEGE_ADDED, CALL, "Who may call a verb may go on calling it.", rights.privilege_added),
    Rule(codes.SYSTEM_REMOVED, CALL, "A verb keeps the rights it gives to its callers.", rights.system_removed),
    Rule(codes.EFFECT_WIDENED, SOURCE, "A verb changes nothing it did not change.", effects.widened),
    Rule(codes.EVENT_REMOVED, CALL, "Who waits for an event hears of it.", events.removed),
    Rule(codes.EVENT_MEMBER_REMOVED, WIRE, "An event tells what it told.", events.member_removed),
    Rule(codes.EVENT_MEMBER_CHANGED, WIRE, "An event tells it in the form it did.", events.member_changed),
    Rule(codes.STATUS_TARGET_CHANGED, CALL, "A row is in a state that callers expect.", status.target_changed),
    Rule(codes.STATUS_MOVE_REMOVED, SOURCE, "Moves that scripts make can be made.", status.move_removed),
)
"""In the order in which they are told."""

NAMES = tuple(rule.name for rule in RULES)
"""What they are called."""

WORDS = (*CATEGORIES, *NAMES)
"""What may be chosen: categories and rules."""


def chosen_rules(chosen: Chosen) -> tuple[Rule, ...]:
    """The rules that are chosen, in their order."""
    return tuple(rule for rule in RULES if _is_in(rule, chosen.use) and not _is_in(rule, chosen.without))


def _is_in(rule: Rule, words: tuple[str, ...]) -> bool:
    return rule.name in words or not set(rule.categories).isdisjoint(words)
