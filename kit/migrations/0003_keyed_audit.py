"""Audit rows are keyed, and only the guard itself writes down how long the chain is, whoever adds to it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FORWARD = "ALTER FUNCTION kit_audit_grow() SECURITY DEFINER SET search_path = public, pg_temp;"
BACKWARD = "ALTER FUNCTION kit_audit_grow() SECURITY INVOKER RESET search_path;"


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_guards")]
    operations = [
        ops.AddField(
            model_name="AuditRow", name="mac", field=fields.CharField(max_length=64, default="", db_default="")
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
