"""Deliveries that are under way are looked for every minute."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = "CREATE INDEX notify_delivery_sending ON notify_delivery (tried_at) WHERE state = 'sending'"
BACKWARD = "DROP INDEX notify_delivery_sending"


class Migration(migrations.Migration):
    dependencies = [("notify", "0003_ways")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
