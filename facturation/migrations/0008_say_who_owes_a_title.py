"""Where the treasury collects: the one person who owes, what a list said of each title, the account of each créneau.

The version before leaves these columns empty.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enfance", "0050_name_lists_as_the_menu_does"),
        ("facturation", "0007_know_what_a_family_paid_of_its_cesu"),
    ]

    operations = [
        migrations.AddField(
            model_name="compte",
            name="debiteur",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="enfance.responsable",
                verbose_name="débiteur",
            ),
        ),
        migrations.AddField(
            model_name="relance",
            name="titre",
            field=models.JSONField(blank=True, null=True, verbose_name="ce que la liste dit du titre"),
        ),
        migrations.AddField(
            model_name="reglagefacturation",
            name="imputations",
            field=models.JSONField(blank=True, null=True, verbose_name="imputations des titres"),
        ),
    ]
