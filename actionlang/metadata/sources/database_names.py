"""The names that what a database has gets in a script: its own wherever they can be written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from actionlang.metadata.emit import TYPE_NAMES, writable

OF_A_KEY = re.compile(r"(.*[^\W_])(?:_id|_ID|Id|ID|_key|_fk)")
"""How a column is often called that holds another table's key: a lookup is better named after what it finds."""


def table_name(name: str, schema: str | None, taken: Collection[str]) -> str:
    """A table's name in the script. It is the database's, unless that is a type's name or `taken` (by another schema's table)."""
    legal = legal_name(name).replace(".", "_")
    if legal in TYPE_NAMES:
        legal = f"{legal}_table"
    if legal in taken and schema is not None:
        legal = f"{legal_name(schema).replace('.', '_')}_{legal}"
    return first_free(legal, taken)


def column_name(name: str, taken: Collection[str]) -> str:
    """A column's name in the script."""
    return first_free(legal_name(name), taken)


def lookup_name(columns: tuple[str, ...], table: str, others: Iterable[str]) -> str:
    """The name of a lookup stored in these columns: `customer` for `customer_id`, where no other column is called so.

    One in several columns is named after what these have in common, `order` for `order_year` and `order_no`, or after its table.
    """
    taken = {name.lower() for name in others}
    if len(columns) > 1:
        common = _common_words(columns)
        return first_free(common if common and common.lower() not in taken else table, taken)
    found = OF_A_KEY.fullmatch(columns[0])
    if found and found[1].lower() not in taken:
        return legal_name(found[1])
    return legal_name(columns[0])


def _common_words(names: Iterable[str]) -> str:
    """The words that all names begin with: `order` of `order_year` and `order_number`."""
    common: list[str] = []
    for words in zip(*(name.split("_") for name in names), strict=False):
        if len(set(words)) > 1:
            break
        common.append(words[0])
    return legal_name("_".join(common)) if any(common) else ""


def choice_name(words: Iterable[str], taken: Collection[str]) -> str:
    """The name of a choice, in the way of `OrderStatus`; words that the next one begins with are not said twice."""
    name = ""
    for word in words:
        camel = _camel(word)
        name = camel if name and camel.startswith(name) else name + camel
    name = name or "Choice"
    if name in taken or name in TYPE_NAMES:
        name += "Choice"
    return first_free(name, taken)


def _camel(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", text) if part)


def legal_name(name: str) -> str:
    """A name that can be written: what can not stand in backticks becomes `_`."""
    return name if writable(name) else "".join(each if writable(each) else "_" for each in name) or "_"


def first_free(name: str, taken: Collection[str]) -> str:
    """The name, or with the first number behind it that makes it none of those taken."""
    number = 2
    found = name
    while found in taken:
        found = f"{name}_{number}"
        number += 1
    return found
