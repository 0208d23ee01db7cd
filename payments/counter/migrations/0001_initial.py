from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0009_scans_renewed'), ('payments', '0010_orders')]

    initial = True

    operations = [
        ops.CreateModel(
            name='Shift',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('cashier', fields.ForeignKeyField('auth.StaffMember', source_field='cashier_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('department', fields.ForeignKeyField('auth.Department', source_field='department_id', db_index=True, db_constraint=True, to_field='code', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('window', fields.CharField(max_length=40)),
                ('state', fields.CharField(max_length=16)),
                ('float_fen', fields.BigIntField()),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expected_fen', fields.BigIntField(null=True)),
                ('counted_fen', fields.BigIntField(null=True)),
                ('difference_note', fields.CharField(default='', max_length=300)),
                ('counted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('confirmed_by', fields.UUIDField(null=True)),
                ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'counter_shift', 'app': 'counter', 'pk_attr': 'id', 'table_description': 'One cashier at one window. The drawer starts with a float and ends counted, before a second person.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Deposit',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('shift', fields.ForeignKeyField('counter.Shift', source_field='shift_id', db_index=True, db_constraint=True, to_field='id', related_name='deposits', on_delete=OnDelete.RESTRICT)),
                ('means', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('amount_fen', fields.BigIntField()),
                ('slip', fields.CharField(unique=True, max_length=40)),
                ('deposited_on', fields.DateField()),
                ('entered_by', fields.UUIDField()),
                ('entered_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('refusal', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'counter_deposit', 'app': 'counter', 'pk_attr': 'id', 'table_description': 'What a shift brought to the bank, or the bank credited for its card slips.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Payout',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('shift', fields.ForeignKeyField('counter.Shift', source_field='shift_id', db_index=True, db_constraint=True, to_field='id', related_name='payouts', on_delete=OnDelete.RESTRICT)),
                ('refund', fields.UUIDField(unique=True)),
                ('amount_fen', fields.BigIntField()),
                ('voucher', fields.CharField(max_length=40)),
                ('paid_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('paid_by', fields.UUIDField()),
            ],
            options={'table': 'counter_payout', 'app': 'counter', 'pk_attr': 'id', 'table_description': 'Cash given back from a drawer for a refund two people had decided.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Taking',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('shift', fields.ForeignKeyField('counter.Shift', source_field='shift_id', db_index=True, db_constraint=True, to_field='id', related_name='takings', on_delete=OnDelete.RESTRICT)),
                ('order', fields.OneToOneField('payments.Order', source_field='order_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('means', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('amount_fen', fields.BigIntField()),
                ('tendered_fen', fields.BigIntField(null=True)),
                ('bank', fields.CharField(default='', max_length=60)),
                ('reference', fields.CharField(default='', max_length=40)),
                ('taken_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('taken_by', fields.UUIDField()),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('bounce_reason', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'counter_taking', 'app': 'counter', 'pk_attr': 'id', 'table_description': 'Money handed over at a window for one order.'},
            bases=['Model'],
        ),
    ]
