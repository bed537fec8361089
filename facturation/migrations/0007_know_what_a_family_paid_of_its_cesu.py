"""Of CESU that an employer paid in part, what the family itself paid. The version before runs on it: it may be empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("facturation", "0006_seal_receipts_and_name_the_regie")]

    operations = [
        migrations.AddField(
            model_name="encaissement",
            name="part_famille",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="part des CESU payée par la famille, en centimes"
            ),
        ),
        migrations.AddConstraint(
            model_name="encaissement",
            constraint=models.CheckConstraint(
                condition=models.Q(("part_famille", None))
                | models.Q(("moyen", "cesu"), ("part_famille__lte", models.F("montant"))),
                name="encaissement_part_famille",
                violation_error_message="La part de la famille est d’un CESU, et de sa somme au plus.",
            ),
        ),
    ]
