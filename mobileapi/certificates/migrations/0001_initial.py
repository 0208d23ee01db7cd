from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0001_initial')]

    initial = True

    operations = [
        ops.CreateModel(
            name='Certificate',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('number', fields.CharField(unique=True, max_length=40)),
                ('identifier', fields.CharField(unique=True, max_length=120)),
                ('code', fields.CharField(unique=True, max_length=32)),
                ('application', fields.UUIDField(unique=True)),
                ('case_number', fields.CharField(max_length=32)),
                ('citizen', fields.ForeignKeyField('auth.Citizen', source_field='citizen_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('item_code', fields.CharField(max_length=40)),
                ('item_name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('title', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('holder_sealed', fields.BinaryField()),
                ('holder_masked', fields.CharField(max_length=64)),
                ('id_number_masked', fields.CharField(default='', max_length=32)),
                ('issuer_code', fields.CharField(max_length=32)),
                ('issuer', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('issued_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('valid_until', fields.DateField(null=True)),
                ('file_sha256', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'certificates_certificate', 'app': 'certificates', 'pk_attr': 'id', 'table_description': "One issued document. The holder's name is sealed; anybody with the code sees it masked only."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CertificateKind',
            fields=[
                ('item_code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('issuer_code', fields.CharField(max_length=32)),
                ('ordinal', fields.IntField()),
            ],
            options={'table': 'certificates_kind', 'app': 'certificates', 'unique_together': (('issuer_code', 'ordinal'),), 'pk_attr': 'item_code', 'table_description': "The kind of certificate an item ends in, numbered by its issuer: three digits of the identifier's type code."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Counter',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ('reached', fields.BigIntField()),
            ],
            options={'table': 'certificates_counter', 'app': 'certificates', 'pk_attr': 'key', 'table_description': "Running numbers: of an issuer's certificates in a year, and of its kinds of certificates."},
            bases=['Model'],
        ),
    ]
