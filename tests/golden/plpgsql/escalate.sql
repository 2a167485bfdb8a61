-- helpdesk.Escalate for PostgreSQL, compiled by ActionLang. Run this once, as the owner of the tables: psql -f FILE DATABASE
-- It needs the verb's tables and those of the audit records, which `actionlang tables create` makes.
-- Call it so: SELECT "actionlang"."helpdesk.Escalate"("case" => ..., "reason" => ...);
BEGIN;
SET LOCAL standard_conforming_strings = on;
CREATE SCHEMA IF NOT EXISTS "actionlang";
DO $drop$
DECLARE
  other regprocedure;
BEGIN
  FOR other IN SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = 'actionlang' AND p.proname = 'helpdesk.Escalate' AND (
      p.proargnames IS DISTINCT FROM ARRAY['case', 'reason', 'level', 'caller', 'at', 'zone']::text[] OR p.proargtypes::regtype[]::text[] <> ARRAY(SELECT x::regtype::text FROM unnest(ARRAY['uuid', 'text', 'bigint', 'uuid', 'timestamptz', 'text']) AS x))
  LOOP
    EXECUTE 'DROP FUNCTION ' || other;
  END LOOP;
END
$drop$;
CREATE OR REPLACE FUNCTION "actionlang".al_begun()
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
CREATE OR REPLACE FUNCTION "actionlang".al_refusal(state text, told text, why text, attempted jsonb,
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
CREATE OR REPLACE FUNCTION "actionlang"."helpdesk.Escalate"(
  "case" uuid,
  "reason" text,
  "level" bigint DEFAULT NULL,
  "caller" uuid DEFAULT NULL,
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
  caller_ uuid;
  at_ integer := 0;
  why_ text := 'integer';
  made_ bigint := 0;
  state_ text;
  hint_ text;
  constraint_ text;
  schema_ text;
  refused_ text;
  column_ text;
  write_ jsonb;
  refusal_ text[];
  row_key_ text;
  numbers_ integer[];
  sites_ integer[];
  keys_ text[];
  befores_ text[];
  afters_ text[];
  reason_2 text;
  level_3 bigint;
  case_4 uuid;
  ticket_5 uuid;
  case_status_6 text;
  tier_7 uuid;
  case_owner_8 uuid;
  case_owner_9 uuid;
  team_name_10 text;
  pending_11 boolean;
  case_priority_12 bigint;
  case_escalated_on_13 timestamptz;
  case_escalation_reason_14 text;
  change_15 text;
  change_16 text;
  change_17 text;
  change_18 text;
  case_title_19 text;
  text_20 text;
  due_21 date;
  task_22 uuid;
  change_23 text;
  change_24 text;
  case_amount_25 numeric;
  text_26 text;
  sent_28 bigint;
  user_29 uuid;
  user_active_30 boolean;
  notification_31 uuid;
  change_32 text;
  change_33 text;
  members_34 bigint;
  notification_35 uuid;
  change_36 text;
  change_37 text;
  member_38 uuid;
  membership_user_39 uuid;
  recipient_40 uuid;
  recipient_41 uuid;
  notification_42 uuid;
BEGIN
  begun_ := "actionlang".al_begun();
  run_ := begun_[1]; ids_ := begun_[2]; base_ := begun_[3]::bigint; stride_ := begun_[4]::bigint;
  started_ := to_char(begun_[5]::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
  now_ := coalesce($5, begun_[5]::timestamptz);
  IF now_ NOT BETWEEN TIMESTAMPTZ '0001-01-01T00:00:00Z' AND TIMESTAMPTZ '9999-12-31T23:59:59.999999Z' THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', 'The moment of a run is one of the years 1 to 9999.'::text);
  END IF;
  clock_ := to_char(now_ AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
  zone_ := coalesce($6, 'UTC');
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
  caller_ := $4;
  IF $4 IS NOT NULL AND NOT (EXISTS (SELECT 1 FROM "user" AS r1 WHERE (r1."id" = caller_))) THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', ('The caller is an existing user, by its id, not '::text || $4::text || '.'::text));
  END IF;
  IF caller_ IS NOT NULL THEN caller_json_ := ((CASE WHEN caller_ IS NULL THEN 'null' ELSE format('"%s"', caller_) END)::text); END IF;
  IF $2 IS NULL THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', 'Escalate needs `reason`.'::text);
  END IF;
  reason_2 := $2;
  IF NOT (length(reason_2) <= 400) THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', '`reason` takes a value of type text(400).'::text);
  END IF;
  level_3 := $3;
  IF $3 IS NULL THEN
    level_3 := 2::bigint;
  END IF;
  arguments_ := format('{%s}', substr(format('%s%s', (CASE WHEN TRUE THEN format(',"reason":%s', (coalesce(to_json(reason_2), 'null'::json)::text)) END), (CASE WHEN $3 IS NOT NULL THEN format(',"level":%s', (coalesce((CASE WHEN level_3 BETWEEN -9007199254740991 AND 9007199254740991 THEN level_3::text ELSE '"' || level_3::text || '"' END), 'null')::text)) END)), 2));
  SELECT r2."id", r2."status", r2."owner_user", r2."owner_team", r2."priority", r2."escalated_on", r2."escalation_reason", r2."title", r2."amount" INTO case_4, case_status_6, case_owner_8, case_owner_9, case_priority_12, case_escalated_on_13, case_escalation_reason_14, case_title_19, case_amount_25 FROM "case" AS r2 WHERE (r2."id" = $1) FOR UPDATE;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('outcome', 'failed', 'run', NULL, 'code', 'E0907', 'message', ('Escalate is on an existing case, by its id, not '::text || concat_ws(', ', $1) || '.'::text));
  END IF;
  row_key_ := format('"%s"', case_4);
  BEGIN
    IF ((case_status_6 IN ('new', 'open', 'resolved', 'cancelled')) AND (case_priority_12 IN (1, 2, 3)) AND (case_escalated_on_13 IS NULL OR (case_escalated_on_13 BETWEEN TIMESTAMPTZ '0001-01-01T00:00:00Z' AND TIMESTAMPTZ '9999-12-31T23:59:59.999999Z')) AND (length(case_title_19) <= 200) AND (case_amount_25 IS NULL OR (case_amount_25 BETWEEN -922337203685477.5808 AND 922337203685477.5807))) IS NOT TRUE THEN
      RAISE EXCEPTION USING ERRCODE = 'AL715', MESSAGE = ('The case '::text || (case_4::text) || ' has '::text || (CASE WHEN ((case_status_6 IN ('new', 'open', 'resolved', 'cancelled'))) IS NOT TRUE THEN (COALESCE(quote_literal(left(case_status_6::text, 60)), 'nothing') || ' stored in `status`'::text) WHEN ((case_priority_12 IN (1, 2, 3))) IS NOT TRUE THEN (COALESCE(quote_literal(left(case_priority_12::text, 60)), 'nothing') || ' stored in `priority`'::text) WHEN ((case_escalated_on_13 IS NULL OR (case_escalated_on_13 BETWEEN TIMESTAMPTZ '0001-01-01T00:00:00Z' AND TIMESTAMPTZ '9999-12-31T23:59:59.999999Z'))) IS NOT TRUE THEN (COALESCE(quote_literal(left(case_escalated_on_13::text, 60)), 'nothing') || ' stored in `escalated_on`'::text) WHEN ((length(case_title_19) <= 200)) IS NOT TRUE THEN (COALESCE(quote_literal(left(case_title_19::text, 60)), 'nothing') || ' stored in `title`'::text) WHEN ((case_amount_25 IS NULL OR (case_amount_25 BETWEEN -922337203685477.5808 AND 922337203685477.5807))) IS NOT TRUE THEN (COALESCE(quote_literal(left(case_amount_25::text, 60)), 'nothing') || ' stored in `amount`'::text) END) || ', which is no value of that column.'::text);
    END IF;
    <<escalate_1>>
    BEGIN
      at_ := 1;
      IF NOT (case_status_6 = 'open'::text) THEN
        RAISE EXCEPTION USING ERRCODE = 'AL701', MESSAGE = 'Only an open case can be escalated.'::text;
      END IF;
      at_ := 2;
      IF NOT (btrim(reason_2, E'\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'::text) <> ''::text COLLATE "C") THEN
        RAISE EXCEPTION USING ERRCODE = 'AL701', MESSAGE = 'Say why the case is escalated.'::text;
      END IF;
      at_ := 3;
      IF NOT (level_3 >= 2::bigint) THEN
        RAISE EXCEPTION USING ERRCODE = 'AL701', MESSAGE = 'A case is escalated to the second line or a higher one.'::text;
      END IF;
      at_ := 4;
      SELECT r4."id", r4."name" INTO tier_7, team_name_10 FROM "team" AS r4 WHERE (r4."name" = ('Tier '::text || (level_3::text)));
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AL702', MESSAGE = ('There is no team Tier '::text || (level_3::text) || ' to escalate to.'::text);
      END IF;
      IF ((length(team_name_10) <= 100)) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AL715', MESSAGE = ('The team '::text || (tier_7::text) || ' has '::text || (CASE WHEN ((length(team_name_10) <= 100)) IS NOT TRUE THEN (COALESCE(quote_literal(left(team_name_10::text, 60)), 'nothing') || ' stored in `name`'::text) END) || ', which is no value of that column.'::text);
      END IF;
      at_ := 5;
      IF NOT (NOT ((case_owner_8 IS NOT DISTINCT FROM NULL::uuid) AND (case_owner_9 IS NOT DISTINCT FROM tier_7))) THEN
        RAISE EXCEPTION USING ERRCODE = 'AL701', MESSAGE = (team_name_10 || ' has the case already.'::text);
      END IF;
      at_ := 6;
      IF (case_priority_12 IS DISTINCT FROM 3::bigint) OR (case_escalated_on_13 IS DISTINCT FROM now_) OR (case_escalation_reason_14 IS DISTINCT FROM reason_2 COLLATE "C") THEN
        pending_11 := true;
        change_15 := format('{%s}', substr(format('%s%s%s', (CASE WHEN (case_priority_12 IS DISTINCT FROM 3::bigint) THEN format(',"priority":%s', (to_json((CASE case_priority_12 WHEN 1 THEN 'low'::text WHEN 2 THEN 'normal'::text WHEN 3 THEN 'high'::text END))::text)) END), (CASE WHEN (case_escalated_on_13 IS DISTINCT FROM now_) THEN format(',"escalated_on":%s', coalesce(('"' || (replace(to_char(case_escalated_on_13 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '') || 'Z') || '"'), 'null')) END), (CASE WHEN (case_escalation_reason_14 IS DISTINCT FROM reason_2 COLLATE "C") THEN format(',"escalation_reason":%s', coalesce(to_json(case_escalation_reason_14), 'null'::json)) END)), 2));
        change_16 := format('{%s}', substr(format('%s%s%s', (CASE WHEN (case_priority_12 IS DISTINCT FROM 3::bigint) THEN ',"priority":"high"'::text END), (CASE WHEN (case_escalated_on_13 IS DISTINCT FROM now_) THEN format(',"escalated_on":"%s"', replace(clock_, '.000000', '')) END), (CASE WHEN (case_escalation_reason_14 IS DISTINCT FROM reason_2 COLLATE "C") THEN format(',"escalation_reason":%s', to_json(reason_2)) END)), 2));
        case_priority_12 := 3::bigint;
        case_escalated_on_13 := now_;
        case_escalation_reason_14 := reason_2;
      END IF;
      at_ := 7;
      IF (case_owner_8 IS DISTINCT FROM NULL::uuid) OR (case_owner_9 IS DISTINCT FROM tier_7) THEN
        pending_11 := true;
        change_17 := format('{"owner":%s}', (CASE WHEN case_owner_8 IS NOT NULL THEN format('{"table":"core.user","key":"%s"}', case_owner_8) WHEN case_owner_9 IS NOT NULL THEN format('{"table":"core.team","key":"%s"}', case_owner_9) ELSE 'null' END));
        change_18 := format('{"owner":{"table":"core.team","key":"%s"}}', tier_7);
        case_owner_8 := NULL::uuid;
        case_owner_9 := tier_7;
      END IF;
      IF pending_11 THEN
        UPDATE "case" AS r5 SET "priority" = case_priority_12, "escalated_on" = case_escalated_on_13, "escalation_reason" = case_escalation_reason_14, "owner_user" = case_owner_8, "owner_team" = case_owner_9 WHERE (r5."id" = case_4);
        IF NOT FOUND THEN
          RAISE EXCEPTION USING ERRCODE = 'AL703', MESSAGE = ('The case '::text || (case_4::text) || ' is no longer there.'::text);
        END IF;
      END IF;
      at_ := 8;
      text_20 := ('Call back: '::text || case_title_19);
      IF length(text_20) > 300 THEN
        RAISE EXCEPTION USING ERRCODE = 'AL708', MESSAGE = ('The text has '::text || length(text_20)::text || ' characters; text(300) takes at most 300.'::text), HINT = 'shorten it first, for instance with left(value, 300)';
      END IF;
      IF (today_ - DATE '0001-01-01')::bigint + 2 NOT BETWEEN 0 AND DATE '9999-12-31' - DATE '0001-01-01' THEN
        RAISE EXCEPTION USING ERRCODE = 'AL709', MESSAGE = 'The result is beyond the range of a date.'::text;
      END IF;
      due_21 := (today_ + 2::integer);
      task_22 := (ids_ || '-' || lpad(to_hex(base_ + made_ * stride_), 12, '0'))::uuid;
      made_ := made_ + 1;
      INSERT INTO "task" ("id", "subject", "regarding_case", "regarding_account", "regarding_contact", "due", "status", "done_on", "owner_user", "owner_team") VALUES (task_22, text_20, case_4, NULL::uuid, NULL::uuid, due_21, 'open'::text, NULL::timestamptz, NULL::uuid, tier_7);
      change_23 := format('"%s"', task_22);
      change_24 := format('{"id":"%s","subject":%s,"regarding":{"table":"helpdesk.case","key":%s},"due":"%s","status":"open","done_on":null,"owner":{"table":"core.team","key":"%s"}}', task_22, to_json(text_20), row_key_, to_char(due_21::timestamp, 'YYYY-MM-DD'), tier_7);
      at_ := 9;
      IF (coalesce(case_amount_25, '0'::numeric) > '10000'::numeric) THEN
        at_ := 10;
        text_26 := ('Escalated: '::text || reason_2);
        IF length(text_26) > 500 THEN
          RAISE EXCEPTION USING ERRCODE = 'AL708', MESSAGE = ('The text has '::text || length(text_26)::text || ' characters; text(500) takes at most 500.'::text), HINT = 'shorten it first, for instance with left(value, 500)';
        END IF;
        <<notify_27>>
        BEGIN
          at_ := 11;
          IF (NULL::uuid IS NULL AND tier_7 IS NULL) THEN
            at_ := 12;
            sent_28 := 0::bigint;
            EXIT notify_27;
          ELSE
            NULL;
          END IF;
          at_ := 13;
          IF FALSE THEN
            at_ := 14;
            user_29 := NULL::uuid;
            SELECT r1."active" INTO user_active_30 FROM "user" AS r1 WHERE (r1."id" = user_29);
            IF NOT FOUND THEN
              RAISE EXCEPTION USING ERRCODE = 'AL703', MESSAGE = ('The user '::text || (user_29::text) || ' is no longer there.'::text);
            END IF;
            IF (user_active_30 IS NOT NULL) IS NOT TRUE THEN
              RAISE EXCEPTION USING ERRCODE = 'AL715', MESSAGE = ('The user '::text || (user_29::text) || ' has '::text || (CASE WHEN (user_active_30 IS NOT NULL) IS NOT TRUE THEN (COALESCE(quote_literal(left(user_active_30::text, 60)), 'nothing') || ' stored in `active`'::text) END) || ', which is no value of that column.'::text);
            END IF;
            IF (NOT user_active_30) THEN
              at_ := 15;
              sent_28 := 0::bigint;
              EXIT notify_27;
            ELSE
              NULL;
            END IF;
            at_ := 16;
            notification_31 := (ids_ || '-' || lpad(to_hex(base_ + made_ * stride_), 12, '0'))::uuid;
            made_ := made_ + 1;
            INSERT INTO "notification" ("id", "recipient_user", "recipient_team", "text", "sent_on", "read", "read_on") VALUES (notification_31, NULL::uuid, NULL::uuid, text_26, now_, FALSE, NULL::timestamptz);
            change_32 := format('"%s"', notification_31);
            change_33 := format('{"id":"%s","recipient":null,"text":%s,"sent_on":"%s","read":false,"read_on":null}', notification_31, to_json(text_26), replace(clock_, '.000000', ''));
            at_ := 17;
            sent_28 := 1::bigint;
            EXIT notify_27;
          ELSE
            NULL;
          END IF;
          at_ := 18;
          members_34 := (SELECT count(*) FROM "membership" AS r4 WHERE ((r4."team" = tier_7) AND (SELECT r5."active" FROM "user" AS r5 WHERE (r5."id" = r4."user"))));
          at_ := 19;
          IF (members_34 = 0::bigint) THEN
            at_ := 20;
            notification_35 := (ids_ || '-' || lpad(to_hex(base_ + made_ * stride_), 12, '0'))::uuid;
            made_ := made_ + 1;
            INSERT INTO "notification" ("id", "recipient_user", "recipient_team", "text", "sent_on", "read", "read_on") VALUES (notification_35, NULL::uuid, tier_7, text_26, now_, FALSE, NULL::timestamptz);
            change_36 := format('"%s"', notification_35);
            change_37 := format('{"id":"%s","recipient":{"table":"core.team","key":"%s"},"text":%s,"sent_on":"%s","read":false,"read_on":null}', notification_35, tier_7, to_json(text_26), replace(clock_, '.000000', ''));
            at_ := 21;
            sent_28 := 1::bigint;
            EXIT notify_27;
          ELSE
            NULL;
          END IF;
          at_ := 22;
          FOR member_38, membership_user_39 IN SELECT r8."id", r8."user" FROM "membership" AS r8 WHERE ((r8."team" = tier_7) AND (SELECT r9."active" FROM "user" AS r9 WHERE (r9."id" = r8."user"))) ORDER BY r8."id" NULLS FIRST LOOP
            IF ((membership_user_39 IS NOT NULL)) IS NOT TRUE THEN
              RAISE EXCEPTION USING ERRCODE = 'AL715', MESSAGE = ('The membership '::text || (member_38::text) || ' has '::text || (CASE WHEN ((membership_user_39 IS NOT NULL)) IS NOT TRUE THEN 'nothing stored in `user`' END) || ', which is no value of that column.'::text);
            END IF;
            at_ := 23;
            recipient_40 := membership_user_39;
            recipient_41 := NULL::uuid;
            notification_42 := (ids_ || '-' || lpad(to_hex(base_ + made_ * stride_), 12, '0'))::uuid;
            made_ := made_ + 1;
            INSERT INTO "notification" ("id", "recipient_user", "recipient_team", "text", "sent_on", "read", "read_on") VALUES (notification_42, recipient_40, recipient_41, text_26, now_, FALSE, NULL::timestamptz);
            numbers_ := array_append(numbers_, (change_16 IS NOT NULL)::integer + (change_18 IS NOT NULL)::integer + (change_24 IS NOT NULL)::integer + (change_33 IS NOT NULL)::integer + (change_37 IS NOT NULL)::integer + coalesce(cardinality(sites_), 0) + 1);
            sites_ := array_append(sites_, 23);
            keys_ := array_append(keys_, format('"%s"', notification_42));
            befores_ := array_append(befores_, NULL::text);
            afters_ := array_append(afters_, format('{"id":"%s","recipient":%s,"text":%s,"sent_on":"%s","read":false,"read_on":null}', notification_42, (CASE WHEN recipient_40 IS NOT NULL THEN format('{"table":"core.user","key":"%s"}', recipient_40) WHEN recipient_41 IS NOT NULL THEN format('{"table":"core.team","key":"%s"}', recipient_41) ELSE 'null' END), to_json(text_26), replace(clock_, '.000000', '')));
            NULL;
          END LOOP;
          at_ := 24;
          sent_28 := members_34;
          EXIT notify_27;
        END notify_27;
      ELSE
        NULL;
      END IF;
      at_ := 25;
      ticket_5 := task_22;
      EXIT escalate_1;
    END escalate_1;
    INSERT INTO actionlang_run (id, verb, plan_hash, caller, row_table, row_key, arguments, requires, clock, zone, started, finished, outcome) VALUES (run_, 'helpdesk.Escalate'::text, 'sha256:16bbeacddd53ce1ef0b1795c2701fd808a37b45859d7f88898538c8f19ef3014'::text, caller_json_, 'helpdesk.case'::text, row_key_, arguments_, '["support.escalate"]'::text, clock_, zone_, started_, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'done');
    INSERT INTO actionlang_change (run, sequence, row_table, row_key, operation, verb, line, stage, before, after)
      SELECT run_, v.* FROM (VALUES
        (1, 'helpdesk.case'::text, row_key_, 'update'::text, 'helpdesk.Escalate'::text, 91, 'Raise'::text, change_15, change_16),
        ((change_16 IS NOT NULL)::integer + 1, 'helpdesk.case'::text, row_key_, 'assign'::text, 'helpdesk.Escalate'::text, 92, 'Raise'::text, change_17, change_18),
        ((change_16 IS NOT NULL)::integer + (change_18 IS NOT NULL)::integer + 1, 'helpdesk.task'::text, change_23, 'create'::text, 'helpdesk.Escalate'::text, 95, NULL::text, NULL::text, change_24),
        ((change_16 IS NOT NULL)::integer + (change_18 IS NOT NULL)::integer + (change_24 IS NOT NULL)::integer + 1, 'core.notification'::text, change_32, 'create'::text, 'core.Notify'::text, 55, NULL::text, NULL::text, change_33),
        ((change_16 IS NOT NULL)::integer + (change_18 IS NOT NULL)::integer + (change_24 IS NOT NULL)::integer + (change_33 IS NOT NULL)::integer + 1, 'core.notification'::text, change_36, 'create'::text, 'core.Notify'::text, 60, NULL::text, NULL::text, change_37)
      ) AS v(sequence, tab, key, operation, verb, line, stage, before, after)
      WHERE v.before IS NOT NULL OR v.after IS NOT NULL;
    IF cardinality(sites_) > 0 THEN
      INSERT INTO actionlang_change (run, sequence, row_table, row_key, operation, verb, line, stage, before, after)
        SELECT run_, c.number, (CASE c.site WHEN 23 THEN 'core.notification'::text END), c.key, (CASE c.site WHEN 23 THEN 'create'::text END), (CASE c.site WHEN 23 THEN 'core.Notify'::text END), (CASE c.site WHEN 23 THEN 64 END), (CASE c.site WHEN 23 THEN NULL::text END), c.before, c.after
        FROM unnest(numbers_, sites_, keys_, befores_, afters_) AS c(number, site, key, before, after);
    END IF;
  EXCEPTION WHEN SQLSTATE 'AL000' OR data_exception OR integrity_constraint_violation OR raise_exception OR with_check_option_violation THEN
    GET STACKED DIAGNOSTICS state_ = RETURNED_SQLSTATE, message_ = MESSAGE_TEXT, hint_ = PG_EXCEPTION_HINT, constraint_ = CONSTRAINT_NAME, refused_ = TABLE_NAME, schema_ = SCHEMA_NAME, column_ = COLUMN_NAME;
    IF state_ NOT LIKE 'AL%' THEN
      write_ := CASE at_
        WHEN 7 THEN '{"operation":"assign","short":"case","columns":{"id":"id","number":"number","title":"title","description":"description","priority":"priority","status":"status","customer_account":"customer","customer_contact":"customer","queue":"queue","amount":"amount","due":"due","escalated_on":"escalated_on","escalation_reason":"escalation_reason","resolution":"resolution","resolved_on":"resolved_on","reopened":"reopened","owner_user":"owner","owner_team":"owner"},"sensitive":[],"tables":{"membership":"membership","notification":"notification","team":"team","user":"user","case":"case","queue":"queue","task":"task","account":"account","contact":"contact"}}'::text::jsonb
        WHEN 8 THEN '{"operation":"create","short":"task","columns":{"id":"id","subject":"subject","regarding_case":"regarding","regarding_account":"regarding","regarding_contact":"regarding","due":"due","status":"status","done_on":"done_on","owner_user":"owner","owner_team":"owner"},"sensitive":[],"tables":{"membership":"membership","notification":"notification","team":"team","user":"user","case":"case","queue":"queue","task":"task","account":"account","contact":"contact"}}'::text::jsonb || jsonb_build_object('values', jsonb_build_object('id'::text, (task_22::text)))
        WHEN 16 THEN '{"operation":"create","short":"notification","columns":{"id":"id","recipient_user":"recipient","recipient_team":"recipient","text":"text","sent_on":"sent_on","read":"read","read_on":"read_on"},"sensitive":[],"tables":{"membership":"membership","notification":"notification","team":"team","user":"user","case":"case","queue":"queue","task":"task","account":"account","contact":"contact"}}'::text::jsonb || jsonb_build_object('values', jsonb_build_object('id'::text, (notification_31::text)))
        WHEN 20 THEN '{"operation":"create","short":"notification","columns":{"id":"id","recipient_user":"recipient","recipient_team":"recipient","text":"text","sent_on":"sent_on","read":"read","read_on":"read_on"},"sensitive":[],"tables":{"membership":"membership","notification":"notification","team":"team","user":"user","case":"case","queue":"queue","task":"task","account":"account","contact":"contact"}}'::text::jsonb || jsonb_build_object('values', jsonb_build_object('id'::text, (notification_35::text)))
        WHEN 23 THEN '{"operation":"create","short":"notification","columns":{"id":"id","recipient_user":"recipient","recipient_team":"recipient","text":"text","sent_on":"sent_on","read":"read","read_on":"read_on"},"sensitive":[],"tables":{"membership":"membership","notification":"notification","team":"team","user":"user","case":"case","queue":"queue","task":"task","account":"account","contact":"contact"}}'::text::jsonb || jsonb_build_object('values', jsonb_build_object('id'::text, (notification_42::text)))
        ELSE NULL END;
      refusal_ := "actionlang".al_refusal(state_, message_, why_, write_, constraint_, schema_, refused_, column_);
      state_ := refusal_[1]; message_ := refusal_[2]; hint_ := refusal_[3];
    END IF;
    place_ := (CASE at_ WHEN 1 THEN 'stdlib/helpdesk.act:82:3'::text WHEN 2 THEN 'stdlib/helpdesk.act:83:3'::text WHEN 3 THEN 'stdlib/helpdesk.act:84:3'::text WHEN 4 THEN 'stdlib/helpdesk.act:85:3'::text WHEN 5 THEN 'stdlib/helpdesk.act:88:3'::text WHEN 6 THEN 'stdlib/helpdesk.act:91:5'::text WHEN 7 THEN 'stdlib/helpdesk.act:92:5'::text WHEN 8 THEN 'stdlib/helpdesk.act:95:3'::text WHEN 9 THEN 'stdlib/helpdesk.act:101:3'::text WHEN 10 THEN 'stdlib/helpdesk.act:101:43'::text WHEN 11 THEN 'stdlib/core.act:52:3'::text WHEN 12 THEN 'stdlib/core.act:52:22'::text WHEN 13 THEN 'stdlib/core.act:53:3'::text WHEN 14 THEN 'stdlib/core.act:54:5'::text WHEN 15 THEN 'stdlib/core.act:54:26'::text WHEN 16 THEN 'stdlib/core.act:55:5'::text WHEN 17 THEN 'stdlib/core.act:56:5'::text WHEN 18 THEN 'stdlib/core.act:58:3'::text WHEN 19 THEN 'stdlib/core.act:59:3'::text WHEN 20 THEN 'stdlib/core.act:60:5'::text WHEN 21 THEN 'stdlib/core.act:61:5'::text WHEN 22 THEN 'stdlib/core.act:63:3'::text WHEN 23 THEN 'stdlib/core.act:64:5'::text WHEN 24 THEN 'stdlib/core.act:66:3'::text WHEN 25 THEN 'stdlib/helpdesk.act:102:3'::text END);
    verb_ := (CASE at_ WHEN 1 THEN 'helpdesk.Escalate'::text WHEN 2 THEN 'helpdesk.Escalate'::text WHEN 3 THEN 'helpdesk.Escalate'::text WHEN 4 THEN 'helpdesk.Escalate'::text WHEN 5 THEN 'helpdesk.Escalate'::text WHEN 6 THEN 'helpdesk.Escalate'::text WHEN 7 THEN 'helpdesk.Escalate'::text WHEN 8 THEN 'helpdesk.Escalate'::text WHEN 9 THEN 'helpdesk.Escalate'::text WHEN 10 THEN 'helpdesk.Escalate'::text WHEN 11 THEN 'core.Notify'::text WHEN 12 THEN 'core.Notify'::text WHEN 13 THEN 'core.Notify'::text WHEN 14 THEN 'core.Notify'::text WHEN 15 THEN 'core.Notify'::text WHEN 16 THEN 'core.Notify'::text WHEN 17 THEN 'core.Notify'::text WHEN 18 THEN 'core.Notify'::text WHEN 19 THEN 'core.Notify'::text WHEN 20 THEN 'core.Notify'::text WHEN 21 THEN 'core.Notify'::text WHEN 22 THEN 'core.Notify'::text WHEN 23 THEN 'core.Notify'::text WHEN 24 THEN 'core.Notify'::text WHEN 25 THEN 'helpdesk.Escalate'::text END);
    INSERT INTO actionlang_run (id, verb, plan_hash, caller, row_table, row_key, arguments, requires, clock, zone, started, finished, outcome, error_code, message, failed_verb, place) VALUES (run_, 'helpdesk.Escalate'::text, 'sha256:16bbeacddd53ce1ef0b1795c2701fd808a37b45859d7f88898538c8f19ef3014'::text, caller_json_, 'helpdesk.case'::text, row_key_, arguments_, '["support.escalate"]'::text, clock_, zone_, started_, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'failed', 'E0' || substr(state_, 3), message_, verb_, place_);
    RETURN jsonb_build_object('outcome', 'failed', 'run', run_, 'code', 'E0' || substr(state_, 3), 'message', message_, 'hint', nullif(hint_, ''), 'verb', verb_, 'place', place_);
  END;
  RETURN jsonb_build_object('outcome', 'done', 'run', run_, 'outputs', format('{"ticket":"%s"}', ticket_5)::jsonb);
END
$actionlang$;
COMMENT ON FUNCTION "actionlang"."helpdesk.Escalate" IS 'Raise an open case to a higher line of support and plan a call back in two days. The team is the one named after the level:
"Tier 2", "Tier 3". Where more than 10,000 is at stake, the team is told.
reason: text(400)
level: integer (has a default)
Gives {"outcome": "done", "run", "outputs"} or {"outcome": "failed", "run", "code", "message", ...}.';
COMMIT;
