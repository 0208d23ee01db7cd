"""The fund bill beside the trade bill, and a digest of what a day's comparison found."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


def _run(name: str, field: fields.Field) -> ops.AddField:
    return ops.AddField(model_name="ReconciliationRun", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_orders")]
    operations = [
        _run(
            "fund_statement",
            fields.ForeignKeyField(
                "payments.StatementFile", source_field="fund_statement_id", null=True, db_constraint=True,
                to_field="id", related_name=False, on_delete=OnDelete.CASCADE,
            ),
        ),
        _run("fund", fields.CharField(null=True, max_length=40)),
        _run("digest", fields.CharField(null=True, max_length=64)),
    ]  # fmt: skip
