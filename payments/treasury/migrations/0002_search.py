"""Numbers people search by are found by an index, not by reading every row."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE INDEX payments_payment_transaction ON payments_payment (transaction_id);
CREATE INDEX payments_receipt_by_number ON payments_receipt (number);
CREATE INDEX payments_refund_there ON payments_refund (channel_refund_id) WHERE channel_refund_id IS NOT NULL;
CREATE INDEX payments_refund_voucher ON payments_refund (voucher) WHERE voucher IS NOT NULL;
CREATE INDEX payments_difference_number ON payments_difference (number) WHERE number <> '';
"""
BACKWARD = """
DROP INDEX payments_payment_transaction, payments_receipt_by_number, payments_refund_there, payments_refund_voucher,
  payments_difference_number;
"""


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_initial"), ("payments", "0006_refunds")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
