"""The catalogue: items, every published version of their guides, and the themes people look under."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Theme(Model):
    """A moment of life people come with: a birth, a business opened, a home bought."""

    code = fields.CharField(max_length=40, primary_key=True)
    name: fields.Field[dict[str, Any]] = fields.JSONField()
    position = fields.IntField(default=0)

    class Meta:
        table = "catalogue_theme"


class ServiceItem(Model):
    """
    An item and its current version. What lists and filters need is repeated here from the guide; the search vector
    is a column of the table only (see the second migration).
    """

    code = fields.CharField(max_length=40, primary_key=True)
    name: fields.Field[dict[str, Any]] = fields.JSONField()
    department_code = fields.CharField(max_length=32, db_index=True)
    themes: fields.Field[list[str]] = fields.JSONField()
    regions: fields.Field[list[str]] = fields.JSONField()
    summary: fields.Field[dict[str, Any]] = fields.JSONField()
    version = fields.IntField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "catalogue_item"


class ItemVersion(Model):
    """A guide as it was published; never changed afterwards. A case keeps the version it was filed under."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    item: fields.ForeignKeyRelation[ServiceItem] = fields.ForeignKeyField(
        "catalogue.ServiceItem", related_name="versions", db_index=True, on_delete=fields.RESTRICT
    )
    version = fields.IntField()
    guide: fields.Field[dict[str, Any]] = fields.JSONField()
    digest = fields.CharField(max_length=64)
    effective_from = fields.DatetimeField()

    class Meta:
        table = "catalogue_item_version"
        unique_together = (("item", "version"),)


class SynonymGroup(Model):
    """Everyday words that mean the same to the one who searches."""

    id = fields.IntField(primary_key=True)
    words: fields.Field[list[str]] = fields.JSONField()

    class Meta:
        table = "catalogue_synonym_group"
