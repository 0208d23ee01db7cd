"""Who pays at a window may have no account."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_refunds")]
    operations = [
        ops.AlterField(
            model_name="Order",
            name="citizen",
            field=fields.ForeignKeyField(
                "auth.Citizen", source_field="citizen_id", null=True, db_index=True, db_constraint=True, to_field="id", related_name=False,
                on_delete=OnDelete.CASCADE,
            ),
        ),
    ]  # fmt: skip
