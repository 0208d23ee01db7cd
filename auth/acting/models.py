"""Acting for others: firms, mandates and what became of them, village agents, and what was done for whom."""

from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id

if TYPE_CHECKING:  # Tortoise takes every model it finds in this module for one of this app
    from auth.models import Citizen


class LegalPerson(Model):
    """
    A firm or other legal person (法人), by unified social credit code.

    Its account is a row of auth_citizen nobody signs in with: what is the firm's (cases, certificates, bills by its
    code) belongs to it as a citizen's belongs to the citizen. Names and codes of firms are public.
    """

    account: "fields.OneToOneRelation[Citizen]" = fields.OneToOneField(
        "auth.Citizen", related_name=False, primary_key=True, on_delete=fields.RESTRICT
    )
    credit_code = fields.CharField(max_length=18, unique=True)
    name = fields.CharField(max_length=120)
    code_confirmed_by = fields.CharField(max_length=80, default="")  # who vouched for a code whose check digit fails
    created_at = fields.DatetimeField()

    class Meta:
        table = "acting_legal_person"


class Appointment(Model):
    """A village agent (代办员): appointed by a department, for the items of its list, for a year at most."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    agent: "fields.ForeignKeyRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    department_code = fields.CharField(max_length=32)
    region_code = fields.CharField(max_length=12)
    items: fields.Field[list[str]] = fields.JSONField()
    state = fields.CharField(max_length=16)
    valid_to = fields.DateField()
    appointed_by = fields.CharField(max_length=80)
    appointed_at = fields.DatetimeField()

    class Meta:
        table = "acting_appointment"


class Mandate(Model):
    """
    Who may act for whom, in what, until when.

    `principal` is empty while the represented has no account; then `claimed_sealed` holds what the asker said of them.
    `agent` is empty while an invited operator has not answered; then the phone tells who may.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=16)  # representative, operator, family, guardian, village
    relation = fields.CharField(max_length=16, default="")  # the principal is the agent's …
    state = fields.CharField(max_length=16)
    version = fields.IntField(default=1)
    principal: "fields.ForeignKeyNullableRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    agent: "fields.ForeignKeyNullableRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    appointment: "fields.ForeignKeyNullableRelation[Appointment]" = fields.ForeignKeyField(
        "acting.Appointment", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    asked_by = fields.CharField(max_length=12)  # agent | principal | office
    doings: fields.Field[list[str]] = fields.JSONField()  # of read, file, pay, consult
    items: fields.Field[list[str]] = fields.JSONField(null=True)  # item codes; none: all
    manages = fields.BooleanField(default=False)  # may invite and end operators
    valid_from = fields.DateField()
    valid_to = fields.DateField(null=True)  # the last day; none: until revoked
    claimed_sealed = fields.BinaryField(null=True)  # {name, number} of a represented person or firm
    claimed_index = fields.CharField(max_length=64, null=True)
    phone_sealed = fields.BinaryField(null=True)  # of an invited operator
    phone_index = fields.CharField(max_length=64, null=True)
    evidence: fields.Field[list[str]] = fields.JSONField(default=list)  # ids of photographs
    consent = fields.BooleanField(default=False)
    flags: fields.Field[list[str]] = fields.JSONField(default=list)  # what a clerk must look at
    region_code = fields.CharField(max_length=12, default="")
    department_code = fields.CharField(max_length=32, default="")  # whose clerks examine it
    asked_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "acting_mandate"


class MandateChange(Model):
    """One move of a mandate: who, when, why, from, to. Rows are never changed."""

    id = fields.BigIntField(primary_key=True)
    mandate: fields.ForeignKeyRelation[Mandate] = fields.ForeignKeyField(
        "acting.Mandate", related_name="changes", db_index=True, on_delete=fields.RESTRICT
    )
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    from_state = fields.CharField(max_length=16, null=True)
    to_state = fields.CharField(max_length=16)
    note = fields.CharField(max_length=500, default="")

    class Meta:
        table = "acting_mandate_change"


class Represented(Model):
    """An account a clerk made from evidence, of somebody who has never signed in; until they do."""

    account: "fields.OneToOneRelation[Citizen]" = fields.OneToOneField(
        "auth.Citizen", related_name=False, primary_key=True, on_delete=fields.RESTRICT
    )
    made_by = fields.CharField(max_length=80)
    made_at = fields.DatetimeField()
    joined_by = fields.UUIDField(null=True)  # the account the person signed in with
    joined_at = fields.DatetimeField(null=True)

    class Meta:
        table = "acting_represented"


class Deed(Model):
    """One thing done for somebody: what the represented is shown, beside the audit log."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    principal: "fields.ForeignKeyRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, on_delete=fields.RESTRICT
    )
    agent: "fields.ForeignKeyRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, on_delete=fields.RESTRICT
    )
    mandate: fields.ForeignKeyRelation[Mandate] = fields.ForeignKeyField(
        "acting.Mandate", related_name=False, on_delete=fields.RESTRICT
    )
    action = fields.CharField(max_length=40)
    subject = fields.CharField(max_length=80)
    about: fields.Field[dict[str, str]] = fields.JSONField(null=True)  # the item's or bill's name

    class Meta:
        table = "acting_deed"
        indexes = (("principal_id", "id"), ("agent_id", "id"))
