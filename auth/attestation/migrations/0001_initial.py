from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='FaceCheck',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('session', fields.UUIDField(db_index=True)),
                ('reference_sealed', fields.BinaryField()),
                ('state', fields.CharField(max_length=16)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'attestation_face_check', 'app': 'attestation', 'pk_attr': 'id', 'table_description': "One check of a face, for one sign-in session; its word is the office's, asked by us."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='NameClaim',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('document', fields.CharField(max_length=20)),
                ('name_sealed', fields.BinaryField()),
                ('number_sealed', fields.BinaryField()),
                ('state', fields.CharField(max_length=16)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('reason', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'attestation_name_claim', 'app': 'attestation', 'pk_attr': 'id', 'table_description': 'A document no register is asked about: what its holder says it says, until staff have looked.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RealNameRecord',
            fields=[
                ('citizen', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('document', fields.CharField(max_length=20)),
                ('by', fields.CharField(max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'attestation_real_name', 'app': 'attestation', 'pk_attr': 'citizen', 'table_description': "By what document a citizen is verified, and by whom; name and number are in the citizen's own row."},
            bases=['Model'],
        ),
    ]
