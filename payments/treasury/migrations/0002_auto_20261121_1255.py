from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('treasury', '0001_initial')]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name='BookSeal',
            options={'table': 'treasury_book_seal', 'app': 'treasury', 'pk_attr': 'day', 'table_description': "A past day of the books: its entries, each account's balance at its end, and a digest chained to the last."},
        ),
        ops.AlterModelOptions(
            name='HandingOver',
            options={'table': 'treasury_handing_over', 'app': 'treasury', 'unique_together': (('department_id', 'income_item_code', 'until'),), 'pk_attr': 'id', 'table_description': '划缴: what a body collected under an income item up to an instant, handed on to the treasuries that share it.'},
        ),
        ops.AlterModelOptions(
            name='SharingRule',
            options={'table': 'treasury_sharing_rule', 'app': 'treasury', 'unique_together': (('department_id', 'income_item_code', 'effective_on'),), 'pk_attr': 'id', 'table_description': 'Which treasuries share an income item of a body from a day on, and by which special account (财政专户) it goes.'},
        ),
    ]
