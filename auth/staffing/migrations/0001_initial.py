from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('auth', '0007_duty_periods')]

    initial = True

    operations = [
        ops.CreateModel(
            name='DutyChange',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('act', fields.CharField(max_length=8)),
                ('duty', fields.UUIDField()),
                ('staff', fields.UUIDField()),
                ('item_code', fields.CharField(max_length=40)),
                ('region_code', fields.CharField(max_length=12)),
                ('role', fields.CharField(max_length=16)),
                ('valid_from', fields.DateField(null=True)),
                ('valid_to', fields.DateField(null=True)),
            ],
            options={'table': 'staffing_duty_change', 'app': 'staffing', 'indexes': [Index(fields=['item_code', 'region_code'])], 'pk_attr': 'id', 'table_description': 'What happened to a duty, written by the database itself whatever changed it. Rows are never changed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Head',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=12)),
                ('code', fields.CharField(max_length=32)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'staffing_head', 'app': 'staffing', 'unique_together': (('kind', 'code'),), 'pk_attr': 'id', 'table_description': 'Who heads a region or a department.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Leave',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(max_length=12)),
                ('state', fields.CharField(max_length=12)),
                ('from_day', fields.DateField()),
                ('from_half', fields.CharField(max_length=2)),
                ('to_day', fields.DateField()),
                ('to_half', fields.CharField(max_length=2)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('cover', fields.ForeignKeyField('auth.StaffMember', source_field='cover_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('note', fields.CharField(default='', max_length=300)),
                ('version', fields.IntField(default=1)),
                ('asked_by', fields.UUIDField()),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decision_note', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'staffing_leave', 'app': 'staffing', 'indexes': [Index(fields=['staff_id', 'starts_at']), Index(fields=['state', 'starts_at'])], 'pk_attr': 'id', 'table_description': 'An absence, from its first to its last half day. `starts_at` and `ends_at` are instants; the end is excluded.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Handover',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('leave', fields.ForeignKeyField('staffing.Leave', source_field='leave_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(max_length=12)),
                ('subject', fields.UUIDField(db_index=True)),
                ('from_staff', fields.UUIDField()),
                ('to_staff', fields.UUIDField(null=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('outcome', fields.CharField(default='', max_length=12)),
            ],
            options={'table': 'staffing_handover', 'app': 'staffing', 'pk_attr': 'id', 'table_description': 'One thing that went from hand to hand because somebody is away; it returns unless there is a reason not to.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RoleChange',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('role', fields.CharField(max_length=16)),
                ('kind', fields.CharField(max_length=8)),
                ('state', fields.CharField(max_length=12)),
                ('emergency', fields.BooleanField(default=False)),
                ('reason', fields.CharField(max_length=300)),
                ('proposed_by', fields.UUIDField()),
                ('proposed_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('note', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'staffing_role_change', 'app': 'staffing', 'pk_attr': 'id', 'table_description': 'A role somebody is to be given or to lose: asked for by one admin, decided by another.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Shift',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('day', fields.DateField(db_index=True)),
                ('kind', fields.CharField(max_length=12)),
                ('starts', fields.IntField()),
                ('ends', fields.IntField()),
                ('by', fields.CharField(max_length=80)),
            ],
            options={'table': 'staffing_shift', 'app': 'staffing', 'indexes': [Index(fields=['staff_id', 'day'])], 'pk_attr': 'id', 'table_description': "Working time of one dated day, in place of the weekly hours. Minutes after the day's midnight in the city's zone;"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Unit',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('department', fields.ForeignKeyField('auth.Department', source_field='department_id', db_index=True, db_constraint=True, to_field='code', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('head', fields.ForeignKeyField('auth.StaffMember', source_field='head_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'staffing_unit', 'app': 'staffing', 'pk_attr': 'id', 'table_description': 'A section (科室) of a department.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Place',
            fields=[
                ('staff', fields.OneToOneField('auth.StaffMember', source_field='staff_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('unit', fields.ForeignKeyField('staffing.Unit', source_field='unit_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('reports_to', fields.ForeignKeyField('auth.StaffMember', source_field='reports_to_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'staffing_place', 'app': 'staffing', 'pk_attr': 'staff_id', 'table_description': 'Where a person sits: the unit, and whom they report to when it is not who heads it.'},
            bases=['Model'],
        ),
    ]
