from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enfance", "0036_an_hour_for_each_canteen")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="ecoles",
            field=models.ManyToManyField(blank=True, related_name="+", to="enfance.ecole", verbose_name="écoles"),
        ),
    ]
