from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kit.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("notify", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="StaffNotice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("staff", fields.UUIDField()),
                ("kind", fields.CharField(max_length=40)),
                ("text", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("link", fields.CharField(default="", max_length=200)),
                ("about", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("once", fields.CharField(null=True, unique=True, max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notify_staff_notice",
                "app": "notify",
                "indexes": [Index(fields=["staff", "created_at"])],
                "pk_attr": "id",
                "table_description": "One thing a member of staff is told, in the console. The words name nobody in the clear; `about` has the ids.",
            },
            bases=["Model"],
        ),
    ]
