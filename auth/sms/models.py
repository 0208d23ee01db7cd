"""Codes that were sent, and what an hour has cost."""

from tortoise import fields
from tortoise.models import Model


class SmsCode(Model):
    """
    One code on its way to one number for one purpose. The flow is known by its digest, the code by a keyed digest bound
    to the flow, the number by its blind index; `owner` is the account it was asked for from.
    """

    flow_digest = fields.CharField(max_length=64, primary_key=True)
    purpose = fields.CharField(max_length=16)
    phone_sealed = fields.BinaryField()
    phone_index = fields.CharField(max_length=64)
    code_digest = fields.CharField(max_length=64)
    owner = fields.UUIDField(null=True)
    tries = fields.IntField(default=0)
    created_at = fields.DatetimeField(db_index=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    sent = fields.CharField(max_length=80, null=True)

    class Meta:
        table = "sms_code"
        indexes = (("phone_index", "created_at"),)


class SmsHour(Model):
    """What was sent in an hour, and when its alarm was raised."""

    hour = fields.DatetimeField(primary_key=True)
    codes = fields.IntField(default=0)
    alarmed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sms_hour"
