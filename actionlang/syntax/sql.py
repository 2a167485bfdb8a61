"""Steps and conditions as SQL writes them."""

from __future__ import annotations

from actionlang.syntax.extents import closing, condition_end, opening, operand_begin, statement_begin, statement_end
from actionlang.syntax.situation import Advice, Situation

ROW = "one"
"""What a row is called in an example of a loop."""

READ = "Rows are read with find, which takes the first one, or with for each."
CREATE = 'A row is made with create: create case set title = "...";'
EACH = "A step changes one row; for each goes through the rows that where names."
COMPARING = frozenset({"=", "!=", "<", ">", "<=", ">=", "in", "is", "like", "between"})
AGGREGATES = frozenset("count exists sum min max average".split())


def query(at: Situation) -> str | Advice | None:
    """Steps that begin as in SQL, where a step should begin."""
    if "CREATE" not in at.possible:
        return None
    word = at.word().lower()
    if word == "select":
        return _select(at)
    return _insert(at) if word == "insert" else None


def _select(at: Situation) -> Advice:
    """`select * from team where name = "Tier 2"`."""
    last = statement_end(at)
    source = next((distance for distance in range(1, last + 1) if at.word(distance).lower() == "from"), None)
    if source is None or at.near(source + 1).type != "NAME":
        return Advice(READ)
    table = at.word(source + 1)
    if last == source + 1:
        return Advice(READ, (at.replace(f"find {table}", 0, last),), safe=False, title="Write find")
    if at.word(source + 2).lower() != "where":
        return Advice(READ)
    end = condition_end(at, source + 3)
    if end is None:
        return Advice(READ)
    written = f"find {table} where ({_of_row(at, source + 3, end, table, table)})"
    return Advice(READ, (at.replace(written, 0, end),), safe=False, title="Write find")


def _insert(at: Situation) -> Advice:
    """`insert into task (subject) values ("Call back")`."""
    names = 3 if at.word(1).lower() == "into" else 2
    middle = closing(at, names) if at.word(names) == "(" else None
    if middle is None or at.word(middle + 1).lower() != "values" or at.word(middle + 2) != "(":
        return Advice(CREATE)
    end = closing(at, middle + 2)
    if end is None:
        return Advice(CREATE)
    columns, values = _items(at, names, middle), _items(at, middle + 2, end)
    if len(columns) != len(values):
        return Advice(CREATE)
    assigned = ", ".join(f"{column} = {value}" for column, value in zip(columns, values, strict=True))
    written = f"create {at.word(names - 1)} set {assigned}"
    return Advice(CREATE, (at.replace(written, 0, end),), safe=False, title="Write create")


def _items(at: Situation, first: int, last: int) -> list[str]:
    """What stands between two parentheses, parted by commas."""
    items, begin, depth = [], first + 1, 0
    for distance in range(first + 1, last + 1):
        word = at.word(distance)
        depth += (word == "(") - (word == ")")
        if (word == "," and depth == 0) or distance == last:
            items.append(at.words(begin, distance - 1) if distance > begin else "")
            begin = distance + 1
    return items


def tail(at: Situation) -> str | Advice | None:
    """What SQL puts behind the table or the columns of a step: `delete from`, `update ... where`, `order by` before
    `where`, `count(task) where`."""
    if at.word(-1).lower() == "from" and at.word(-2) == "delete":
        return _delete(at)
    if at.word() != "where" or at.near(-1).type == "OPEN":
        return None
    if at.word(-1) == ")" and "RPAREN" in at.possible:
        return _behind_aggregate(at)
    begin = statement_begin(at)
    first = at.near(begin).type
    if first == "UPDATE":
        return _update(at, begin)
    return _order(at, begin) if first in ("FIND", "FOR") else None


def _delete(at: Situation) -> Advice:
    table = at.word()
    if at.word(1) != "where":
        return Advice(EACH)
    end = condition_end(at, 2)
    if end is None:
        return Advice(EACH)
    asked = _without_parentheses(at, 2, end, table)
    written = f"for each {ROW} in {table} where ({asked}) < delete {ROW} >"
    return Advice(EACH, (at.replace(written, -2, end),), safe=False, title="Write for each")


def _update(at: Situation, begin: int) -> Advice:
    end = condition_end(at, 1)
    columns = next((distance for distance in range(begin, 0) if at.near(distance).type == "SET"), None)
    if end is None or columns != begin + 2:
        return Advice(EACH)
    table = at.word(begin + 1)
    asked = _without_parentheses(at, 1, end, table)
    step = f"update {ROW} {at.words(columns, -1)}"
    written = f"for each {ROW} in {table} where ({asked}) < {step} >"
    return Advice(EACH, (at.replace(written, begin, end),), safe=False, title="Write for each")


def _order(at: Situation, begin: int) -> Advice | None:
    order = next((distance for distance in range(begin, 0) if at.near(distance).type in ("ORDER", "LIMIT")), None)
    end = closing(at, 1) if at.word(1) == "(" else None
    if order is None or end is None:
        return None
    words = "The parts of a query have their order: where, then order by, then limit."
    return Advice(words, (at.before(f"{at.words(0, end)} ", order), at.remove(0, end)), title="Put where first")


def _behind_aggregate(at: Situation) -> Advice | None:
    """`count(task) where (...)`."""
    begin = opening(at, -1)
    if begin is None or at.word(begin - 1) not in AGGREGATES:
        return None
    words = "What is asked of the rows stands inside the parentheses."
    end = closing(at, 1) if at.word(1) == "(" else None
    if end is None:
        return Advice(words)
    return Advice(words, (at.replace("", -1), at.replace("", 1)), title="Put where into the parentheses")


def _without_parentheses(at: Situation, first: int, last: int, table: str) -> str:
    """A condition of a query, asked of the row of a loop."""
    if at.word(first) == "(" and closing(at, first) == last:
        first, last = first + 1, last - 1
    return _of_row(at, first, last, table, ROW)


def _of_row(at: Situation, first: int, last: int, table: str, row: str) -> str:
    """A condition of SQL, with the row's name before each of its columns."""
    parts = []
    for distance in range(first, last + 1):
        word = at.word(distance)
        name = at.near(distance).type == "NAME" and at.word(distance - 1) != "."
        if name and word == table and at.word(distance + 1) == ".":
            word = row
        elif (
            name
            and at.word(distance + 1) in COMPARING
            and (distance == first or at.word(distance - 1) in ("and", "or"))
        ):
            word = f"{row}.{word}"
        parts.append(word)
        parts.append(at.text[at.near(distance).end : at.near(distance + 1).start] if distance < last else "")
    return "".join(parts)


# ---------------------------------------------------------------------------------------------------------- conditions


def condition(at: Situation) -> str | Advice | None:
    """`like` and `between` in a condition."""
    word = at.word().lower()
    if at.token.type != "NAME" or "EQUAL" not in at.possible:
        return None
    if word == "like":
        return _like(at)
    return _between(at) if word == "between" else None


def _like(at: Situation) -> Advice:
    words = "Texts are looked into with contains(text, part), starts_with and ends_with."
    begin = operand_begin(at, -1)
    pattern = at.near(1).value
    if begin is None or at.near(1).type != "TEXT" or not isinstance(pattern, str):
        return Advice(words)
    part = pattern.strip("%")
    if "%" in part or "_" in part or not part:
        return Advice(words)
    before, behind = pattern.startswith("%"), pattern.endswith("%")
    function = "contains" if before and behind else "ends_with" if before else "starts_with" if behind else ""
    written = at.word(1).replace("%", "")
    asked = f"{function}({at.words(begin, -1)}, {written})" if function else f"{at.words(begin, -1)} = {written}"
    return Advice(words, (at.replace(asked, begin, 1),), safe=False, title=f"Write {function or '='}")


def _between(at: Situation) -> Advice:
    words = "Each end is compared by itself: (a >= 1 and a <= 9)"
    begin = operand_begin(at, -1)
    middle = next((distance for distance in range(1, 12) if at.word(distance) == "and"), None)
    if begin is None or middle is None:
        return Advice(words)
    edits = (at.replace(">="), at.behind(f" {at.words(begin, -1)} <=", middle))
    return Advice(words, edits, title="Compare with each end")
