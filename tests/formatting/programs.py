"""Verbs that check: small typed programs on the standard library's helpdesk."""

from __future__ import annotations

from random import Random

HEAD = "import helpdesk;\n"
VALUES = {
    "text": ('"a"', '"Tier {level}"', "case.title", "reason", 'lower("B{{}}")', '"""\n  many\n lines"""'),
    "integer": ("1", "10_000", "level", "length(reason)", "case.reopened", "count(task where task.regarding = case)"),
    "boolean": ("true", "case.due is empty", 'exists(team where team.name = "x")', "case.status in (new, open)"),
    "duration": ("2 days", "90  minutes", "1.5 hours"),
}
OPERATORS = {
    "text": ("{text} otherwise {text}", "upper({text})", '"{{{text}}} and {{{integer}}}"'),
    "integer": ("{integer} + {integer}", "{integer} * {integer}", "-{integer}", "({integer} - {integer})"),
    "boolean": (
        "{boolean} and {boolean}",
        "{boolean} or {boolean}",
        "not {boolean}",
        "({boolean})",
        "{integer} > {integer}",
        "{text} = {text}",
    ),
    "duration": ("({duration} + {duration})",),
}
PLAIN = (
    "update case set reopened = {integer}, description = {text}",
    "update case set resolution = {text}",
    "require ({boolean}) else {text}",
    "require ({boolean})",
    "fail {text}",
    "stop",
    "create note set regarding = {text}, body = {text}",
    "perform Annotate(regarding: {text}, body: {text})",
    "find optional team as {name} where (length({name}.name) > {integer} and {boolean}) order by {name}.name descending",
    "let {name} = {integer}",
    "start Later(wait_for: {duration}) on case after {duration}",
    "emit Noticed(what: {text}, often: {integer})",
)
WITH_BLOCKS = (
    "if ({boolean}) {block}",
    "if ({boolean}) {block} else {block}",
    "if ({boolean}) {block} else if ({boolean}) {block} else {block}",
    "for each {name} in task where ({name}.regarding = case and {boolean}) order by {name}.subject limit 3 {block}",
    'stage "Some steps" {block}',
    "attempt {block} else {block}",
)
LATER = "background action Later on case (wait_for duration) < wait wait_for >\n"


def program(random: Random, size: int) -> str:
    """A script of a few verbs, all on one line each but where a text has lines."""
    numbers = iter(range(10_000))
    verbs = [
        f"## Verb {number}.\naction V{number} on case (reason text, level integer default 2) requires a.b "
        + _block(random, numbers, size)
        for number in range(random.randint(1, 3))
    ]
    return HEAD + LATER + "\n".join(verbs) + "\n"


def _block(random: Random, numbers: object, size: int) -> str:
    out = ""
    for _ in range(random.randint(0, 4)):
        shape = random.choice(WITH_BLOCKS if size > 0 and random.random() < 0.4 else PLAIN)
        last = shape in ("stop", "fail {text}")
        out += " " + _filled(random, numbers, shape, size - 1) + ("" if shape in WITH_BLOCKS else ";")
        if last:
            break
    return f"<{out} >"


def _filled(random: Random, numbers: object, shape: str, size: int) -> str:
    name = f"n{next(numbers)}"  # type: ignore[call-overload]
    done = shape.replace("{name}", name)
    while "{block}" in done:
        done = done.replace("{block}", _block(random, numbers, size), 1)
    for kind in VALUES:
        while f"{{{kind}}}" in done:
            done = done.replace(f"{{{kind}}}", value(random, kind, 2), 1)
    return done


def value(random: Random, kind: str, size: int) -> str:
    """An expression of a type."""
    if size <= 0 or random.random() < 0.4:
        return random.choice(VALUES[kind])
    shape = random.choice(OPERATORS[kind])
    parts = {each: value(random, each, size - 1) for each in VALUES}
    if "otherwise" in shape:
        parts["text"] = "case.resolution"
        return f"(case.resolution otherwise {value(random, 'text', 0)})"
    return "(" + shape.format(**parts) + ")" if " " in shape else shape.format(**parts)
