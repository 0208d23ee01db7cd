from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0004_scan_guards')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PhoneSeal',
            fields=[
                ('digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('bearer', fields.CharField(max_length=64)),
                ('dated', fields.BooleanField()),
                ('taken_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'auth_phone_seal', 'app': 'auth', 'pk_attr': 'digest', 'table_description': 'A sealed text that brought a phone number, and the identity it was taken from; both by blind index.'},
            bases=['Model'],
        ),
    ]
