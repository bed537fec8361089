from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_recovery_codes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="temporarypassword",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("used", "utilisé"),
                    ("replaced", "remplacé par un autre"),
                    ("login", "connexion avec le mot de passe habituel"),
                    ("failed", "envoi échoué"),
                    ("expired", "plus de 24 heures"),
                    ("closed", "compte fermé ou rouvert"),
                ],
                max_length=10,
                verbose_name="raison",
            ),
        ),
    ]
