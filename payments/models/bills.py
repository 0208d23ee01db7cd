"""What is owed: bills and their lines, which never change after issue."""

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
    stays: fields.Field[list[list[str]]] = fields.JSONField(default=list)  # [["2026-01-02", "2026-01-09"], …]
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
