"""What the town sets: under this sum, a payer has no reminder. The version before runs on it: it has a default."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("facturation", "0003_pay_several_invoices_by_one_payment")]

    operations = [
        migrations.AddField(
            model_name="reglagefacturation",
            name="rappel_minimum",
            field=models.PositiveIntegerField(
                db_default=1500, default=1500, verbose_name="pas de rappel en dessous de, en centimes"
            ),
        ),
    ]
