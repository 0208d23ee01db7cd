"""
What was issued stays, but for what names its holder: it is sealed with new keys, and goes when the account is closed.

The printed file's digest still proves whatever was handed out.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE OR REPLACE FUNCTION certificates_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.file_sha256 IS NOT NULL AND NEW.file_sha256 IS DISTINCT FROM OLD.file_sha256)
     OR to_jsonb(NEW) - '{file_sha256,holder_sealed,id_number_masked}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{file_sha256,holder_sealed,id_number_masked}'::text[] THEN
    RAISE EXCEPTION 'an issued certificate is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION certificates_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.file_sha256 IS NOT NULL
     OR to_jsonb(NEW) - 'file_sha256' IS DISTINCT FROM to_jsonb(OLD) - 'file_sha256' THEN
    RAISE EXCEPTION 'an issued certificate is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
