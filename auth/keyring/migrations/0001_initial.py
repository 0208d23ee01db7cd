from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='SigningKey',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16)),
                ('purpose', fields.CharField(max_length=16)),
                ('algorithm', fields.CharField(max_length=8)),
                ('private_sealed', fields.BinaryField(null=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('signs_from', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('verifies_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('withdrawn_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'auth_signing_key', 'app': 'keyring', 'pk_attr': 'id', 'table_description': 'One key, one purpose, one algorithm. The private half is sealed, and gone once its tokens have ended or it was'},
            bases=['Model'],
        ),
    ]
