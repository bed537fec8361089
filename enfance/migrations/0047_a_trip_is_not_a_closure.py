import django.db.models.deletion
from django.db import migrations, models

import enfance.models.garderie


def forget_trips(apps, schema_editor):
    """The version before knows closures alone, and would read the trip of a level as a closure for all: its trips are
    lifted, and what they had cancelled stays cancelled, as by a closure.
    """
    apps.get_model("enfance", "Fermeture").objects.exclude(nature="fermeture").delete()
    enregistrements = apps.get_model("enfance", "Enregistrement").objects
    enregistrements.filter(porte__in=["sortie", "enseignant"]).update(porte="fermeture")
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table whose checks wait


class Migration(migrations.Migration):
    dependencies = [
        ("enfance", "0046_compare_a_day_as_it_is_read"),
    ]

    operations = [
        migrations.AddField(
            model_name="fermeture",
            name="nature",
            field=models.CharField(
                choices=[
                    ("fermeture", "fermeture"),
                    ("sortie", "sortie"),
                    ("enseignant", "enseignant absent"),
                ],
                db_default="fermeture",
                default="fermeture",
                max_length=12,
                verbose_name="nature",
            ),
        ),
        migrations.AddField(
            model_name="fermeture",
            name="niveaux",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Dans toutes les classes, en plus des classes nommées.",
                max_length=40,
                validators=[enfance.models.garderie.validate_niveaux],
                verbose_name="niveaux",
            ),
        ),
        migrations.CreateModel(
            name="EnfantReste",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="restes",
                        to="enfance.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "fermeture",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="restes",
                        to="enfance.fermeture",
                        verbose_name="sortie",
                    ),
                ),
            ],
            options={
                "verbose_name": "enfant qui reste",
                "verbose_name_plural": "enfants qui restent",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fermeture", "enfant"),
                        name="enfant_reste_unique",
                        violation_error_message="Cet enfant reste déjà.",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="fermeture",
            name="restent",
            field=models.ManyToManyField(
                blank=True,
                related_name="sorties_sans",
                through="enfance.EnfantReste",
                to="enfance.enfant",
                verbose_name="enfants qui restent",
            ),
        ),
        migrations.AlterField(
            model_name="enregistrement",
            name="porte",
            field=models.CharField(
                choices=[
                    ("portail", "accès famille"),
                    ("mairie", "mairie"),
                    ("import", "import"),
                    ("systeme", "automatique"),
                    ("semaine_type", "semaine type"),
                    ("fermeture", "fermeture"),
                    ("sortie", "sortie"),
                    ("enseignant", "enseignant absent"),
                    ("repas", "liste des repas"),
                ],
                max_length=15,
                verbose_name="porte",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_trips),
    ]
