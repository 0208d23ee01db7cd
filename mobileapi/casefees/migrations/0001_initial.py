from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE casefees_fee
  ADD CONSTRAINT casefees_fee_amount CHECK (amount_fen > 0),
  ADD CONSTRAINT casefees_fee_state CHECK (state IN ('owed', 'paid', 'waived', 'ended', 'returning'));
"""
BACKWARD = "ALTER TABLE casefees_fee DROP CONSTRAINT casefees_fee_amount, DROP CONSTRAINT casefees_fee_state;"


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_guards")]

    initial = True

    operations = [
        ops.CreateModel(
            name="CaseFee",
            fields=[
                ("application", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("bill", fields.UUIDField(unique=True)),
                ("amount_fen", fields.BigIntField()),
                ("state", fields.CharField(max_length=16)),
                ("raised_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("moved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "casefees_fee", "app": "casefees", "pk_attr": "application",
                "table_description": "What a case costs as its guide publishes it, with the bill it is asked for by.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
