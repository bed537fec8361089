from django.db import migrations

TASKS = [
    "accounts.tasks.send_temporary_password",
    "accounts.tasks.send_identifiants",
    "accounts.tasks.send_spraying",
    "accounts.tasks.send_password_changed",
    "accounts.tasks.send_email_changed",
    "accounts.tasks.send_second_factor_notice",
    "accounts.tasks.send_accounts_merged",
    "enfance.tasks.send_confirmation",
    "enfance.tasks.send_garde",
    "enfance.tasks.tell_cantine",
    "enfance.tasks.send_repas",
    "enfance.tasks.send_rappel",
    "enfance.cantine.tasks.send_cantine",
    "enfance.famille.tasks.send_autorisation",
    "enfance.famille.tasks.send_accord",
    "enfance.mairie.tasks.send_message",
    "enfance.mairie.tasks.send_message_test",
]


def move(apps, before, after, **which):
    waiting = apps.get_model("django_tasks_database", "DBTaskResult").objects.filter(queue_name=before, **which)
    waiting.exclude(status__in=["SUCCESSFUL", "FAILED"]).update(queue_name=after)


def hold(apps, schema_editor):
    """The mails that waited in the one queue of before join theirs, so that ENVOIS_RETENUS holds them too."""
    move(apps, "default", "courriels", task_path__in=TASKS)


def let_go(apps, schema_editor):
    move(apps, "courriels", "default")


class Migration(migrations.Migration):
    dependencies = [
        ("enfance", "0019_refuse_signs_that_show_nothing"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [migrations.RunPython(hold, let_go)]
