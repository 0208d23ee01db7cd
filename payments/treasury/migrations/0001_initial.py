"""Rules of sharing, what was handed on by them, and sealed days: all three only grow."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from kit.ids import new_id

TABLES = ("treasury_sharing_rule", "treasury_handing_over", "treasury_book_seal")
FORWARD = "ALTER TABLE treasury_handing_over ADD CONSTRAINT treasury_handing_over_amount CHECK (amount_fen > 0);" + "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION kit_append_only();"
    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();"
    for table in TABLES
)
BACKWARD = "".join(
    f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};" for table in TABLES
)


def _json() -> fields.Field:
    return fields.JSONField(encoder=JSON_DUMPS, decoder=loads)


def _id() -> fields.Field:
    return fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_guards")]

    initial = True

    operations = [
        ops.CreateModel(
            name="SharingRule",
            fields=[
                ("id", _id()),
                ("department_id", fields.CharField(max_length=32, db_index=True)),
                ("income_item_code", fields.CharField(max_length=32, default="", db_default="")),
                ("effective_on", fields.DateField()),
                ("shares", _json()),
                ("basis", _json()),
                ("made_by", fields.CharField(max_length=80)),
                ("made_at", fields.DatetimeField()),
            ],
            options={
                "table": "treasury_sharing_rule", "app": "treasury", "pk_attr": "id",
                "unique_together": (("department_id", "income_item_code", "effective_on"),),
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HandingOver",
            fields=[
                ("id", _id()),
                ("number", fields.CharField(max_length=40, unique=True)),
                ("department_id", fields.CharField(max_length=32)),
                ("income_item_code", fields.CharField(max_length=32)),
                ("until", fields.DatetimeField()),
                ("amount_fen", fields.BigIntField()),
                ("shares", _json()),
                ("rule", fields.ForeignKeyField(
                    "treasury.SharingRule", source_field="rule_id", db_index=True, db_constraint=True, to_field="id",
                    related_name=False, on_delete=OnDelete.CASCADE,
                )),
                ("made_by", fields.CharField(max_length=80)),
                ("made_at", fields.DatetimeField()),
            ],
            options={
                "table": "treasury_handing_over", "app": "treasury", "pk_attr": "id",
                "unique_together": (("department_id", "income_item_code", "until"),),
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BookSeal",
            fields=[
                ("day", fields.DateField(primary_key=True)),
                ("entries", fields.IntField()),
                ("balances", _json()),
                ("digest", fields.CharField(max_length=64)),
                ("sealed_at", fields.DatetimeField()),
            ],
            options={"table": "treasury_book_seal", "app": "treasury", "pk_attr": "day"},
            bases=["Model"],
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]  # fmt: skip
