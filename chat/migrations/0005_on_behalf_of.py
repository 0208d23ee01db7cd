from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('chat', '0004_handing_on')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Conversation',
            name='on_behalf_of',
            field=fields.UUIDField(null=True),
        ),
    ]
