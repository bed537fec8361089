from django.db import migrations

BEFORE, AFTER = "enfance.tasks.", "enfance.courriels.tasks."


def rename(apps, before, after):
    for row in apps.get_model("django_tasks_database", "DBTaskResult").objects.filter(task_path__startswith=before):
        row.task_path = after + row.task_path.removeprefix(before)
        row.save(update_fields=["task_path"])
    passages = apps.get_model("accounts", "Passage").objects
    for job in list(passages.filter(job__startswith=before).values_list("job", flat=True)):
        renamed = after + job.removeprefix(before)
        passages.filter(job=renamed).delete()  # of a worker that came by before the migration
        passages.filter(job=job).update(job=renamed)


def forwards(apps, schema_editor):
    """What waits in the queue, and the daily jobs that are done, keep being known by their new name."""
    rename(apps, BEFORE, AFTER)


def backwards(apps, schema_editor):
    rename(apps, AFTER, BEFORE)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_hold_mails"),
        ("enfance", "0020_hold_the_mails_that_wait"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
