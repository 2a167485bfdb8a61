"""Constants that are no texts."""

from __future__ import annotations

from datetime import UTC, datetime

from actionlang.compile.dataverse_action.known_tables import KnownTables, spelt
from actionlang.compile.dataverse_action.values import Literal
from actionlang.compile.dataverse_action.written import ATOM, CanNotSay, Written
from actionlang.metadata import types as t

WHOLE = ("Integer", "Int", "Int32", "OptionSetValue", "Picklist", "BigInt")
EXACT = ("Decimal", "Money")
DATE_FORMATS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y")


def constant(value: Literal, wanted: t.Type | None, tables: KnownTables) -> Written:
    """A constant, as the type that is wanted where it says more than the constant does. Raises CanNotSay."""
    text = value.text.strip()
    if isinstance(wanted, t.Boolean) or value.kind == "Boolean":
        if text.lower() not in ("1", "0", "true", "false"):
            raise CanNotSay(f"{text!r} as a yes or no")
        return Written("true" if text.lower() in ("1", "true") else "false", ATOM, t.Boolean(), False)
    if isinstance(wanted, t.Choice):
        return _member(text, wanted, tables)
    if value.kind in WHOLE:
        if not text.lstrip("-").isdigit():
            raise CanNotSay(f"{text!r} as a whole number")
        return Written(str(int(text)), ATOM, t.Integer(), False)
    if value.kind in EXACT or value.kind in ("Double", "Float"):
        return _exact(text, wanted, value.kind)
    if value.kind == "DateTime":
        return _moment(text, wanted)
    if value.kind in ("Guid", "UniqueIdentifier"):
        return Written(f'id "{text.strip("{}").lower()}"', ATOM, t.Id(), False)
    raise CanNotSay(f"a constant of type {value.kind or 'unknown'}")


def _member(text: str, wanted: t.Choice, tables: KnownTables) -> Written:
    choice = tables.choice(wanted.name)
    member = next((found for found in choice.members if str(found.number) == text), None)
    if member is None:
        raise CanNotSay(f"{choice.name.rpartition('.')[2]} has no member with the number {text}")
    return Written(spelt(member.name), ATOM, wanted, False)


def _exact(text: str, wanted: t.Type | None, kind: str) -> Written:
    digits = text.lstrip("-").replace(".", "", 1)
    if not digits.isdigit():
        raise CanNotSay(f"{text!r} as a number")
    whole, _, fraction = text.partition(".")
    number = f"{int(whole or '0')}" + (f".{fraction.rstrip('0')}" if fraction.rstrip("0") else "")
    number = f"-{number}" if text.startswith("-") and not number.startswith("-") else number
    if isinstance(wanted, t.Float) or (wanted is None and kind in ("Double", "Float")):
        return Written(f"to_float({number})", ATOM, t.Float(), False)
    return Written(number, ATOM, t.Decimal() if "." in number else t.Integer(), False)


def _moment(text: str, wanted: t.Type | None) -> Written:
    found = _read(text)
    if found is None:
        raise CanNotSay(f"{text!r} as a moment")
    found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(wanted, t.Date):
        return Written(f'date "{found.date().isoformat()}"', ATOM, t.Date(), False)
    return Written(f'datetime "{found.replace(tzinfo=None).isoformat()}Z"', ATOM, t.DateTime(), False)


def _read(text: str) -> datetime | None:
    """A moment in ISO 8601, also with the seven digits that .NET writes, or as an American writes it."""
    whole, dot, rest = text.partition(".")
    digits = rest[: next((at for at, sign in enumerate(rest) if not sign.isdigit()), len(rest))]
    shortened = f"{whole}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}" if dot else text
    try:
        return datetime.fromisoformat(shortened)
    except ValueError:
        pass
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
