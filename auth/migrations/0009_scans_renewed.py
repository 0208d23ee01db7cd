"""A scan's sealed address may be sealed anew with another key; everything else of a scan moves on as before."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
DROP TRIGGER auth_scan_moves_on ON auth_scan;
CREATE TRIGGER auth_scan_moves_on BEFORE UPDATE ON auth_scan FOR EACH ROW
  WHEN (to_jsonb(NEW) - 'address_sealed' IS DISTINCT FROM to_jsonb(OLD) - 'address_sealed')
  EXECUTE FUNCTION auth_scan_moves_on();
"""
BACKWARD = """
DROP TRIGGER auth_scan_moves_on ON auth_scan;
CREATE TRIGGER auth_scan_moves_on BEFORE UPDATE ON auth_scan FOR EACH ROW EXECUTE FUNCTION auth_scan_moves_on();
"""


class Migration(migrations.Migration):
    dependencies = [("auth", "0008_held_rights")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
