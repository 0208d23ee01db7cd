from json import loads

from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("attestation", "0002_guards")]
    initial = False

    operations = [
        ops.AddField(
            model_name="NameClaim",
            name="photos",
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="NameClaim",
            name="region_code",
            field=fields.CharField(default="", db_default="", max_length=12),
        ),
    ]
