"""What really moved, beside what the trade bill and the books say."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_recon")]
    operations = [ops.AddField(model_name="Difference", name="fund_fen", field=fields.BigIntField(null=True))]
