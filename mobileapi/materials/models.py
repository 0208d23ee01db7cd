"""Photographs people hand in, and what they are used for."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Upload(Model):
    """One photograph, kept as a clean JPEG and a thumbnail under names made from its id."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    owner = fields.CharField(max_length=80)  # citizen:UUID or staff:UUID
    sent_sha256 = fields.CharField(max_length=64)  # of the bytes as they came; the same bytes are the same upload
    sha256 = fields.CharField(max_length=64)  # of the bytes as they are kept and shown
    size = fields.IntField()
    width = fields.IntField()
    height = fields.IntField()
    problems: fields.Field[list[str]] = fields.JSONField()
    created_at = fields.DatetimeField(db_index=True)
    uses: fields.ReverseRelation["Use"]

    class Meta:
        table = "materials_upload"
        unique_together = (("owner", "sent_sha256"),)

    @property
    def usable(self) -> bool:
        return not self.problems

    def file_name(self, variant: str) -> str:
        return f"materials/{self.id}/{variant}"


class Use(Model):
    """Something that needs an upload to stay, like `application:UUID/photo`. An upload nobody uses is purged."""

    id = fields.BigIntField(primary_key=True)
    upload: fields.ForeignKeyRelation[Upload] = fields.ForeignKeyField(
        "materials.Upload", related_name="uses", on_delete=fields.RESTRICT, db_index=True
    )
    used_by = fields.CharField(max_length=160, db_index=True)
    since = fields.DatetimeField()

    class Meta:
        table = "materials_use"
        unique_together = (("used_by", "upload"),)
