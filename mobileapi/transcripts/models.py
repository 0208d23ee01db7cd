"""Transcripts: which conversation was printed up to which entry, for whom, and the digest of what it said."""

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Transcript(Model):
    """One document. The same conversation up to the same entry is one row, one code and the same bytes."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    conversation = fields.UUIDField(db_index=True)
    citizen = fields.UUIDField(db_index=True)
    variant = fields.CharField(max_length=8)
    top_seq = fields.BigIntField()
    notes = fields.IntField()  # internal notes that are in it
    entries = fields.IntField()
    digest = fields.CharField(max_length=64)  # the end of the chain over its entries
    code = fields.CharField(max_length=32, unique=True)
    title: fields.Field[dict[str, str]] = fields.JSONField()
    issuer: fields.Field[dict[str, str]] = fields.JSONField()
    holder_masked = fields.CharField(max_length=64)
    made_by = fields.CharField(max_length=64)  # citizen:UUID or staff:UUID
    made_at = fields.DatetimeField()
    file_sha256 = fields.CharField(max_length=64, null=True)
    emptied_at = fields.DatetimeField(null=True)  # the words went with the account
    sealed_files: ClassVar[dict[str, str]] = {"pdf": "transcripts/{}"}

    class Meta:
        table = "transcripts_transcript"
        unique_together = (("conversation", "variant", "top_seq", "notes"),)
