"""Support functions over texts, and those that read a number or a day out of one or write a number with so many decimals. Each
fails with the message that the interpreter has, and gives NULL where it is given one."""

from __future__ import annotations

from actionlang.engine.functions.casing import WHITE_SPACE
from actionlang.engine.functions.conversions import DIGITS_OF_64_BITS, SHOWN
from actionlang.engine.functions.texts import LONGEST
from actionlang.engine.plpgsql.spelling import escaped_text

TRIMMED = f"btrim(value, {escaped_text(WHITE_SPACE)})"
SHOWN_VALUE = f"""'"' || left(value, {SHOWN}) || CASE WHEN length(value) > {SHOWN} THEN '..."' ELSE '"' END"""
TOO_MANY_DIGITS = """RAISE EXCEPTION USING ERRCODE = 'AL705', MESSAGE = 'The result has more than 38 digits.',
      HINT = 'round what goes in, or what comes out of a division, with round(value, places)';"""
TOO_LONG = (
    f"RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = 'The result would be longer than {LONGEST:,} characters.';"
)


def _function(given: str, gives: str, body: str, declared: str = "") -> str:
    """A support function's parameters and body."""
    return f"({given})\nRETURNS {gives} LANGUAGE plpgsql IMMUTABLE STRICT AS $support$\n{declared}BEGIN\n{body}END\n$support$"


NUMBER_PARTS = f"""DECLARE
  parts text[] := regexp_match({TRIMMED} COLLATE "C", '^([+-]?)([0-9]+)(\\.([0-9]+))?$');
  whole text := ltrim(parts[2], '0');
  fraction text := rtrim(coalesce(parts[4], ''), '0');
"""

NUMBER_OF = _function(
    "value text",
    "numeric",
    f"""  IF parts IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = {SHOWN_VALUE} || ' is not a number.', HINT = 'ask is_number(...) first';
  ELSIF length(whole) + length(fraction) > 38 THEN
    {TOO_MANY_DIGITS}
  END IF;
  RETURN (parts[1] || '0' || whole || '.' || fraction || '0')::numeric;
""",
    NUMBER_PARTS,
)

IS_NUMBER = _function(
    "value text", "boolean", "  RETURN parts IS NOT NULL AND length(whole) + length(fraction) <= 38;\n", NUMBER_PARTS
)

INTEGER_OF = _function(
    "value text",
    "bigint",
    f"""  IF parts IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = {SHOWN_VALUE} || ' is not a whole number.';
  ELSIF length(digits) > {DIGITS_OF_64_BITS} THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = {SHOWN_VALUE} || ' does not fit in 64 bits.';
  ELSIF (parts[1] || '0' || digits)::numeric NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL704', MESSAGE = 'The result is beyond what an integer of 64 bits holds.';
  END IF;
  RETURN (parts[1] || '0' || digits)::bigint;
""",
    f"""DECLARE
  parts text[] := regexp_match({TRIMMED} COLLATE "C", '^([+-]?)([0-9]+)$');
  digits text := ltrim(parts[2], '0');
""",
)

DAY_PARTS = f"""DECLARE
  parts integer[] := regexp_match({TRIMMED} COLLATE "C", '^([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})$')::integer[];
"""
IS_A_DAY = """coalesce(parts[1] > 0 AND parts[2] BETWEEN 1 AND 12 AND parts[3] > 0
      AND parts[3] <= extract(day FROM make_date(greatest(parts[1], 1), least(greatest(parts[2], 1), 12), 1)
        + INTERVAL '1 month' - INTERVAL '1 day'), false)"""

DATE_OF = _function(
    "value text",
    "date",
    f"""  IF NOT {IS_A_DAY} THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = {SHOWN_VALUE} || ' is not a day.',
      HINT = 'write it as 2026-11-24, or ask is_date(...) first';
  END IF;
  RETURN make_date(parts[1], parts[2], parts[3]);
""",
    DAY_PARTS,
)

IS_DATE = _function("value text", "boolean", f"  RETURN {IS_A_DAY};\n", DAY_PARTS)

MAKE_DATE = _function(
    "year bigint, month bigint, day bigint",
    "date",
    """  IF year BETWEEN 1 AND 9999 AND month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31 THEN
    IF day <= extract(day FROM make_date(year::integer, month::integer, 1) + INTERVAL '1 month' - INTERVAL '1 day') THEN
      RETURN make_date(year::integer, month::integer, day::integer);
    END IF;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'AL717',
    MESSAGE = 'There is no day ' || day || ' of month ' || month || ' in the year ' || year || '.';
""",
)

REPLACED = _function(
    "value text, part text, replacement text",
    "text",
    f"""  IF part = '' THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = 'There is no telling where to replace an empty text.';
  END IF;
  found := (length(value) - length(replace(value COLLATE "C", part, ''))) / length(part);
  IF length(value) + found * (length(replacement) - length(part)) > {LONGEST} THEN
    {TOO_LONG}
  END IF;
  RETURN replace(value COLLATE "C", part, replacement);
""",
    "DECLARE\n  found bigint;\n",
)

POSITION_FROM = _function(
    "value text, part text, first bigint",
    "bigint",
    """  IF first < 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = '`first` is ' || first || '; it must not be below 1.';
  ELSIF first > length(value) + 1 THEN
    RETURN 0;
  END IF;
  found := strpos(substr(value, first::integer) COLLATE "C", part);
  RETURN CASE WHEN found = 0 THEN 0 ELSE found + first - 1 END;
""",
    "DECLARE\n  found bigint;\n",
)

REPEATED = _function(
    "value text, count bigint",
    "text",
    f"""  IF count < 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = '`count` is ' || count || '; it must not be below 0.';
  ELSIF length(value)::numeric * count > {LONGEST} THEN
    {TOO_LONG}
  END IF;
  RETURN CASE WHEN value = '' THEN '' ELSE repeat(value, count::integer) END;
""",
)


def _padded(side: str) -> str:
    return _function(
        "value text, width bigint, filler text",
        "text",
        f"""  IF width NOT BETWEEN 0 AND {LONGEST} THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = '`width` is ' || width || '; it must be from 0 to {LONGEST}.';
  ELSIF length(filler) <> 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = '`filler` must be exactly one character.';
  END IF;
  RETURN {side}(value, greatest(width::integer, length(value)), filler);
""",
    )


WITH_PLACES = _function(
    "value numeric, places bigint",
    "text",
    """  IF places NOT BETWEEN 0 AND 12 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = '`places` is ' || places || '; it must be from 0 to 12.';
  END IF;
  rest := value * ('1e' || places)::numeric;
  whole := trunc(rest);
  rest := abs(rest - whole);
  IF rest > 0.5 OR (rest = 0.5 AND whole % 2 <> 0) THEN
    whole := whole + sign(value);
  END IF;
  RETURN round(whole * ('1e' || -places)::numeric, places::integer)::text;
""",
    "DECLARE\n  whole numeric;\n  rest numeric;\n",
)

TEXTS = {
    "number_of": NUMBER_OF,
    "is_number": IS_NUMBER,
    "integer_of": INTEGER_OF,
    "date_of": DATE_OF,
    "is_date": IS_DATE,
    "make_date": MAKE_DATE,
    "replaced": REPLACED,
    "position_from": POSITION_FROM,
    "repeated": REPEATED,
    "with_places": WITH_PLACES,
    "padded_left": _padded("lpad"),
    "padded_right": _padded("rpad"),
}
"""Support functions by name."""
