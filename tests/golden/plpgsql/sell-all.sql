-- example.SellAll for PostgreSQL, compiled by ActionLang. Run this once, as the owner of the tables: psql -f FILE DATABASE
-- It needs the verb's tables and those of the audit records, which `actionlang tables create` makes.
-- Call it so: SELECT "verbs"."example.SellAll"();
BEGIN;
SET LOCAL standard_conforming_strings = on;
CREATE SCHEMA IF NOT EXISTS "verbs";
DO $drop$
DECLARE
  other regprocedure;
BEGIN
  FOR other IN SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = 'verbs' AND p.proname = 'example.SellAll' AND (
      p.proargnames IS DISTINCT FROM ARRAY['least', 'caller', 'at', 'zone']::text[] OR p.proargtypes::regtype[]::text[] <> ARRAY(SELECT x::regtype::text FROM unnest(ARRAY['numeric', 'text', 'timestamptz', 'text']) AS x))
  LOOP
    EXECUTE 'DROP FUNCTION ' || other;
  END LOOP;
END
$drop$;
CREATE OR REPLACE FUNCTION "verbs".al_begun()
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
$support$;
CREATE OR REPLACE FUNCTION "verbs".al_refusal(state text, told text, why text, attempted jsonb,
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
$support$;
CREATE OR REPLACE FUNCTION "verbs"."example.SellAll"(
  "least" numeric DEFAULT NULL,
  "caller" text DEFAULT NULL,
  "at" timestamptz DEFAULT NULL,
  "zone" text DEFAULT NULL
)
RETURNS jsonb LANGUAGE plpgsql AS $actionlang$
#variable_conflict use_variable
DECLARE
  run_ text;
  now_ timestamptz;
  today_ date;
  zone_ text;
  clock_ text;
  started_ text;
  arguments_ text;
  caller_json_ text;
  ids_ text;
  base_ bigint;
  stride_ bigint;
  begun_ text[];
  message_ text;
  verb_ text;
  place_ text;
  caller_ text;
  at_ integer := 0;
  why_ text := 'integer';
  state_ text;
  hint_ text;
  constraint_ text;
  schema_ text;
  refused_ text;
  column_ text;
  write_ jsonb;
  refusal_ text[];
  numbers_ integer[];
  sites_ integer[];
  keys_ text[];
  befores_ text[];
  afters_ text[];
  least_2 numeric;
  sold_3 bigint;
  one_4 uuid;
  failure_5 text;
  length_6 integer;
  item_price_7 numeric;
  item_name_8 text;
  item_state_9 text;
  value_10 text;
BEGIN
  begun_ := "verbs".al_begun();
  run_ := begun_[1]; ids_ := begun_[2]; base_ := begun_[3]::bigint; stride_ := begun_[4]::bigint;
  started_ := to_char(begun_[5]::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
  now_ := coalesce($3, begun_[5]::timestamptz);
  IF now_ NOT BETWEEN TIMESTAMPTZ '0001-01-01T00:00:00Z' AND TIMESTAMPTZ '9999-12-31T23:59:59.999999Z' THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', 'The moment of a run is one of the years 1 to 9999.'::text);
  END IF;
  clock_ := to_char(now_ AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
  zone_ := coalesce($4, 'UTC');
  IF zone_ !~ '^[A-Za-z][A-Za-z0-9_]*(/[A-Za-z0-9_+-]+)*$' THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', ('There is no time zone '::text || zone_ || '.'::text));
  END IF;
  IF zone_ = 'UTC' THEN
    today_ := (now_ AT TIME ZONE 'UTC')::date;
  ELSE
    BEGIN
      today_ := (now_ AT TIME ZONE zone_)::date;
    EXCEPTION WHEN invalid_parameter_value THEN
      RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', ('There is no time zone '::text || zone_ || '.'::text));
    END;
  END IF;
  caller_ := $2;
  caller_json_ := to_json(caller_)::text;
  least_2 := $1;
  IF NOT (least_2 > '-Infinity' AND least_2 < 'Infinity' AND (scale(trim_scale(least_2)) <= 38 AND abs(least_2) < ('1e' || 38 - scale(trim_scale(least_2)))::numeric)) THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', '`least` takes a value of type decimal.'::text);
  END IF;
  IF $1 IS NULL THEN
    least_2 := '1'::numeric;
  END IF;
  arguments_ := format('{%s}', substr(((CASE WHEN $1 IS NOT NULL THEN format(',"least":%s', (coalesce(('"' || (trim_scale(least_2)::text) || '"'), 'null')::text)) END)::text), 2));
  BEGIN
    <<sellall_1>>
    BEGIN
      at_ := 1;
      FOR one_4 IN SELECT r2."id" FROM "item" AS r2 WHERE (r2."state" = 'fresh'::text) ORDER BY r2."name" COLLATE "C" NULLS FIRST, r2."id" NULLS FIRST LOOP
        at_ := 2;
        length_6 := coalesce(cardinality(sites_), 0);
        BEGIN
          at_ := 3;
          SELECT r3."price", r3."name", r3."state" INTO item_price_7, item_name_8, item_state_9 FROM "item" AS r3 WHERE (r3."id" = one_4);
          IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'AL703', MESSAGE = ('The item '::text || (one_4::text) || ' is no longer there.'::text);
          END IF;
          IF ((item_price_7 IS NULL OR (item_price_7 > -10000000 AND item_price_7 < 10000000)) AND (length(item_name_8) <= 20) AND (item_state_9 IN ('fresh', 'sold'))) IS NOT TRUE THEN
            RAISE EXCEPTION USING ERRCODE = 'AL715', MESSAGE = ('The item '::text || (one_4::text) || ' has '::text || (CASE WHEN ((item_price_7 IS NULL OR (item_price_7 > -10000000 AND item_price_7 < 10000000))) IS NOT TRUE THEN (COALESCE(quote_literal(left(item_price_7::text, 60)), 'nothing') || ' stored in `price`'::text) WHEN ((length(item_name_8) <= 20)) IS NOT TRUE THEN (COALESCE(quote_literal(left(item_name_8::text, 60)), 'nothing') || ' stored in `name`'::text) WHEN ((item_state_9 IN ('fresh', 'sold'))) IS NOT TRUE THEN (COALESCE(quote_literal(left(item_state_9::text, 60)), 'nothing') || ' stored in `state`'::text) END) || ', which is no value of that column.'::text);
          END IF;
          IF NOT (coalesce(item_price_7, '0'::numeric) >= least_2) THEN
            RAISE EXCEPTION USING ERRCODE = 'AL701', MESSAGE = (item_name_8 || ' is too cheap.'::text);
          END IF;
          at_ := 4;
          IF NOT ((item_state_9 = 'fresh'::text)) THEN
            RAISE EXCEPTION USING ERRCODE = 'AL714', MESSAGE = ('The item is '::text || item_state_9 || ' and can not move to sold.'::text), HINT = (CASE item_state_9 WHEN 'fresh'::text THEN 'from fresh it can move to sold'::text WHEN 'sold'::text THEN 'sold is where it ends'::text END);
          END IF;
          IF (item_state_9 IS DISTINCT FROM 'sold'::text COLLATE "C") THEN
            UPDATE "item" AS r4 SET "state" = 'sold'::text WHERE (r4."id" = one_4);
            IF NOT FOUND THEN
              RAISE EXCEPTION USING ERRCODE = 'AL703', MESSAGE = ('The item '::text || (one_4::text) || ' is no longer there.'::text);
            END IF;
            numbers_ := array_append(numbers_, coalesce(cardinality(sites_), 0) + 1);
            sites_ := array_append(sites_, 4);
            keys_ := array_append(keys_, format('"%s"', one_4));
            befores_ := array_append(befores_, format('{"state":%s}', to_json(item_state_9)));
            afters_ := array_append(afters_, '{"state":"sold"}'::text);
            item_state_9 := 'sold'::text;
          END IF;
          NULL;
        EXCEPTION WHEN SQLSTATE 'AL000' OR data_exception OR integrity_constraint_violation OR raise_exception OR with_check_option_violation THEN
          GET STACKED DIAGNOSTICS state_ = RETURNED_SQLSTATE, failure_5 = MESSAGE_TEXT, hint_ = PG_EXCEPTION_HINT, constraint_ = CONSTRAINT_NAME, refused_ = TABLE_NAME, schema_ = SCHEMA_NAME, column_ = COLUMN_NAME;
          IF state_ NOT LIKE 'AL%' THEN
            write_ := CASE at_
              WHEN 4 THEN '{"operation":"move","short":"item","columns":{"id":"id","name":"name","price":"price","state":"state"},"sensitive":[],"tables":{"item":"item"}}'::text::jsonb
              ELSE NULL END;
            refusal_ := "verbs".al_refusal(state_, failure_5, why_, write_, constraint_, schema_, refused_, column_);
            state_ := refusal_[1]; failure_5 := refusal_[2]; hint_ := refusal_[3];
          END IF;
          numbers_ := numbers_[:length_6];
          sites_ := sites_[:length_6];
          keys_ := keys_[:length_6];
          befores_ := befores_[:length_6];
          afters_ := afters_[:length_6];
          at_ := 5;
          SELECT r5."price", r5."name", r5."state" INTO item_price_7, item_name_8, item_state_9 FROM "item" AS r5 WHERE (r5."id" = one_4);
          IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'AL703', MESSAGE = ('The item '::text || (one_4::text) || ' is no longer there.'::text);
          END IF;
          IF ((item_price_7 IS NULL OR (item_price_7 > -10000000 AND item_price_7 < 10000000)) AND (length(item_name_8) <= 20) AND (item_state_9 IN ('fresh', 'sold'))) IS NOT TRUE THEN
            RAISE EXCEPTION USING ERRCODE = 'AL715', MESSAGE = ('The item '::text || (one_4::text) || ' has '::text || (CASE WHEN ((item_price_7 IS NULL OR (item_price_7 > -10000000 AND item_price_7 < 10000000))) IS NOT TRUE THEN (COALESCE(quote_literal(left(item_price_7::text, 60)), 'nothing') || ' stored in `price`'::text) WHEN ((length(item_name_8) <= 20)) IS NOT TRUE THEN (COALESCE(quote_literal(left(item_name_8::text, 60)), 'nothing') || ' stored in `name`'::text) WHEN ((item_state_9 IN ('fresh', 'sold'))) IS NOT TRUE THEN (COALESCE(quote_literal(left(item_state_9::text, 60)), 'nothing') || ' stored in `state`'::text) END) || ', which is no value of that column.'::text);
          END IF;
          IF 20::bigint < 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'AL717', MESSAGE = ('`count` is '::text || 20::bigint::text || '; it must not be below 0.'::text);
          END IF;
          value_10 := left((item_name_8 || ': '::text || failure_5), (least((CASE WHEN 20::bigint >= 0 OR 20::bigint IS NULL THEN 20::bigint ELSE (('E0717'::text || left(random()::text, 0))::bigint) END), 2000000)::integer));
          IF length(value_10) > 20 THEN
            RAISE EXCEPTION USING ERRCODE = 'AL708', MESSAGE = ('The text has '::text || length(value_10)::text || ' characters; text(20) takes at most 20.'::text), HINT = 'shorten it first, for instance with left(value, 20)';
          END IF;
          IF (item_name_8 IS DISTINCT FROM value_10 COLLATE "C") THEN
            UPDATE "item" AS r6 SET "name" = value_10 WHERE (r6."id" = one_4);
            IF NOT FOUND THEN
              RAISE EXCEPTION USING ERRCODE = 'AL703', MESSAGE = ('The item '::text || (one_4::text) || ' is no longer there.'::text);
            END IF;
            numbers_ := array_append(numbers_, coalesce(cardinality(sites_), 0) + 1);
            sites_ := array_append(sites_, 5);
            keys_ := array_append(keys_, format('"%s"', one_4));
            befores_ := array_append(befores_, format('{"name":%s}', to_json(item_name_8)));
            afters_ := array_append(afters_, format('{"name":%s}', to_json(value_10)));
            item_name_8 := value_10;
          END IF;
        END;
        NULL;
      END LOOP;
      at_ := 6;
      sold_3 := (SELECT count(*) FROM "item" AS r8 WHERE (r8."state" = 'sold'::text));
      EXIT sellall_1;
    END sellall_1;
    INSERT INTO actionlang_run (id, verb, plan_hash, caller, row_table, row_key, arguments, requires, clock, zone, started, finished, outcome) VALUES (run_, 'example.SellAll'::text, 'sha256:8da52f299a8064612666af1e01e03a2f0e6be1ed1999cd051305af6a4e2470c8'::text, caller_json_, NULL, NULL, arguments_, '[]'::text, clock_, zone_, started_, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'done');
    IF cardinality(sites_) > 0 THEN
      INSERT INTO actionlang_change (run, sequence, row_table, row_key, operation, verb, line, stage, before, after)
        SELECT run_, c.number, (CASE c.site WHEN 4 THEN 'example.item'::text WHEN 5 THEN 'example.item'::text END), c.key, (CASE c.site WHEN 4 THEN 'move'::text WHEN 5 THEN 'update'::text END), (CASE c.site WHEN 4 THEN 'example.SellAll'::text WHEN 5 THEN 'example.SellAll'::text END), (CASE c.site WHEN 4 THEN 13 WHEN 5 THEN 15 END), (CASE c.site WHEN 4 THEN NULL::text WHEN 5 THEN NULL::text END), c.before, c.after
        FROM unnest(numbers_, sites_, keys_, befores_, afters_) AS c(number, site, key, before, after);
    END IF;
  EXCEPTION WHEN SQLSTATE 'AL000' OR data_exception OR integrity_constraint_violation OR raise_exception OR with_check_option_violation THEN
    GET STACKED DIAGNOSTICS state_ = RETURNED_SQLSTATE, message_ = MESSAGE_TEXT, hint_ = PG_EXCEPTION_HINT, constraint_ = CONSTRAINT_NAME, refused_ = TABLE_NAME, schema_ = SCHEMA_NAME, column_ = COLUMN_NAME;
    IF state_ NOT LIKE 'AL%' THEN
      write_ := CASE at_
        WHEN 4 THEN '{"operation":"move","short":"item","columns":{"id":"id","name":"name","price":"price","state":"state"},"sensitive":[],"tables":{"item":"item"}}'::text::jsonb
        WHEN 5 THEN '{"operation":"update","short":"item","columns":{"id":"id","name":"name","price":"price","state":"state"},"sensitive":[],"tables":{"item":"item"}}'::text::jsonb || jsonb_build_object('values', jsonb_build_object('name'::text, value_10))
        ELSE NULL END;
      refusal_ := "verbs".al_refusal(state_, message_, why_, write_, constraint_, schema_, refused_, column_);
      state_ := refusal_[1]; message_ := refusal_[2]; hint_ := refusal_[3];
    END IF;
    place_ := (CASE at_ WHEN 1 THEN 'example.act:10:3'::text WHEN 2 THEN 'example.act:11:5'::text WHEN 3 THEN 'example.act:12:7'::text WHEN 4 THEN 'example.act:13:7'::text WHEN 5 THEN 'example.act:15:7'::text WHEN 6 THEN 'example.act:18:3'::text END);
    verb_ := (CASE at_ WHEN 1 THEN 'example.SellAll'::text WHEN 2 THEN 'example.SellAll'::text WHEN 3 THEN 'example.SellAll'::text WHEN 4 THEN 'example.SellAll'::text WHEN 5 THEN 'example.SellAll'::text WHEN 6 THEN 'example.SellAll'::text END);
    INSERT INTO actionlang_run (id, verb, plan_hash, caller, row_table, row_key, arguments, requires, clock, zone, started, finished, outcome, error_code, message, failed_verb, place) VALUES (run_, 'example.SellAll'::text, 'sha256:8da52f299a8064612666af1e01e03a2f0e6be1ed1999cd051305af6a4e2470c8'::text, caller_json_, NULL, NULL, arguments_, '[]'::text, clock_, zone_, started_, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'failed', 'E0' || substr(state_, 3), message_, verb_, place_);
    RETURN jsonb_build_object('outcome', 'failed', 'run', run_, 'code', 'E0' || substr(state_, 3), 'message', message_, 'hint', nullif(hint_, ''), 'verb', verb_, 'place', place_);
  END;
  RETURN jsonb_build_object('outcome', 'done', 'run', run_, 'outputs', format('{"sold":%s}', (CASE WHEN sold_3 BETWEEN -9007199254740991 AND 9007199254740991 THEN sold_3::text ELSE '"' || sold_3::text || '"' END))::jsonb);
END
$actionlang$;
COMMENT ON FUNCTION "verbs"."example.SellAll" IS 'Sell what can be sold, and tell how much of it.
least: decimal (has a default)
Gives {"outcome": "done", "run", "outputs"} or {"outcome": "failed", "run", "code", "message", ...}.';
COMMIT;
