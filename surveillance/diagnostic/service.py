"""Do the tasks get done: mails, reminders, what is erased each night?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django_tasks_db.models import DBTaskResult, get_date_max

from accounts.models import FailedTask, HeldMail, UndeliveredMail
from portail.dates import date_heure
from portail.francais import accord, pluriel
from portail.pannes import impatient
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu

LATE = timedelta(minutes=15)  # a task that is due waits for those before it, a mail each second at worst


def check_worker(lieu: Lieu, *, state: str, last_pass: str | datetime | None) -> Point:
    quoi = "Service des tâches"
    if isinstance(last_pass, str):
        last_pass = datetime.fromisoformat(last_pass)
    if state == "ok" and last_pass:
        return bon(quoi, f"dernier passage {date_heure(last_pass)}.")
    if last_pass is None:
        phrase = "il n’a jamais tourné sur cette base\u00a0: aucun e-mail ne part."
        return mauvais(quoi, phrase, "Démarrez le portail, qui le lance avec lui.", lieu.start)
    phrase = f"aucun signe de vie depuis le {date_heure(last_pass)}\u00a0: aucun e-mail ne part."
    return mauvais(quoi, phrase, "Redémarrez le portail, et lisez pourquoi il s’est arrêté.", lieu.start)


def check_waiting(lieu: Lieu, now: datetime) -> Point:
    """The oldest task that is due; held mails wait for the town hall, not for a worker."""
    quoi = "Tâches en attente"
    at_once = get_date_max()  # the package's word for « no hour »
    with impatient():
        due = DBTaskResult.objects.ready().exclude(pk__in=HeldMail.objects.values("pk"))
        waits = [
            enqueued if after == at_once else after for enqueued, after in due.values_list("enqueued_at", "run_after")
        ]
    many, since = len(waits), min(waits, default=now)
    if now - since > LATE:
        phrase = f"{pluriel(many, 'tâche due,tâches dues')}, la plus ancienne depuis le {date_heure(since)}."
        return attention(quoi, phrase, "Le service des tâches est arrêté, ou débordé.", lieu.start)
    return bon(quoi, f"{pluriel(many, 'tâche due,tâches dues')}.")


def check_failures(lieu: Lieu) -> Iterator[Point]:
    with impatient():
        failed = FailedTask.objects.count()
        undelivered = UndeliveredMail.objects.filter(settled_at=None).count()
    if failed:
        phrase = f"{accord(failed, 'échouée')}."
        remede = (
            "Dans l’administration, «\u00a0Tâches échouées\u00a0» dit l’endroit de "
            "chacune\u202f; «\u00a0journalctl\u00a0» dit le moment."
        )
        yield attention("Tâches", phrase, remede, f"journalctl -u {lieu.unit} --since -2d | grep -i task")
    else:
        yield bon("Tâches", "aucune n’a échoué.")
    if undelivered:
        phrase = f"{pluriel(undelivered, 'attend,attendent')} que la mairie s’en occupe."
        yield attention(
            "Courriels non remis",
            phrase,
            "Dans l’administration, «\u00a0Courriels non remis\u00a0» dit à qui, et pourquoi.",
        )
