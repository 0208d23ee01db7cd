from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('auth', '0009_scans_renewed')]

    initial = True

    operations = [
        ops.CreateModel(
            name='Place',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('address', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('phone', fields.CharField(default='', max_length=40)),
                ('department_code', fields.CharField(max_length=32)),
                ('region_code', fields.CharField(max_length=12)),
            ],
            options={'table': 'bookings_place', 'app': 'bookings', 'pk_attr': 'code', 'table_description': 'A hall, or a counter of one. Guides name it by its Chinese name.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Window',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('place', fields.ForeignKeyField('bookings.Place', source_field='place_id', db_index=True, db_constraint=True, to_field='code', related_name='windows', on_delete=OnDelete.RESTRICT)),
                ('item_code', fields.CharField(null=True, max_length=40)),
                ('department_code', fields.CharField(max_length=32)),
                ('weekday', fields.IntField()),
                ('starts', fields.IntField()),
                ('ends', fields.IntField()),
                ('minutes', fields.IntField()),
                ('seats', fields.IntField()),
                ('ended_on', fields.DateField(null=True)),
            ],
            options={'table': 'bookings_window', 'app': 'bookings', 'pk_attr': 'id', 'table_description': "One line of a place's weekly table: on this weekday, between these minutes of the day, so many seats every so many"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Slot',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('window', fields.ForeignKeyField('bookings.Window', source_field='window_id', db_constraint=True, to_field='id', related_name='slots', on_delete=OnDelete.RESTRICT)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('seats', fields.IntField()),
                ('taken', fields.IntField(default=0)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('closed_by', fields.CharField(default='', max_length=80)),
                ('close_reason', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'bookings_slot', 'app': 'bookings', 'unique_together': (('window', 'starts_at'),), 'indexes': [Index(fields=['starts_at'])], 'pk_attr': 'id', 'table_description': 'The seats of one window at one time. The row appears when somebody first wants it; the database counts.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Booking',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('slot', fields.ForeignKeyField('bookings.Slot', source_field='slot_id', db_index=True, db_constraint=True, to_field='id', related_name='bookings', on_delete=OnDelete.RESTRICT)),
                ('citizen', fields.ForeignKeyField('auth.Citizen', source_field='citizen_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('booked_by', fields.UUIDField()),
                ('item_code', fields.CharField(max_length=40)),
                ('item_name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=12)),
                ('code', fields.CharField(unique=True, max_length=12)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('checked_in_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'bookings_booking', 'app': 'bookings', 'pk_attr': 'id', 'table_description': 'A seat somebody holds. `citizen` is for whom it is; `booked_by` is who asked, themselves or under a mandate.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='BookingChange',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('booking', fields.ForeignKeyField('bookings.Booking', source_field='booking_id', db_index=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.RESTRICT)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('from_state', fields.CharField(null=True, max_length=12)),
                ('to_state', fields.CharField(max_length=12)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'bookings_change', 'app': 'bookings', 'pk_attr': 'id', 'table_description': 'One thing that happened to a booking: who, when, why, from, to. Rows are never changed.'},
            bases=['Model'],
        ),
    ]
