from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enfance", "0035_several_schools")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="ecoles",
            field=models.ManyToManyField(blank=True, related_name="+", to="enfance.ecole", verbose_name="écoles"),
        ),
    ]
