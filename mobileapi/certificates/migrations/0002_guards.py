"""What was issued stays as it was issued: only the digest of the printed file is filled in, once."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE FUNCTION certificates_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.file_sha256 IS NOT NULL
     OR to_jsonb(NEW) - 'file_sha256' IS DISTINCT FROM to_jsonb(OLD) - 'file_sha256' THEN
    RAISE EXCEPTION 'an issued certificate is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER certificates_stay BEFORE UPDATE OR DELETE ON certificates_certificate
  FOR EACH ROW EXECUTE FUNCTION certificates_stay();
"""
BACKWARD = "DROP FUNCTION certificates_stay CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
