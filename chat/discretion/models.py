"""What was hidden in messages, and the words that are looked for: who wished for them, who agreed, since when."""

from tortoise import fields
from tortoise.models import Model

from chat.models import Conversation
from kit.ids import new_id


class Original(Model):
    """
    What somebody wrote before something was hidden in it. Its id stands in the message; a message that was refused
    leaves an original nobody refers to, which is removed after a day.
    """

    id = fields.UUIDField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", related_name=False, db_index=True
    )
    author = fields.UUIDField()
    side = fields.CharField(max_length=8)  # citizen | clerk | note
    kinds: fields.Field[list[str]] = fields.JSONField()
    times = fields.IntField()  # abusive words
    text_sealed = fields.BinaryField()
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "discretion_original"


class ListedWord(Model):
    """A word in force. `harmless`: not looked for, but a compound a forbidden word may be a part of."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    word = fields.CharField(max_length=40)
    squeezed = fields.CharField(max_length=40, unique=True)
    use = fields.CharField(max_length=8)  # citizens | clerks | both | harmless
    strict = fields.BooleanField(default=False)  # not sent even when the clerk confirms it
    since = fields.DatetimeField()

    class Meta:
        table = "discretion_word"


class WordChange(Model):
    """A change of the list one person wishes for and another one decides."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    act = fields.CharField(max_length=8)  # put | remove
    word = fields.CharField(max_length=40)
    squeezed = fields.CharField(max_length=40)
    use = fields.CharField(max_length=8, default="both")
    strict = fields.BooleanField(default=False)
    reason = fields.CharField(max_length=200)
    state = fields.CharField(max_length=8)  # asked | approved | refused
    asked_by = fields.UUIDField()
    asked_name = fields.CharField(max_length=64)
    asked_at = fields.DatetimeField(db_index=True)
    decided_by = fields.UUIDField(null=True)
    decided_name = fields.CharField(max_length=64, default="")
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "discretion_change"


class ListVersion(Model):
    """One row: grows with every change of the list, so that other processes know that theirs is an old one."""

    id = fields.IntField(primary_key=True, generated=False)
    version = fields.IntField(default=0)

    class Meta:
        table = "discretion_version"
