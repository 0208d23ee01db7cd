from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='SmsCode',
            fields=[
                ('flow_digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('purpose', fields.CharField(max_length=16)),
                ('phone_sealed', fields.BinaryField()),
                ('phone_index', fields.CharField(max_length=64)),
                ('code_digest', fields.CharField(max_length=64)),
                ('owner', fields.UUIDField(null=True)),
                ('tries', fields.IntField(default=0)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('sent', fields.CharField(null=True, max_length=80)),
            ],
            options={'table': 'sms_code', 'app': 'sms', 'indexes': [Index(fields=['phone_index', 'created_at'])], 'pk_attr': 'flow_digest', 'table_description': 'One code on its way to one number for one purpose. The flow is known by its digest, the code by a keyed digest bound'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SmsHour',
            fields=[
                ('hour', fields.DatetimeField(primary_key=True, unique=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('codes', fields.IntField(default=0)),
                ('alarmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sms_hour', 'app': 'sms', 'pk_attr': 'hour', 'table_description': 'What was sent in an hour, and when its alarm was raised.'},
            bases=['Model'],
        ),
    ]
