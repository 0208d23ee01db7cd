"""Ways outside the app: grants, wishes, budgets; and indexes by which what is due is found."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops
from orjson import loads

from kit.ids import new_id

ID = ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True))
FORWARD = """
ALTER TABLE notify_grant ADD CONSTRAINT notify_grant_is_spent_on_something
  CHECK (state IN ('free', 'spent', 'void') AND (state <> 'spent' OR (spent_at IS NOT NULL AND spent_on IS NOT NULL)));
CREATE INDEX notify_grant_free ON notify_grant (identity_id, template, granted_at) WHERE state = 'free';
CREATE INDEX notify_notice_to_reach ON notify_notice (reach_at) WHERE reach_at IS NOT NULL;
CREATE INDEX notify_notice_missed ON notify_notice ((about ->> 'conversation')) WHERE kind = 'chat.missed' AND read_at IS NULL;
CREATE INDEX chat_message_at ON chat_message USING brin (at) WITH (autosummarize = on);
"""
BACKWARD = """
DROP INDEX chat_message_at;
DROP INDEX notify_notice_missed;
DROP INDEX notify_notice_to_reach;
DROP INDEX notify_grant_free;
ALTER TABLE notify_grant DROP CONSTRAINT notify_grant_is_spent_on_something;
"""


class Migration(migrations.Migration):
    dependencies = [("notify", "0002_staff_notices"), ("auth", "0001_initial"), ("chat", "0001_initial")]

    operations = [
        ops.AddField(
            model_name="Notice", name="topic", field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name="Notice", name="brief",
            field=fields.JSONField(default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="Notice", name="reach_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.CreateModel(
            name="Grant",
            fields=[
                ID,
                ("identity", fields.ForeignKeyField(
                    "auth.PlatformIdentity", source_field="identity_id", db_index=True, db_constraint=True,
                    to_field="id", related_name=False, on_delete=OnDelete.CASCADE,
                )),
                ("topic", fields.CharField(max_length=16)),
                ("template", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=8)),
                ("granted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("spent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("spent_on", fields.UUIDField(null=True)),
            ],
            options={
                "table": "notify_grant", "app": "notify", "pk_attr": "id",
                "table_description": "One \"allow\" of a person on a platform's sheet: good for one message of one template. `spent_on` is the notice it was",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Asked",
            fields=[
                ID,
                ("citizen", fields.UUIDField()),
                ("platform", fields.CharField(max_length=16)),
                ("topic", fields.CharField(max_length=16)),
                ("answer", fields.CharField(max_length=8)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notify_asked", "app": "notify", "unique_together": (("citizen", "platform", "topic"),),
                "pk_attr": "id",
                "table_description": "What a citizen last answered when asked about messages of a topic, so that nobody is asked over and over.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Preference",
            fields=[
                ID,
                ("citizen", fields.UUIDField()),
                ("topic", fields.CharField(max_length=16)),
                ("messages", fields.BooleanField(default=True)),
                ("texts", fields.BooleanField(default=True)),
            ],
            options={
                "table": "notify_preference", "app": "notify", "unique_together": (("citizen", "topic"),), "pk_attr": "id",
                "table_description": "Which ways outside the app a citizen wants for a topic; without a row both.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TextBudget",
            fields=[
                ID,
                ("day", fields.DateField()),
                ("citizen", fields.UUIDField()),
                ("used", fields.IntField()),
            ],
            options={
                "table": "notify_text_budget", "app": "notify", "unique_together": (("day", "citizen"),), "pk_attr": "id",
                "table_description": "How many text messages a day has cost, of one citizen and of the whole office (nobody's id).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Watermark",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notify_watermark", "app": "notify", "pk_attr": "name",
                "table_description": "Up to when something was looked through.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WorkMessage",
            fields=[
                ID,
                ("staff", fields.UUIDField()),
                ("burst", fields.CharField(max_length=48)),
                ("notice", fields.ForeignKeyField(
                    "notify.StaffNotice", source_field="notice_id", db_index=True, db_constraint=True, to_field="id",
                    related_name=False, on_delete=OnDelete.CASCADE,
                )),
                ("workplace", fields.CharField(default="", max_length=16)),
                ("state", fields.CharField(max_length=16)),
                ("tried_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("said", fields.CharField(default="", max_length=120)),
            ],
            options={
                "table": "notify_work_message", "app": "notify", "unique_together": (("staff", "burst"),), "pk_attr": "id",
                "table_description": "A message to a member of staff outside the console, at most one a burst: a burst begins with the first urgent notice",
            },
            bases=["Model"],
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
