"""What models cannot say: the audit chain only grows, and its length is remembered beside it."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE kit_audit_top (one boolean PRIMARY KEY DEFAULT true CHECK (one), last_value bigint NOT NULL);
CREATE FUNCTION kit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER kit_audit_append_only BEFORE UPDATE OR DELETE ON kit_audit FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER kit_audit_no_truncate BEFORE TRUNCATE ON kit_audit FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE FUNCTION kit_audit_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kit_audit_top (last_value) VALUES (NEW.seq)
  ON CONFLICT (one) DO UPDATE SET last_value = EXCLUDED.last_value;
  RETURN NULL;
END $$;
CREATE TRIGGER kit_audit_grow AFTER INSERT ON kit_audit FOR EACH ROW EXECUTE FUNCTION kit_audit_grow();
"""
BACKWARD = "DROP TABLE kit_audit_top; DROP FUNCTION kit_append_only CASCADE; DROP FUNCTION kit_audit_grow CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
