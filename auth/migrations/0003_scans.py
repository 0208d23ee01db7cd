from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0002_guards')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Scan',
            fields=[
                ('ticket_digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('secret_digest', fields.CharField(max_length=64)),
                ('purpose', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('device_label', fields.CharField(max_length=40)),
                ('address_sealed', fields.BinaryField()),
                ('account', fields.UUIDField(null=True)),
                ('account_session', fields.UUIDField(null=True)),
                ('citizen', fields.UUIDField(null=True)),
                ('citizen_session', fields.UUIDField(null=True)),
                ('session', fields.UUIDField(null=True, unique=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('scanned_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('consumed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'auth_scan', 'app': 'auth', 'pk_attr': 'ticket_digest', 'table_description': 'A QR code on one device that a phone judges. Ticket and secret are known by their digests; the asking address is'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Session',
            options={'table': 'auth_session', 'app': 'auth', 'pk_attr': 'id', 'table_description': 'A token family: one sign-in on one device, until `ends_at` whatever is refreshed, or `ended_at`.'},
        ),
        ops.AddField(
            model_name='Session',
            name='label',
            field=fields.CharField(default='', db_default='', max_length=40),
        ),
    ]
