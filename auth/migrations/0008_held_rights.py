"""
Rights that are in use cannot be taken away in between; a list of whom staff opened lately; and the ways an auditor
looks through the log.

`auth_hold_rights(person)` takes a shared lock on the person's rights until the transaction ends and then reads them;
whoever takes roles or duties away, or disables the person, takes the same lock for themselves alone, by trigger. So of
a staff act and the loss of its right one comes first, whole. The lock is on the rights, not on the row: changing one's
own password does not wait for it.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE FUNCTION auth_rights_key(person uuid) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN hashtextextended('rights:' || person::text, 8);

CREATE FUNCTION auth_hold_rights(person uuid) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE told jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(auth_rights_key(person));
  SELECT m.roles INTO told FROM auth_staff_member m WHERE m.id = person AND m.disabled_at IS NULL;
  RETURN told;
END $$;

CREATE FUNCTION auth_rights_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'auth_staff_member' THEN
    PERFORM pg_advisory_xact_lock(auth_rights_key(OLD.id));
  ELSE
    IF TG_OP <> 'INSERT' THEN PERFORM pg_advisory_xact_lock(auth_rights_key(OLD.staff_id)); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM pg_advisory_xact_lock(auth_rights_key(NEW.staff_id)); END IF;
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER auth_staff_rights_change BEFORE UPDATE ON auth_staff_member FOR EACH ROW
  WHEN (OLD.roles IS DISTINCT FROM NEW.roles OR OLD.disabled_at IS DISTINCT FROM NEW.disabled_at
        OR OLD.department_id IS DISTINCT FROM NEW.department_id)
  EXECUTE FUNCTION auth_rights_change();
CREATE TRIGGER auth_duty_rights_change BEFORE UPDATE OR DELETE ON auth_duty FOR EACH ROW
  EXECUTE FUNCTION auth_rights_change();
CREATE INDEX auth_person_read_lately ON auth_person_read (staff_id, at);
CREATE INDEX kit_audit_by_action ON kit_audit (action text_pattern_ops, seq DESC);
CREATE INDEX kit_audit_by_time ON kit_audit (at);
"""
BACKWARD = """
DROP INDEX kit_audit_by_time, kit_audit_by_action, auth_person_read_lately;
DROP TRIGGER auth_duty_rights_change ON auth_duty;
DROP TRIGGER auth_staff_rights_change ON auth_staff_member;
DROP FUNCTION auth_rights_change();
DROP FUNCTION auth_hold_rights(uuid);
DROP FUNCTION auth_rights_key(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("auth", "0007_duty_periods"), ("kit", "0002_guards")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PersonRead",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("staff_id", fields.UUIDField()),
                ("citizen_id", fields.UUIDField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "auth_person_read",
                "app": "auth",
                "pk_attr": "id",
                "unique_together": (("staff_id", "citizen_id"),),
                "table_description": "Who of the staff opened which citizen's matter last when.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
