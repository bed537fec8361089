import django.db.models.deletion
from django.db import migrations, models


def name_rules(apps, schema_editor):
    """On the way back, the names have to be there and to differ."""
    for regle in apps.get_model("enfance", "RegleDelai").objects.all():
        regle.nom = f"Règle {regle.pk}"
        regle.save(update_fields=["nom"])


class Migration(migrations.Migration):

    dependencies = [
        ("enfance", "0012_mail_many_accounts"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="regledelai",
            options={
                "ordering": ["genre", "nombre", "pk"],
                "verbose_name": "règle de délai",
                "verbose_name_plural": "règles de délai",
            },
        ),
        migrations.AlterField(
            model_name="regledelai",
            name="nom",
            field=models.CharField(default="", max_length=100, verbose_name="nom"),
        ),
        migrations.RunPython(migrations.RunPython.noop, name_rules),
        migrations.RemoveField(model_name="regledelai", name="nom"),
        migrations.AlterField(
            model_name="creneau",
            name="delai_inscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="creneaux",
                to="enfance.regledelai",
                verbose_name="délai pour inscrire",
            ),
        ),
        migrations.AlterField(
            model_name="creneau",
            name="delai_annulation",
            field=models.ForeignKey(
                blank=True,
                help_text="Vide : le même que pour inscrire.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="creneaux_a_annuler",
                to="enfance.regledelai",
                verbose_name="délai pour annuler",
            ),
        ),
    ]
