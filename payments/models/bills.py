"""What is owed: bills and their lines, which never change after issue."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from auth.models import Department
from kit.ids import new_id
from payments.models.words import Words


class Bill(Model):
    """缴款书: principal and lines never change after issue; what is due today is computed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    payment_code = fields.CharField(max_length=32, unique=True)
    kind = fields.CharField(max_length=32)  # traffic_fine | tuition | social_insurance | exam_fee | …
    title: fields.Field[Words] = fields.JSONField()
    department: fields.ForeignKeyRelation[Department] = fields.ForeignKeyField(
        "auth.Department", related_name=False, db_index=True
    )
    department_id: str
    income_item_code = fields.CharField(max_length=32)
    income_item_name: fields.Field[Words] = fields.JSONField()
    legal_basis: fields.Field[Words] = fields.JSONField()
    note: fields.Field[Words | None] = fields.JSONField(null=True)
    payer_name_sealed = fields.BinaryField()
    payer_id_number_index = fields.CharField(max_length=64, null=True, db_index=True)
    payer_phone_index = fields.CharField(max_length=64, null=True, db_index=True)
    principal_fen = fields.BigIntField()
    received_on = fields.DateField(null=True)  # when the payer received the decision
    due_on = fields.DateField()
    surcharge_rule = fields.CharField(max_length=32, default="")
    surcharge_terms: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)  # of the version told beforehand
    stays: fields.Field[list[list[str | None]]] = fields.JSONField(default=list)  # [["2026-01-02", "2026-01-09"], …]
    first_due_on = fields.DateField(null=True)  # as issued, when a deferral or a plan moved `due_on`
    waived_principal_fen = fields.BigIntField(default=0, db_default=0)
    waived_surcharge_fen = fields.BigIntField(default=0, db_default=0)
    part_place = fields.IntField(null=True)  # of a plan: the one instalment that is payable now, and what it is
    part_principal_fen = fields.BigIntField(null=True)
    part_surcharge_fen = fields.BigIntField(null=True)
    replaces = fields.UUIDField(null=True, unique=True)  # the bill this one was issued instead of
    state = fields.CharField(max_length=16)
    version = fields.IntField(default=1)  # grows with every lawful change of what is owed
    paid_fen = fields.BigIntField(default=0)
    paid_at = fields.DatetimeField(null=True)
    issued_at = fields.DatetimeField()
    digest = fields.CharField(max_length=64)  # of what was issued: an import twice is told from an import of another

    class Meta:
        table = "payments_bill"


class BillLine(Model):
    """One part of the principal, with the sentence that explains it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField("payments.Bill", related_name="lines", db_index=True)
    place = fields.IntField()
    name: fields.Field[Words] = fields.JSONField()
    amount_fen = fields.BigIntField()
    basis: fields.Field[Words] = fields.JSONField()
    explanation: fields.Field[Words] = fields.JSONField()

    class Meta:
        table = "payments_bill_line"
        unique_together = (("bill", "place"),)
