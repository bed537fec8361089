from django.db import migrations, models


def keep_the_class(apps, schema_editor):
    Message = apps.get_model("enfance", "Message")
    Lien = Message.classes.through
    messages = Message.objects.exclude(classe=None).values_list("pk", "classe")
    Lien.objects.bulk_create([Lien(message_id=message, classe_id=classe) for message, classe in messages])


def keep_one_class(apps, schema_editor):
    """A message to several classes goes back to the first: to none of them it would be one to the whole school."""
    for message in apps.get_model("enfance", "Message").objects.all():
        message.classe = message.classes.order_by("pk").first()
        message.save(update_fields=["classe"])


class Migration(migrations.Migration):
    dependencies = [
        ("enfance", "0024_places_of_the_past"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="classes",
            field=models.ManyToManyField(blank=True, related_name="+", to="enfance.classe", verbose_name="classes"),
        ),
        migrations.RunPython(keep_the_class, keep_one_class),
        migrations.RemoveField(model_name="message", name="classe"),
    ]
