"""What the tests of a child's file do: read its page, send its forms, run what they enqueue."""

from django_tasks_db.models import DBTaskResult


def post(client, child, **fields):
    if "ajouter" in fields:
        fields = dict.fromkeys(["nom", "lien", "telephone", "debut", "fin"], "") | fields
    return client.post(f"/enfants/{child.pk}/", fields, follow=True)


def run_tasks():
    while rows := list(DBTaskResult.objects.filter(status="READY", task_path__contains="autorisation")):
        for row in rows:
            DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
