"""Certificates: what was issued to whom, and how it is checked."""

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.models import Model

from kit import clock
from kit.ids import new_id

if TYPE_CHECKING:  # Tortoise takes every model it finds in this module for one of this app
    from auth.models import Citizen


class Certificate(Model):
    """One issued document. The holder's name is sealed; anybody with the code sees it masked only."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=40, unique=True)
    identifier = fields.CharField(max_length=120, unique=True)  # GB/T 36904
    code = fields.CharField(max_length=32, unique=True)  # 128 bits and more; opens the public check
    application = fields.UUIDField(unique=True)  # the case it came from: one certificate a case
    case_number = fields.CharField(max_length=32)
    citizen: "fields.ForeignKeyRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    item_code = fields.CharField(max_length=40)
    item_name: fields.Field[dict[str, str]] = fields.JSONField()
    title: fields.Field[dict[str, str]] = fields.JSONField()
    holder_sealed = fields.BinaryField()
    holder_masked = fields.CharField(max_length=64)
    id_number_masked = fields.CharField(max_length=32, default="")
    issuer_code = fields.CharField(max_length=32)
    issuer: fields.Field[dict[str, str]] = fields.JSONField()
    issued_at = fields.DatetimeField()
    valid_until = fields.DateField(null=True)
    file_sha256 = fields.CharField(max_length=64, null=True)
    sealed_files: ClassVar[dict[str, str]] = {"pdf": "certificates/{}"}

    class Meta:
        table = "certificates_certificate"

    @property
    def status(self) -> str:
        """`valid` or `expired`, by the office day."""
        return "expired" if self.valid_until is not None and self.valid_until < clock.today() else "valid"


class Counter(Model):
    """Running numbers: of an issuer's certificates in a year, and of its kinds of certificates."""

    key = fields.CharField(max_length=80, primary_key=True)
    reached = fields.BigIntField()

    class Meta:
        table = "certificates_counter"


class CertificateKind(Model):
    """The kind of certificate an item ends in, numbered by its issuer: three digits of the identifier's type code."""

    item_code = fields.CharField(max_length=40, primary_key=True)
    issuer_code = fields.CharField(max_length=32)
    ordinal = fields.IntField()

    class Meta:
        table = "certificates_kind"
        unique_together = (("issuer_code", "ordinal"),)
