"""Closed days, signed statements, keys; and what is never changed any more once a day is closed."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from kit.ids import new_id

# Who books takes the day's lock shared, who closes takes it alone: no entry slips into a day while it is summed up.
GUARDS = """
ALTER TABLE closing_day
  ADD CONSTRAINT closing_day_number CHECK (number >= 1 AND starts_at < ends_at),
  ADD CONSTRAINT closing_day_reopened_by_two CHECK (reopened_by IS NULL OR reopened_by <> reopen_asked_by),
  ADD CONSTRAINT closing_day_reopening CHECK (
    (reopen_asked_by IS NULL) = (reopen_asked_at IS NULL) AND (reopened_by IS NULL) = (reopened_at IS NULL)
    AND (reopened_by IS NULL OR reopen_asked_by IS NOT NULL)
    AND (reopen_asked_by IS NULL OR length(reopen_reason) >= 5));
CREATE UNIQUE INDEX closing_day_in_force ON closing_day (day) WHERE reopened_at IS NULL;
CREATE UNIQUE INDEX closing_one_key_signs ON closing_key ((true)) WHERE retired_at IS NULL;

CREATE FUNCTION closing_is_closed(asked date) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM closing_day WHERE day = asked AND reopened_at IS NULL)
$$;
CREATE FUNCTION closing_refuse(asked text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is closed and does not change', asked USING ERRCODE = 'insufficient_privilege'; END $$;

CREATE FUNCTION closing_guards_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1212698496);
  IF EXISTS (SELECT 1 FROM closing_day
             WHERE NEW.at >= starts_at AND NEW.at < ends_at AND reopened_at IS NULL) THEN
    PERFORM closing_refuse('the day of this entry');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER closing_guards_entries BEFORE INSERT ON payments_ledger_entry
  FOR EACH ROW EXECUTE FUNCTION closing_guards_entries();

CREATE FUNCTION closing_guards_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1212698496);
  IF TG_OP <> 'INSERT' AND closing_is_closed(OLD.day) THEN PERFORM closing_refuse(OLD.day::text); END IF;
  IF TG_OP <> 'DELETE' AND closing_is_closed(NEW.day) THEN PERFORM closing_refuse(NEW.day::text); END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER closing_guards_runs BEFORE INSERT OR UPDATE OR DELETE ON payments_reconciliation_run
  FOR EACH ROW EXECUTE FUNCTION closing_guards_runs();
CREATE TRIGGER closing_guards_files BEFORE UPDATE OR DELETE ON payments_statement_file
  FOR EACH ROW EXECUTE FUNCTION closing_guards_runs();

-- What was found stays found; only the work on what is still awaited goes on, and ends.
CREATE FUNCTION closing_guards_differences() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its_day date;
BEGIN
  SELECT day INTO its_day FROM payments_reconciliation_run
   WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.run_id ELSE OLD.run_id END;
  IF closing_is_closed(its_day) AND (TG_OP <> 'UPDATE' OR OLD.state <> 'open'
     OR NEW.state NOT IN ('open', 'explained', 'resolved')
     OR to_jsonb(NEW) - '{state,settled_at,expected_by}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{state,settled_at,expected_by}'::text[]) THEN
    PERFORM closing_refuse(its_day::text);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER closing_guards_differences BEFORE INSERT OR UPDATE OR DELETE ON payments_difference
  FOR EACH ROW EXECUTE FUNCTION closing_guards_differences();

CREATE FUNCTION closing_keeps_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.reopened_at IS NOT NULL OR to_jsonb(NEW)
       - '{reopen_asked_by,reopen_asked_at,reopen_reason,reopened_by,reopened_at}'::text[]
     IS DISTINCT FROM to_jsonb(OLD)
       - '{reopen_asked_by,reopen_asked_at,reopen_reason,reopened_by,reopened_at}'::text[] THEN
    PERFORM closing_refuse(OLD.day::text);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER closing_keeps_closes BEFORE UPDATE ON closing_day
  FOR EACH ROW EXECUTE FUNCTION closing_keeps_closes();
CREATE TRIGGER closing_day_stays BEFORE DELETE ON closing_day FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER closing_day_no_truncate BEFORE TRUNCATE ON closing_day
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER closing_statement_stays BEFORE UPDATE OR DELETE ON closing_statement
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER closing_statement_no_truncate BEFORE TRUNCATE ON closing_statement
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP TRIGGER closing_guards_entries ON payments_ledger_entry;
DROP TRIGGER closing_guards_runs ON payments_reconciliation_run;
DROP TRIGGER closing_guards_files ON payments_statement_file;
DROP TRIGGER closing_guards_differences ON payments_difference;
DROP FUNCTION closing_guards_entries, closing_guards_runs, closing_guards_differences;
DROP FUNCTION closing_keeps_closes CASCADE;
DROP FUNCTION closing_refuse;
DROP FUNCTION closing_is_closed;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("payments", "0002_guards")]
    operations = [
        ops.CreateModel(
            name="DayClose",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("day", fields.DateField()),
                ("number", fields.IntField()),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_by", fields.CharField(max_length=80)),
                ("closed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("summary", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("reopen_asked_by", fields.CharField(null=True, max_length=80)),
                ("reopen_asked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reopen_reason", fields.CharField(default="", max_length=500)),
                ("reopened_by", fields.CharField(null=True, max_length=80)),
                ("reopened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "closing_day", "app": "closing", "unique_together": (("day", "number"),), "pk_attr": "id",
                "table_description": "One close of an office day. It is in force until two people reopened the day; "
                "closing again is another row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StatementKey",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16)),
                ("algorithm", fields.CharField(max_length=8)),
                ("private_sealed", fields.BinaryField(null=True)),
                ("public", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("retired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "closing_key", "app": "closing", "pk_attr": "id",
                "table_description": "A pair of keys that signs statements. The public half stays for good, so that old "
                "statements can be proven.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Statement",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "close",
                    fields.ForeignKeyField(
                        "closing.DayClose", source_field="close_id", db_index=True, db_constraint=True, to_field="id",
                        related_name="statements", on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("day", fields.DateField()),
                ("department_code", fields.CharField(max_length=32)),
                ("title", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("content", fields.TextField(unique=False)),
                ("digest", fields.CharField(max_length=64)),
                ("key", fields.CharField(max_length=16)),
                ("signature", fields.CharField(max_length=128)),
                ("verify_code", fields.CharField(unique=True, max_length=32)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "closing_statement", "app": "closing", "unique_together": (("close", "department_code"),),
                "pk_attr": "id",
                "table_description": "对账单 of one body and day: its canonical text, and the signature over it.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(GUARDS, BACKWARD),
    ]  # fmt: skip
