from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_mail_the_invoices_of_a_month"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mailing",
            name="mail",
            field=models.CharField(
                choices=[
                    ("temporary_password", "identifiants"),
                    ("message", "message"),
                    ("facture", "factures"),
                    ("quotient", "quotient familial"),
                ],
                max_length=20,
                verbose_name="nature",
            ),
        ),
    ]
