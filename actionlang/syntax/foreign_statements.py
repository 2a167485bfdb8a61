"""Where a step should begin: what other languages begin one with, and steps that lack their first word."""

from __future__ import annotations

from difflib import get_close_matches

from actionlang.syntax.extents import ENDS, statement_begin, statement_end
from actionlang.syntax.situation import Advice, Situation
from actionlang.syntax.tokens import DECLARATION_WORDS, STATEMENT_WORDS

ELSE_IF = frozenset({"elif", "elseif", "elsif"})
CATCHING = frozenset({"catch", "except", "rescue"})
REPLACED = {
    **dict.fromkeys(("var", "const", "val", "dim"), ("let", "A value gets a name with let.")),
    **dict.fromkeys(("raise", "throw"), ("fail", "A verb ends in failure with fail.")),
    **dict.fromkeys(("call", "execute", "exec", "run"), ("perform", "Another verb is run with perform.")),
    **dict.fromkeys(("remove", "drop"), ("delete", "A row is taken away with delete.")),
    **dict.fromkeys(("exit", "quit"), ("stop", "A verb ends early, without a failure, with stop.")),
    "add": ("create", 'A row is made with create: create case set title = "...";'),
    "new": ("create", 'A row is made with create: create case set title = "...";'),
    **dict.fromkeys(
        ("sleep", "pause", "delay"), ("wait", "A background action lets time pass with wait: wait 2 days;")
    ),
    **dict.fromkeys(
        ("schedule", "enqueue", "spawn"), ("start", "A verb that runs later, by itself, is started with start.")
    ),
    "foreach": ("for each", "Write for each."),
    "assert": ("require", 'What has to hold is required: require (...) else "why";'),
    "ensure": ("require", 'What has to hold is required: require (...) else "why";'),
}
"""For words that other languages begin a statement with: the word to write, and what to say."""

BEHIND = {
    "let": frozenset({"NAME"}),
    "fail": frozenset({"TEXT", "TEXT_START", "NAME"}),
    "perform": frozenset({"NAME"}),
    "delete": frozenset({"NAME"}),
    "stop": ENDS,
    "create": frozenset({"NAME"}),
    "for each": frozenset({"NAME"}),
    "start": frozenset({"NAME"}),
    "wait": frozenset({"DURATION"}),
    "require": frozenset({"LPAREN"}),
}
"""What stands behind such a word if it is all that is wrong."""

EXPLAINED = {
    "while": "There is no while: a verb always ends. Use for each over the rows of a table or the items of a list.",
    "do": "There is no loop but for each, over the rows of a table or the items of a list.",
    "break": "A loop goes through all its rows: where says which. What ends the whole verb is stop.",
    "switch": "There is no switch: write if (...) < ... > else if (...) < ... >.",
    "print": "A verb has no screen. Tell someone with perform Notify(to: caller, text: ...), or return a value.",
    "set": "Columns are changed with update: update case set priority = high;",
    "else": "An else stands right behind the > of its if or attempt.",
    **dict.fromkeys(
        CATCHING, "What is done after a failure stands in the else of an attempt: attempt < ... > else < ... >."
    ),
}


def statement(at: Situation) -> str | Advice | None:
    """What stands where a step should begin."""
    if "CREATE" not in at.possible:
        return None
    word = at.word().lower()
    capitals = at.capitalised_keyword()
    if capitals in STATEMENT_WORDS or capitals == "else":
        return _in_small_letters(at)
    if word in ELSE_IF:
        return Advice("Write else if.", (at.replace("else if"),), safe="ELSE" in at.possible)
    if word == "try":
        return _attempt(at)
    return _nameless(at) or _replaced(at, word) or EXPLAINED.get(word) or first_word(at, "A statement", STATEMENT_WORDS)


def _in_small_letters(at: Situation) -> Advice:
    word = at.word().lower()
    return Advice(f"The words of the language are written in small letters: {word}.", (at.replace(word),))


def _replaced(at: Situation, word: str) -> str | Advice | None:
    if word not in REPLACED:
        return None
    instead, words = REPLACED[word]
    fits = at.near(1).type in BEHIND[instead]
    return Advice(words, (at.replace(instead),) if fits else (), title=f"Write {instead}")


def _attempt(at: Situation) -> Advice:
    """`try < ... > catch < ... >`."""
    words = "A step that may fail stands in attempt < ... > else < ... >."
    depth, distance = 0, 1
    while at.near(distance).type != "$END":
        depth += (at.near(distance).type == "OPEN") - (at.near(distance).type == "CLOSE")
        distance += 1
        if depth <= 0:
            break
    if at.word(distance).lower() in CATCHING and at.near(distance + 1).type == "OPEN":
        return Advice(words, (at.replace("attempt"), at.replace("else", distance)), title="Write attempt and else")
    return Advice(words, (at.replace("attempt"),) if at.word(distance) == "else" else (), title="Write attempt")


def _nameless(at: Situation) -> str | Advice | None:
    """A step that begins with what it is about: `case.priority = high`, `reason = "..."`, `Notify(...)`."""
    word = at.word()
    if at.token.type not in ("NAME", "QUOTED"):
        return None
    signs = [at.near(distance).type for distance in (1, 2, 3)]
    if signs[0] == "EQUAL" and word != "else":
        words = f"A value gets a name with let, and a column is changed with update: update ROW set {word} = ...;"
        return Advice(words, (at.before("let "),), safe=False, title="Give the value a name")
    if signs == ["DOT", "NAME", "EQUAL"]:
        return Advice(
            "Columns are changed with update.", (at.before("update "), at.replace(" set ", 1)), title="Write update"
        )
    called = at.near(1).type == "LPAREN" and word.lower() not in EXPLAINED and word.lower() not in REPLACED
    if called and at.near(1).start == at.near(0).end:
        words = f"A verb is run with perform, and what a function answers gets a name: let result = {word}(...);"
        return Advice(words, (at.before("perform "),), safe=word[:1].isupper(), title="Perform the verb")
    if signs == ["DOT", "NAME", "LPAREN"]:
        return f"A verb is run with perform, on a row: perform {at.word(2)}(...) on {word};"
    return None


def first_word(at: Situation, what: str, words: frozenset[str]) -> str | Advice:
    """What to say of a word that none of `words` is."""
    close = get_close_matches(at.word().lower(), sorted(words), 1)
    if not close:
        return f"{what} begins with one of {', '.join(sorted(words))}."
    exact = at.word().lower() == close[0]
    return Advice(f"Did you mean {close[0]}?", (at.replace(close[0]),), safe=exact, title=f"Write {close[0]}")


FOREIGN_DECLARATIONS = {
    **dict.fromkeys(("def", "verb", "procedure", "process", "sub", "func", "fn"), ("action", "A verb is declared with action.")),
    **dict.fromkeys(("entity", "class", "struct", "record", "type"), ("table", "Rows are described with table.")),
    **dict.fromkeys(("enum", "options"), ("choice", "A list of words is declared with choice.")),
    **dict.fromkeys(("include", "using", "use", "from"), ("import", "Another module is taken in with import.")),
}  # fmt: skip


MISPLACED = {
    "private": "The word private stands behind the verb's parameters: action Note(text text) private < ... >",
    "async": "What goes on by itself is a background action: background action Remind on case < ... >",
}
"""What stands before a declaration and should not."""


def declaration(at: Situation) -> str | Advice | None:
    """What stands where a declaration should begin."""
    if "IMPORT" not in at.possible:
        return None
    word = at.word()
    if word == ">":
        return "There is one > more than there are blocks to close."
    if at.capitalised_keyword() in DECLARATION_WORDS:
        return _in_small_letters(at)
    if word in STATEMENT_WORDS:
        return "A step stands in the block of a verb: action Escalate on case < ... >"
    if word in MISPLACED:
        return MISPLACED[word]
    if word.lower() in FOREIGN_DECLARATIONS:
        instead, words = FOREIGN_DECLARATIONS[word.lower()]
        rest = at.text[at.token.end : at.text.find("\n", at.token.end)]
        fits = at.near(1).type == "NAME" and word != "from" and ":" not in rest
        return Advice(words, (at.replace(instead),) if fits else (), safe=False, title=f"Write {instead}")
    return first_word(at, "A declaration", DECLARATION_WORDS)


def order(at: Situation) -> Advice | None:
    """`action background Remind`."""
    if at.word(-1) != "background" or at.near(-2).type != "ACTION" or at.token.type != "NAME":
        return None
    return Advice("The word background stands before action.", (at.replace("background action", -2, -1),))


# ------------------------------------------------------------------------------------------------- inside a statement


def inside(at: Situation) -> str | Advice | None:
    """Words that are missing, or that are of another language, inside a step."""
    word, previous = at.word(), at.word(-1)
    if at.possible == {"EACH"} and previous == "for":
        edits = (at.before("each "),) if at.word(1) == "in" else ()
        return Advice(f"Write for each {word} in ...", edits, title="Write for each")
    if word in ("then", "do") and "OPEN" in at.possible:
        return Advice(f"The block stands right behind the condition, without {word}.", (at.remove(),))
    if word in ("to", ":") and at.possible == {"EQUAL"}:
        blank = "" if at.text[at.near(-1).end : at.token.start] else " "
        return Advice("A value is given with =.", (at.replace(f"{blank}="),))
    if at.token.type == "NAME" and at.near(1).type == "EQUAL" and "SET" in at.possible:
        if previous == "set":
            return f"The row stands before set: update case set {word} = ..."
        return Advice("The word set stands before the columns.", (at.before("set "),))
    if word == "=" and at.word(-2) == "." and "SET" in at.possible:
        words = f"The columns stand behind set: update {at.word(-3)} set {previous} = ..."
        return Advice(words, (at.replace(" set ", -2),), title="Write set")
    if at.possible <= {"OPEN", "IF"} and "OPEN" in at.possible and word in STATEMENT_WORDS:
        return _without_block(at)
    if previous == "else" and word == "(" and "IF" in at.possible:
        return Advice("Write else if.", (at.before("if "),))
    return _later(at) or _returned(at)


def _later(at: Situation) -> Advice | None:
    """What is to be done later, and for how long to wait."""
    word = at.word()
    if word == "in" and "AFTER" in at.possible:
        return Advice("A verb starts after some time: start Remind() after 2 days.", (at.replace("after"),))
    if at.token.type == "DURATION" and (at.word(-2), at.word(-1)) == ("wait", "for"):
        return Advice("The time stands right behind wait.", (at.remove(-1, -1),))
    begin = statement_begin(at)
    if word in ("after", "at") and at.near(begin).type == "PERFORM":
        named = any(at.near(distance).type == "AS" for distance in range(begin, 0))
        words = f"A verb that runs later, by itself, is started: start {at.word(begin + 1)}(...)."
        return Advice(words, () if named else (at.replace("start", begin),))
    return None


def _without_block(at: Situation) -> str | Advice:
    """`if (...) stop;`."""
    words = f"Steps stand in a block, also a single one: < {at.word()} ... >"
    distance = 0
    while at.near(distance + 1).type not in ("SEMI", "$END", "OPEN", "CLOSE") and at.word(distance + 1) != "else":
        distance += 1
    after = at.near(distance + 1)
    if after.type == "OPEN" or "\n" in at.words(0, distance):
        return words
    end = at.replace(" >", distance + 1) if after.type == "SEMI" else at.behind(" >", distance)
    return Advice(words, (at.before("< "), end), title="Write a block")


def _returned(at: Situation) -> str | Advice | None:
    """Outputs without their names."""
    begin = -1 if at.near(-1).type == "RETURN" else -2 if at.near(-2).type == "RETURN" else None
    if begin is None or (begin == -2 and "COLON" not in at.possible):
        return None
    if begin == -2 and at.word(-1) in STATEMENT_WORDS and "\n" in at.text[at.near(-2).end : at.near(-1).start]:
        return Advice("A ; is missing behind return.", (at.behind(";", -2),), title="Write ;")
    if at.word() == "(" and begin == -1:
        return "Outputs stand without parentheses: return ticket: t"
    end = statement_end(at, begin + 1)
    written = at.words(begin + 1, end) if "\n" not in at.words(begin + 1, end) else at.word(begin + 1)
    output = _only_output(at)
    words = f"Say which output it is: return {output or 'result'}: {written}"
    return Advice(words, (at.before(f"{output}: ", begin + 1),) if output else (), title="Name the output")


def _only_output(at: Situation) -> str | None:
    """The output of the verb around, if it has one and no more."""
    distance = -1
    while at.near(distance).type not in ("RETURNS", "$END"):
        if at.near(distance).type in ("ACTION", "FUNCTION"):
            return None
        distance -= 1
    if at.word(distance + 1) != "(" or at.near(distance + 2).type != "NAME":
        return None
    end = distance + 3
    while at.near(end).type not in ("COMMA", "OPEN", "$END"):
        end += 1
    return at.word(distance + 2) if at.near(end).type == "OPEN" else None
