"""Functions that a verb's function calls for help. They stand beside it, under names that begin with `al_`, and are made only
where one is called."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.engine.functions.case_table import TO_CAPITALS, TO_SMALL
from actionlang.engine.functions.casing import mapping
from actionlang.engine.plpgsql.support_texts import TEXTS
from actionlang.engine.relational.spelling import quoted_text

PREFIX = "al_"

REFUSAL = """(state text, told text, why text, attempted jsonb,
  constraint_name text, schema_name text, table_name text, column_name text)
RETURNS text[] LANGUAGE plpgsql AS $support$
-- What a caught error of the database is in the language's words: code, message, hint.
DECLARE
  code text := substring(told FROM '"(E0[0-9]{3})"');
  short text := attempted->>'short';
  cells text[];
  names text[];
  quoted text;
BEGIN
  IF state = '22P02' AND code IS NOT NULL THEN
    RETURN CASE code
      WHEN 'E0705' THEN ARRAY['AL705', 'The result has more than 38 digits.',
        'round what goes in, or what comes out of a division, with round(value, places)']
      WHEN 'E0706' THEN ARRAY['AL706', 'This divides by zero.', 'test the divisor with if or require first']
      WHEN 'E0709' THEN ARRAY['AL709', 'The result is beyond the range of a ' || why || '.', NULL]
      ELSE ARRAY['AL' || substr(code, 3), 'The value does not fit.', NULL] END;
  ELSIF state = '22012' THEN
    RETURN ARRAY['AL706', 'This divides by zero.', 'test the divisor with if or require first'];
  ELSIF state = '22003' AND why IN ('duration', 'date', 'datetime') THEN
    RETURN ARRAY['AL709', 'The result is beyond the range of a ' || why || '.', NULL];
  ELSIF state = '22003' AND why IS NOT NULL THEN
    RETURN ARRAY['AL704', 'The result is beyond what an integer of 64 bits holds.', NULL];
  END IF;
  IF state IN ('23505', '23503', '23001') THEN
    SELECT array_agg(a.attname::text ORDER BY k.n) INTO cells
      FROM pg_catalog.pg_constraint AS c
      JOIN pg_catalog.pg_class AS t ON t.oid = c.conrelid AND t.relname = table_name
      JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace AND s.nspname = schema_name
      CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(number, n)
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number
      WHERE c.conname = constraint_name;
  ELSIF column_name <> '' THEN
    cells := ARRAY[column_name];
  END IF;
  SELECT array_agg(x.name ORDER BY x.n), string_agg('`' || x.name || '`', ' and ' ORDER BY x.n) INTO names, quoted
    FROM (SELECT u.name, min(u.n) AS n
      FROM (SELECT attempted->'columns'->>k.cell, k.n FROM unnest(cells) WITH ORDINALITY AS k(cell, n)) AS u(name, n)
      WHERE u.name IS NOT NULL GROUP BY u.name) AS x;
  IF state = '23505' THEN
    IF quoted IS NULL OR EXISTS (SELECT 1 FROM unnest(names) AS n
        WHERE attempted->'values'->>n IS NULL OR attempted->'sensitive' ? n) THEN
      RETURN ARRAY['AL711', 'There is already a ' || short || ' with the same ' || coalesce(quoted, 'key') || '.', NULL];
    END IF;
    SELECT string_agg(x.name || ' ' || (attempted->'values'->>x.name), ' and ' ORDER BY x.n) INTO quoted
      FROM unnest(names) WITH ORDINALITY AS x(name, n);
    RETURN ARRAY['AL711', 'There is already a ' || short || ' with ' || quoted || '.', NULL];
  ELSIF state IN ('23503', '23001') AND attempted->>'operation' = 'delete' THEN
    RETURN ARRAY['AL713', 'The ' || short || ' can not be deleted: '
      || coalesce(attempted->'tables'->>table_name, 'other') || ' rows refer to it.',
      'delete them first, or make them refer to something else'];
  ELSIF state IN ('23503', '23001') THEN
    RETURN ARRAY['AL712',
      coalesce('What ' || quoted || ' refers to is not there.', 'It refers to a row that is not there.'), NULL];
  ELSIF state = '23502' THEN
    RETURN ARRAY['AL710', coalesce(quoted, 'A required column') || ' of the ' || short || ' is empty.', NULL];
  END IF;
  RETURN ARRAY['AL720', 'The database has a check that refuses this ' || coalesce(short, 'row') || '.', NULL];
END
$support$"""

MASKED = """(told text, secrets text[])
RETURNS text LANGUAGE plpgsql AS $support$
-- A text without the sensitive values that stand in it; short ones are taken out only where they stand by themselves.
DECLARE
  secret text;
  pattern text;
BEGIN
  FOR secret IN SELECT DISTINCT s FROM unnest(secrets) AS s WHERE s <> '' ORDER BY s LOOP
    pattern := regexp_replace(secret, '([^[:alnum:][:space:]_])', '\\\\\\1', 'g');
    IF length(secret) < 3 THEN
      pattern := '(?<!\\w)' || pattern || '(?!\\w)';
    END IF;
    told := regexp_replace(told, pattern, '***', 'g');
  END LOOP;
  RETURN told;
END
$support$"""


BEGUN = """()
RETURNS text[] LANGUAGE plpgsql AS $support$
-- A run begins: its id, and prefix, first number and stride of the ids that it gives; all of the moment, which comes last.
DECLARE
  began timestamptz := clock_timestamp();
  milliseconds text := lpad(to_hex(floor(extract(epoch FROM began) * 1000)::bigint), 12, '0');
  stem text := substr(milliseconds, 1, 8) || '-' || substr(milliseconds, 9) || '-7';
  one text := replace(gen_random_uuid()::text, '-', '');
  other text := replace(gen_random_uuid()::text, '-', '');
  bits bigint := ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 18, 15))::bit(60)::bigint;
BEGIN
  RETURN ARRAY[
    stem || substr(one, 1, 3) || '-' || substr(one, 17, 1) || substr(one, 4, 3) || '-' || substr(one, 20, 12),
    stem || substr(other, 1, 3) || '-' || substr(other, 17, 1) || substr(other, 4, 3),
    ((bits >> 13) & 140737488355327)::text,
    (1 + (('x' || substr(other, 20, 4))::bit(16)::integer))::text,
    to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')];
END
$support$"""

ROUNDED = """(value numeric, places bigint, way text)
RETURNS numeric LANGUAGE plpgsql AS $support$
-- A number rounded to a number of decimals: half to even, half up, up or down (away from zero or towards it).
DECLARE
  whole numeric;
  rest numeric;
BEGIN
  IF value IS NULL OR places IS NULL THEN
    RETURN NULL;
  ELSIF places NOT BETWEEN -30 AND 30 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = '`places` is ' || places || '; it must be from -30 to 30.';
  END IF;
  rest := value * ('1e' || places)::numeric;
  whole := trunc(rest);
  rest := abs(rest - whole);
  IF (CASE way WHEN 'half even' THEN rest > 0.5 OR (rest = 0.5 AND whole % 2 <> 0)
      WHEN 'half up' THEN rest >= 0.5 WHEN 'up' THEN rest > 0 ELSE FALSE END) THEN
    whole := whole + sign(value);
  END IF;
  value := trim_scale(whole * ('1e' || -places)::numeric);
  IF abs(value) >= ('1e' || 38 - scale(value))::numeric THEN
    RAISE EXCEPTION USING ERRCODE = 'AL705', MESSAGE = 'The result has more than 38 digits.',
      HINT = 'round what goes in, or what comes out of a division, with round(value, places)';
  END IF;
  RETURN value;
END
$support$"""


def _cased(table: str, simple: str) -> str:
    """Capital or small letters by the pinned Unicode table, one character at a time."""
    pairs = mapping(table)
    one = {chr(code): chr(other) for code, other in pairs.items() if isinstance(other, int)}
    several = {chr(code): other for code, other in pairs.items() if isinstance(other, str)}
    text = f"translate(value, {quoted_text(''.join(one))}, {quoted_text(''.join(one.values()))})"
    for before, after in several.items():
        text = f"replace({text}, {quoted_text(before)}, {quoted_text(after)})"
    return (
        "(value text)\nRETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $support$\n"
        "-- By the Unicode table that the language is pinned to, whatever the database's locale.\nBEGIN\n"
        "  IF octet_length(value) = length(value) THEN\n"
        f'    RETURN {simple}(value COLLATE "C");\n'
        f"  END IF;\n  RETURN {text};\nEND\n$support$"
    )


OTHERS = {"refusal": REFUSAL, "masked": MASKED, "rounded": ROUNDED, "begun": BEGUN, **TEXTS}


def support_text(name: str) -> str:
    """A support function's parameters and body."""
    if name == "upper":
        return _cased(TO_CAPITALS, "upper")
    if name == "lower":
        return _cased(TO_SMALL, "lower")
    return OTHERS[name]


def support_statements(names: Iterable[str], schema: str) -> list[str]:
    """The statements that make support functions in a schema, whose name is spelt as SQL."""
    return [f"CREATE OR REPLACE FUNCTION {schema}.{PREFIX}{name}{support_text(name)}" for name in sorted(names)]
