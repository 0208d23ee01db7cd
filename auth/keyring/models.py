"""The keys that sign access tokens, beside the one of the settings' file."""

from tortoise import fields
from tortoise.models import Model


class SigningKey(Model):
    """
    One key, one purpose, one algorithm. The private half is sealed, and gone once its tokens have ended or it was
    withdrawn; the row stays, so that a key from a file does not come back by itself.
    """

    id = fields.CharField(max_length=16, primary_key=True)  # `kid`
    purpose = fields.CharField(max_length=16)
    algorithm = fields.CharField(max_length=8)
    private_sealed = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    signs_from = fields.DatetimeField()  # published before, so that every process knows it when it begins
    verifies_until = fields.DatetimeField(null=True)  # set when another one takes over
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "auth_signing_key"
