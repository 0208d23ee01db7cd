"""
A duty lasts from day to day: the same person may have it again later, and nobody has it twice at once.

One owner of an item and region on any day. The exclusion is over ranges only, so that no extension is needed: a text
is compared by its 64-bit hash, as a range of one number.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
UPDATE auth_duty d SET role = 'other' WHERE d.role = 'owner' AND EXISTS (
  SELECT 1 FROM auth_duty e WHERE e.role = 'owner' AND e.item_code = d.item_code AND e.region_code = d.region_code
    AND e.id < d.id AND daterange(e.valid_from, e.valid_to, '[]') && daterange(d.valid_from, d.valid_to, '[]'));
DO $$
DECLARE former text;
BEGIN
  SELECT conname INTO former FROM pg_constraint WHERE conrelid = 'auth_duty'::regclass AND contype = 'u';
  EXECUTE format('ALTER TABLE auth_duty DROP CONSTRAINT %I', former);
END $$;
CREATE FUNCTION auth_as_range(said text) RETURNS int8range LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN int8range(hashtextextended(said, 0), hashtextextended(said, 0), '[]');
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_days CHECK (valid_from IS NULL OR valid_to IS NULL OR valid_from <= valid_to);
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_one_owner EXCLUDE USING gist (
  auth_as_range(item_code || '|' || region_code) WITH &&, daterange(valid_from, valid_to, '[]') WITH &&)
  WHERE (role = 'owner');
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_once EXCLUDE USING gist (
  auth_as_range(item_code || '|' || region_code || '|' || role || '|' || staff_id::text) WITH &&,
  daterange(valid_from, valid_to, '[]') WITH &&);
"""
BACKWARD = """
ALTER TABLE auth_duty DROP CONSTRAINT auth_duty_once, DROP CONSTRAINT auth_duty_one_owner, DROP CONSTRAINT auth_duty_days;
DROP FUNCTION auth_as_range;
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_once UNIQUE (item_code, region_code, role, staff_id);
"""


class Migration(migrations.Migration):
    dependencies = [("auth", "0006_session_devices")]
    operations = [
        ops.AlterModelOptions(name="Duty", options={"table": "auth_duty", "app": "auth", "pk_attr": "id", "unique_together": ()}),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
