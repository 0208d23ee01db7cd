"""How a name was verified, documents that staff judge, and checks of faces."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class RealNameRecord(Model):
    """By what document a citizen is verified, and by whom; name and number are in the citizen's own row."""

    citizen = fields.UUIDField(primary_key=True)
    document = fields.CharField(max_length=20)
    by = fields.CharField(max_length=64)  # register, or staff:UUID
    at = fields.DatetimeField()

    class Meta:
        table = "attestation_real_name"


class NameClaim(Model):
    """A document no register is asked about: what its holder says it says, until staff have looked."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField(db_index=True)
    document = fields.CharField(max_length=20)
    name_sealed = fields.BinaryField()
    number_sealed = fields.BinaryField()
    photos: list[str] = fields.JSONField(default=list, db_default=[])  # uploads that show it
    region_code = fields.CharField(max_length=12, default="", db_default="")  # where it is judged; empty: anywhere
    state = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "attestation_name_claim"


class FaceCheck(Model):
    """One check of a face, for one sign-in session; its word is the office's, asked by us."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField()
    session = fields.UUIDField(db_index=True)
    reference_sealed = fields.BinaryField()
    state = fields.CharField(max_length=16)
    created_at = fields.DatetimeField(db_index=True)
    expires_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "attestation_face_check"
